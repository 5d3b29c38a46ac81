"""Excel workbooks (.xlsx).  The first visible sheet is read, and values only: a formula is a fault of its cell,
because what it shows depends on the program that shows it."""

import datetime
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from .tables import MAX_COLUMNS, Fault, Record, SheetError

# What the archive may hold when unpacked: a workbook of 200,000 rows has about 150 MB.
MAX_UNPACKED_BYTES = 250 * 1024 * 1024
MAX_SHARED_STRING_BYTES = 60 * 1024 * 1024
MAX_PARTS = 2_000
EXCEL_ROWS = 1_048_576


def read_records(data: bytes) -> Iterator[Record]:
    """The records of the workbook's first visible sheet, as text.  Raises SheetError."""
    try:
        _check_size(data)
        with warnings.catch_warnings():
            # openpyxl warns of styles and extensions that it doesn't know; their loss changes no value.
            warnings.simplefilter("ignore")
            workbook = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        with closing(workbook):
            sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
            if not sheets:
                raise SheetError(_("The workbook has no visible sheet."))
            # What the file says of its own size is not believed.
            sheets[0].reset_dimensions()
            # One column more than may be, so that too many are seen.
            previous = None
            for row in sheets[0].iter_rows(max_col=MAX_COLUMNS + 1, max_row=EXCEL_ROWS):
                # The rows left out between two that are far apart come as one and the same empty tuple.
                yield [] if row is previous else [_read_cell(cell) for cell in row]
                previous = row
    except SheetError:
        raise
    except Exception as error:
        # A broken or hostile workbook fails inside zipfile, the XML parser or openpyxl, each in its own way.
        raise SheetError(
            _("The workbook can't be read. Open it, save it again as .xlsx or as CSV, and send that.")
        ) from error


def _check_size(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
    # zipfile reads no more of a part than the size it states, so the stated sizes can be trusted as limits.
    shared = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
    if (
        len(parts) > MAX_PARTS
        or shared > MAX_SHARED_STRING_BYTES
        or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES
    ):
        raise SheetError(_("The workbook is too large when unpacked. Save the sheet as CSV and send that."))


def _read_cell(cell: Any) -> str | Fault:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Fault(_("The cell holds a formula. Copy the sheet, paste it as values only, and send that."))
    if cell.data_type == "e":
        return Fault(_("The cell shows an error (%(error)s). Correct it.") % {"error": str(value)[:20]})
    return _write_out(value, cell.number_format)


def _write_out(value: Any, number_format: str) -> str:
    """Dates as 2026-03-04, whole numbers without a point, numbers formatted as 00000 with their zeros."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, int | float) and value == int(value):
        zeros = re.fullmatch(r"0{2,20}", number_format or "")
        return f"{int(value):0{len(zeros[0])}d}" if zeros else str(int(value))
    return str(value)
