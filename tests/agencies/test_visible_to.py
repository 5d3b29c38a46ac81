"""Nobody sees another agency's people by accident."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from lms.agencies.models import Employment
from lms.agencies.selectors import visible_to
from tests.conftest import START, Cast

TODAY = date(2026, 11, 23)


def test_supervisor_sees_own_report(cast: Cast) -> None:
    assert list(visible_to(cast.manager, as_of=TODAY)) == [cast.learner]


@pytest.mark.parametrize("who", ["learner", "outsider", "trainer", "coordinator", "editor"])
def test_who_leads_nobody_sees_nobody(cast: Cast, who: str) -> None:
    assert not visible_to(getattr(cast, who), as_of=TODAY).exists()


def test_a_visitor_sees_nobody(cast: Cast) -> None:
    assert not visible_to(AnonymousUser(), as_of=TODAY).exists()


def test_not_before_the_first_day_and_not_on_the_last(cast: Cast) -> None:
    Employment.objects.filter(person=cast.learner).update(valid_until=TODAY)
    assert not visible_to(cast.manager, as_of=START - timedelta(days=1)).exists()
    assert visible_to(cast.manager, as_of=START).exists()
    assert visible_to(cast.manager, as_of=TODAY - timedelta(days=1)).exists()
    assert not visible_to(cast.manager, as_of=TODAY).exists()


def test_a_merged_report_shows_as_the_survivor(cast: Cast) -> None:
    cast.learner.merged_into = cast.trainer
    cast.learner.save()
    assert list(visible_to(cast.manager, as_of=TODAY)) == [cast.trainer]


def test_a_merged_supervisor_keeps_seeing_the_team(cast: Cast) -> None:
    cast.manager.merged_into = cast.coordinator
    cast.manager.save()
    assert list(visible_to(cast.coordinator, as_of=TODAY)) == [cast.learner]
