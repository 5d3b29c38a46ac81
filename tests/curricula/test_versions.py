"""A version is an explicit act of a publisher; a correction is not."""

from __future__ import annotations

import html
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from curricula.enums import EditorGroup, ModuleChange
from curricula.models import Course, CoursePage, ModulePage
from curricula.selectors import preview_version
from curricula.services import NothingToPublish, VersionMovedOn, publish_version
from lms.accounts.models import Person

from .factories import CourseFactory, CoursePageFactory, ModulePageFactory, QuizFactory

NOW = timezone.now()


@pytest.fixture
def page(db: None) -> CoursePage:
    return CoursePageFactory(course=CourseFactory(code="lamps", title="Lamps", quiz=QuizFactory()), modules=2)


@pytest.fixture
def publisher(db: None) -> Person:
    person = Person.objects.create_user("pia@example.org", first_name="Pia", last_name="Publisher")
    person.groups.set(Group.objects.filter(name__in=[EditorGroup.AUTHOR, EditorGroup.PUBLISHER]))
    return person


def address(course: Course) -> str:
    return reverse("wagtailsnippets_curricula_course:publish_version", args=[course.pk])


def words(response: Any) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


def publish(course: Course, *, days: int = 0, note: str = "Because.", **fields: Any) -> Any:
    return publish_version(course=course, note=note, actor=None, now=NOW + timedelta(days=days), **fields)


def changes(course: Course) -> dict[str, ModuleChange]:
    course.refresh_from_db()
    return {module.title: module.change for module in preview_version(course).modules}


def test_it_works(page: CoursePage, publisher: Person, client: Client) -> None:
    client.force_login(publisher)
    shown = words(client.get(address(page.course)))
    assert "first version" in shown
    assert "Module 1" in shown
    response = client.post(address(page.course), {"note": "Written.", "number": 1}, follow=True)
    assert "Version 1 of “Lamps” is published with 0.00 credit hours." in words(response)
    version = page.course.versions.get()
    assert (version.number, version.note, version.published_by) == (1, "Written.", publisher)
    page.course.refresh_from_db()
    assert page.course.current_version == 1
    entry = ModelLogEntry.objects.get(action="curricula.publish_version")
    assert (entry.user, entry.data) == (publisher, {"number": 1, "note": "Written."})
    history = client.get(reverse("wagtailsnippets_curricula_course:history", args=[page.course.pk]))
    assert "Version 1 published: Written." in words(history)


def test_the_versions_stand_on_both_editing_screens(page: CoursePage, publisher: Person, client: Client) -> None:
    publish(page.course, note="A new law.")
    client.force_login(publisher)
    for screen in (
        reverse("wagtailsnippets_curricula_course:edit", args=[page.course.pk]),
        reverse("wagtailadmin_pages:edit", args=[page.pk]),
    ):
        shown = words(client.get(screen))
        assert "A new law." in shown
        assert "Publishing a page is a correction" in shown
        assert address(page.course) in shown


def test_the_hours_follow_the_written_rule(page: CoursePage) -> None:
    text = "<p>" + "word " * 6000 + "</p>"
    body = [("section", {"title": "Long", "content": [("text", text), ("trainer_note", {"text": text})]})]
    ModulePageFactory(parent=page, title="Long module", body=body)
    preview = preview_version(page.course)
    assert preview.hours == Decimal("0.5")
    assert preview.words == pytest.approx(6000, abs=20)
    assert publish(page.course).hours == Decimal("0.5")


def test_what_changed_since_the_last_version(page: CoursePage) -> None:
    first, second = ModulePage.objects.child_of(page)
    assert set(changes(page.course).values()) == {ModuleChange.NEW}
    publish(page.course)
    assert set(changes(page.course).values()) == {ModuleChange.SAME}
    assert preview_version(page.course).changes_nothing
    first.save_revision().publish()
    second.unpublish()
    ModulePageFactory(parent=page, title="Third")
    ModulePageFactory(parent=page, title="Fourth", draft=True)
    assert changes(page.course) == {
        "Module 1": ModuleChange.CHANGED,
        "Module 2": ModuleChange.REMOVED,
        "Third": ModuleChange.NEW,
        "Fourth": ModuleChange.DRAFT,
    }
    second.delete()
    assert changes(page.course)["Module 2"] == ModuleChange.REMOVED
    assert not preview_version(page.course).changes_nothing


def test_a_changed_quiz_is_named(page: CoursePage) -> None:
    publish(page.course)
    page.course.refresh_from_db()
    page.course.quiz.questions.create(code="one", kind="single", stem="Which?")
    assert preview_version(page.course).quiz_changed
    publish(page.course)
    page.course.refresh_from_db()
    assert not preview_version(page.course).quiz_changed


def test_a_correction_leaves_the_version(page: CoursePage) -> None:
    publish(page.course)
    ModulePage.objects.child_of(page).first().save_revision().publish()
    page.course.refresh_from_db()
    assert page.course.current_version == 1


def test_nothing_online_is_said_in_words(publisher: Person, client: Client) -> None:
    course = CourseFactory(title="Empty")
    with pytest.raises(NothingToPublish, match="none of its modules is online"):
        publish(course)
    client.force_login(publisher)
    assert "nothing to publish as a version" in words(client.get(address(course)))
    response = client.post(address(course), {"note": "Anyway.", "number": 1})
    assert response.status_code == 409
    assert "None of its modules is online" in words(response)
    assert not course.versions.exists()


def test_a_second_click_publishes_no_second_version(page: CoursePage, publisher: Person, client: Client) -> None:
    client.force_login(publisher)
    form = {"note": "Once.", "number": 1}
    assert client.post(address(page.course), form).status_code == 302
    response = client.post(address(page.course), form)
    assert response.status_code == 409
    shown = words(response)
    assert "was published meanwhile" in shown
    assert "Once.</textarea>" in shown
    assert page.course.versions.count() == 1
    page.course.refresh_from_db()
    with pytest.raises(VersionMovedOn):
        publish(page.course, number=1)


@pytest.mark.parametrize("form", [{"note": " ", "number": 1}, {"number": 1}, {"note": "x" * 2001, "number": 1}])
def test_a_note_is_asked_for(page: CoursePage, publisher: Person, client: Client, form: dict[str, Any]) -> None:
    client.force_login(publisher)
    assert client.post(address(page.course), form).status_code == 200
    assert not page.course.versions.exists()


def test_authors_without_the_permission_do_not_publish(page: CoursePage, client: Client) -> None:
    author = Person.objects.create_user("ann@example.org", first_name="Ann", last_name="Author")
    author.groups.set(Group.objects.filter(name=EditorGroup.AUTHOR))
    client.force_login(author)
    for response in (client.get(address(page.course)), client.post(address(page.course), {"note": "x", "number": 1})):
        assert response.status_code == 302
        assert response["Location"] == "/cms/"
    assert not page.course.versions.exists()
    edit = reverse("wagtailsnippets_curricula_course:edit", args=[page.course.pk])
    assert address(page.course) not in client.get(edit).content.decode()


def test_a_missing_course_is_not_found(publisher: Person, client: Client) -> None:
    client.force_login(publisher)
    assert client.get("/cms/snippets/curricula/course/publish-version/999/").status_code == 404
