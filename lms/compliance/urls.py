from django.urls import path

from .views import rules

app_name = "compliance"
urlpatterns = [
    path("team/requirements/", rules.rules, name="rules"),
    path("team/requirements/add/", rules.add, name="add-rule"),
    path("team/requirements/<int:requirement_id>/", rules.rule, name="rule"),
    path("team/requirements/<int:requirement_id>/edit/", rules.edit, name="edit-rule"),
    path("team/requirements/<int:requirement_id>/end/", rules.end, name="end-rule"),
]
