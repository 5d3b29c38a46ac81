"""Wagtail's own side doors: what a page's permissions close is closed at copying, search, choosers, reports and
translations too."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.test import Client
from wagtail.models import GroupPagePermission, Page

from curricula.enums import EditorGroup
from curricula.models import CatalogPage, Course, HomePage, StandardPage
from lms.accounts.models import Person
from tests.conftest import Cast
from tests.learning.conftest import make_course

SECRET = "Draft that nobody may know"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::django.core.paginator.UnorderedObjectListWarning"),
]


@pytest.fixture
def secret(cast: Cast) -> Page:
    """A draft at the top of the site, outside the catalog."""
    make_course()
    home = HomePage.objects.get()
    page = home.add_child(instance=StandardPage(title=SECRET, slug="secret", live=False, locale=home.locale))
    page.save_revision()
    return page


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def catalog_author(cast: Cast, secret: Page) -> Client:
    """Somebody who may write below the catalog and nowhere else."""
    group = Group.objects.create(name="Catalog only")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for name in ("add_page", "change_page", "publish_page"):
        GroupPagePermission.objects.create(
            group=group, page=CatalogPage.objects.get(), permission=Permission.objects.get(codename=name)
        )
    cast.editor.groups.add(group)
    return browser(cast.editor)


@pytest.fixture
def media_member(cast: Cast, secret: Page) -> Client:
    """Somebody who keeps pictures and files, and no page."""
    cast.trainer.groups.add(Group.objects.get(name=EditorGroup.MEDIA))
    return browser(cast.trainer)


def test_it_works(catalog_author: Client, cast: Cast, secret: Page) -> None:
    assert catalog_author.get(f"/cms/pages/{CatalogPage.objects.get().pk}/edit/").status_code == 200
    administrator = browser(Person.objects.create_superuser("a@example.org", None))
    assert SECRET in administrator.get("/cms/pages/search/?q=Draft").content.decode()


@pytest.mark.parametrize("act", ["edit", "history", "copy", "move", "delete", "unpublish", "usage", "edit/preview"])
@pytest.mark.parametrize("who", ["catalog_author", "media_member"])
def test_no_page_of_it_opens(request: pytest.FixtureRequest, secret: Page, who: str, act: str) -> None:
    client = request.getfixturevalue(who)
    answer = client.get(f"/cms/pages/{secret.pk}/{act}/")
    assert answer.status_code in {302, 403, 404, 405}, answer.content.decode()[:500]
    assert SECRET not in answer.content.decode()


def test_it_is_not_copied(catalog_author: Client, secret: Page) -> None:
    catalog = CatalogPage.objects.get()
    before = Page.objects.count()
    for target in (catalog, secret.get_parent()):
        form = {"new_title": "Copy", "new_slug": "copy", "new_parent_page": target.pk, "copy_subpages": ""}
        answer = catalog_author.post(f"/cms/pages/{secret.pk}/copy/", form)
        assert answer.status_code in {302, 403, 404}
    assert Page.objects.count() == before


def test_it_is_not_moved_or_deleted_in_bulk(catalog_author: Client, secret: Page) -> None:
    for act in ("delete", "move", "publish", "unpublish"):
        catalog_author.post(
            f"/cms/bulk/wagtailcore/page/{act}/?id={secret.pk}", {"chooser": CatalogPage.objects.get().pk}
        )
    secret.refresh_from_db()
    assert secret.get_parent().specific_class is HomePage
    assert not secret.live


@pytest.mark.parametrize("who", ["catalog_author", "media_member"])
@pytest.mark.parametrize(
    "path",
    [
        "/cms/",
        "/cms/pages/search/?q=Draft",
        "/cms/pages/search/results/?q=Draft",
        "/cms/choose-page/",
        "/cms/choose-page/{home}/",
        "/cms/choose-page/search/?q=Draft",
        "/cms/choose-page/search/?q=Draft&page_type=curricula.standardpage",
        "/cms/reports/site-history/",
        "/cms/reports/aging-pages/",
        "/cms/reports/locked/",
        "/cms/reports/workflow/",
        "/cms/reports/page-types-usage/",
        "/cms/localize/reports/translations/",
        "/cms/api/main/pages/?fields=title",
        "/cms/api/main/pages/?search=Draft",
        "/cms/api/main/pages/{secret}/",
        "/cms/pages/{home}/",
    ],
)
def test_it_is_not_found(request: pytest.FixtureRequest, secret: Page, who: str, path: str) -> None:
    client = request.getfixturevalue(who)
    answer = client.get(path.format(home=secret.get_parent().pk, secret=secret.pk))
    assert answer.status_code < 500
    assert SECRET not in answer.content.decode()


@pytest.mark.parametrize("who", ["catalog_author", "media_member"])
def test_it_is_not_translated(request: pytest.FixtureRequest, secret: Page, who: str) -> None:
    client = request.getfixturevalue(who)
    for path in (f"/cms/localize/submit/page/{secret.pk}/", f"/cms/localize/page/{secret.pk}/convert_to_alias/"):
        answer = client.get(path)
        assert answer.status_code in {302, 403, 404}
        assert SECRET not in answer.content.decode()
        client.post(path, {"locales": [1]})
    assert Page.objects.filter(translation_key=secret.translation_key).count() == 1


def test_a_chooser_still_offers_ones_own_drafts_and_what_is_live(catalog_author: Client) -> None:
    catalog = CatalogPage.objects.get()
    course = catalog.get_children().get()
    course.get_children().update(live=False)
    assert course.title in catalog_author.get(f"/cms/choose-page/{catalog.pk}/").content.decode()
    assert "Only module" in catalog_author.get(f"/cms/choose-page/{course.pk}/").content.decode()


def test_rows_that_others_point_to_without_a_way_back_are_refused_in_words(secret: Page) -> None:
    """A course is asked after on its way out even by rows to which it knows no way."""
    administrator = browser(Person.objects.create_superuser("a@example.org", None))
    answer = administrator.get(f"/cms/snippets/curricula/course/delete/{Course.objects.get().pk}/", follow=True)
    assert answer.status_code == 200
    assert "other entries point to it" in answer.content.decode()


def test_there_are_no_submissions_to_delete() -> None:
    """Wagtail's form pages, whose submissions one could reach by another page's number, are not installed."""
    assert not apps.is_installed("wagtail.contrib.forms")


@pytest.mark.parametrize("path", ["users/", "users/new/", "groups/", "groups/new/", "redirects/", "workflows/list/"])
@pytest.mark.parametrize("who", ["catalog_author", "media_member"])
def test_nobody_but_administrators_manages_people(request: pytest.FixtureRequest, who: str, path: str) -> None:
    answer = request.getfixturevalue(who).get(f"/cms/{path}")
    assert answer.status_code in {302, 403, 404}


def test_an_author_makes_nobody_an_administrator(catalog_author: Client, cast: Cast) -> None:
    form: dict[str, Any] = {"email": cast.editor.email, "first_name": "Ed", "last_name": "Editor", "is_superuser": "on"}
    for path in (f"/cms/users/{cast.editor.pk}/", "/cms/users/new/", "/cms/account/"):
        catalog_author.post(path, form)
    cast.editor.refresh_from_db()
    assert not cast.editor.is_superuser
