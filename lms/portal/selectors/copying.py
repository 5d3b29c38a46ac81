"""The sheet of names as a CSV file; PostgreSQL writes that of duties itself, for files of a million rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db import connection

from lms.accounts.models import Person
from lms.agencies.models import Agency, Employment, JobRole
from lms.compliance.enums import Status
from lms.compliance.evaluation import Kind
from lms.compliance.models import Requirement
from lms.compliance.selectors import Scope, list_duty_spans
from lms.sheets.writing import safe_cell_sql, write_csv

from .names import ANY, DUTY_WORDS, Wanted, list_columns, narrow, stream_rows

# %-signs are the database driver's.
_ROWS = """
COPY (
  SELECT {name}, {role}, {unit}, {rule},
    CASE d.kind WHEN '{waived}' THEN %s
      WHEN '{held}' THEN CASE WHEN d.late_on <= %s THEN %s WHEN d.soon_on <= %s THEN %s ELSE %s END
      ELSE CASE WHEN d.late_on <= %s THEN %s WHEN d.soon_on <= %s THEN %s ELSE %s END END,
    CASE WHEN d.late_on = %s THEN NULL WHEN d.kind = '{held}' AND d.late_on > %s THEN d.late_on ELSE d.late_on - 1 END
  FROM ({duties}) d
  JOIN {person} p ON p.id = d.person_id
  JOIN {agency} u ON u.id = d.unit_id
  JOIN {requirement} q ON q.id = d.requirement_id
  LEFT JOIN (
    SELECT DISTINCT ON (person, e.agency_id) COALESCE(i.merged_into_id, o.merged_into_id, o.id) AS person, e.agency_id,
      e.job_role_id
    FROM {employment} e JOIN {person} o ON o.id = e.person_id LEFT JOIN {person} i ON i.id = o.merged_into_id
    WHERE e.valid_from <= %s AND (e.valid_until IS NULL OR e.valid_until > %s)
    ORDER BY person, e.agency_id, e.valid_from, e.id
  ) j ON j.person = d.person_id AND j.agency_id = d.unit_id
  LEFT JOIN {job_role} r ON r.id = j.job_role_id
  ORDER BY d.late_on, d.id
) TO STDOUT WITH (FORMAT csv)
"""


def stream_csv(user: Person, scope: Scope, wanted: Wanted) -> Iterator[bytes]:
    """Yield the sheet of names as a CSV file in pieces, whatever its length; that of duties as PostgreSQL writes it,
    where that is the database."""
    if wanted.show and connection.vendor == "postgresql":
        yield from write_csv(list_columns(wanted), ())
        yield from copy_duties(scope, wanted)
    else:
        yield from write_csv(list_columns(wanted), stream_rows(user, scope, wanted))


def copy_duties(scope: Scope, wanted: Wanted) -> Iterator[bytes]:
    """Yield the rows of ``stream_rows`` for duties, as lines of a CSV file, in one reading by PostgreSQL.

    The job is that at the duty's unit.
    """
    day = scope.as_of
    duties = list_duty_spans(scope, **narrow(wanted)).order_by()
    columns = "id", "person_id", "unit_id", "requirement_id", "kind", "soon_on", "late_on"
    inner, inner_params = duties.values(*columns).query.sql_with_params()
    words = {status: str(Status(DUTY_WORDS.get(status, status)).label) for status in ANY}
    status_params = [
        words["waived"],
        *(day, words["expired"], day, words["renew_soon"], words["complete"]),
        *(day, words["overdue"], day, words["due_soon"], words["open"]),
    ]
    sql = _ROWS.format(
        name=safe_cell_sql("btrim(p.first_name || ' ' || p.last_name)"),
        role=safe_cell_sql("r.title"),
        unit=safe_cell_sql("COALESCE(NULLIF(u.short_name, ''), u.name)"),
        rule=safe_cell_sql("q.name"),
        waived=Kind.WAIVED.value,
        held=Kind.HELD.value,
        duties=inner,
        person=Person._meta.db_table,
        agency=Agency._meta.db_table,
        requirement=Requirement._meta.db_table,
        employment=Employment._meta.db_table,
        job_role=JobRole._meta.db_table,
    )
    params = [*status_params, date.max, day, *inner_params, day, day]
    with connection.cursor() as cursor, cursor.copy(sql, params) as copy:
        for piece in copy:
            yield bytes(piece)
