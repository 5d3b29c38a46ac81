"""Many rows of our own tables at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any, cast

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Field, Model

MOST_PARAMETERS = 10_000
# Made once: json.dumps makes an encoder for each call.
encode = DjangoJSONEncoder().encode


def insert_rows(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of plain values, JSON as text: by COPY on PostgreSQL, elsewhere as many in a statement as it takes.

    For tables that hold a row for each row of a file: ``bulk_create`` builds an instance and a piece of a statement for
    each, which costs more than reading and planning the row.
    """
    quote = connection.ops.quote_name
    columns = [quote(str(cast("Field[Any, Any]", model._meta.get_field(name)).column)) for name in names]
    table = f"{quote(model._meta.db_table)} ({', '.join(columns)})"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    start = f"INSERT INTO {table} VALUES "
    places = f"({', '.join(['%s'] * len(columns))})"
    most = (connection.features.max_query_params or MOST_PARAMETERS) // len(columns)
    source = iter(rows)
    with connection.cursor() as cursor:
        while piece := list(islice(source, most)):
            cursor.execute(start + ", ".join([places] * len(piece)), list(chain.from_iterable(piece)))
