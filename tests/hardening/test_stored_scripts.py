"""Whatever somebody typed into a field of ours stays text on every page, in the CMS and in mails.

Every text field of every row of a small site is filled with markup, past all forms; then everybody opens every page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import models, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from wagtail import blocks
from wagtail.admin.rich_text import get_rich_text_editor_widget
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.rich_text import RichText
from wagtail.snippets.models import get_snippet_models

from lms.accounts.models import Person
from lms.audit.append_only import allow_redaction, list_protected
from lms.outbox.models import Mail
from tests.conftest import Cast
from tests.permissions.conftest import Places, places, sign_in
from tests.permissions.test_matrix import ADDRESSES, EVERYBODY, ROWS, fill

PAYLOADS = ("\"'></title></textarea></script><x-stored a=1>", "\"'><x-stored>", "<x-stored>")
OURS = ("accounts", "agencies", "audit", "certificates", "compliance", "curricula", "learning", "outbox", "quizzes")
THEIRS = {"wagtailcore.page": ("title", "draft_title", "seo_title", "search_description")}
# Words of machines, which no form takes from anybody.
MACHINE = {
    "action", "course_code", "digest", "filter_spec", "kind", "language", "last_section", "password", "path", "section",
    "sha256", "sort_name", "target_id", "target_type",
}  # fmt: skip
# What an editor of Wagtail's makes is markup, and only what the editor can make: see the last test.
WRITTEN_IN_AN_EDITOR = (RichTextField, StreamField)
__all__ = ["places"]


class Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)


def payload(limit: int | None) -> str | None:
    return next((text for text in PAYLOADS if limit is None or len(text) <= limit), None)


def text_fields(model: type[models.Model]) -> Iterator[models.Field]:
    named = THEIRS.get(model._meta.label_lower)
    for field in model._meta.local_concrete_fields:
        is_text = type(field) in {models.CharField, models.TextField} or field.get_internal_type() == "TextField"
        if named is not None:
            if field.name in named:
                yield field
        elif is_text and not (
            field.choices
            or field.unique
            or field.primary_key
            or field.name in MACHINE
            or isinstance(field, WRITTEN_IN_AN_EDITOR)
        ):
            yield field


def poison_rows() -> list[str]:
    """Fill every text field of every row and return their names."""
    filled = []
    with transaction.atomic(), allow_redaction(*(table.model for table in list_protected())):
        for model in apps.get_models():
            if model._meta.app_label not in OURS and model._meta.label_lower not in THEIRS:
                continue
            values = {field.name: payload(field.max_length) for field in text_fields(model)}
            if values := {name: value for name, value in values.items() if value}:
                model._base_manager.update(**values)
                filled += [f"{model._meta.label_lower}.{name}" for name in values]
    return filled


def poison_block(block: blocks.Block, value: Any) -> Any:
    """The raw value of a block with every plain text in it replaced."""
    if isinstance(block, blocks.StreamBlock):
        return [{**child, "value": poison_block(block.child_blocks[child["type"]], child["value"])} for child in value]
    if isinstance(block, blocks.StructBlock):
        return {name: poison_block(block.child_blocks[name], child) for name, child in value.items()}
    if isinstance(block, blocks.ListBlock):
        return [{**item, "value": poison_block(block.child_block, item["value"])} for item in value]
    if type(block) in {blocks.CharBlock, blocks.TextBlock}:
        return payload(block.field.max_length)
    return value


def poison_pages() -> None:
    for page in Page.objects.specific():
        for field in page._meta.concrete_fields:
            if isinstance(field, StreamField):
                raw = field.value_from_object(page).get_prep_value()
                setattr(page, field.name, json.dumps(poison_block(field.stream_block, raw)))
        page.save(clean=False)
        page.save_revision(clean=False)


@pytest.fixture
def poisoned(places: Places) -> Places:
    filled = poison_rows()
    poison_pages()
    assert {"accounts.person.first_name", "wagtailcore.page.title", "quizzes.question.stem"} <= set(filled)
    return places


def open_all(client: Client, paths: list[str]) -> tuple[int, list[str]]:
    """Return how many pages were shown, and which of them carried an element from a field.

    A page that breaks, because a word of a machine was filled too, shows nothing; that it opens is for other tests.
    """
    shown, wrong = 0, []
    client.raise_request_exception = False
    for path in paths:
        with transaction.atomic():
            response = client.get(path)
            transaction.set_rollback(True)
        if response.status_code == 200:
            shown += 1
            wrong += [path for text in texts(response) if "x-stored" in Elements(text).names]
    return shown, wrong


def texts(response: HttpResponse) -> list[str]:
    if response.streaming:
        return []
    kind = response.headers.get("Content-Type", "")
    if kind.startswith("text/html"):
        return [response.content.decode()]
    if kind.startswith("application/json"):
        return [text for key, text in leaves(json.loads(response.content)) if key == "html"]
    return []


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, child in value.items():
            yield from leaves(child, name)
    elif isinstance(value, list):
        for child in value:
            yield from leaves(child, key)
    elif isinstance(value, str):
        yield key, value


@pytest.mark.parametrize("person", EVERYBODY)
def test_on_every_page_of_ours(poisoned: Places, person: str) -> None:
    paths = [template.format_map(poisoned.keys) for row in ROWS for template in row["get"]]
    accounts = [fill(route) for route, _name in ADDRESSES if route.startswith("accounts/") and "<" not in route]
    shown, wrong = open_all(poisoned.clients[person], [*paths, *accounts, "/", "/courses/", "/courses/?q=x"])
    assert wrong == []
    assert shown > 8


@pytest.mark.filterwarnings("ignore::django.core.paginator.UnorderedObjectListWarning")
@pytest.mark.parametrize("person", ["editor", "administrator"])
def test_in_the_cms(poisoned: Places, person: str) -> None:
    client = poisoned.clients.get(person) or sign_in(Person.objects.create_superuser("a@example.org", None))
    paths = [fill(route) for route, _name in ADDRESSES if route.startswith("cms/") and "<" not in route]
    paths = [path for path in paths if not re.search(r"logout|sprite|jsi18n|failwhale", path)]
    for page in Page.objects.all():
        paths += [f"/cms/pages/{page.pk}/{act}/" for act in ("", "edit", "history", "delete", "copy", "move", "usage")]
        paths += [f"/cms/choose-page/{page.pk}/", f"/cms/pages/{page.pk}/edit/preview/"]
    for model in get_snippet_models():
        space = model.snippet_viewset.url_namespace if hasattr(model, "snippet_viewset") else ""
        for row in model._default_manager.all()[:2]:
            for act in ("edit", "history", "delete", "usage"):
                paths.append(reverse(f"{space}:{act}", args=[row.pk]))
    paths += ["/cms/pages/search/?q=x-stored", "/cms/choose-page/search/?q=x-stored", "/cms/users/?q=x"]
    shown, wrong = open_all(client, paths)
    assert wrong == []
    assert shown > (60 if person == "administrator" else 20)


def test_in_mails(poisoned: Places, cast: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND = "lms.outbox.backend.OutboxEmailBackend"
    EmailAddress.objects.create(user=cast.learner, email=cast.learner.email, verified=True, primary=True)
    Client().post(reverse("account_reset_password"), {"email": cast.learner.email})
    poisoned.clients["learner"].post(reverse("portal:claim"), {"address": "otis@example.org"})
    mails = Mail.objects.exclude(text__startswith=PAYLOADS[0])
    assert mails.exists()
    for mail in mails:
        assert "x-stored" not in Elements(mail.html).names
        assert "\n" not in mail.subject


def content_state(text: str, **link: str) -> str:
    """What the browser's part of the editor sends: one paragraph, all of it a link."""
    entity = {"0": {"type": "LINK", "mutability": "MUTABLE", "data": link}}
    block = {
        "key": "a", "text": text, "type": "unstyled", "depth": 0, "inlineStyleRanges": [],
        "entityRanges": [{"offset": 0, "length": len(text), "key": 0}],
    }  # fmt: skip
    return json.dumps({"blocks": [block], "entityMap": entity})


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        '"><x-stored>',
    ],
)
def test_the_editor_makes_no_markup_that_runs(address: str) -> None:
    widget = get_rich_text_editor_widget(features=["link", "bold"])
    html = widget.value_from_datadict({"body": content_state("<x-stored>", url=address)}, {}, "body")
    shown = str(RichText(html))
    assert "x-stored" not in Elements(shown).names
    assert not re.search(r"(?:href|src)=\"\s*(?:javascript|vbscript|data):", shown, re.IGNORECASE)
