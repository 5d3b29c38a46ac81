from django.urls import path

from . import audit_views, bundle_views, claim_views, erasure_views, merge_views, outside_views, views

app_name = "portal"
urlpatterns = [
    path("my/", views.my_training, name="my"),
    path("my/claim/", claim_views.claim, name="claim"),
    path("my/claim/<str:token>/", claim_views.claim_confirm, name="claim-confirm"),
    path("team/", views.team, name="team"),
    path("team/<int:person_id>/", views.person_record, name="person"),
    path("team/<int:person_id>/erase/", erasure_views.erase, name="erase"),
    path("team/duplicates/", merge_views.duplicates, name="duplicates"),
    path("team/duplicates/<int:survivor_id>/<int:merged_id>/", merge_views.merge, name="merge"),
    path("team/duplicates/<int:first_id>/<int:second_id>/apart/", merge_views.tell_apart, name="tell-apart"),
    path("team/merges/", merge_views.merges, name="merges"),
    path("team/merges/<int:merge_id>/undo/", merge_views.undo, name="undo-merge"),
    path("team/audit/", audit_views.trail, name="audit"),
    path("team/audit/file/", audit_views.trail_file, name="audit-file"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
    path("my/outside/", outside_views.outside, name="outside"),
    path("my/outside/<uuid:key>/", outside_views.outside_one, name="outside-one"),
    path("outside/<uuid:key>/proof/<int:proof_id>/", outside_views.outside_proof, name="outside-proof"),
    path("team/outside/", outside_views.outside_team, name="outside-team"),
    path("team/outside/<uuid:key>/", outside_views.outside_decide, name="outside-decide"),
    path("team/certificates/", bundle_views.bundles, name="bundles"),
    path("team/certificates/<int:job_id>/", bundle_views.bundle, name="bundle"),
    path("healthz", views.healthz, name="healthz"),
]
