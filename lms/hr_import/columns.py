"""Which column of a file is which of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .enums import RunKind


@dataclass(frozen=True)
class Column:
    """One of our columns: its name in a file that needs no mapping, what it is called on screens, and other names that
    personnel systems have for it."""

    name: str
    label: Promise
    required: bool = True
    known_as: tuple[str, ...] = ()


EMPLOYEE_NUMBER = Column(
    "employee_number",
    _("Employee number"),
    required=False,
    known_as=("employee id", "emp id", "emplid", "employee no", "personnel number", "staff id"),
)
EMAIL = Column("email", _("E-mail"), required=False, known_as=("e mail", "work email", "email address", "mail"))
COLUMNS: dict[str, tuple[Column, ...]] = {
    RunKind.STAFF: (
        EMPLOYEE_NUMBER,
        EMAIL,
        Column("first_name", _("First name"), known_as=("first", "given name", "nombre")),
        Column("last_name", _("Last name"), known_as=("last", "surname", "family name", "apellido", "apellidos")),
        Column("agency_code", _("Unit's code"), known_as=("agency", "unit", "unit code", "department", "dept", "site")),
        Column(
            "job_role", _("Job role's code"), known_as=("role", "job", "job code", "position", "title", "job title")
        ),
        Column(
            "supervisor_employee_number",
            _("Supervisor's employee number"),
            required=False,
            known_as=("supervisor", "supervisor id", "manager id", "reports to"),
        ),
        Column("start_on", _("First day"), required=False, known_as=("start", "start date", "hire date", "hired")),
        Column("end_on", _("Last day"), required=False, known_as=("end", "end date", "termination date", "term date")),
    ),
    RunKind.COMPLETIONS: (
        EMPLOYEE_NUMBER,
        EMAIL,
        Column(
            "course", _("Course's code or title"), known_as=("course code", "course name", "course title", "training")
        ),
        Column(
            "completed_on",
            _("Completed on"),
            known_as=("completed", "completion date", "date completed", "finish date"),
        ),
        Column("hours", _("Hours"), required=False, known_as=("credit hours", "credits", "duration")),
        Column("score", _("Score in percent"), required=False, known_as=("grade", "result", "percent")),
        Column("provider", _("Provider"), required=False, known_as=("vendor", "source", "organization")),
    ),
}


def plain(name: str) -> str:
    """A column's name without what nobody means by it: case, underscores, punctuation."""
    return " ".join(re.findall(r"\w+", name.replace("_", " ").casefold()))


def match_own_names(kind: str, header: Sequence[str]) -> dict[str, str] | None:
    """The mapping of a file that has our own names (None: it lacks a column that must be there)."""
    by_name = {name.strip().casefold(): name for name in header}
    return _whole(kind, {column.name: by_name[column.name] for column in COLUMNS[kind] if column.name in by_name})


def match_remembered(kind: str, header: Sequence[str], remembered: Mapping[str, str]) -> dict[str, str] | None:
    """The mapping that was remembered, if every column that it names is in the file."""
    by_name = {plain(name): name for name in header}
    found = {ours: by_name.get(plain(theirs), "") for ours, theirs in remembered.items()}
    return _whole(kind, found) if remembered and all(found.values()) else None


def _whole(kind: str, mapping: dict[str, str]) -> dict[str, str] | None:
    required = {column.name for column in COLUMNS[kind] if column.required}
    identifies = "employee_number" in mapping or "email" in mapping
    return mapping if identifies and required <= mapping.keys() else None


def guess(kind: str, header: Sequence[str]) -> dict[str, str]:
    """A first proposal for the form: the columns whose names look like ours."""
    by_name = {plain(name): name for name in reversed(header)}
    return {
        column.name: by_name[form]
        for column in COLUMNS[kind]
        for form in reversed((plain(column.name), plain(str(column.label)), *map(plain, column.known_as)))
        if form in by_name
    }


def places_of(header: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """The position of each of our columns in the file."""
    position = {name: place for place, name in enumerate(header)}
    return {ours: position[theirs] for ours, theirs in mapping.items() if theirs in position}
