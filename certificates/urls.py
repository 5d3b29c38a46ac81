from django.urls import path

from . import views

app_name = "certificates"
urlpatterns = [
    path("verify/", views.verify_index, name="verify-index"),
    path("verify/<str:code>/", views.verify, name="verify"),
    path("certificates/<str:number>/", views.detail, name="detail"),
    path("certificates/<str:number>/download/", views.download, name="download"),
]
