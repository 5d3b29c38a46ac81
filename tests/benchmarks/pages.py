"""Pages and a saved answer, through the whole stack of middleware, as DESIGN's budgets name them."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from curricula.models import Course, PreventionIndexPage, PreventionPage
from lms.accounts.models import Person
from lms.learning.models import Enrollment
from lms.learning.selectors import get_progress
from lms.learning.services import begin_quiz, enroll, record_section
from quizzes.models import Attempt

from .measure import Row, cpu_milliseconds


def get(client: Client, path: str, status: int = 200) -> Callable[[], None]:
    def call() -> None:
        response = client.get(path)
        assert response.status_code == status, (path, response.status_code)

    return call


def add_bare_page() -> str:
    """Add a page of Wagtail's own class, as deep as a course's, and return its address: all that Wagtail itself does
    to find and serve a page, with a template of four lines that names who is signed in."""
    bare = Page(title="Bare", slug="bare")
    PreventionIndexPage.objects.live().filter(locale__language_code="en")[0].add_child(instance=bare)
    return bare.url


def count_queries(call: Callable[[], None]) -> int:
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


def signed_in_client(name: str = "bench") -> tuple[Client, Enrollment, Attempt]:
    """A person half-way: every section read, the quiz open."""
    person = Person.objects.create_user(f"{name}@harbor.example", first_name="Bench", last_name="Bench")
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    now = timezone.now()
    enrollment = enroll(person=person, course=Course.objects.get(code="csec-101"), language="en", now=now)
    progress = get_progress(enrollment)
    assert progress is not None
    for place in progress.places:
        record_section(enrollment=enrollment, module=place.module.key, section=place.section.id, now=now)
    progress = get_progress(enrollment)
    assert progress is not None
    return client, enrollment, begin_quiz(enrollment=enrollment, progress=progress, now=now)


def run(size: int) -> list[Row]:
    client, enrollment, attempt = signed_in_client()
    progress = get_progress(enrollment)
    assert progress is not None
    place = progress.places[0]
    section = reverse("learning:section", args=[enrollment.key, place.module.key, place.section.id])
    question = attempt.questions.select_related("question").first()
    assert question is not None
    step = reverse("learning:quiz-step", args=[enrollment.key, attempt.pk, str(question.position)])
    chosen = {"chosen": [question.choices[0]["id"]]}

    def save_answer() -> None:
        assert client.post(step, chosen).status_code == 302

    def insert_row() -> None:
        assert client.post("/bench/insert/", chosen).status_code == 302

    library = PreventionPage.objects.live().filter(locale__language_code="en")[0].url
    visitor = Client()
    bare = add_bare_page()
    rows = []
    for name, path in (("course page", "/courses/csec-101/"), ("section page", section)):
        ours, floor = cpu_milliseconds(get(client, path), get(client, bare), rounds=size)
        rows.append(Row(f"{name}: CPU against a bare Wagtail page", ours, floor, "ms", size))
        rows.append(Row(f"{name}: queries", count_queries(get(client, path)), 15, "queries (budget)", 1))
    ours, floor = cpu_milliseconds(get(visitor, library), get(visitor, "/bench/trivial/"), rounds=size)
    rows.append(Row("library page: CPU against a trivial view", ours, floor, "ms", size))
    sheet = Path(settings.BASE_DIR / "static/build/lantern.css").read_bytes()
    wire = len(gzip.compress(visitor.get(library).content)) + len(gzip.compress(sheet))
    rows.append(Row("library page: gzipped, with its styles", wire / 1024, 60, "KB (budget)", 1))
    ours, floor = cpu_milliseconds(save_answer, insert_row, rounds=size)
    rows.append(Row("saving an answer: CPU against a bare insert", ours, floor, "ms", size))
    rows.append(Row("saving an answer: queries", count_queries(save_answer), 8, "queries (budget)", 1))
    return rows
