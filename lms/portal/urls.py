from django.urls import path

from . import views

app_name = "portal"
urlpatterns = [
    path("my/", views.my_training, name="my"),
    path("team/", views.team, name="team"),
    path("team/<int:person_id>/", views.person_record, name="person"),
    path("healthz", views.healthz, name="healthz"),
]
