"""The four groups of the CMS, in place of Wagtail's two."""

from django.db import migrations
from django.db.migrations.state import StateApps

# Permissions are made after all migrations ran; those that the groups need are made here, by the names Django gives.
ADMIN = {"wagtailadmin.admin": ["access_admin"]}
READ_CODES = {f"agencies.{model}": [f"view_{model}"] for model in ("agencykind", "servicearea", "gridtopic", "jobrole")}
WRITE_CODES = {
    f"agencies.{model}": [f"{act}_{model}" for act in ("view", "add", "change", "delete")]
    for model in ("agencykind", "servicearea", "gridtopic", "jobrole")
}
PERMISSIONS = {
    "Author": {
        **ADMIN,
        **READ_CODES,
        "curricula.course": ["view_course", "add_course", "change_course"],
        "curricula.reviewrecord": ["view_reviewrecord"],
        "quizzes.quiz": ["view_quiz", "add_quiz", "change_quiz"],
        "wagtail_localize.translation": ["submit_translation"],
    },
    "Reviewer": {
        **ADMIN,
        "curricula.course": ["view_course"],
        "curricula.reviewrecord": ["view_reviewrecord", "add_reviewrecord", "change_reviewrecord"],
        "quizzes.quiz": ["view_quiz"],
    },
    "Publisher": {
        **ADMIN,
        **WRITE_CODES,
        "curricula.course": ["view_course", "add_course", "change_course", "delete_course", "publish_version"],
        "curricula.helpsettings": ["change_helpsettings"],
        "curricula.reviewrecord": ["view_reviewrecord", "add_reviewrecord", "change_reviewrecord"],
        "quizzes.quiz": ["view_quiz", "add_quiz", "change_quiz", "delete_quiz"],
        "wagtail_localize.translation": ["submit_translation"],
    },
    "Media": ADMIN,
}
# On the root of the tree, because each language has a home page of its own below it.
PAGE_PERMISSIONS = {
    "Author": ["add", "change"],
    # Without "change" Wagtail shows no draft and takes no comment.
    "Reviewer": ["change"],
    "Publisher": ["add", "change", "publish", "bulk_delete", "lock", "unlock"],
}
FILE_PERMISSIONS = {
    "Author": ["add", "choose"],
    "Reviewer": ["choose"],
    "Publisher": ["add", "change", "choose"],
    "Media": ["add", "change", "choose"],
}
# Who was in Wagtail's groups keeps what they could do.
SUCCESSORS = {"Editors": ["Author"], "Moderators": ["Author", "Publisher"]}


def create_groups(apps: StateApps, schema_editor: object) -> None:
    group_model = apps.get_model("auth", "Group")
    root = apps.get_model("wagtailcore", "Page").objects.get(depth=1)
    collection = apps.get_model("wagtailcore", "Collection").objects.get(depth=1)
    for name, by_model in PERMISSIONS.items():
        group, _created = group_model.objects.get_or_create(name=name)
        for model, codenames in by_model.items():
            for codename in codenames:
                group.permissions.add(_permission(apps, model, codename))
        for act in PAGE_PERMISSIONS.get(name, ()):
            apps.get_model("wagtailcore", "GroupPagePermission").objects.get_or_create(
                group=group, page=root, permission=_permission(apps, "wagtailcore.page", f"{act}_page")
            )
        for act in FILE_PERMISSIONS.get(name, ()):
            for model in ("wagtailimages.image", "wagtaildocs.document"):
                codename = f"{act}_{model.partition('.')[2]}"
                apps.get_model("wagtailcore", "GroupCollectionPermission").objects.get_or_create(
                    group=group, collection=collection, permission=_permission(apps, model, codename)
                )


def replace_groups_of_wagtail(apps: StateApps, schema_editor: object) -> None:
    group_model = apps.get_model("auth", "Group")
    for name, successors in SUCCESSORS.items():
        for group in group_model.objects.filter(name=name):
            for person in group.user_set.all():
                person.groups.add(*group_model.objects.filter(name__in=successors))
            group.delete()
    publishers = group_model.objects.get(name="Publisher")
    for task in apps.get_model("wagtailcore", "GroupApprovalTask").objects.filter(name="Moderators approval"):
        task.name = "Approval by a publisher"
        task.save()
        task.groups.add(publishers)
    apps.get_model("wagtailcore", "Workflow").objects.filter(name="Moderators approval").update(
        name="Approval by a publisher"
    )


def _permission(apps: StateApps, model: str, codename: str) -> object:
    app_label, _dot, model_name = model.partition(".")
    content_type, _created = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app_label, model=model_name
    )
    permission, _created = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=codename, defaults={"name": NAMES.get(codename, _name(codename))}
    )
    return permission


NAMES = {
    "publish_version": "Can publish a version of a course",
    "submit_translation": "Can submit translations",
    "access_admin": "Can access Wagtail admin",
    "change_helpsettings": "Can change help box and office",
    "lock_page": "Lock/unlock pages you've locked",
    "unlock_page": "Unlock any page",
    "publish_page": "Publish any page",
    "bulk_delete_page": "Delete pages with children",
}
TITLES = {
    "reviewrecord": "review",
    "agencykind": "kind of agency",
    "servicearea": "service area",
    "gridtopic": "grid topic",
    "jobrole": "job role",
}


def _name(codename: str) -> str:
    act, _underscore, model = codename.partition("_")
    return f"Can {act} {TITLES.get(model, model)}"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("agencies", "0001_initial"),
        ("curricula", "0002_pages_and_reviews"),
        ("quizzes", "0001_initial"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        ("wagtaildocs", "0014_alter_document_file_size"),
        ("wagtailimages", "0027_image_description"),
        ("wagtail_localize", "0006_create_submit_translation_permission"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="course",
            options={
                "ordering": ["title"],
                "permissions": [("publish_version", "Can publish a version of a course")],
                "verbose_name": "course",
                "verbose_name_plural": "courses",
            },
        ),
        migrations.RunPython(create_groups, migrations.RunPython.noop),
        migrations.RunPython(replace_groups_of_wagtail, migrations.RunPython.noop),
    ]
