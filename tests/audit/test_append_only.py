from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from django.test.utils import isolate_apps

from lms.audit import append_only, services
from lms.audit.append_only import allow_redaction, list_missing_triggers
from lms.audit.checks import check_triggers
from lms.audit.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def event() -> AuditEvent:
    return services.record(actor=None, action="site.checked", target=None)


with isolate_apps("lms.audit"):

    class Leaf(models.Model):
        """A further protected table, made and remade by the tests below; no migration may see it."""

        text = models.CharField(max_length=20)

        class Meta:
            app_label = "audit"
            db_table = "audit_test_leaf"


@pytest.fixture
def leaf_table() -> Iterator[type[Leaf]]:
    before = dict(append_only._protected)
    append_only.protect(Leaf, message="A leaf isn't taken back, says O'Hara: 100 %.")
    with connection.cursor() as cursor:
        quoted = connection.ops.quote_name("text")
        key = "bigserial" if connection.vendor == "postgresql" else "integer"
        cursor.execute(f"CREATE TABLE audit_test_leaf (id {key} PRIMARY KEY, {quoted} varchar(20) NOT NULL)")
    restore()
    yield Leaf
    append_only._protected.clear()
    append_only._protected.update(before)


def restore() -> None:
    append_only.restore_triggers(sender=apps.get_app_config("audit"), using="default")


