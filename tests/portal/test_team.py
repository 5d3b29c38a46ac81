"""The manager's area: figures, the names behind them, and what is done for people chosen."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from curricula.models import Course
from lms.accounts.merging import merge_persons
from lms.accounts.models import Person
from lms.agencies.enums import GrantKind
from lms.agencies.models import Agency, AgencyPlacement, Employment
from lms.agencies.services import give_grant
from lms.audit.models import AuditEvent
from lms.compliance.enums import ScopeKind
from lms.compliance.models import Reminder, Requirement, Waiver
from lms.compliance.selectors import Line, get_scope
from lms.compliance.services import recompute_all
from lms.compliance.shares import Shares
from lms.learning.models import Completion
from lms.outbox.models import Mail
from lms.portal.models import RecordChange
from lms.portal.selectors import count_behind, list_names, stream_rows
from lms.portal.selectors.copying import copy_duties
from lms.portal.selectors.names import Wanted
from lms.sheets import writing
from lms.sheets.writing import write_csv
from tests.conftest import START, Cast
from tests.flows.conftest import words

from .test_pages import complete, course, employ, text

TEAM, PEOPLE = "/team/", "/team/people/"
TODAY = timezone.localdate
__all__ = ["course"]


def grant(person: Person, kind: str, agency: Agency | None) -> None:
    give_grant(
        actor=None,
        person=person,
        kind=kind,
        agency=agency,
        valid_from=START,
        valid_until=TODAY() + timedelta(days=9) if kind == GrantKind.READER else None,
        reason="Test",
        today=TODAY(),
    )


def hire(cast: Cast, number: int, **job: Any) -> list[Person]:
    """Employ so many people as the learner is, and keep their spans."""
    like = Employment.objects.get(person=cast.learner)
    people = [
        Person.objects.create_user(f"hire{n}@example.org", first_name=f"N{n:03}", last_name="Hired")
        for n in range(number)
    ]
    fields = {"agency": like.agency, "job_role": like.job_role, "supervisor": cast.manager, "valid_from": START, **job}
    Employment.objects.bulk_create([Employment(person=person, **fields) for person in people])
    recompute_all()
    return people


@pytest.fixture
def home(cast: Cast) -> Agency:
    return Agency.objects.get(code="cast-home")


@pytest.fixture
def manager(client: Client, cast: Cast, course: Course) -> Client:
    """The manager's browser; their one report is overdue."""
    employ(cast.learner, days_ago=100)
    client.force_login(cast.manager)
    return client


@pytest.mark.postgres
def test_it_works(manager: Client, cast: Cast, course: Course) -> None:
    early = hire(cast, 1)[0]
    complete(early, course, TODAY())
    page = text(manager, TEAM)
    assert "1 of your 2 people has something overdue." in page
    assert "50%" in page
    assert "1 of 2 done" in page
    assert "Otto Outsider" not in page
    assert "Lena Learner" in page
    assert "N000 Hired" not in page


def test_each_figure_opens_its_names(manager: Client, cast: Cast, home: Agency, course: Course) -> None:
    grant(cast.manager, GrantKind.MANAGER, home)
    below = home.add_child(code="below", name="Below", kind=home.kind)
    below.placements.create(path=below.path, valid_from=START)
    hire(cast, 2, agency=below)
    for by in ("job_role", "level", "service_area"):
        links = re.findall(r'href="(/team/(?:people/)?\?[^"#]*)"', manager.get(TEAM, {"by": by}).content.decode())
        assert len(links) > 15
        for link in set(links):
            assert manager.get(unescape(link)).status_code == 200, link
    page = manager.get(PEOPLE, {"scope": f"tree-{below.pk}", "show": "counted", "level": "awareness"})
    assert "N000 Hired" in words(page)
    assert "Lena Learner" not in words(page)


