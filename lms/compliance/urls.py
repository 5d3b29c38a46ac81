from django.urls import path

from .views import reminders, rules

app_name = "compliance"
urlpatterns = [
    path("my/calendar/", reminders.calendar, name="calendar"),
    path("calendar/<str:token>/training.ics", reminders.calendar_feed, name="calendar-feed"),
    path("team/reminders/", reminders.steps, name="reminders"),
    path("team/requirements/", rules.rules, name="rules"),
    path("team/requirements/add/", rules.add, name="add-rule"),
    path("team/requirements/<int:requirement_id>/", rules.rule, name="rule"),
    path("team/requirements/<int:requirement_id>/edit/", rules.edit, name="edit-rule"),
    path("team/requirements/<int:requirement_id>/end/", rules.end, name="end-rule"),
]
