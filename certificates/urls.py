from django.urls import path

from . import views

app_name = "certificates"
urlpatterns = [
    path("verify/", views.verify_index, name="verify-index"),
    path("verify/<str:code>/", views.verify, name="verify"),
    path("shared/<str:code>/", views.shared, name="shared"),
    path("shared/<str:code>/download/", views.shared_download, name="shared-download"),
    path("certificates/ornament/<slug:paper_name>-<slug:name>.svg", views.ornament, name="ornament"),
    path("certificates/<str:number>/", views.detail, name="detail"),
    path("certificates/<str:number>/download/", views.download, name="download"),
    path("certificates/<str:number>/reissue/", views.reissue, name="reissue"),
    path("certificates/<str:number>/share/", views.share, name="share"),
    path("certificates/<str:number>/share/<int:link_id>/end/", views.end, name="end-share"),
    path("my/transcript/", views.transcript, name="transcript"),
    path("team/<int:person_id>/transcript/", views.transcript, name="person-transcript"),
    path("transcripts/<str:code>/download/", views.transcript_download, name="transcript-download"),
    path("my/hours/", views.licenses, name="licenses"),
]
