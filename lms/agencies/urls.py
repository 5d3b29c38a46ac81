from django.urls import path

from .views import grants, invitations, jobs, reshaping, units

app_name = "agencies"
urlpatterns = [
    path("team/agencies/", units.tree, name="tree"),
    path("team/agencies/add/", reshaping.add, name="add-top"),
    path("team/agencies/<int:agency_id>/", units.unit, name="unit"),
    path("team/agencies/<int:agency_id>/add/", reshaping.add, name="add"),
    path("team/agencies/<int:agency_id>/edit/", reshaping.edit, name="edit"),
    path("team/agencies/<int:agency_id>/move/", reshaping.move, name="move"),
    path("team/agencies/<int:agency_id>/split/", reshaping.split, name="split"),
    path("team/agencies/<int:agency_id>/close/", reshaping.close, name="close"),
    path("team/agencies/<int:agency_id>/reopen/", reshaping.reopen, name="reopen"),
    path("team/agencies/<int:agency_id>/people/add/", jobs.add_person, name="add-person"),
    path("team/agencies/<int:agency_id>/people/invite/", invitations.invite_all, name="invite-all"),
    path("team/agencies/<int:agency_id>/rights/give/", grants.give, name="give-grant"),
    path("team/agencies/people/<int:person_id>/", jobs.person_jobs, name="person"),
    path("team/agencies/people/<int:person_id>/jobs/add/", jobs.add_job, name="add-job"),
    path("team/agencies/people/<int:person_id>/invitation/", invitations.invite, name="invite"),
    path("team/agencies/people/<int:person_id>/invitation/withdraw/", invitations.withdraw, name="withdraw-invitation"),
    path("team/agencies/jobs/<int:employment_id>/transfer/", jobs.transfer_job, name="transfer"),
    path("team/agencies/jobs/<int:employment_id>/end/", jobs.end_job, name="end-job"),
    path("team/agencies/jobs/<int:employment_id>/go-on/", jobs.undo_end_of_job, name="undo-end"),
    path("team/agencies/jobs/<int:employment_id>/take-back/", jobs.take_back_job, name="take-back"),
    path("team/agencies/rights/give/", grants.give, name="give-site-grant"),
    path("team/agencies/rights/<int:grant_id>/end/", grants.end, name="end-grant"),
    path("welcome/<str:token>/", invitations.accept, name="accept-invitation"),
]