def test_the_figures_of_a_past_day(manager: Client, cast: Cast, course: Course) -> None:
    day = TODAY() - timedelta(days=90)
    complete(cast.learner, course, TODAY())
    assert "Nobody on your team is late." in text(manager, TEAM)
    assert "0 of 1 done" in text(manager, f"{TEAM}?day={day}")
    record = text(manager, f"/team/{cast.learner.pk}/?day={day}")
    assert "Not started" in record
    assert "formaction" not in manager.get(f"/team/{cast.learner.pk}/?day={day}").content.decode()
    assert "Owes 1 course." in record


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("day=2999-01-01", 422, "This day is still to come."),
        ("day=0001-01-01", 422, "This day is too far back."),
        ("day=yesterday", 422, "Enter a valid date."),
        ("scope=tree-9", 404, ""),
        ("scope=site", 404, ""),
        ("scope=", 200, ""),
        ("scope=unit-99999999999999999999", 404, ""),
        ("by=nothing", 200, ""),
    ],
)
def test_what_nobody_can_show(manager: Client, query: str, status: int, told: str) -> None:
    for address in (TEAM, PEOPLE):
        response = manager.get(f"{address}?{query}")
        assert response.status_code == status
        assert told in words(response)


@pytest.mark.parametrize("query", ["show=x", "requirement=x", "area=x", "job_role=99999", "level=x", "q=" + "a" * 101])
def test_a_filter_that_is_none_says_so(manager: Client, query: str) -> None:
    response = manager.get(f"{PEOPLE}?{query}")
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()


@pytest.mark.parametrize("after", ["x", "~1", "2026-01-01~x", "nonsense~1"])
def test_a_page_that_never_was(manager: Client, after: str) -> None:
    assert manager.get(PEOPLE, {"show": "late", "after": after}).status_code == 404


@pytest.mark.parametrize("who", ["learner", "outsider", "trainer", "coordinator", "editor"])
def test_who_leads_nobody_has_no_area(client: Client, cast: Cast, who: str) -> None:
    client.force_login(getattr(cast, who))
    for address in (TEAM, PEOPLE, "/team/file/", "/team/people/file/", "/team/changes/", "/team/remind/"):
        assert client.get(address).status_code == 404


def test_names_are_searched_and_a_filter_removes_itself(manager: Client, cast: Cast) -> None:
    hire(cast, 3)
    everybody = text(manager, PEOPLE)
    assert everybody.index("N000 Hired") < everybody.index("Lena Learner")
    found = manager.get(PEOPLE, {"q": "HIRED n001", "show": "untrained"})
    assert "N001 Hired" in words(found)
    assert "N000 Hired" not in words(found)
    chips = dict(
        re.findall(
            r'<li><a href="([^"]*)">([^<×]+)', found.content.decode().partition("chips")[2].partition("</ul>")[0]
        )
    )
    assert [unescape(words).strip() for words in chips.values()] == ["Name: HIRED n001", "Not trained yet"]
    assert [unescape(link) for link in chips] == ["?show=untrained", "?q=HIRED+n001"]
    assert "Nobody matches." in text(manager, f"{PEOPLE}?q=nobody")


@pytest.mark.postgres
@pytest.mark.parametrize("show", ["", "late", "counted"])
def test_pages_follow_each_other_without_a_gap(manager: Client, cast: Cast, show: str) -> None:
    people = {cast.learner.pk, *(person.pk for person in hire(cast, 9))}
    scope = get_scope(cast.manager, kind=ScopeKind.REPORTS, as_of=TODAY())
    seen: list[int] = []
    after = ""
    while True:
        page = list_names(cast.manager, scope, Wanted(show=show), after=after, size=3)
        seen += [line.person.pk for line in page.lines]
        if not page.next:
            break
        after = page.next
    assert len(seen) == 10
    assert set(seen) == people


def test_a_merged_report_is_shown_with_the_job_and_the_record(manager: Client, cast: Cast, course: Course) -> None:
    complete(cast.learner, course, TODAY())
    merge_persons(actor=None, survivor=cast.outsider, merged=cast.learner, now=timezone.now())
    page = text(manager, PEOPLE)
    assert "Otto Outsider" in page
    assert "Deputy probation officer" in page
    assert "Nobody on your team is late." in text(manager, TEAM)


@pytest.mark.parametrize(
    ("address", "most"), [(TEAM, 42), (PEOPLE, 18), (f"{PEOPLE}?show=late", 16), ("/team/{learner}/", 29)]
)
def test_as_many_queries_for_thirty_people_as_for_two(manager: Client, cast: Cast, address: str, most: int) -> None:
    address = address.format(learner=cast.learner.pk)

    def queries() -> int:
        manager.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert manager.get(address).status_code == 200
        return len(captured)

    hire(cast, 1)
    few = queries()
    like = Employment.objects.get(person=cast.learner)
    for n in range(28):
        person = Person.objects.create_user(f"more{n}@example.org", first_name="More", last_name=str(n))
        Employment.objects.create(
            person=person,
            agency=like.agency,
            job_role=like.job_role,
            supervisor=cast.manager,
            valid_from=START,
        )
    recompute_all()
    assert queries() == few <= most


