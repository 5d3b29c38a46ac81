"""CSV in the forms in which Excel, Google Sheets, LibreOffice and personnel systems save it."""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from .tables import MAX_CELL_CHARACTERS, Fault, Record, SheetError

CHUNK = 1024 * 1024
DELIMITERS = ",;\t"
BLANK = DELIMITERS + " \u00a0"
# Excel writes and reads a first line that names the delimiter.
NAMED_DELIMITER = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)


def read_records(data: bytes) -> Iterator[Record]:
    """The records of a CSV file, as text; one that can't be read stands there as a fault.

    Raises SheetError where nothing that follows can be trusted: a quotation mark that swallows lines.
    """
    # Only the delimiter is looked for here; the file is decoded piece by piece while it is read.
    stream = io.TextIOWrapper(io.BytesIO(data), encoding=_find_encoding(data), newline="")
    head = stream.read(CHUNK)
    named = NAMED_DELIMITER.match(head)
    start = named.end() if named else 0
    delimiter = named[1] if named else _find_delimiter(head)
    stream.seek(0)
    stream.read(start)
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        lines = reader.line_num
        try:
            record: Record = [*next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            if reader.line_num != lines + 1 or "unexpected end" in str(error):
                raise SheetError(
                    _("Row %(number)s can't be read. Is a quotation mark missing, or one too many?")
                    % {"number": number}
                ) from error
            too_large = "field larger" in str(error)
            record = Fault(
                _("The row has a cell of more than %(limit)s characters.") % {"limit": MAX_CELL_CHARACTERS}
                if too_large
                else _("The row can't be read. Is a quotation mark missing, or one too many?")
            )
        yield record


def _find_encoding(data: bytes) -> str:
    """By the byte order mark; without one UTF-8, UTF-16 when every second byte is zero, else Windows-1252."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif data[1:400:2].count(0) > len(data[1:400:2]) // 2:
        candidates = ["utf-16-le"]
    elif data[0:400:2].count(0) > len(data[0:400:2]) // 2:
        candidates = ["utf-16-be"]
    else:
        candidates = ["utf-8-sig", "cp1252"]
    for encoding in candidates:
        if _can_decode(data, encoding):
            return encoding
    raise SheetError(_("The file's characters can't be read. Save it as “CSV UTF-8” and send it again."))


def _can_decode(data: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(data), CHUNK):
            decoder.decode(data[start : start + CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _find_delimiter(head: str) -> str:
    """The one that cuts the first record that is not blank into the most cells; a comma when none does."""

    def count_cells(delimiter: str) -> int:
        try:
            reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
            return next((len(record) for record in reader if "".join(record).strip(BLANK)), 0)
        except csv.Error:
            return 0

    return max(DELIMITERS, key=count_cells)
