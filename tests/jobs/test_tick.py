import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from lms.jobs import services, tasks
from lms.jobs.models import TickClaim
from lms.jobs.services import refresh_statistics

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

NOW = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
calls: list[str] = []
nested: list[bool] = []


def sweep(*, now: datetime.datetime) -> int:
    calls.append("sweep")
    return 1


def break_down(*, now: datetime.datetime) -> int:
    calls.append("break_down")
    raise ValueError("out of order")


def tick_again(*, now: datetime.datetime) -> int:
    """What a wake-up does while a tick is at work."""
    calls.append("tick_again")
    if len(nested) < 2:
        nested.append(services.tick(now=now))
    return 0


@pytest.fixture(autouse=True)
def work(settings: Any) -> None:
    calls.clear()
    nested.clear()
    settings.TICK_WORK = [f"{__name__}.sweep"]


def test_it_works() -> None:
    assert services.tick(now=NOW) is True
    assert calls == ["sweep"]
    claim = TickClaim.objects.get()
    assert (claim.claimed_at, claim.token, claim.asked_again) == (None, None, False)


def test_an_error_does_not_stop_the_others(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.TICK_WORK = [f"{__name__}.break_down", "no.such.function", f"{__name__}.sweep"]
    assert services.tick(now=NOW) is True
    assert calls == ["break_down", "sweep"]
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


def test_one_tick_at_a_time() -> None:
    TickClaim.objects.create(name="tick", claimed_at=NOW)
    assert services.tick(now=NOW + datetime.timedelta(minutes=4, seconds=59)) is False
    assert calls == []
    assert TickClaim.objects.get().asked_again is True


def test_the_claim_of_a_killed_tick_expires() -> None:
    TickClaim.objects.create(name="tick", claimed_at=NOW, asked_again=True)
    assert services.tick(now=NOW + datetime.timedelta(minutes=5)) is True
    assert calls == ["sweep"]


def test_a_tick_that_was_asked_meanwhile_goes_round_again(settings: Any) -> None:
    settings.TICK_WORK = [f"{__name__}.sweep", f"{__name__}.tick_again"]
    assert services.tick(now=NOW) is True
    assert nested == [False, False]
    assert calls == ["sweep", "tick_again"] * 3
    assert TickClaim.objects.get().claimed_at is None


def test_the_task_ticks() -> None:
    tasks.wake.enqueue()
    assert calls == ["sweep"]


def test_the_command_ticks_once(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("tick")
    assert calls == ["sweep"]
    TickClaim.objects.update(claimed_at=datetime.datetime.now(datetime.UTC))
    call_command("tick")
    assert "Another tick is at work" in capsys.readouterr().out
    assert calls == ["sweep"]


def test_sqlite_looks_at_its_tables_once_an_hour(django_assert_num_queries: Any) -> None:
    cache.delete("jobs.statistics")
    if connection.vendor != "sqlite":
        with django_assert_num_queries(0):
            refresh_statistics(now=timezone.now())
        return
    refresh_statistics(now=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'django_migrations'")
        assert cursor.fetchone() != (0,)
        cursor.execute("DELETE FROM sqlite_stat1")
        refresh_statistics(now=timezone.now())
        cursor.execute("SELECT count(*) FROM sqlite_stat1")
        assert cursor.fetchone() == (0,)
