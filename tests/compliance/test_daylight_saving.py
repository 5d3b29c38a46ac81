"""A day on which the clocks change has 23 or 25 hours, and is one day of every rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from curricula.models import Course
from lms.compliance.enums import Status
from lms.compliance.models import CountedDay
from lms.compliance.selectors import list_obligations
from lms.compliance.services import refresh_counts, verify_counts
from lms.learning.models import Enrollment
from tests.conftest import START, Cast

from .conftest import Require, complete

DAY = timedelta(days=1)
HALF_HOUR = timedelta(minutes=30)
CHANGES = [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25)]


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def half_hours(day: date) -> Iterator[datetime]:
    moment = midnight(day).astimezone(tz=timezone.get_fixed_timezone(0))
    while moment < midnight(day + DAY):
        yield moment
        moment += HALF_HOUR


@pytest.fixture(autouse=True)
def clocks_that_change(settings) -> Iterator[None]:  # type: ignore[no-untyped-def]
    settings.TIME_ZONE = "America/Los_Angeles"
    with timezone.override("America/Los_Angeles"):
        yield


@pytest.mark.parametrize(("day", "hours"), CHANGES)
def test_the_day_is_counted_once_and_lasts_to_its_end(cast: Cast, require: Require, day: date, hours: int) -> None:
    rule = require(days=(day - START).days, warn=0)
    moments = list(half_hours(day))
    assert len(moments) == 2 * hours
    counted = [refresh_counts(now=moment) for moment in (moments[0] - HALF_HOUR, *moments, moments[-1] + HALF_HOUR)]
    assert counted[0] > 0
    assert counted[1] > 0
    assert counted[2:-1] == [0] * (2 * hours - 1)
    assert counted[-1] > 0
    kept = {day, day + DAY} if day.day == 1 else {day + DAY}
    assert set(CountedDay.objects.filter(day__gte=day).values_list("day", flat=True)) == kept
    assert not verify_counts(day + DAY)
    for moment in moments:
        (line,) = list_obligations([cast.learner], as_of=timezone.localdate(moment))[cast.learner.pk]
        assert (line.requirement, line.status, line.due_on) == (rule, Status.NOT_STARTED, day)
    (line,) = list_obligations([cast.learner], as_of=day + DAY)[cast.learner.pk]
    assert line.status == Status.OVERDUE


@pytest.mark.parametrize(("day", "hours"), CHANGES)
def test_what_is_done_at_the_last_minute_of_the_day_is_in_time(
    cast: Cast, require: Require, course: Course, day: date, hours: int
) -> None:
    rule = require(days=(day - START).days, months=12, window=10)
    last = midnight(day + DAY) - timedelta(minutes=1)
    with time_machine.travel(last):
        Enrollment.objects.create(person=cast.learner, course=course, version=1, started_at=last, last_seen_at=last)
        (line,) = list_obligations([cast.learner], as_of=day)[cast.learner.pk]
        assert line.enrollment is not None
        (line,) = list_obligations([cast.learner], as_of=day - DAY)[cast.learner.pk]
        assert line.enrollment is None
        complete(cast.learner, course, timezone.localdate())
    (line,) = list_obligations([cast.learner], as_of=day)[cast.learner.pk]
    assert (line.requirement, line.status, line.valid_until) == (rule, Status.COMPLETE, day.replace(year=2027))