def refuse(query: str) -> str:
    """Run the statement, which the database must refuse, and return what it says."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(query)
    return str(caught.value)


def test_it_works(event: AuditEvent) -> None:
    assert AuditEvent.objects.get() == event


def test_updates_are_refused(event: AuditEvent) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.update(action="something.else")
    event.refresh_from_db()
    assert event.action == "site.checked"


def test_saving_again_is_refused(event: AuditEvent) -> None:
    event.action = "something.else"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        event.save()


def test_deleting_is_refused(event: AuditEvent) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        event.delete()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.all().delete()
    assert AuditEvent.objects.count() == 1


def test_raw_statements_are_refused(event: AuditEvent) -> None:
    assert "append-only" in refuse("DELETE FROM audit_auditevent")
    assert "append-only" in refuse("UPDATE audit_auditevent SET action = action")


def test_truncate_is_refused_on_postgresql(event: AuditEvent) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has TRUNCATE")
    with connection.cursor() as cursor:
        # TRUNCATE waits for no foreign key that is still to be checked.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert "append-only" in refuse("TRUNCATE audit_auditevent")
    assert "append-only" in refuse("TRUNCATE accounts_person CASCADE")


def test_replacing_a_row_is_refused_on_sqlite(event: AuditEvent) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has INSERT OR REPLACE")
    columns = ", ".join(column.column for column in AuditEvent._meta.local_fields if column.column != "id")
    copied = f"INSERT OR REPLACE INTO audit_auditevent (id, {columns}) SELECT id, {columns} FROM audit_auditevent"
    assert "append-only" in refuse(copied)


def test_the_message_is_quoted(leaf_table: type[Leaf]) -> None:
    Leaf.objects.create(text="green")
    with pytest.raises(DatabaseError, match=r"A leaf isn't taken back, says O'Hara: 100 %\."), transaction.atomic():
        Leaf.objects.all().delete()


def test_restoring_twice_changes_nothing(event: AuditEvent) -> None:
    restore()
    restore()
    assert list_missing_triggers("default") == []
    assert "append-only" in refuse("DELETE FROM audit_auditevent")


def drop_one_trigger() -> None:
    on_table = " ON audit_auditevent" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER audit_auditevent_no_delete{on_table}")


def test_the_check_is_silent_when_all_stand() -> None:
    assert check_triggers(databases=["default"]) == []


def test_the_check_names_a_missing_trigger_and_what_to_run() -> None:
    drop_one_trigger()
    [error] = check_triggers(databases=["default"])
    assert error.id == "audit.E001"
    assert "audit_auditevent_no_delete" in error.msg
    assert "manage.py migrate --skip-checks" in error.hint
    assert check_triggers(databases=None) == []


def test_the_check_sees_a_trigger_that_was_switched_off() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL can switch a trigger off")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER audit_auditevent_no_update")
    [error] = check_triggers(databases=["default"])
    assert "audit_auditevent_no_update" in error.msg


def test_migrate_makes_a_missing_trigger_again(event: AuditEvent) -> None:
    drop_one_trigger()
    call_command("migrate", "--skip-checks", verbosity=0)
    assert list_missing_triggers("default") == []
    assert "append-only" in refuse("DELETE FROM audit_auditevent")


def test_a_remade_table_loses_its_triggers_and_gets_them_back(leaf_table: type[Leaf]) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite remakes tables")
    Leaf.objects.create(text="green")
    with connection.cursor() as cursor:
        cursor.execute('CREATE TABLE "new__leaf" AS SELECT * FROM audit_test_leaf')
        cursor.execute("DROP TABLE audit_test_leaf")
        cursor.execute('ALTER TABLE "new__leaf" RENAME TO audit_test_leaf')
    assert list_missing_triggers("default") == [f"audit_test_leaf_no_{act}" for act in ("update", "delete", "replace")]
    restore()
    assert list_missing_triggers("default") == []
    assert Leaf.objects.count() == 1


def test_a_table_that_does_not_exist_yet_is_left_alone() -> None:
    before = dict(append_only._protected)
    append_only.protect(Leaf)
    try:
        restore()
        assert list_missing_triggers("default") == []
    finally:
        append_only._protected.clear()
        append_only._protected.update(before)


def test_redaction_lets_one_block_through(event: AuditEvent) -> None:
    with transaction.atomic():
        with allow_redaction(AuditEvent):
            AuditEvent.objects.update(actor_name="(removed)")
        event.refresh_from_db()
        assert event.actor_name == "(removed)"
        assert "append-only" in refuse("UPDATE audit_auditevent SET action = action")
    assert list_missing_triggers("default") == []


def test_redaction_may_delete(event: AuditEvent) -> None:
    with transaction.atomic(), allow_redaction(AuditEvent):
        event.delete()
    assert not AuditEvent.objects.exists()


def redact_and_fail() -> None:
    with allow_redaction(AuditEvent):
        AuditEvent.objects.update(actor_name="(removed)")
        raise ValueError("stop")


def test_redaction_that_fails_closes_again(event: AuditEvent) -> None:
    with transaction.atomic():
        with pytest.raises(ValueError, match="stop"):
            redact_and_fail()
        event.refresh_from_db()
        assert event.actor_name == ""
        assert "append-only" in refuse("DELETE FROM audit_auditevent")
    assert list_missing_triggers("default") == []


def test_redaction_opens_only_the_named_table(event: AuditEvent, leaf_table: type[Leaf]) -> None:
    Leaf.objects.create(text="green")
    with transaction.atomic(), allow_redaction(Leaf):
        Leaf.objects.update(text="gone")
        assert "append-only" in refuse("DELETE FROM audit_auditevent")
    assert Leaf.objects.get().text == "gone"


def test_redactions_nest(event: AuditEvent, leaf_table: type[Leaf]) -> None:
    Leaf.objects.create(text="green")
    with transaction.atomic(), allow_redaction(Leaf):
        with allow_redaction(AuditEvent, Leaf):
            AuditEvent.objects.update(actor_name="(removed)")
            Leaf.objects.update(text="gone")
        assert "append-only" in refuse("DELETE FROM audit_auditevent")
        Leaf.objects.update(text="again")
    assert "O'Hara" in refuse("DELETE FROM audit_test_leaf")


def test_redaction_refuses_a_model_that_is_not_protected() -> None:
    with transaction.atomic(), pytest.raises(KeyError), allow_redaction(Leaf):
        pass