def test_oversight_sees_figures_without_names_and_no_small_count(
    client: Client, cast: Cast, home: Agency, course: Course
) -> None:
    grant(cast.editor, GrantKind.OVERSIGHT, None)
    for number, person in enumerate(hire(cast, 40)):
        if number < 20:
            complete(person, course, TODAY())
    client.force_login(cast.editor)
    page = text(client, TEAM)
    assert "hidden" in page
    assert "Hired" not in page
    assert "/team/people/" not in client.get(TEAM).content.decode()
    for address in (PEOPLE, "/team/people/file/", f"/team/{cast.learner.pk}/"):
        assert client.get(address).status_code == 404
    rows = list(csv.reader(io.StringIO(b"".join(client.get("/team/file/").streaming_content).decode("utf-8-sig"))))
    # The other agency has three people: hidden, and with it the only line that the total could be compared with.
    assert [row[1:4] for row in rows[1:]] == [["hidden"] * 3, ["hidden"] * 3, ["20", "46", "43"]]
    assert "Team" in text(client, "/my/")


def test_many_duties_of_two_people_are_two_people() -> None:
    cells = {rule: Shares(complete=2) for rule in range(6)} | {6: Shares(complete=1, overdue=3)}
    line = Line(None, cells, dict.fromkeys(range(6), "response") | {6: "awareness"})
    assert line.response.trained == 12
    assert count_behind(line, "response") == (2, 0)
    assert count_behind(line, "awareness") == (1, 3)


def test_a_coordinators_look_at_names_is_written_down(client: Client, cast: Cast, course: Course) -> None:
    grant(cast.coordinator, GrantKind.COORDINATOR, None)
    client.force_login(cast.coordinator)
    for address in (TEAM, PEOPLE, f"/team/{cast.learner.pk}/", f"/team/remind/?p={cast.learner.pk}"):
        assert client.get(address).status_code == 200
    opened = AuditEvent.objects.filter(action="names.opened").order_by("pk")
    assert [event.detail["page"] for event in opened] == [
        "portal:team",
        "portal:people",
        "portal:person",
        "portal:remind",
    ]


def test_files_hold_what_the_screen_shows(manager: Client, cast: Cast, course: Course) -> None:
    evil = hire(cast, 1)[0]
    Person.objects.filter(pk=evil.pk).update(first_name="=1+1", sort_name="hired, =1+1")
    response = manager.get("/team/people/file/", {"show": "counted"})
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert rows[0][:3] == ["Name", "Job", "Unit"]
    assert sorted(row[0] for row in rows[1:]) == ["'=1+1 Hired", "Lena Learner"]
    book = openpyxl.load_workbook(io.BytesIO(manager.get("/team/people/file/", {"format": "xlsx"}).content))
    assert {row[0] for row in book.active.iter_rows(min_row=2, values_only=True)} == {"=1+1 Hired", "Lena Learner"}
    assert manager.get("/team/file/", {"format": "xlsx"}).status_code == 200
    assert AuditEvent.objects.filter(action="team.exported", actor=cast.manager).count() == 3


@pytest.mark.postgres
def test_the_database_writes_the_same_file(manager: Client, cast: Cast, home: Agency, course: Course) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("What PostgreSQL's COPY writes is compared.")
    grant(cast.manager, GrantKind.MANAGER, home)
    people = hire(cast, 9)
    names = ["=1+1", " @x", "-12.5", "-a", 'Ann, "the" Ox', "Ámbar", "", "+", "Zoë"]
    for person, name in zip(people, names, strict=True):
        Person.objects.filter(pk=person.pk).update(first_name=name, last_name="" if name == "-12.5" else "Hired")
    for person in people[:4]:
        complete(person, course, TODAY() - timedelta(days=400 * (people.index(person) % 2)))
    below = Agency.objects.get(pk=home.pk).add_child(code="cast-below", name="-Below", kind=home.kind)
    AgencyPlacement.objects.create(agency=below, path=below.path, valid_from=START)
    like = Employment.objects.get(person=people[5])
    Employment.objects.create(person=people[5], agency=below, job_role=like.job_role, valid_from=START)
    merge_persons(actor=None, survivor=people[6], merged=people[7], now=timezone.now())
    Employment.objects.filter(person=people[6]).update(valid_until=TODAY())
    recompute_all()
    scope = get_scope(cast.manager, kind=ScopeKind.SUBTREE, agency=home, as_of=TODAY(), today=TODAY())
    for show in ("counted", "late", "trained"):
        wanted = Wanted(show=show)
        ours = list(csv.reader(io.StringIO(b"".join(write_csv([], stream_rows(cast.manager, scope, wanted))).decode())))
        theirs = list(csv.reader(io.StringIO(b"".join(copy_duties(scope, wanted)).decode())))
        assert [row for row in ours if row != ["\ufeff"] and row] == theirs
        assert len(theirs) > 1


