from django.urls import path

from .views import lists, placement, reminders, rules

app_name = "compliance"
urlpatterns = [
    path("my/calendar/", reminders.calendar, name="calendar"),
    path("calendar/<slug:token>/training.ics", reminders.calendar_feed, name="calendar-feed"),
    path("team/reminders/", reminders.steps, name="reminders"),
    path("team/requirements/", rules.rules, name="rules"),
    path("team/requirements/add/", rules.add, name="add-rule"),
    path("team/requirements/<int:requirement_id>/", rules.rule, name="rule"),
    path("team/requirements/<int:requirement_id>/edit/", rules.edit, name="edit-rule"),
    path("team/requirements/<int:requirement_id>/end/", rules.end, name="end-rule"),
    path("team/readiness/", placement.readiness, name="readiness"),
    path("team/readiness/<int:agency_id>/", placement.facility, name="facility"),
    path("team/contracts/", placement.contracts, name="contracts"),
    path("team/contracts/add/", placement.add_contract, name="add-contract"),
    path("team/contracts/<int:contract_id>/", placement.contract, name="contract"),
    path("team/contracts/<int:contract_id>/edit/", placement.edit_contract, name="edit-contract"),
    path("team/contracts/<int:contract_id>/file/", placement.contract_file, name="contract-file"),
    path("team/qualified/", lists.qualified_lists, name="qualified-lists"),
    path("team/qualified/add/", lists.edit_qualified, name="add-qualified"),
    path("team/qualified/<int:list_id>/", lists.qualified_list, name="qualified"),
    path("team/qualified/<int:list_id>/edit/", lists.edit_qualified, name="edit-qualified"),
    path("team/qualified/<int:list_id>/file/", lists.qualified_file, name="qualified-file"),
    path("team/lists/", lists.course_lists, name="course-lists"),
    path("team/lists/add/", lists.add_course_list, name="add-course-list"),
    path("team/lists/<int:list_id>/", lists.course_list, name="course-list"),
    path("team/lists/<int:list_id>/close/", lists.close_course_list, name="close-course-list"),
    path("lists/<uuid:key>/", lists.shared_list, name="shared-list"),
]
