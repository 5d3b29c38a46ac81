"""Changes of the tree and of jobs keep the past as it was."""

from datetime import date, timedelta

import pytest

from lms.agencies.models import Agency, AgencyKind, AgencyPlacement, Employment
from lms.agencies.selectors import visible_to
from lms.agencies.services import AgencyError, add_employment, create_agency, end_employment, move_agency, transfer
from lms.agencies.signals import agency_changed, employment_changed
from lms.audit.models import AuditEvent
from tests.conftest import START, Cast

MOVED = date(2026, 6, 1)
TODAY = date(2026, 11, 23)


@pytest.fixture
def tree(db: None) -> dict[str, Agency]:
    """Two departments; the first has a division with a unit below it."""
    kind = AgencyKind.objects.create(code="tree-kind", name="Probation")

    def add(code: str, parent: Agency | None = None) -> Agency:
        return create_agency(
            actor=None, code=code, name=code.title(), kind=kind, parent=parent, valid_from=START, high_priority=False
        )

    first, second = add("first"), add("second")
    division = add("division", first)
    return {"first": first, "second": second, "division": division, "unit": add("unit", division)}


def codes(agency: Agency, day: date) -> set[str]:
    return set(Agency.objects.subtree_on(agency, day).values_list("code", flat=True))


def test_a_new_agency_has_a_placement_and_an_audit_row(tree: dict[str, Agency]) -> None:
    assert tree["unit"].placements.get().path == tree["unit"].path
    assert AuditEvent.objects.filter(action="agency.created", target_name="Unit").get().detail == {
        "parent": "division",
        "valid_from": START.isoformat(),
    }
    assert codes(tree["first"], START) == {"first", "division", "unit"}
    assert codes(tree["first"], START - timedelta(days=1)) == set()


@pytest.mark.postgres
def test_a_move_changes_the_tree_from_its_day_on(tree: dict[str, Agency]) -> None:
    move_agency(actor=None, agency=tree["division"], new_parent=tree["second"], on=MOVED)
    assert codes(tree["first"], MOVED - timedelta(days=1)) == {"first", "division", "unit"}
    assert codes(tree["second"], MOVED - timedelta(days=1)) == {"second"}
    assert codes(tree["first"], MOVED) == {"first"}
    assert codes(tree["second"], MOVED) == {"second", "division", "unit"}
    assert AuditEvent.objects.get(action="agency.moved").detail["to"] == "second"


def test_moving_twice_on_one_day_leaves_one_move(tree: dict[str, Agency]) -> None:
    move_agency(actor=None, agency=tree["division"], new_parent=tree["second"], on=MOVED)
    move_agency(actor=None, agency=tree["division"], new_parent=None, on=MOVED)
    assert codes(tree["division"], MOVED) == {"division", "unit"}
    assert codes(tree["second"], MOVED) == {"second"}
    assert tree["unit"].placements.count() == 2


def test_a_unit_made_after_a_backdated_move_stands_at_its_new_place_only(tree: dict[str, Agency]) -> None:
    create_agency(
        actor=None, code="late", name="Late", kind=tree["unit"].kind, parent=tree["unit"], valid_from=date(2026, 7, 1)
    )
    move_agency(actor=None, agency=tree["division"], new_parent=tree["second"], on=MOVED)
    assert codes(tree["second"], date(2026, 6, 30)) == {"second", "division", "unit"}
    assert codes(tree["second"], date(2026, 7, 1)) == {"second", "division", "unit", "late"}


def test_the_tree_refuses_what_it_cannot_hold(tree: dict[str, Agency]) -> None:
    kind = tree["first"].kind
    with pytest.raises(AgencyError, match="already an agency"):
        create_agency(actor=None, code="unit", name="Again", kind=kind, valid_from=START)
    with pytest.raises(AgencyError, match="below itself"):
        move_agency(actor=None, agency=tree["first"], new_parent=tree["unit"], on=MOVED)
    with pytest.raises(AgencyError, match="Unit stands below Division already"):
        move_agency(actor=None, agency=tree["unit"], new_parent=tree["division"], on=MOVED)
    with pytest.raises(AgencyError, match="First stands at the top already"):
        move_agency(actor=None, agency=tree["first"], new_parent=None, on=MOVED)
    with pytest.raises(AgencyError, match="present place"):
        create_agency(
            actor=None, code="early", name="Early", kind=kind, parent=tree["unit"], valid_from=START - timedelta(days=1)
        )
    move_agency(actor=None, agency=tree["unit"], new_parent=tree["second"], on=MOVED)
    with pytest.raises(AgencyError, match="moved after"):
        move_agency(actor=None, agency=tree["division"], new_parent=tree["second"], on=START + timedelta(days=1))
    with pytest.raises(AgencyError, match="Another unit stood"):
        create_agency(actor=None, code="next", name="Next", kind=kind, parent=tree["division"], valid_from=START)
    assert AgencyPlacement.objects.filter(valid_until=None).count() == 4


