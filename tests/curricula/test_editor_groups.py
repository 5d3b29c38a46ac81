"""What each group of the CMS may do, and that none reaches the administration of users."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupApprovalTask, Workflow

from curricula.enums import EditorGroup
from curricula.models import ModulePage
from lms.accounts.models import Person

from .factories import CoursePageFactory, home

Member = Callable[..., Person]


@pytest.fixture
def member(db: None) -> Member:
    def make(*groups: str) -> Person:
        person = Person.objects.create_user("mia@example.org", first_name="Mia", last_name="Member")
        person.groups.set(Group.objects.filter(name__in=groups))
        return person

    return make


def test_there_are_four_groups(db: None) -> None:
    assert set(Group.objects.values_list("name", flat=True)) == set(EditorGroup.values)


def test_publishers_approve(db: None) -> None:
    task = GroupApprovalTask.objects.get()
    assert [group.name for group in task.groups.all()] == [EditorGroup.PUBLISHER]
    assert Workflow.objects.get().name == "Approval by a publisher"


@pytest.mark.parametrize("group", EditorGroup.values)
def test_each_opens_the_cms_and_none_the_users(member: Member, client: Client, group: str) -> None:
    client.force_login(member(group))
    assert client.get("/cms/").status_code == 200
    for name in ("wagtailusers_users:index", "wagtailusers_groups:index", "wagtailsites:index"):
        assert client.get(reverse(name)).status_code == 302
    assert not any(
        permission.startswith(("accounts.", "auth.")) for permission in Person.objects.get().get_all_permissions()
    )


@pytest.mark.parametrize(
    ("group", "adds", "edits", "publishes"),
    [
        (EditorGroup.AUTHOR, True, True, False),
        (EditorGroup.REVIEWER, False, True, False),
        (EditorGroup.PUBLISHER, True, True, True),
        (EditorGroup.MEDIA, False, False, False),
    ],
)
def test_pages(member: Member, group: str, adds: bool, edits: bool, publishes: bool) -> None:
    page = ModulePage.objects.child_of(CoursePageFactory(modules=1)).get()
    person = member(group)
    rights = page.permissions_for_user(person)
    assert (rights.can_edit(), rights.can_publish()) == (edits, publishes)
    assert home().permissions_for_user(person).can_add_subpage() == adds


@pytest.mark.parametrize(
    ("group", "screens"),
    [
        (EditorGroup.AUTHOR, {"course", "quiz"}),
        (EditorGroup.REVIEWER, {"reviewrecord"}),
        (EditorGroup.PUBLISHER, {"course", "quiz", "reviewrecord"}),
        (EditorGroup.MEDIA, set()),
    ],
)
def test_rows(member: Member, client: Client, group: str, screens: set[str]) -> None:
    client.force_login(member(group))
    for app, model in (("curricula", "course"), ("quizzes", "quiz"), ("curricula", "reviewrecord")):
        answer = client.get(reverse(f"wagtailsnippets_{app}_{model}:add"))
        assert answer.status_code == (200 if model in screens else 302)


@pytest.mark.parametrize("group", [EditorGroup.AUTHOR, EditorGroup.PUBLISHER, EditorGroup.MEDIA])
def test_files(member: Member, client: Client, group: str) -> None:
    client.force_login(member(group))
    assert client.get(reverse("wagtailimages:add")).status_code == 200
    assert client.get(reverse("wagtaildocs:add")).status_code == 200


def test_translations_and_the_help_box(member: Member) -> None:
    person = member(EditorGroup.AUTHOR, EditorGroup.PUBLISHER)
    assert person.has_perm("wagtail_localize.submit_translation")
    assert person.has_perm("curricula.change_helpsettings")
    assert not person.is_superuser


def test_a_reviewer_is_chosen_among_reviewers_only(member: Member, client: Client) -> None:
    Person.objects.create_user("lena@example.org", first_name="Lena", last_name="Learner")
    client.force_login(member(EditorGroup.REVIEWER))
    form = client.get(reverse("wagtailsnippets_curricula_reviewrecord:add")).content.decode()
    assert "Mia Member" in form
    assert "Lena Learner" not in form
