"""What a sheet is to the rest of the house, whatever file it came from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from django.utils.translation import gettext as _

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 200
# Excel's own limit for a cell.
MAX_CELL_CHARACTERS = 32_767


class SheetError(Exception):
    """The file can't be used.  The text says why, where and what to do, in words for who sent it."""


@dataclass(frozen=True)
class Row:
    """One row; `number` is the one that a spreadsheet shows beside it."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Sheet:
    """Column names, and the rows below them: as many cells as columns, blank rows left out.

    Rows are read while they are iterated over, once; a fault further down raises SheetError then.
    """

    header: list[str]
    rows: Iterator[Row]


def build_sheet(records: Iterable[list[str]]) -> Sheet:
    """The sheet of these records, the first that is not blank being the column names.  Raises SheetError."""
    numbered = (
        Row(number, cells)
        for number, record in enumerate(records, start=1)
        if any(cells := [_clean(cell, number) for cell in record])
    )
    first = next(numbered, None)
    if first is None:
        raise SheetError(_("The file is empty."))
    header = _check_header(first)
    return Sheet(header, _fit_rows(numbered, len(header)))


def _clean(cell: str, number: int) -> str:
    if len(cell) > MAX_CELL_CHARACTERS:
        raise SheetError(
            _("Row %(number)s has a cell of more than %(limit)s characters. Is a quotation mark missing?")
            % {"number": number, "limit": MAX_CELL_CHARACTERS}
        )
    return cell.strip()


def _check_header(row: Row) -> list[str]:
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
        cells = _trim(row.cells)
        if len(cells) > width:
            raise SheetError(
                _("Row %(number)s has %(cells)s cells for %(width)s columns. Is a quotation mark missing?")
                % {"number": row.number, "cells": len(cells), "width": width}
            )
        yield Row(row.number, list(chain(cells, [""] * (width - len(cells)))))


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