def test_a_receivers_error_rolls_the_change_back(tree: dict[str, Agency]) -> None:
    def refuse(sender: type, agency_ids: list[int], **_: object) -> None:
        raise RuntimeError("no")

    agency_changed.connect(refuse)
    try:
        with pytest.raises(RuntimeError):
            move_agency(actor=None, agency=tree["division"], new_parent=tree["second"], on=MOVED)
    finally:
        agency_changed.disconnect(refuse)
    assert codes(tree["first"], TODAY) == {"first", "division", "unit"}
    assert not AuditEvent.objects.filter(action="agency.moved").exists()


def test_a_second_job_is_added_and_told(cast: Cast) -> None:
    told: list[int] = []

    def listen(sender: type, person_ids: list[int], **_: object) -> None:
        told.extend(person_ids)

    employment_changed.connect(listen)
    try:
        job = Employment.objects.get(person=cast.outsider)
        add_employment(
            actor=cast.coordinator,
            person=cast.learner,
            agency=job.agency,
            job_role=job.job_role,
            supervisor=cast.outsider,
            valid_from=MOVED,
        )
    finally:
        employment_changed.disconnect(listen)
    assert told == [cast.learner.pk]
    assert Employment.objects.on(TODAY).filter(person=cast.learner).count() == 2
    event = AuditEvent.objects.get(action="employment.added")
    assert (event.actor, event.target_name) == (cast.coordinator, "Lena Learner")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"valid_until": MOVED}, "after its first day"),
        ({"supervisor": "self"}, "own supervisor"),
        ({}, "already holds this job"),
    ],
)
def test_a_job_that_cannot_be(cast: Cast, fields: dict[str, object], words: str) -> None:
    job = Employment.objects.get(person=cast.learner)
    if fields.get("supervisor"):
        fields = {"supervisor": cast.learner}
    with pytest.raises(AgencyError, match=words):
        add_employment(
            actor=None, person=cast.learner, agency=job.agency, job_role=job.job_role, valid_from=MOVED, **fields
        )


def test_no_job_in_a_closed_agency(cast: Cast) -> None:
    job = Employment.objects.get(person=cast.outsider)
    job.agency.closed_on = MOVED
    with pytest.raises(AgencyError, match="closed on"):
        add_employment(actor=None, person=cast.learner, agency=job.agency, job_role=job.job_role, valid_from=MOVED)


def test_a_transfer_ends_one_job_and_opens_the_next_without_a_gap(cast: Cast) -> None:
    job = Employment.objects.get(person=cast.learner)
    other = Employment.objects.get(person=cast.outsider).agency
    new = transfer(actor=cast.coordinator, employment=job, agency=other, supervisor=cast.outsider, on=MOVED)
    assert (new.agency, new.job_role, new.valid_from) == (other, job.job_role, MOVED)
    assert list(visible_to(cast.manager, as_of=MOVED - timedelta(days=1))) == [cast.learner]
    assert not visible_to(cast.manager, as_of=MOVED).exists()
    assert list(visible_to(cast.outsider, as_of=MOVED)) == [cast.learner]


def test_a_job_ends_once_and_after_it_began(cast: Cast) -> None:
    job = Employment.objects.get(person=cast.learner)
    with pytest.raises(AgencyError, match="after its first day"):
        end_employment(actor=None, employment=job, on=START)
    end_employment(actor=None, employment=job, on=MOVED)
    with pytest.raises(AgencyError, match="already ended"):
        end_employment(actor=None, employment=job, on=TODAY)
