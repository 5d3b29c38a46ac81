"""Staff files, planned, applied and taken back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from lms.accounts.erasing import forget_person
from lms.accounts.merging import merge_persons
from lms.accounts.models import Person
from lms.agencies.models import Agency, Employment, JobRole
from lms.agencies.selectors import visible_to
from lms.agencies.services import end_employment, transfer
from lms.agencies.signals import employment_changed
from lms.audit.models import AuditEvent
from lms.hr_import.models import ImportFile, ImportRun, PlanRow
from lms.hr_import.services import ImportRefused, discard_run, open_run, remove_rows, start_apply, start_undo
from lms.jobs.models import Job
from tests.conftest import START, Cast

from .conftest import LENA, apply, bring, everything, jobs_of, make_csv, plan, staff, told, undo

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_it_works(home: Agency, cast: Cast) -> None:
    run = plan(make_csv(staff("1", supervisor_employee_number="M1"), staff("2", agency_code="cast-north")), home)
    assert (run.state, run.counts) == ("planned", {"new": 2})
    assert not Person.objects.filter(email="staff1@example.org").exists(), "a plan changes nothing"
    assert not ImportFile.objects.exists(), "the file itself is not kept"
    run = apply(run, cast.manager)
    assert run.state == "applied"
    person = Person.objects.get(email="staff1@example.org")
    assert (person.full_name, person.sort_name) == ("First1 Last1", "last1, first1")
    assert not person.has_usable_password()
    job = Employment.objects.get(person=person)
    assert (job.agency, job.supervisor, job.employee_number) == (home, cast.manager, "1")
    assert jobs_of(Person.objects.get(email="staff2@example.org"))[0][0] == "cast-north"
    assert person in visible_to(cast.manager, as_of=timezone.localdate())
    event = AuditEvent.objects.get(action__startswith="staff.")
    assert (event.actor, event.action, event.detail["counts"]) == (cast.manager, "staff.imported", {"new": 2})


def test_the_same_file_twice_changes_nothing(home: Agency) -> None:
    content = make_csv(
        staff("1"),
        staff("2", supervisor_employee_number="1"),
        {**LENA, "agency_code": "cast-north"},
        staff("3", end_on="2026-03-31"),
    )
    bring(content, home)
    before = everything()
    run = plan(content, home)
    assert run.counts == {"unchanged": 4}
    with pytest.raises(ImportRefused, match="changes nothing"):
        apply(run)
    assert everything() == before


def test_every_kind_of_change(home: Agency, cast: Cast) -> None:
    today = timezone.localdate()
    bring(make_csv(staff("1"), staff("2"), staff("3"), staff("4", end_on="2026-03-31")), home)
    run = bring(
        make_csv(
            staff("1", last_name="Married"),
            staff("2", agency_code="cast-north"),
            staff("3", end_on="2026-06-30"),
            staff("4", start_on="2026-09-01"),
            staff("5"),
            LENA,
            staff("6", agency_code="cast-nowhere"),
        ),
        home,
    )
    assert [kind for _row, kind, _notes in told(run)] == [
        *("changed", "moved", "leaving", "rehired", "new", "unchanged", "refused")
    ]
    people = {number: Person.objects.get(email=f"staff{number}@example.org") for number in "12345"}
    assert people["1"].full_name == "First1 Married"
    began = date(2026, 2, 2)
    assert jobs_of(people["2"]) == [
        ("cast-home", "cast-deputy", began, today),
        ("cast-north", "cast-deputy", today, None),
    ]
    assert jobs_of(people["3"]) == [("cast-home", "cast-deputy", began, date(2026, 7, 1))]
    assert [until for _unit, _role, _from, until in jobs_of(people["4"])] == [date(2026, 4, 1), None]
    [row] = PlanRow.objects.filter(run=run, kind="moved")
    assert row.differences[0] == ["agency_code", "Cast Home", "Cast North"]


def test_undo_puts_back_what_was(home: Agency) -> None:
    bring(make_csv(staff("1"), staff("2"), staff("3")), home)
    before = everything()
    content = make_csv(
        staff("1", last_name="Married", supervisor_employee_number="2"),
        staff("2", agency_code="cast-north"),
        staff("4"),
        staff("5", supervisor_employee_number="6"),
        staff("6"),
    )
    run = bring(content, home, full=True)
    assert run.state == "applied"
    assert everything() != before
    run = undo(run)
    assert (run.state, run.effects.filter(left=True).count()) == ("undone", 0)
    assert everything() == before
    assert list(AuditEvent.objects.filter(action="staff.import_undone").values_list("detail__left", flat=True)) == [0]
    with pytest.raises(ImportRefused):
        start_undo(actor=None, run=run, now=timezone.now())


def test_undo_leaves_what_was_built_upon(home: Agency, cast: Cast) -> None:
    bring(make_csv(staff("1"), staff("2")), home)
    run = bring(
        make_csv(staff("1", agency_code="cast-north"), staff("2", end_on="2026-06-30"), *map(staff, "345")), home
    )
    one, three, four = (Person.objects.get(email=f"staff{number}@example.org") for number in "134")
    moved = Employment.objects.get(person=one, valid_until=None)
    transfer(actor=None, employment=moved, agency=home, on=timezone.localdate() + timedelta(days=1))
    three.last_login = timezone.now()
    three.save()
    Employment.objects.filter(person=cast.learner).update(supervisor=four)
    run = undo(run)
    left = {(effect.kind, effect.notes[0][0]) for effect in run.effects.filter(left=True)}
    assert left == {("opened", "built_upon"), ("ended", "built_upon"), ("opened", "person_stays")}
    assert not Person.objects.filter(email="staff5@example.org").exists()
    assert len(jobs_of(one)) == 3, "the later transfer stands on the import's"
    assert Person.objects.filter(pk__in=[three.pk, four.pk]).count() == 2
    assert not Employment.objects.filter(person__in=[three, four]).exists()
    assert jobs_of(Person.objects.get(email="staff2@example.org"))[0][3] is None


def test_what_changed_after_the_preview_is_left_and_said(home: Agency) -> None:
    bring(make_csv(staff("1"), staff("2")), home)
    run = plan(make_csv(staff("1", end_on="2026-06-30"), staff("2", end_on="2026-06-30")), home)
    job = Employment.objects.get(employee_number="1")
    end_employment(actor=None, employment=job, on=date(2026, 5, 1))
    run = apply(run, ends_confirmed=True)
    assert run.state == "applied"
    assert [effect.position for effect in run.effects.filter(kind="skipped")] == [2]
    assert Employment.objects.get(employee_number="1").valid_until == date(2026, 5, 1)
    assert Employment.objects.get(employee_number="2").valid_until == date(2026, 7, 1)


def test_an_end_is_not_taken_back_into_days_that_are_taken(home: Agency) -> None:
    ahead = timezone.localdate() + timedelta(days=30)
    bring(make_csv(staff("1", end_on=ahead.isoformat())), home)
    run = plan(make_csv(staff("1")), home)
    assert run.counts == {"changed": 1}
    held = Employment.objects.get(employee_number="1")
    held.pk, held.valid_from, held.valid_until = None, ahead + timedelta(days=9), None
    held.save()
    run = apply(run, ends_confirmed=True)
    assert [effect.notes[0][0] for effect in run.effects.all()] == ["changed_since"]


def test_a_supervisor_or_role_that_is_gone_stops_nothing_else(home: Agency, cast: Cast) -> None:
    spare = JobRole.objects.create(code="spare", title="Spare")
    boss = Person.objects.create_user("boss@example.org", first_name="Bo", last_name="Boss")
    job = Employment.objects.create(person=boss, agency=home, job_role=spare, employee_number="B1", valid_from=START)
    run = plan(make_csv(staff("1", supervisor_employee_number="B1"), staff("2", job_role="spare"), staff("3")), home)
    job.delete()
    boss.delete()
    spare.delete()
    run = apply(run)
    assert [effect.position for effect in run.effects.filter(kind="skipped")] == [2, 3]
    assert Employment.objects.filter(employee_number="3").exists()
    assert Person.objects.filter(email__startswith="staff").count() == 1, "nobody comes without a job"


def test_a_run_that_was_given_up_can_be_undone(home: Agency) -> None:
    run = plan(make_csv(staff("1")), home)
    run = start_apply(actor=None, run=run, now=timezone.now())
    with pytest.raises(ImportRefused):
        start_undo(actor=None, run=run, now=timezone.now())
    Job.objects.update(state="failed")
    run = undo(run)
    assert run.state == "undone"


def test_nobody_gets_one_job_twice_when_somebody_was_quicker(home: Agency) -> None:
    run = plan(make_csv(staff("1")), home)
    bring(make_csv(staff("1")), home)
    run = apply(run)
    assert run.effects.get().words[0]["text"].startswith("Left as it is")
    assert Employment.objects.filter(employee_number="1").count() == 1


def test_all_or_nothing(home: Agency) -> None:
    before = everything()
    run = plan(make_csv(staff("1"), staff("2", job_role="pilot")), home, all_or_nothing=True)
    assert run.blocked
    with pytest.raises(ImportRefused, match="all or nothing"):
        apply(run)
    assert everything() == before
    run = plan(make_csv(staff("1"), staff("2")), home, all_or_nothing=True)
    bring(make_csv(staff("2")), home)
    before = everything()
    run = apply(run)
    assert run.state == "undone"
    assert "nothing was kept" in run.error
    assert everything() == before


def test_more_than_one_job_in_ten_is_asked_about_twice(home: Agency, cast: Cast) -> None:
    run = plan(make_csv(LENA), home, full=True)
    assert (run.ending, run.jobs_before, run.ends_many) == (2, 3, True)
    with pytest.raises(ImportRefused, match="2 of 3 jobs"):
        apply(run)
    run = apply(run, ends_confirmed=True)
    assert {job[3] for job in jobs_of(cast.trainer)} == {timezone.localdate()}
    assert jobs_of(cast.learner)[0][3] is None
    bring(make_csv(*[staff(str(number)) for number in range(20)]), home)
    assert not plan(make_csv(staff("1", end_on="2026-06-30")), home).ends_many


def test_a_full_file_leaves_other_agencies_caregivers_and_future_jobs_alone(home: Agency, cast: Cast) -> None:
    Employment.objects.filter(person=cast.trainer).update(affiliation="caregiver")
    ahead = timezone.localdate() + timedelta(days=9)
    bring(make_csv(staff("1", start_on=ahead.isoformat())), home)
    run = bring(make_csv(LENA, staff("9")), home, full=True)
    assert run.ending == 1
    assert jobs_of(cast.manager)[0][3] == timezone.localdate()
    for person in (cast.trainer, cast.outsider, Person.objects.get(email="staff1@example.org")):
        assert jobs_of(person)[0][3] is None


def test_a_unit_outside_is_unknown_and_so_is_its_staff(home: Agency, cast: Cast) -> None:
    rows = [
        staff("1", agency_code="cast-other"),
        staff("2", agency_code="never-was"),
        staff("3", supervisor_employee_number="O1"),
    ]
    Employment.objects.filter(person=cast.outsider).update(employee_number="O1")
    run = plan(make_csv(*rows), home)
    assert [notes for _row, _kind, notes in told(run)] == [["unknown_unit"], ["unknown_unit"], ["unknown_supervisor"]]
    north = Agency.objects.get(code="cast-north")
    assert told(plan(make_csv(LENA), north))[0][1:] == ("refused", ["unknown_unit"])


def test_who_is_known_elsewhere_brings_their_record_along(home: Agency, cast: Cast) -> None:
    row = staff("77", email="OTTO.Outsider@Example.org", first_name="Ot", last_name="Told")
    run = plan(make_csv(row), home)
    [shown] = PlanRow.objects.filter(run=run)
    assert (shown.kind, shown.label) == ("new", "Ot Told")
    assert "Otto" not in str([shown.differences, shown.notes, shown.act])
    apply(run)
    assert cast.outsider in visible_to(cast.manager, as_of=timezone.localdate())
    cast.outsider.refresh_from_db()
    assert cast.outsider.full_name == "Otto Outsider", "a stranger's name is not changed"
    assert len(jobs_of(cast.outsider)) == 2
    undo(run)
    assert len(jobs_of(cast.outsider)) == 1


def test_merged_people_are_who_they_are_now(home: Agency, cast: Cast) -> None:
    merge_persons(actor=None, survivor=cast.outsider, merged=cast.learner, now=timezone.now())
    run = bring(make_csv({**LENA, "agency_code": "cast-north"}), home)
    assert run.counts == {"moved": 1}
    assert Employment.objects.get(agency__code="cast-north").person == cast.outsider


def test_a_job_tells_whose_employment_changed_in_one_go(home: Agency) -> None:
    sent: list[list[int]] = []

    def listen(person_ids: list[int], **_kwargs: object) -> None:
        sent.append(person_ids)

    employment_changed.connect(listen)
    try:
        bring(make_csv(*[staff(str(number)) for number in range(30)]), home)
    finally:
        employment_changed.disconnect(listen)
    assert [len(ids) for ids in sent] == [30]


def test_supervisors_of_the_same_file(home: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    chain = [staff(str(number), supervisor_employee_number=str(number + 1)) for number in range(9)]
    content = make_csv(*chain, staff("9", supervisor_employee_number="9"))
    run = plan(content, home)
    assert told(run)[-1][1:] == ("refused", ["own_supervisor"])
    monkeypatch.setattr("lms.hr_import.services.applying.next_rows.__defaults__", (2,))
    monkeypatch.setattr("lms.hr_import.services.undoing.EFFECTS_AT_A_TIME", 3)
    run = apply(run)
    bosses = dict(
        Employment.objects.filter(employee_number__in="012345678").values_list("employee_number", "supervisor__email")
    )
    assert bosses == {str(number): f"staff{number + 1}@example.org" for number in range(8)} | {"8": None}
    assert [effect.notes[0][0] for effect in run.effects.filter(kind="skipped")] == ["no_supervisor"]
    assert plan(make_csv(*chain, staff("9", supervisor_employee_number="9")), home).counts == {
        "unchanged": 9,
        "refused": 1,
    }
    undo(run)
    assert not Person.objects.filter(email__startswith="staff").exists()


def test_only_who_may_change_the_jobs(home: Agency, cast: Cast) -> None:
    now = timezone.now()
    content = make_csv(staff("1"))
    for person in (cast.learner, cast.outsider):
        with pytest.raises(PermissionDenied):
            open_run(actor=person, kind="staff", agency=home, content=content, file_name="x.csv", now=now)
        run = plan(content, home)
        for act in (start_apply, discard_run):
            with pytest.raises(PermissionDenied):
                act(actor=person, run=run, now=now)
    with pytest.raises(PermissionDenied):
        open_run(actor=cast.manager, kind="staff", agency=None, content=content, file_name="x.csv", now=now)


def test_a_run_that_is_set_aside_keeps_no_names(home: Agency) -> None:
    run = plan(make_csv(staff("1")), home)
    discard_run(actor=None, run=run, now=timezone.now())
    assert not PlanRow.objects.exists()
    applied = bring(make_csv(staff("1")), home)
    with pytest.raises(ImportRefused):
        discard_run(actor=None, run=applied, now=timezone.now())


def test_planning_costs_queries_by_the_piece_not_by_the_row(home: Agency, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(80):
        bring(make_csv(*[staff(str(number), supervisor_employee_number="M1") for number in range(300)]), home)
    assert ImportRun.objects.get().counts == {"new": 300}
    assert timezone.localdate() > START


def test_who_is_erased_is_gone_from_plans_too(home: Agency) -> None:
    chain = [staff("1", supervisor_employee_number="2", end_on="2026-03-31"), staff("2", end_on="2026-03-31")]
    first = bring(make_csv(*chain), home)
    plan(make_csv(staff("2", last_name="Other", end_on="2026-03-31")), home)
    two = Person.objects.get(email="staff2@example.org")
    Employment.objects.update(supervisor=None)
    forget_person(actor=None, person=two, reason="Left", now=timezone.now())
    kept = str(list(PlanRow.objects.values_list("label", "differences", "act")))
    for text in ("staff2@", "First2", "Last2", "Other"):
        assert text not in kept
    assert "staff1@example.org" in kept
    undo(first)
    assert Person.objects.filter(pk=two.pk).exists()


def test_rows_are_kept_as_long_as_the_settings_say(home: Agency, cast: Cast, client: Client) -> None:
    done, waiting = bring(make_csv(staff("1")), home), plan(make_csv(staff("2")), home)
    stands, now = everything(), timezone.now()
    assert remove_rows(sent_before=now - timedelta(days=1), now=now, most=10) == 0
    assert remove_rows(sent_before=now, now=now, most=1) == 1
    assert remove_rows(sent_before=now, now=now, most=10) == 1
    assert remove_rows(sent_before=now, now=now, most=10) == 0
    assert not PlanRow.objects.exists()
    assert everything() == stands
    done.refresh_from_db()
    waiting.refresh_from_db()
    assert (done.state, waiting.state, done.counts) == ("applied", "discarded", {"new": 1})
    with pytest.raises(ImportRefused, match="no longer kept"):
        undo(done)
    client.force_login(cast.manager, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/team/import/{done.pk}/").content.decode()
    assert "What the import wrote stays." in page
    assert "Undo the whole import" not in page
