"""What a sheet is to the rest of the house, whatever file it came from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from django.utils.translation import gettext as _

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 200
# Excel's own limit for a cell.
MAX_CELL_CHARACTERS = 32_767
# In a row's faults: what is wrong with the row as a whole, none of whose cells is surely where it seems to be.
WHOLE_ROW = -1


class SheetError(Exception):
    """The file can't be used.  The text says why, where and what to do, in words for who sent it."""


@dataclass(frozen=True)
class Fault:
    """Why a cell or a whole record can't be used, in words for who sent the file."""

    text: str


Record = list[str | Fault] | Fault


@dataclass(frozen=True)
class Row:
    """One row; `number` is the one that a spreadsheet shows beside it.

    `faults` says by column (0 is the first, WHOLE_ROW all of them) which cells can't be used and why: they read as
    empty, so a row with faults must not be taken as it is.
    """

    number: int
    cells: list[str]
    faults: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """Column names, and the rows below them: as many cells as columns, blank rows left out.

    Rows are read while they are iterated over, once.  What is wrong with one row is told by the row; what leaves the
    rest unreadable raises SheetError there.
    """

    header: list[str]
    rows: Iterator[Row]


def build_sheet(records: Iterable[Record]) -> Sheet:
    """The sheet of these records, the first that is not blank being the column names.  Raises SheetError."""
    numbered = (
        row
        for number, record in enumerate(records, start=1)
        if any((row := _read_row(number, record)).cells) or row.faults
    )
    first = next(numbered, None)
    if first is None:
        raise SheetError(_("The file is empty."))
    header = _check_header(first)
    return Sheet(header, _fit_rows(numbered, len(header)))


def _read_row(number: int, record: Record) -> Row:
    if isinstance(record, Fault):
        return Row(number, [], {WHOLE_ROW: record.text})
    cells, faults = [], {}
    for column, cell in enumerate(record):
        text = "" if isinstance(cell, Fault) else cell.strip()
        if isinstance(cell, Fault):
            faults[column] = cell.text
        elif len(text) > MAX_CELL_CHARACTERS:
            faults[column] = _("The cell has more than %(limit)s characters. Is a quotation mark missing?") % {
                "limit": MAX_CELL_CHARACTERS
            }
            text = ""
        elif "\x00" in text:
            faults[column] = _("The cell holds signs that are no text.")
            text = ""
        cells.append(text)
    return Row(number, cells, faults)


def _check_header(row: Row) -> list[str]:
    if row.faults:
        column, fault = min(row.faults.items())
        place = _("Row %(number)s") % {"number": row.number}
        if column != WHOLE_ROW:
            place = _("Cell %(cell)s") % {"cell": f"{name_column(column + 1)}{row.number}"}
        raise SheetError(
            _("%(place)s: %(fault)s The first row holds the column names.") % {"place": place, "fault": fault}
        )
    header = _trim(row.cells)
    if len(header) > MAX_COLUMNS:
        raise SheetError(_("The file has more than %(limit)s columns.") % {"limit": MAX_COLUMNS})
    seen: set[str] = set()
    for column, name in enumerate(header, start=1):
        if not name:
            raise SheetError(
                _("Column %(column)s has no name in row %(number)s. The first row holds the column names.")
                % {"column": name_column(column), "number": row.number}
            )
        if name.casefold() in seen:
            raise SheetError(_("Two columns are named “%(name)s”.") % {"name": name[:100]})
        seen.add(name.casefold())
    return header


def _fit_rows(rows: Iterator[Row], width: int) -> Iterator[Row]:
    for count, row in enumerate(rows, start=1):
        if count > MAX_ROWS:
            raise SheetError(
                _("The file has more than %(limit)s rows. Split it and send the parts.") % {"limit": MAX_ROWS}
            )
        cells, faults = _trim(row.cells), row.faults
        if len(cells) > width:
            too_many = _("The row has %(cells)s cells for %(width)s columns. Is a quotation mark missing?")
            faults = {**faults, WHOLE_ROW: too_many % {"cells": len(cells), "width": width}}
        yield Row(row.number, list(chain(cells[:width], [""] * (width - len(cells)))), faults)


def _trim(cells: list[str]) -> list[str]:
    """Without the blank cells at the end, of which spreadsheets save many."""
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return cells[:end]


def name_column(column: int) -> str:
    """The letters a spreadsheet shows above the column: 1 is A, 28 is AB."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
