"""Publishers keep templates and credit rules; authors read them."""

from django.db import migrations
from django.db.migrations.state import StateApps

MODELS = ("certificatetemplate", "creditbody", "coursecredit")
ACTS = {"Publisher": ("view", "add", "change", "delete"), "Author": ("view",)}
WORDS = {
    "certificatetemplate": "certificate template",
    "creditbody": "continuing-education body",
    "coursecredit": "credit of a course",
}


def give(apps: StateApps, schema_editor: object) -> None:
    # Permissions are made after all migrations ran; those that the groups need are made here, by the names Django gives.
    content_type, permission = apps.get_model("contenttypes", "ContentType"), apps.get_model("auth", "Permission")
    for group in apps.get_model("auth", "Group").objects.filter(name__in=ACTS):
        for model in MODELS:
            kind, _created = content_type.objects.get_or_create(app_label="certificates", model=model)
            for act in ACTS[group.name]:
                right, _created = permission.objects.get_or_create(
                    content_type=kind, codename=f"{act}_{model}", defaults={"name": f"Can {act} {WORDS[model]}"}
                )
                group.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0002_templates_credit_transcripts"),
        ("curricula", "0003_editor_groups"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
