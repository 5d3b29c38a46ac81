from django.urls import path

from . import views
from .enums import RunKind

app_name = "hr_import"
urlpatterns = [
    path("team/import/", views.bring, {"kind": RunKind.STAFF}, name="import"),
    path("team/import/completions/", views.bring, {"kind": RunKind.COMPLETIONS}, name="import-completions"),
    path("team/import/<int:run_id>/", views.show, name="run"),
    path("team/import/<int:run_id>/columns/", views.columns, name="columns"),
    path("team/import/<int:run_id>/apply/", views.apply, name="apply"),
    path("team/import/<int:run_id>/undo/", views.undo, name="undo"),
    path("team/import/<int:run_id>/discard/", views.discard, name="discard"),
    path("team/import/<int:run_id>/match/", views.match, name="match"),
]
