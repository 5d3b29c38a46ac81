"""Many rows of our own tables at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Field, Model

# Made once: json.dumps makes an encoder for each call.
encode = DjangoJSONEncoder().encode


def insert_rows(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of plain values, JSON as text, by one prepared statement.

    For tables that hold a row for each row of a file: ``bulk_create`` builds an instance and a piece of a statement for
    each, which costs more than reading and planning the row.
    """
    quote = connection.ops.quote_name
    columns = [quote(str(cast("Field[Any, Any]", model._meta.get_field(name)).column)) for name in names]
    places = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(columns)}) VALUES ({places})", list(rows)
        )
