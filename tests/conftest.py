"""What every test shares: the fixed cast, and a database for tests that really commit."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connections
from django.test.utils import setup_databases, teardown_databases

from lms.accounts.models import Person
from lms.agencies.models import Agency, AgencyKind, AgencyPlacement, Employment, JobRole

# The same examples in every run, so that a change is what makes a test fail. To search for new ones, which is how the
# table tests grew: LANTERN_EXAMPLES=search pytest tests/quizzes tests/hr_import
hypothesis.settings.register_profile("same", derandomize=True)
hypothesis.settings.register_profile("search")
hypothesis.settings.load_profile(os.environ.get("LANTERN_EXAMPLES", "same"))

PASSWORD = "lantern-light-2026"
START = date(2026, 1, 5)
SITE_DATABASE = settings.DATABASES["default"]["NAME"]


class Cast(NamedTuple):
    """The same people in every permission test."""

    learner: Person
    manager: Person
    outsider: Person
    trainer: Person
    coordinator: Person
    editor: Person


def add_agency(code: str, kind: AgencyKind, parent: Agency | None = None) -> Agency:
    fields = {"code": code, "name": code.replace("-", " ").title(), "kind": kind}
    agency = parent.add_child(**fields) if parent else Agency.add_root(**fields)
    AgencyPlacement.objects.create(agency=agency, path=agency.path, valid_from=START)
    return agency


@pytest.fixture(autouse=True)
def no_copies() -> None:
    """Nothing that one test's process remembers is told to the next, whose rows have the same numbers."""
    caches["copies"].clear()


@pytest.fixture
def cast(db: None) -> Cast:
    """Learner and manager of one agency, an outsider of another, trainer, coordinator and editor."""
    kind = AgencyKind.objects.create(code="cast-probation", name="Probation")
    role = JobRole.objects.create(code="cast-deputy", title="Deputy probation officer", kind=kind)
    lead = JobRole.objects.create(code="cast-lead", title="Supervising officer", kind=kind, level="supervisor")
    home, other = add_agency("cast-home", kind), add_agency("cast-other", kind)

    def person(first: str, last: str) -> Person:
        return Person.objects.create_user(
            f"{first}.{last}@example.org".lower(), PASSWORD, first_name=first, last_name=last
        )

    cast = Cast(
        learner=person("Lena", "Learner"),
        manager=person("Mara", "Manager"),
        outsider=person("Otto", "Outsider"),
        trainer=person("Tess", "Trainer"),
        coordinator=person("Cora", "Coordinator"),
        editor=person("Ed", "Editor"),
    )
    for who, where, job, boss in (
        (cast.learner, home, role, cast.manager),
        (cast.manager, home, lead, None),
        (cast.outsider, other, lead, None),
        (cast.trainer, home, role, None),
        (cast.coordinator, other, lead, None),
        (cast.editor, other, role, None),
    ):
        Employment.objects.create(person=who, agency=where, job_role=job, supervisor=boss, valid_from=START)
    return cast


@pytest.fixture(scope="session")
def own_database(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """The test database under its own name, whichever tests were collected.

    pytest-django sets up only the databases that a collected test asks for by `db` or `django_db`; a run of committing
    tests alone asks for none, and would copy the site's own database.
    """
    if connections["default"].settings_dict["NAME"] != SITE_DATABASE:
        yield
        return
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={"default"})
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def database_template(own_database: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated, empty copy of the test database, made before any test commits to it.

    Returns the file's path on SQLite, the database's name on PostgreSQL.
    """
    connection = connections["default"]
    if connection.vendor == "sqlite":
        target = tmp_path_factory.mktemp("template") / "template.sqlite3"
        with django_db_blocker.unblock():
            connection.ensure_connection()
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(target)])
            connection.close()
        return str(target)
    name = f"{connection.settings_dict['NAME']}_template"
    with django_db_blocker.unblock():
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{connection.settings_dict["NAME"]}"')
    return name


@pytest.fixture
def committing_db(
    request: pytest.FixtureRequest, database_template: str, django_db_blocker, tmp_path: Path
) -> Iterator[None]:
    """A database of the test's own in which it may commit, from threads and processes too.

    The ledger's triggers refuse to empty a table, so a committed test can't be flushed: the whole copy is thrown away.
    """
    if request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & set(request.fixturenames):
        pytest.fail("committing_db has a database of its own: don't combine it with db or django_db.", pytrace=False)
    connection = connections["default"]
    previous = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        connection.close()
        if connection.vendor == "sqlite":
            name = str(tmp_path / "committing.sqlite3")
            shutil.copy(database_template, name)
        else:
            name = f"{database_template}_copy"
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
                cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{database_template}"')
        connection.settings_dict["NAME"] = name
        settings.DATABASES["default"]["NAME"] = name
        try:
            yield
        finally:
            connections.close_all()
            connection.settings_dict["NAME"] = previous
            settings.DATABASES["default"]["NAME"] = previous
            if connection.vendor != "sqlite":
                with connection._nodb_cursor() as cursor:
                    cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


__all__ = ["PASSWORD", "START", "Cast", "add_agency"]
