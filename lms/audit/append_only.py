"""Tables that only grow: triggers in the database refuse UPDATE and DELETE (TRUNCATE, INSERT OR REPLACE) of their rows.

A model asks for it in its app's `ready()` with `protect(Model)`.  The triggers are made again after every `migrate`,
because SQLite drops them when a later migration remakes the table; the check `audit.E001` says when one is missing.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

# The transaction-local PostgreSQL setting that names the tables open for redaction, separated by commas.
REDACTION_SETTING = "lantern.redaction"


@dataclass(frozen=True)
class ProtectedTable:
    model: type[Model]
    message: str

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    def trigger_names(self, vendor: str) -> list[str]:
        acts = ["update", "delete", "truncate"] if vendor == "postgresql" else ["update", "delete", "replace"]
        return [f"{self.name}_no_{act}" for act in acts]


_protected: dict[type[Model], ProtectedTable] = {}


def protect(model: type[Model], message: str = "") -> None:
    """Make the model's table append-only from the next `migrate` on.  `message` is what the database answers."""
    message = message or f"{model._meta.db_table} is append-only: its rows are never changed or deleted."
    _protected[model] = ProtectedTable(model, message)


def list_protected() -> list[ProtectedTable]:
    return list(_protected.values())


def restore_triggers(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Make the triggers of the sender's tables again (receiver of `post_migrate`; doing it twice changes nothing)."""
    tables = [table for table in list_protected() if table.model._meta.app_label == sender.label]
    if not tables:
        return
    connection = connections[using]
    with transaction.atomic(using=using):
        for table in list_tables_in(connection, tables):
            _run(connection, _create_statements(connection, table))


def list_missing_triggers(using: str) -> list[str]:
    """Names of the triggers that ought to stand in this database and don't (or are switched off)."""
    connection = connections[using]
    tables = list_tables_in(connection, list_protected())
    wanted = [name for table in tables for name in table.trigger_names(connection.vendor)]
    if not wanted:
        return []
    if connection.vendor == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        standing = {row[0] for row in cursor.fetchall()}
    return [name for name in wanted if name not in standing]


def list_tables_in(connection: BaseDatabaseWrapper, tables: Iterable[ProtectedTable]) -> list[ProtectedTable]:
    """Those of the tables that belong to, and already exist in, this database."""
    existing = set(connection.introspection.table_names())
    return [
        table
        for table in tables
        if table.name in existing and router.allow_migrate_model(connection.alias, table.model)
    ]


@contextmanager
def allow_redaction(*models: type[Model], using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Let this block change and delete rows of protected tables: the one way through, for retention and redaction.

    Works only inside the caller's transaction, in which the caller also writes the audit event that says who redacted
    what and why.  Nobody else's transaction is let through meanwhile.  Raises RuntimeError outside a transaction and
    KeyError for a model that is not protected.
    """
    connection = connections[using]
    if not connection.in_atomic_block:
        raise RuntimeError("allow_redaction needs the caller's transaction, with the audit event in it.")
    tables = [_protected[model] for model in models]
    # The savepoint undoes the opening when the block fails, on both databases.
    with transaction.atomic(using=using):
        if connection.vendor == "postgresql":
            before = _get_redaction_setting(connection)
            _set_redaction_setting(connection, ",".join(filter(None, [before, *(table.name for table in tables)])))
            yield
            _set_redaction_setting(connection, before)
        else:
            missing = set(list_missing_triggers(using))
            standing = [table for table in tables if not missing.intersection(table.trigger_names(connection.vendor))]
            _run(connection, [sql for table in standing for sql in _drop_statements(connection, table)])
            yield
            _run(connection, [sql for table in standing for sql in _create_statements(connection, table)])


def _get_redaction_setting(connection: BaseDatabaseWrapper) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true)", [REDACTION_SETTING])
        return cursor.fetchone()[0] or ""


def _set_redaction_setting(connection: BaseDatabaseWrapper, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [REDACTION_SETTING, value])


def _run(connection: BaseDatabaseWrapper, statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _drop_statements(connection: BaseDatabaseWrapper, table: ProtectedTable) -> list[str]:
    quote = connection.ops.quote_name
    on_table = f" ON {quote(table.name)}" if connection.vendor == "postgresql" else ""
    return [f"DROP TRIGGER IF EXISTS {quote(name)}{on_table}" for name in table.trigger_names(connection.vendor)]


def _create_statements(connection: BaseDatabaseWrapper, table: ProtectedTable) -> list[str]:
    dropped = _drop_statements(connection, table)
    if connection.vendor == "postgresql":
        return [*dropped, *_create_on_postgresql(connection, table)]
    return [*dropped, *_create_on_sqlite(connection, table)]


def _create_on_sqlite(connection: BaseDatabaseWrapper, table: ProtectedTable) -> list[str]:
    quote = connection.ops.quote_name
    on_table, key = quote(table.name), quote(str(table.model._meta.pk.column))
    # INSERT OR REPLACE deletes without calling the delete trigger.
    replaces = f"WHEN EXISTS (SELECT 1 FROM {on_table} WHERE {key} = NEW.{key}) "
    return [
        f"CREATE TRIGGER {quote(f'{table.name}_no_{act}')} BEFORE {event} ON {on_table} {condition}"
        f"BEGIN SELECT RAISE(ABORT, {_literal(table.message)}); END"
        for act, event, condition in (
            ("update", "UPDATE", ""),
            ("delete", "DELETE", ""),
            ("replace", "INSERT", replaces),
        )
    ]


def _create_on_postgresql(connection: BaseDatabaseWrapper, table: ProtectedTable) -> list[str]:
    quote = connection.ops.quote_name
    function = quote(f"{table.name}_append_only")
    body = (
        "BEGIN "
        f"IF {_literal(table.name)} = ANY (string_to_array(current_setting('{REDACTION_SETTING}', true), ',')) THEN "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; "
        "IF TG_OP = 'UPDATE' THEN RETURN NEW; END IF; "
        "RETURN NULL; "
        "END IF; "
        # restrict_violation, so that Django raises IntegrityError, as it does on SQLite
        f"RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = {_literal(table.message)}; "
        "END"
    )
    statements = [f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS {_literal(body)}"]
    for act, level in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
        statements.append(
            f"CREATE TRIGGER {quote(f'{table.name}_no_{act}')} BEFORE {act.upper()} ON {quote(table.name)} "
            f"FOR EACH {level} EXECUTE FUNCTION {function}()"
        )
    return statements


def _literal(text: str) -> str:
    """An SQL string literal (both databases run with standard-conforming strings)."""
    return "'" + text.replace("'", "''") + "'"