def test_more_than_a_sheet_holds_says_so_and_gives_csv(
    manager: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    hire(cast, 3)
    monkeypatch.setattr(writing, "EXCEL_ROWS", 3)
    response = manager.get("/team/people/file/", {"show": "counted", "format": "xlsx"})
    assert response.status_code == 413
    assert "Take the CSV file instead." in words(response)
    [link] = re.findall(r'href="(/team/people/file/[^"]*)"', response.content.decode())
    assert manager.get(unescape(link)).headers["Content-Type"].startswith("text/csv")


@pytest.mark.postgres
def test_a_reminder_is_shown_first_and_goes_once_a_day(manager: Client, cast: Cast) -> None:
    done = hire(cast, 1)[0]
    complete(done, Course.objects.get(), TODAY())
    chosen = {"p": [cast.learner.pk, done.pk], "back": "show=late"}
    preview = manager.get("/team/remind/", chosen)
    assert "Send 1 reminder?" in words(preview)
    assert "Mara Manager asks you" in words(preview)
    assert "Because: Awareness for all staff, Work-scope grid" in words(preview)
    assert "Owes nothing now." in words(preview)
    assert not Mail.objects.exists()
    sent = manager.post("/team/remind/", chosen, follow=True)
    assert sent.redirect_chain == [("/team/people/?show=late", 302)]
    assert "1 reminder is on its way. 1 person gets none" in words(sent)
    manager.post("/team/remind/", chosen)
    mail = Mail.objects.get()
    assert (mail.to, "First course: was due" in mail.text) == (cast.learner.email, True)
    event = AuditEvent.objects.get(action="reminder.sent")
    assert (event.target_name, event.detail) == ("Lena Learner", {"courses": ["cast-101"]})
    assert "Reminded today already." in words(manager.get("/team/remind/", chosen))


def test_the_persons_page_has_every_reminder_and_the_readiness_for_placements(manager: Client, cast: Cast) -> None:
    address = f"/team/{cast.learner.pk}/"
    assert "Placements" not in text(manager, address)
    Requirement.objects.update(before_placement=True)
    Reminder.objects.create(recipient=cast.learner, day=date(2026, 3, 9), audience="own")
    manager.post("/team/remind/", {"p": [cast.learner.pk]})
    page = words(manager.get(address))
    assert "Not ready 1 of 1 missing" in page
    assert f"{TODAY():%b} {TODAY().day}, {TODAY().year}, by Mara Manager Mar 9, 2026, by the site" in page


@pytest.mark.parametrize("act", ["remind", "assign", "waive", "record"])
def test_nobody_acts_on_somebody_elses_people(manager: Client, cast: Cast, act: str) -> None:
    for values in ({"p": [cast.learner.pk, cast.outsider.pk]}, {"p": "x"}, {"p": cast.manager.pk}):
        assert manager.get(f"/team/{act}/", values).status_code == 404
        assert manager.post(f"/team/{act}/", values).status_code == 404
    assert "chosen" in words(manager.get(f"/team/{act}/"))
    assert manager.post(f"/team/{act}/").status_code == 422


def test_who_only_reads_acts_on_nobody(client: Client, cast: Cast, home: Agency, course: Course) -> None:
    grant(cast.editor, GrantKind.READER, home)
    client.force_login(cast.editor)
    assert "Lena Learner" in text(client, PEOPLE)
    for address in (PEOPLE, f"/team/{cast.learner.pk}/"):
        assert "formaction" not in client.get(address).content.decode()
    assert client.get("/team/remind/", {"p": cast.learner.pk}).status_code == 404


def hidden(response: Any, name: str) -> str:
    return re.findall(rf'name="{name}" value="([^"]*)"', response.content.decode())[0]


@pytest.mark.postgres
def test_an_assignment_is_owed_by_its_day_and_can_be_taken_back(manager: Client, cast: Cast, course: Course) -> None:
    other = Course.objects.create(code="more", kind="topic", level="response", title="More of it")
    form = manager.get("/team/assign/", {"p": cast.learner.pk})
    due = TODAY() + timedelta(days=10)
    values = {"p": cast.learner.pk, "course": other.pk, "due_on": due, "owed": "owed", "key": hidden(form, "key")}
    assert "The day has passed." in words(manager.post("/team/assign/", {**values, "due_on": "2026-01-01"}))
    for _twice in range(2):
        assert "is assigned to 1 person" in words(manager.post("/team/assign/", values, follow=True))
    rule = Requirement.objects.get(code__startswith="assigned-")
    client = Client()
    client.force_login(cast.learner)
    mine = text(client, "/my/")
    assert "Assigned: More of it" in mine
    assert f"Due {due:%b} {due.day}, {due.year}" in mine
    assert AuditEvent.objects.filter(action="course.assigned", target_id=str(cast.learner.pk)).count() == 1
    page = manager.get(f"/team/{cast.learner.pk}/")
    assert "Take the assignment back" in words(page)
    address = reverse("portal:unassign", args=[cast.learner.pk, rule.pk])
    assert "is taken back." in words(manager.post(address, follow=True))
    assert "More of it" not in text(client, "/my/")
    general = Requirement.objects.get(code="everyone")
    assert manager.post(reverse("portal:unassign", args=[cast.learner.pk, general.pk])).status_code == 404


def test_an_offer_changes_no_figure(manager: Client, cast: Cast, course: Course) -> None:
    other = Course.objects.create(code="more", kind="topic", level="response", title="More of it")
    form = manager.get("/team/assign/", {"p": cast.learner.pk})
    values = {"course": other.pk, "due_on": TODAY(), "owed": "offered", "key": hidden(form, "key")}
    manager.post("/team/assign/", {"p": cast.learner.pk, **values})
    assert "Not required here." in text(manager, TEAM)
    assert "Offered, not owed" in text(manager, f"/team/{cast.learner.pk}/")


def test_a_waiver_needs_a_reason_without_identifiers_and_can_be_taken_back(
    manager: Client, cast: Cast, home: Agency, course: Course
) -> None:
    rule = Requirement.objects.get()
    values = {"p": cast.learner.pk, "requirement": rule.pk, "first_on": TODAY(), "last_on": "", "approver": ""}
    for reason, told in (("", "This field is required."), ("On leave, see case 21-004711 for DOB 03/04/2011", "")):
        refused = manager.post("/team/waive/", {**values, "reason": reason})
        assert refused.status_code == 422
        assert told in words(refused)
    values["reason"] = "On leave"
    for approver, told in (
        ("nobody@example.org", "Nobody here signs in"),
        (cast.outsider.email, "decides about none"),
        (cast.learner.email, "decides about none"),
    ):
        assert told in words(manager.post("/team/waive/", {**values, "approver": approver}))
    assert "The last day comes before" in words(manager.post("/team/waive/", {**values, "last_on": "2026-01-01"}))
    assert not Waiver.objects.exists()
    grant(cast.trainer, GrantKind.MANAGER, home)
    for _twice in range(2):
        manager.post("/team/waive/", {**values, "last_on": TODAY(), "approver": cast.trainer.email})
    waiver = Waiver.objects.get()
    assert (waiver.valid_until, waiver.approved_by) == (TODAY() + timedelta(days=1), cast.trainer)
    client = Client()
    client.force_login(cast.learner)
    assert "You do not need this now: it is waived for you." in text(client, "/my/")
    assert "Waived until" in text(client, "/my/")
    assert "Approved by Tess Trainer" in text(manager, f"/team/{cast.learner.pk}/")
    assert "is taken back" in words(manager.post(f"/team/waivers/{waiver.pk}/", {"reason": "Back early"}, follow=True))
    assert "1 is overdue." in text(client, "/my/")
    assert manager.get(f"/team/waivers/{waiver.pk}/").status_code == 404


@pytest.fixture
def second(cast: Cast, home: Agency) -> Client:
    """The browser of a second person who decides about the learner."""
    grant(cast.trainer, GrantKind.MANAGER, home)
    client = Client()
    client.force_login(cast.trainer)
    return client


def taken(day: date, **fields: Any) -> dict[str, Any]:
    return {"started_on": day, "completed_on": day, "mode": "in_person", "reason": "Sign-in sheet seen", **fields}


@pytest.mark.postgres
def test_a_second_person_approves_what_is_recorded(manager: Client, second: Client, cast: Cast, course: Course) -> None:
    form = manager.get("/team/record/", {"p": cast.learner.pk})
    values = {"p": cast.learner.pk, "course": course.pk, "key": hidden(form, "key"), "hours": "1.5"}
    tomorrow = TODAY() + timedelta(days=1)
    assert "still to come" in words(manager.post("/team/record/", {**values, **taken(tomorrow)}))
    for _twice in range(2):
        manager.post("/team/record/", {**values, **taken(TODAY())})
    change = RecordChange.objects.get()
    assert not Completion.objects.exists()
    assert "Waiting for approval" in text(manager, f"/team/{cast.learner.pk}/")
    address = f"/team/changes/{change.key}/"
    assert "A second person decides." in words(manager.get(address))
    assert manager.post(address, {"decision": "approve"}).status_code == 409
    assert second.post(address, {"decision": "refuse"}).status_code == 422
    assert "1 change to a record waits for you" in text(second, TEAM)
    assert second.post(address, {"decision": "approve"}).status_code == 302
    assert second.post(address, {"decision": "approve"}).status_code in {302, 409}
    written = Completion.objects.get()
    assert (written.source, written.recorded_by, str(written.hours)) == ("attested", cast.trainer, "1.50")
    assert "Nobody on your team is late." in text(manager, TEAM)
    again = manager.get("/team/record/", {"p": cast.learner.pk})
    values["key"] = hidden(again, "key")
    assert "on record already" in words(manager.post("/team/record/", {**values, **taken(TODAY())}))
    acts = AuditEvent.objects.filter(action__in=["completion.proposed", "completion.approved"]).order_by("pk")
    assert [(event.action, event.actor_name) for event in acts] == [
        ("completion.proposed", "Mara Manager"),
        ("completion.approved", "Tess Trainer"),
    ]


@pytest.mark.postgres
def test_a_correction_leaves_the_line_and_writes_a_right_one(
    manager: Client, second: Client, cast: Cast, course: Course
) -> None:
    wrong = complete(cast.learner, course, TODAY())
    address = f"/team/completions/{wrong.pk}/"
    right = TODAY() - timedelta(days=3)
    manager.post(address, {**taken(right), "change": "correct"})
    assert manager.post(address, {**taken(right), "change": "void"}).status_code == 409
    change = RecordChange.objects.get()
    second.post(f"/team/changes/{change.key}/", {"decision": "approve"})
    wrong.refresh_from_db()
    assert wrong.completed_on == TODAY()
    assert wrong.voided_by.reason == "Sign-in sheet seen"
    assert Completion.objects.standing().get().completed_on == right
    assert "Taken back" in text(manager, f"/team/{cast.learner.pk}/")
    assert manager.get(address).status_code == 404


def test_a_completion_is_taken_back_by_two(manager: Client, second: Client, cast: Cast, course: Course) -> None:
    wrong = complete(cast.learner, course, TODAY())
    manager.post(f"/team/completions/{wrong.pk}/", {**taken(TODAY()), "change": "void"})
    withdrawn = RecordChange.objects.get()
    assert second.post(f"/team/changes/{withdrawn.key}/withdraw/").status_code == 404
    manager.post(f"/team/changes/{withdrawn.key}/withdraw/")
    assert second.post(f"/team/changes/{withdrawn.key}/", {"decision": "approve"}).status_code == 409
    second.post(f"/team/completions/{wrong.pk}/", {**taken(TODAY()), "change": "void"})
    change = RecordChange.objects.exclude(pk=withdrawn.pk).get()
    manager.post(f"/team/changes/{change.key}/", {"decision": "approve"})
    assert not Completion.objects.standing().exists()
    assert "1 of your 1 people has something overdue." in text(manager, TEAM)
