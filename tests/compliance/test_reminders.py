"""Reminders are told once, one mail a day, whatever the tick, a kill or the mail server does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.test import Client

from lms.agencies.enums import GrantKind
from lms.agencies.services import give_grant
from lms.compliance import services
from lms.compliance.models import CalendarFeed, Reminder, ReminderDay, ReminderLine, ReminderStep
from lms.compliance.selectors import list_reaches
from lms.compliance.services import reminders as reminders_service
from lms.compliance.services import send_reminders, set_reminder_steps
from lms.outbox.enums import MailState
from lms.outbox.models import Mail
from lms.outbox.services import send_due
from lms.portal.services import reminding
from tests.conftest import START, Cast
from tests.outbox.test_sending import Postmaster, free_port

from .conftest import Require, complete, employ_many

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

DUE = START + timedelta(days=30)  # the last good day of the rule


def at(day: date, hour: int = 12) -> datetime:
    return datetime.combine(day, time(hour + 8), UTC)  # Pacific


def run(day: date) -> int:
    """A morning: as many calls as the tick makes until nothing is left."""
    with time_machine.travel(at(day), tick=False):
        written = 0
        while more := send_reminders(now=at(day)):
            written += more
        return written


@pytest.fixture
def rule(require: Require, cast: Cast) -> Any:
    return require(name="Awareness for all", citation="Plan B.4", conditions=[{"person": cast.learner}])


def test_reaches_are_without_gap_and_overlap() -> None:
    today = date(2026, 3, 1)
    reaches = list_reaches([1, -14, -3], today)
    assert [reach.offset for reach in reaches] == [-14, -3, 1]
    for due_on in (today + timedelta(days=n) for n in range(-40, 40)):
        late_on = due_on + timedelta(days=1)
        at_step = [reach.offset for reach in reaches if reach.after < late_on <= reach.until]
        passed = [offset for offset in (-14, -3, 1) if today >= due_on + timedelta(days=offset)]
        assert at_step == passed[-1:]
    assert list_reaches([], today) == []


def test_it_works(rule: Any, cast: Cast) -> None:
    assert run(DUE - timedelta(days=15)) == 0
    assert run(DUE - timedelta(days=14)) == 1
    mail = Mail.objects.get()
    assert mail.to == cast.learner.email
    assert mail.subject == "Coming up: First course"
    assert "Due Feb 4, 2026." in mail.text
    assert "Why: Awareness for all; Plan B.4; assigned to you." in mail.text
    assert mail.text.count("http") == 1
    assert "/my/" in mail.text
    line = ReminderLine.objects.get()
    assert (line.person, line.requirement, line.offset) == (cast.learner, rule, -14)
    assert ReminderDay.objects.count() == 2


def test_each_step_is_told_once(rule: Any, cast: Cast) -> None:
    days = [DUE + timedelta(days=n) for n in range(-30, 60)]
    told = [day for day in days if run(day)]
    # The supervisor hears a week and a month after; both are days on which the learner hears nothing.
    assert told == [DUE + timedelta(days=offset) for offset in (-14, -3, 1, 7, 14, 30)]
    assert Mail.objects.filter(to=cast.learner.email).count() == 4
    assert Mail.objects.filter(to=cast.manager.email).count() == 2


def test_a_day_on_which_the_site_stood_still_is_made_up_for(rule: Any) -> None:
    assert run(DUE - timedelta(days=9)) == 1
    assert ReminderLine.objects.get().offset == -14
    assert run(DUE - timedelta(days=8)) == 0


def test_whoever_has_done_it_is_left_in_peace(rule: Any, cast: Cast, course: Any) -> None:
    complete(cast.learner, course, START + timedelta(days=3))
    assert sum(run(DUE + timedelta(days=n)) for n in (-14, -3, 1, 7)) == 0


def test_a_renewal_is_called_for(require: Require, cast: Cast, course: Any) -> None:
    require(conditions=[{"person": cast.learner}], months=12)
    complete(cast.learner, course, date(2026, 2, 1))
    assert run(date(2027, 1, 17)) == 1
    assert "Renew it before Feb 1, 2027." in Mail.objects.get().text


def test_electives_and_waived_are_never_called_for(require: Require, cast: Cast) -> None:
    require("elective", mandatory=False, conditions=[{"person": cast.learner}])
    waived = require("waived", conditions=[{"person": cast.learner}])
    services.waive(
        actor=cast.manager,
        person=cast.learner,
        requirement=waived,
        valid_from=START,
        valid_until=None,
        reason="On leave",
        now=at(START),
    )
    assert sum(run(DUE + timedelta(days=n)) for n in (-14, -3, 1, 7, 30)) == 0


def test_who_may_not_sign_in_gets_no_mail(rule: Any, cast: Cast) -> None:
    cast.learner.is_active = False
    cast.learner.save()
    assert run(DUE + timedelta(days=1)) == 0


def test_nobody_is_woken_at_night(rule: Any) -> None:
    assert send_reminders(now=at(DUE + timedelta(days=1), hour=5)) == 0
    assert not ReminderDay.objects.exists()


def test_the_supervisor_hears_of_all_people_in_one_mail(require: Require, cast: Cast) -> None:
    people = employ_many(cast, 3)
    require(name="Awareness", conditions=[{"job_role": cast.learner.employments.get().job_role}])
    run(DUE + timedelta(days=7))
    mail = Mail.objects.get(to=cast.manager.email)
    assert mail.subject == "4 of your people are late with training"
    assert all(person.full_name in mail.text for person in [*people, cast.learner])
    assert cast.trainer.full_name not in mail.text
    assert mail.text.count("http") == 1
    assert ReminderLine.objects.filter(recipient=cast.manager).count() == 4
    run(DUE + timedelta(days=8))
    assert Mail.objects.filter(to=cast.manager.email).count() == 1


def test_one_mail_a_day_also_for_a_supervisor_who_is_late(require: Require, cast: Cast) -> None:
    require(conditions=[{"person": cast.learner}, {"person": cast.manager}])
    day = DUE + timedelta(days=7)
    run(day)
    assert Mail.objects.filter(to=cast.manager.email).count() == 1
    run(day + timedelta(days=1))
    assert list(Reminder.objects.filter(recipient=cast.manager).values_list("audience", flat=True)) == [
        "supervisor",
        "own",
    ]


def test_one_mail_a_day_also_with_one_by_hand(require: Require, cast: Cast) -> None:
    require(conditions=[{"person": cast.learner}, {"person": cast.manager}])
    day = DUE + timedelta(days=7)
    # By hand before the morning: the digest and the step wait for the next one.
    for person in (cast.learner, cast.manager):
        [sent] = reminding.send_reminders(actor=cast.coordinator, people=[person], today=day)
        assert not sent.refusal
    assert run(day) == 0
    assert not ReminderLine.objects.exists()
    assert run(day + timedelta(days=1)) == 2
    # By hand after it: told today already.
    [sent] = reminding.send_reminders(actor=cast.coordinator, people=[cast.learner], today=day + timedelta(days=1))
    assert sent.refusal


def test_a_long_list_is_cut_and_says_so(require: Require, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders_service, "NAMES_TOLD", 2)
    employ_many(cast, 3)
    require(conditions=[{"job_role": cast.learner.employments.get().job_role}])
    run(DUE + timedelta(days=7))
    assert "and 2 more" in Mail.objects.get(to=cast.manager.email).text


def test_a_kill_between_two_people_neither_doubles_nor_loses(
    require: Require, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    employ_many(cast, 9)
    require(conditions=[{"job_role": cast.learner.employments.get().job_role}])
    day = DUE - timedelta(days=3)
    whole, calls = reminders_service.enqueue, []

    class Killed(BaseException):
        pass

    def enqueue(**fields: Any) -> Mail:
        calls.append(fields["to"])
        if len(calls) in {3, 7}:
            # The reminder and its lines are written, its mail is not.
            raise Killed
        return whole(**fields)

    monkeypatch.setattr(reminders_service, "enqueue", enqueue)
    for _kill in range(2):
        with time_machine.travel(at(day)), pytest.raises(Killed):
            send_reminders(now=at(day), limit=100)
    assert run(day) >= 1
    assert Mail.objects.count() == Reminder.objects.count() == ReminderLine.objects.count() == 12
    assert Mail.objects.values("to").distinct().count() == 12
    assert run(day) == 0


def test_a_call_does_a_part_and_the_next_goes_on(require: Require, cast: Cast) -> None:
    employ_many(cast, 9)
    require(conditions=[{"job_role": cast.learner.employments.get().job_role}])
    now = at(DUE - timedelta(days=3))
    with time_machine.travel(now):
        assert [send_reminders(now=now, limit=4) for _call in range(4)] == [4, 4, 4, 0]
        assert ReminderDay.objects.exists()


def test_queries_do_not_grow_with_people_but_for_what_each_gets(
    require: Require, cast: Cast, django_assert_max_num_queries
) -> None:
    employ_many(cast, 20)
    require(conditions=[{"job_role": cast.learner.employments.get().job_role}])
    now = at(DUE - timedelta(days=3))
    with time_machine.travel(now), django_assert_max_num_queries(40 + 23 * 14):
        send_reminders(now=now)
    with time_machine.travel(now):
        send_reminders(now=now)
        with django_assert_max_num_queries(1):
            send_reminders(now=now)


# --- a real mail server


@pytest.fixture
def mail_server(settings: Any) -> Iterator[tuple[Postmaster, Controller]]:
    postmaster = Postmaster()
    controller = Controller(postmaster, hostname="127.0.0.1", port=free_port())
    settings.OUTBOX_TRANSPORT = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", controller.port, 1
    yield postmaster, controller
    if controller.loop.is_running():
        controller.stop()


def deliver(moment: datetime, *, hours: int = 30) -> None:
    """The ticks of some hours."""
    for hour in range(hours):
        while send_due(now=moment + timedelta(hours=hour)):
            pass


def test_a_server_that_is_down_delays_and_loses_nothing(
    require: Require, cast: Cast, mail_server: tuple[Postmaster, Controller]
) -> None:
    postmaster, controller = mail_server
    employ_many(cast, 5)
    require(conditions=[{"job_role": cast.learner.employments.get().job_role}])
    day = DUE - timedelta(days=3)
    run(day)
    assert send_due(now=at(day)) == 0
    assert set(Mail.objects.values_list("state", flat=True)) == {MailState.PENDING}
    controller.start()
    deliver(at(day) + timedelta(hours=12))
    wanted = sorted(Reminder.objects.values_list("recipient__email", flat=True))
    assert sorted(address for address, _message in postmaster.arrived) == wanted
    assert len(wanted) == 8


def test_a_slow_server_delays_and_doubles_nothing(
    require: Require, cast: Cast, mail_server: tuple[Postmaster, Controller]
) -> None:
    postmaster, controller = mail_server
    rule_people = employ_many(cast, 2)
    require(conditions=[{"person": person} for person in rule_people])
    day = DUE - timedelta(days=3)
    run(day)
    postmaster.answer_to_data = "451 Busy, come back later"
    controller.start()
    deliver(at(day), hours=2)
    assert postmaster.arrived == []
    postmaster.answer_to_data = "250 OK"
    deliver(at(day) + timedelta(hours=3))
    assert len(postmaster.arrived) == 2
    assert len({message["Message-ID"] for _address, message in postmaster.arrived}) == 2


def test_a_server_that_rejects_half_sends_the_other_half(
    require: Require, cast: Cast, mail_server: tuple[Postmaster, Controller]
) -> None:
    postmaster, controller = mail_server
    people = employ_many(cast, 8)
    require(conditions=[{"person": person} for person in people])
    day = DUE - timedelta(days=3)
    run(day)
    refused, later = people[:2], people[2:4]
    postmaster.answers = {person.email: "550 No such mailbox" for person in refused}
    postmaster.answers |= {person.email: "450 Mailbox busy" for person in later}
    controller.start()
    deliver(at(day), hours=1)
    assert len(postmaster.arrived) == 4
    postmaster.answers = {person.email: "550 No such mailbox" for person in refused}
    deliver(at(day) + timedelta(hours=2))
    assert sorted(address for address, _m in postmaster.arrived) == sorted(person.email for person in people[2:])
    assert set(Mail.objects.filter(state=MailState.FAILED).values_list("to", flat=True)) == {
        person.email for person in refused
    }


# --- the screens


def test_the_days_are_set_by_who_manages_the_site(cast: Cast, client: Client) -> None:
    give_grant(
        actor=None,
        person=cast.coordinator,
        kind=GrantKind.COORDINATOR,
        agency=None,
        valid_from=START,
        valid_until=None,
        reason="x",
        today=date(2026, 3, 1),
    )
    client.force_login(cast.coordinator)
    path = "/team/reminders/"

    def send(rows: list[tuple[str, str, str]], **more: str) -> Any:
        data = {"form-TOTAL_FORMS": str(len(rows)), "form-INITIAL_FORMS": "0", **more}
        for n, row in enumerate(rows):
            data |= dict(zip((f"form-{n}-days", f"form-{n}-side", f"form-{n}-audience"), row, strict=True))
        return client.post(path, data)

    with time_machine.travel(at(date(2026, 3, 1))):
        assert client.get(path).content.decode().count("<legend") == 7
        assert send([("5", "before", "own"), ("", "before", "own")]).status_code == 302
        assert list(ReminderStep.objects.values_list("audience", "offset")) == [("own", -5)]
        for rows in (
            [("5", "before", "supervisor")],
            [("5", "before", "own")] * 2,
            [("x", "before", "own")],
            [("5000", "after", "own")],
            [("5", "sideways", "own")],
        ):
            assert send(rows).status_code == 422
        answer = send([("x", "after", "supervisor")], act="more")
        assert answer.status_code == 200
        assert 'value="x"' in answer.content.decode()
        assert answer.content.decode().count("<legend") == 2
        assert list(ReminderStep.objects.values_list("audience", "offset")) == [("own", -5)]


def test_steps_refuse_what_can_not_be(cast: Cast) -> None:
    for steps in ([("own", 1), ("own", 1)], [("supervisor", 0)]):
        with pytest.raises(services.StepsRefused):
            set_reminder_steps(actor=cast.coordinator, steps=steps)


def test_my_calendar(rule: Any, cast: Cast, client: Client) -> None:
    with time_machine.travel(at(START + timedelta(days=3))):
        client.force_login(cast.learner)
        assert "Make my address" in client.get("/my/calendar/").content.decode()
        client.post("/my/calendar/", {"act": "make"})
        feed = CalendarFeed.objects.get()
        path = f"/calendar/{feed.token}/training.ics"
        assert path in client.get("/my/calendar/").content.decode()
        answer = Client().get(path)
        assert answer["Content-Type"] == "text/calendar; charset=utf-8"
        text = answer.content.decode()
        assert "DTSTART;VALUE=DATE:20260204" in text
        assert "SUMMARY:Due: First course" in text
        assert "Awareness for all\\; Plan B.4\\; assigned to you" in text.replace("\r\n ", "")
        assert cast.learner.last_name not in text
        client.post("/my/calendar/", {"act": "make"})
        assert Client().get(path).status_code == 404
        path = f"/calendar/{CalendarFeed.objects.get().token}/training.ics"
        cast.learner.is_active = False
        cast.learner.save()
        assert Client().get(path).status_code == 404


def test_a_calendar_is_taken_away(cast: Cast, client: Client) -> None:
    client.force_login(cast.learner)
    client.post("/my/calendar/", {"act": "make"})
    client.post("/my/calendar/", {"act": "close"})
    assert not CalendarFeed.objects.exists()
    assert client.post("/my/calendar/", {"act": "dance"}).status_code == 422


def test_a_held_duty_stands_on_its_last_valid_day(require: Require, cast: Cast, course: Any, client: Client) -> None:
    require(conditions=[{"person": cast.learner}], months=12)
    complete(cast.learner, course, date(2026, 2, 1))
    client.force_login(cast.learner)
    client.post("/my/calendar/", {"act": "make"})
    with time_machine.travel(at(date(2026, 3, 1))):
        text = client.get(f"/calendar/{CalendarFeed.objects.get().token}/training.ics").content.decode()
    assert "DTSTART;VALUE=DATE:20270131" in text
    assert "Valid until the end of this day: First course" in text.replace("\r\n ", "")
