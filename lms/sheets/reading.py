"""One way in for every sheet that somebody sends."""

from django.utils.translation import gettext as _

from . import delimited, workbooks
from .tables import MAX_BYTES, WHOLE_ROW, Row, Sheet, SheetError, build_sheet, name_column

__all__ = ["WHOLE_ROW", "Row", "Sheet", "SheetError", "name_column", "read_sheet"]

ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def read_sheet(data: bytes, *, name: str) -> Sheet:
    """The sheet in a CSV file (UTF-8, UTF-16, Windows-1252; comma, semicolon, tab) or an Excel workbook (.xlsx).

    What the file is, is told by its content; `name` only helps to say what is wrong.  All cells are text.  In a CSV
    file a cell that begins with "=" is the text that it is; in a workbook a formula is a fault of its row.  Raises
    SheetError, in words for who sent the file, here or while the rows are read.
    """
    if len(data) > MAX_BYTES:
        raise SheetError(_("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024 // 1024})
    if data.startswith(OLD_EXCEL):
        raise SheetError(
            _("This is an old Excel file, or one with a password. Save it as .xlsx without one, or as CSV.")
        )
    if data.startswith(ZIP):
        return build_sheet(workbooks.read_records(data))
    if name.lower().endswith((".xlsx", ".xlsm", ".xls", ".ods")) and data:
        raise SheetError(_("The file is named like a workbook but is none. Save it again as .xlsx or as CSV."))
    return build_sheet(delimited.read_records(data))
