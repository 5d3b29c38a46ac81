"""One way out for every sheet that somebody takes home: no cell of it can act in the program that opens it."""

import csv
import datetime
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from .tables import MAX_CELL_CHARACTERS, SheetError

Value = str | int | float | Decimal | datetime.date | datetime.datetime | None

BYTE_ORDER_MARK = "\ufeff"
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?", re.ASCII)
# OWASP, "CSV Injection": what spreadsheet programs take for the beginning of a formula; with it the full-width signs.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# What str.lstrip() takes away.
BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
ROWS_AT_A_TIME = 500
EXCEL_ROWS = 1_048_576


def safe_cell(value: Value) -> str | int | float | Decimal:
    """The value for a CSV cell: text that a spreadsheet would take for a formula gets an apostrophe before it.

    Numbers, and text that is nothing but a number such as "-12.5", stay as they are; dates become 2026-03-04.
    """
    # Most cells are words: the long way is for the others.
    if isinstance(value, str) and value[:1].isalnum():
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, datetime.datetime):
        return _on_the_wall(value).isoformat(sep=" ", timespec="minutes")
    if isinstance(value, datetime.date):
        return value.isoformat()
    text = str(value)
    acts = text.startswith(FORMULA_SIGNS) or text.lstrip().startswith(FORMULA_SIGNS)
    return f"'{text}" if acts and not NUMBER.fullmatch(text) else text


def safe_cell_sql(text: str) -> str:
    """PostgreSQL's words for ``safe_cell`` of a text, for files that the database writes; ``text`` is an expression.

    What begins with a letter or digit of English, as nearly all do, is not looked at twice.
    """
    visible = [sign for sign in FORMULA_SIGNS if sign not in BLANKS]
    blanks, signs, after = (
        "".join(f"\\u{ord(sign):04x}" for sign in group) for group in (BLANKS, FORMULA_SIGNS, visible)
    )
    plain = f"ascii({text}) BETWEEN 65 AND 122 OR ascii({text}) BETWEEN 48 AND 57"
    acts = f"{text} ~ '^([{signs}]|[{blanks}]+[{after}])' AND {text} !~ '^[+-]?[0-9]+([.,][0-9]+)?$'"
    return f"CASE WHEN {plain} THEN {text} WHEN {acts} THEN '''' || {text} ELSE {text} END"


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """A CSV file in pieces, for a streaming answer: UTF-8 with the mark that Excel needs, commas, CRLF."""
    buffer = io.StringIO(BYTE_ORDER_MARK)
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer)
    writer.writerow([safe_cell(name) for name in header])
    for count, row in enumerate(rows, start=1):
        writer.writerow([safe_cell(value) for value in row])
        if count % ROWS_AT_A_TIME == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def write_xlsx(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """An Excel workbook with one sheet: bold column names that stay in view, dates as dates, text always as text.

    Text cells need no apostrophe here: their type says that they are text, whatever they begin with.  Raises SheetError
    when a row or a cell does not fit into Excel.
    """
    stream = io.BytesIO()
    options = {"in_memory": True, "constant_memory": True}
    with xlsxwriter.Workbook(stream, options) as workbook:
        sheet = workbook.add_worksheet()
        bold = workbook.add_format({"bold": True})
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(header):
            sheet.write_string(0, column, _fit(name), bold)
            sheet.set_column(column, column, min(40, max(12, len(name) + 2)))
        for number, row in enumerate(rows, start=1):
            if number >= EXCEL_ROWS:
                raise SheetError(_("There are more rows than Excel can show. Take the CSV file instead."))
            for column, value in enumerate(row):
                _write_cell(sheet, number, column, value, day, moment)
    return stream.getvalue()


def _write_cell(sheet: Any, row: int, column: int, value: Value, day: Any, moment: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, value)
    elif isinstance(value, datetime.datetime):
        sheet.write_datetime(row, column, _on_the_wall(value), moment)
    elif isinstance(value, datetime.date):
        sheet.write_datetime(row, column, value, day)
    else:
        sheet.write_string(row, column, _fit(str(value)))


def _on_the_wall(moment: datetime.datetime) -> datetime.datetime:
    """The moment as a clock of the current time zone shows it; spreadsheets know no time zones."""
    return timezone.make_naive(moment) if timezone.is_aware(moment) else moment


def _fit(text: str) -> str:
    if len(text) > MAX_CELL_CHARACTERS:
        raise SheetError(_("A text is too long for an Excel cell. Take the CSV file instead."))
    return text
