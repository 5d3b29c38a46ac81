"""The one way in which spans are written, whatever happened."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from lms.accounts.models import Person
from lms.compliance.models import ObligationSpan, ObligationSpanPast, Requirement, SpanRow
from lms.compliance.selectors import (
    Key,
    Row,
    Stored,
    in_chunks,
    list_candidates,
    list_stored,
    list_stored_of_courses,
    replay,
    replay_credit,
)
from lms.jobs.models import Job
from lms.jobs.services import enqueue, report_progress

from .counts import adjust_counts, forget_counts, hold_counted_days, list_board_days

EVENT_LIMIT = 50  # persons whose spans are written in the event's own transaction; above it a job writes them
CHUNK = 500  # persons in one transaction of a job
RECOUNT_LIMIT = 5000  # persons above which it is less work to count anew than to adjust the counts
JOB_KIND = "compliance.recompute"

# The number of the PostgreSQL lock on the set of rules, for pg_advisory_xact_lock.
RULES_LOCK = 0x4C414E54


def share_rules() -> None:
    """Hold the set of rules as it is until the end of the transaction, together with others who do the same.

    Whoever changes whom the rules may reach (a job, the tree) does so. A change of a rule waits for them, so that its
    list of people misses nobody. A completion and a merge need not: they change no list, and the lock on the person is
    enough. SQLite has one writer at a time, which is enough for all of it.
    """
    _lock_rules("pg_advisory_xact_lock_shared")


def claim_rules() -> None:
    """Be the only one who changes the rules, until the end of the transaction.

    To be called after the rule's rows are written, which may wait for a unit that is being moved by somebody who then
    waits here, and before the people whom the rule reaches are listed.
    """
    _lock_rules("pg_advisory_xact_lock")


def _lock_rules(function: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [RULES_LOCK])


def recompute(
    *,
    persons: Collection[int],
    requirements: QuerySet[Requirement] | None = None,
    now: datetime,
    bulk: bool = False,
) -> int:
    """Write the spans of each pair of the persons and requirements (none: all) anew; return how many rows changed.

    The rows of the persons are locked in order of their ids before anything is read, so that two events of one person
    come one after the other and the later one sees what the earlier one wrote. Replaced rows are kept with the time
    until which they were known. ``bulk``: only the counts of days that are counted by now are adjusted.
    """
    requirements = Requirement.objects.all() if requirements is None else requirements
    with transaction.atomic(savepoint=False):
        owner = lock_identities(persons)
        return _replace(list_stored(list(owner), requirements), replay(owner, requirements), now, bulk)


def recompute_credit(*, persons: Collection[int], courses: Collection[int], now: datetime) -> int:
    """Do what ``recompute`` does after completions of the courses: they change nobody's duty and no waiver, so that
    neither jobs nor audiences need be read."""
    with transaction.atomic(savepoint=False):
        owner = lock_identities(persons)
        stored, rules = list_stored_of_courses(list(owner), courses)
        return _replace(stored, replay_credit(owner, stored, rules), now)


def _replace(stored: Mapping[Key, Stored], wanted: Mapping[Key, Row], now: datetime, bulk: bool = False) -> int:
    today = timezone.localdate(now)
    standing = {key: row for key, (_pk, row) in stored.items()}
    written = {key: row for key, row in wanted.items() if standing.get(key) != row}
    gone = [one.pk for key, one in stored.items() if key not in wanted]
    _keep_past([*gone, *(stored[key].pk for key in written if key in stored)], now)
    if gone:
        ObligationSpan.objects.filter(pk__in=gone).delete()
    if written:
        _write(written, now, today)
    if written or gone:
        adjust_counts(before=standing, after=wanted, days=hold_counted_days() if bulk else list_board_days(today))
    return len(written) + len(gone)


def lock_identities(persons: Collection[int]) -> dict[int, int]:
    """Lock the persons and those whom they were merged into; return the survivor's id for each who is one human being
    with them.

    Merged rows are locked before the rows that they were merged into, here and wherever rows are joined or taken apart:
    what a locked row points to stands still, and whoever holds the survivor has the whole human being.
    """
    merged_into = dict[int, int | None]()
    wanted = set(persons)
    while wanted:
        merged_into |= _read_people("id", wanted, lock=True)
        wanted = {into for into in merged_into.values() if into is not None} - merged_into.keys()
    # Read after the locks: somebody who was waited for may have been joined with one more.
    wanted = set(merged_into)
    while wanted:
        joined = _read_people("merged_into_id", wanted)
        wanted = joined.keys() - merged_into.keys()
        merged_into |= joined
    return {person: _survivor(person, merged_into) for person in merged_into}


def _read_people(column: str, wanted: Collection[int], *, lock: bool = False) -> dict[int, int | None]:
    """Whom the people were merged into; in plain SQL, since every completion waits for it."""
    found: dict[int, int | None] = {}
    locking = "FOR NO KEY UPDATE" if lock and connection.features.has_select_for_no_key_update else ""
    with connection.cursor() as cursor:
        for ids in in_chunks(sorted(wanted)):
            cursor.execute(
                f"SELECT id, merged_into_id FROM {Person._meta.db_table} "
                f"WHERE {column} IN ({', '.join(['%s'] * len(ids))}) ORDER BY merged_into_id IS NULL, id {locking}",
                ids,
            )
            found |= dict(cursor.fetchall())
    return found


def _survivor(person: int, merged_into: Mapping[int, int | None]) -> int:
    seen = {person}
    while (into := merged_into.get(person)) is not None and into not in seen:
        person = into
        seen.add(person)
    return person


def _keep_past(spans: Sequence[int], now: datetime) -> None:
    """Copy the rows from table to table: most of what a row costs through the models is spent beside the database."""
    names = ", ".join(str(field.column) for field in SpanRow._meta.local_fields)
    copy = (
        f"INSERT INTO {ObligationSpanPast._meta.db_table} ({names}, known_to) "
        f"SELECT {names}, %s FROM {ObligationSpan._meta.db_table} WHERE id IN (%s)"
    )
    until = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        for ids in in_chunks(spans):
            cursor.execute(copy % ("%s", ", ".join(["%s"] * len(ids))), [until, *ids])


def _write(rows: Mapping[Key, Row], now: datetime, today: date) -> None:
    ObligationSpan.objects.bulk_create(
        [
            ObligationSpan(
                **key._asdict(), **row._asdict(), known_from=now, closed=row.to_on < today - timedelta(days=2)
            )
            for key, row in rows.items()
        ],
        update_conflicts=True,
        unique_fields=["person", "requirement", "unit", "from_on"],
        update_fields=["kind", "to_on", "soon_on", "late_on", "known_from", "closed"],
        batch_size=1000,
    )


def recompute_after(
    *,
    persons: Collection[int],
    requirements: QuerySet[Requirement] | None = None,
    now: datetime,
    requested_by: Person | None = None,
) -> None:
    """Recompute in this transaction for up to EVENT_LIMIT persons, else write a job that does."""
    if len(persons) <= EVENT_LIMIT:
        if persons:
            recompute(persons=persons, requirements=requirements, now=now)
        return
    chosen = None if requirements is None else sorted(requirements.values_list("pk", flat=True).distinct())
    enqueue(kind=JOB_KIND, args={"persons": sorted(persons), "requirements": chosen}, requested_by=requested_by)


def recompute_after_credit(*, persons: Collection[int], courses: Collection[int], now: datetime) -> None:
    """Recompute after completions of the courses: in this transaction for up to EVENT_LIMIT persons, else by a job."""
    if len(persons) <= EVENT_LIMIT:
        recompute_credit(persons=persons, courses=courses, now=now)
    else:
        requirements = Requirement.objects.filter(accepted_courses__course__in=courses)
        recompute_after(persons=persons, requirements=requirements, now=now)


def recompute_requirements(
    *, requirements: QuerySet[Requirement], now: datetime, requested_by: Person | None = None
) -> None:
    """Recompute after a change of rules, for all whom they reach or reached: here, or by a job when they are many.

    The job lists the people when it runs, after this transaction; ``claim_rules`` has waited for whoever was about to
    add one.
    """
    persons = list_candidates(requirements)
    if len(persons) <= EVENT_LIMIT:
        recompute_after(persons=persons, requirements=requirements, now=now)
        return
    chosen = sorted(requirements.values_list("pk", flat=True).distinct())
    enqueue(kind=JOB_KIND, args={"persons": None, "requirements": chosen}, requested_by=requested_by)


def run_recompute(job: Job) -> dict[str, int]:
    """Do what a job asks for: ``persons`` (null: all whom the requirements may reach) and ``requirements`` (null: all).

    Each chunk is a transaction of its own and writes the same whenever it is done again, so that a kill leaves no half
    state. A job that was killed goes on after the last person whose chunk was done.
    """
    begun = job.result or {"changed": 0, "after": 0}
    done_before = job.done if begun["after"] else 0

    def report(progress: Progress) -> None:
        report_progress(
            job,
            done=done_before + progress.done,
            total=done_before + progress.total,
            so_far={
                "changed": begun["changed"] + progress.changed,
                "after": max(begun["after"], progress.after),
            },
        )

    changed = recompute_all(
        persons=job.args.get("persons"),
        requirement_ids=job.args.get("requirements"),
        after=begun["after"],
        report=report,
    )
    return {"changed": begun["changed"] + changed}


class Progress(NamedTuple):
    """How far a recompute is: people done, people in all, rows changed, and the highest id of who is done."""

    done: int
    total: int
    changed: int
    after: int


def recompute_all(
    *,
    persons: Collection[int] | None = None,
    requirement_ids: Collection[int] | None = None,
    after: int = 0,
    report: Callable[[Progress], None] = lambda progress: None,
) -> int:
    """Recompute in chunks, each in its own transaction, in order of the persons' ids above ``after``; return how many
    rows changed.

    For very many people the counts are thrown away, to be made anew by the next tick, instead of being adjusted.
    """
    requirements = Requirement.objects.all()
    if requirement_ids is not None:
        requirements = requirements.filter(pk__in=requirement_ids)
    # By id, not by place in the list: who owes nothing any more has left it when a job is taken up again.
    people = sorted(
        person for person in (list_candidates(requirements) if persons is None else persons) if person > after
    )
    if len(people) > RECOUNT_LIMIT:
        forget_counts()
    changed = 0
    for start in range(0, len(people), CHUNK):
        report(Progress(start, len(people), changed, people[start - 1] if start else after))
        with transaction.atomic():
            chunk = people[start : start + CHUNK]
            changed += recompute(persons=chunk, requirements=requirements, now=timezone.now(), bulk=True)
    report(Progress(len(people), len(people), changed, people[-1] if people else after))
    return changed
