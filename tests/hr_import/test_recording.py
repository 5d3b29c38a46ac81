"""Prior completions: recorded, matched, voided."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from certificates.models import Certificate
from lms.accounts.merging import merge_persons
from lms.agencies.models import Agency
from lms.audit.models import AuditEvent
from lms.hr_import.enums import RunKind
from lms.hr_import.models import Evidence, ImportRun
from lms.hr_import.services import ImportRefused, match_evidence
from lms.learning.models import Completion
from lms.learning.services import record_completion
from tests.conftest import Cast
from tests.learning.conftest import make_course

from .conftest import apply, make_csv, plan, told, undo

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

HEADER = ["employee_number", "email", "course", "completed_on", "hours", "score", "provider"]


def done(number: str = "L1", course: str = "small-course", on: str = "2024-05-06", **fields: Any) -> dict[str, Any]:
    return {"employee_number": number, "course": course, "completed_on": on, **fields}


def read(home: Agency, *rows: dict[str, Any], **fields: Any) -> ImportRun:
    return plan(make_csv(*rows, header=HEADER), home, kind=RunKind.COMPLETIONS, **fields)


@pytest.fixture
def course(home: Agency) -> Any:
    return make_course(quiz=False)


def test_it_works(home: Agency, cast: Cast, course: Any) -> None:
    run = read(home, done(hours="2.4", score="91%", provider="Elsewhere"), done("T1"), done("404"))
    assert [kind for _row, kind, _notes in told(run)] == ["new", "new", "refused"]
    assert not Completion.objects.exists()
    apply(run, cast.manager)
    row = Completion.objects.get(person=cast.learner)
    assert (row.course, row.completed_on, row.source, row.mode) == (course, date(2024, 5, 6), "import", "outside")
    assert (row.hours, row.score, row.place) == (Decimal("2.25"), 91, "Elsewhere")
    assert (row.version, row.recorded_by) == (0, cast.manager)
    assert Completion.objects.get(person=cast.trainer).hours == 0, "hours that nobody told are not made up"
    assert not Certificate.objects.exists(), "it was not taken here"
    assert AuditEvent.objects.filter(action="completions.imported").count() == 1
    assert read(home, done(), done("T1")).counts == {"unchanged": 2}


def test_undo_voids_and_the_record_keeps_both(home: Agency, cast: Cast, course: Any) -> None:
    run = apply(read(home, done(), done(course="Old class")), cast.manager)
    undo(run, cast.manager)
    row, voiding = Completion.objects.order_by("pk")
    assert (voiding.voids, voiding.recorded_by) == (row, cast.manager)
    assert not Completion.objects.standing().exists()
    assert not Evidence.objects.exists()
    again = apply(read(home, done()), cast.manager)
    assert again.state == "applied"
    assert Completion.objects.standing().count() == 1


def test_what_was_completed_already(home: Agency, cast: Cast, course: Any) -> None:
    record_completion(
        person=cast.learner,
        course=course,
        started_on=date(2025, 1, 1),
        completed_on=date(2025, 1, 1),
        source="online",
        mode="online",
        actor=None,
        now=timezone.now(),
        key="here",
    )
    later = done(on="2026-02-02")
    assert read(home, later).counts == {"unchanged": 1}
    assert read(home, done(), when_known="replace").counts == {"unchanged": 1}
    apply(read(home, later, when_known="replace"))
    assert [row.completed_on.year for row in Completion.objects.standing().order_by("completed_on")] == [2025, 2026]


def test_a_course_that_is_not_known_is_kept_and_matched(home: Agency, cast: Cast, course: Any) -> None:
    content = done(course="Awareness 1"), done("T1", course="Awareness 1"), done(course="Another")
    run = apply(read(home, *content), cast.manager)
    assert run.counts == {"evidence": 3}
    assert Evidence.objects.count() == 3
    assert not Completion.objects.exists()
    assert read(home, *content).counts == {"unchanged": 3}
    now = timezone.now()
    assert match_evidence(actor=cast.manager, run=run, course_name="Awareness 1", course=course, now=now) == 2
    assert {row.person for row in Completion.objects.all()} == {cast.learner, cast.trainer}
    with pytest.raises(ImportRefused):
        match_evidence(actor=cast.manager, run=run, course_name="Awareness 1", course=course, now=now)
    again = read(home, *content, done("M1", course="awareness 1"))
    assert [kind for _row, kind, _notes in told(again)] == ["unchanged", "unchanged", "unchanged", "new"]
    assert told(again)[3][2] == ["matched_before"]
    undo(run, cast.manager)
    assert not Completion.objects.standing().exists()
    assert Evidence.objects.filter(completion=None).count() == 0, "what led to a row of the record stays"
    assert read(home, *content).counts == {"evidence": 3}


def test_evidence_of_what_stands_is_only_marked(home: Agency, cast: Cast, course: Any) -> None:
    run = apply(read(home, done(), done(course="Awareness 1")), cast.manager)
    now = timezone.now()
    assert match_evidence(actor=cast.manager, run=run, course_name="Awareness 1", course=course, now=now) == 0
    assert Completion.objects.count() == 1


def test_who_is_not_ours_is_nobody(home: Agency, cast: Cast, course: Any) -> None:
    stranger, nobody = done("", email=cast.outsider.email), done("", email="nobody@example.org")
    run = read(home, stranger, nobody)
    assert told(run)[0][1:] == told(run)[1][1:] == ("refused", ["no_person"])


def test_the_record_of_merged_people_is_one(home: Agency, cast: Cast, course: Any) -> None:
    apply(read(home, done()))
    merge_persons(actor=None, survivor=cast.trainer, merged=cast.learner, now=timezone.now())
    assert read(home, done("T1"), done("L1")).counts == {"unchanged": 2}


def test_all_or_nothing_voids_what_was_written(home: Agency, cast: Cast, course: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("lms.hr_import.services.recording.COMPLETIONS_AT_A_TIME", 1)
    run = read(home, done("T1"), done(), all_or_nothing=True)
    apply(read(home, done()))
    run = apply(run)
    assert run.state == "undone"
    assert Completion.objects.standing().get().person == cast.learner
