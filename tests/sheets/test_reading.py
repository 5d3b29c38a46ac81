import datetime
import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from lms.sheets import tables, workbooks
from lms.sheets.reading import SheetError, read_sheet

TEXT = "name,email\nÍñigo Núñez,inigo@example.org\n"


def read(data: bytes | str, name: str = "staff.csv") -> tuple[list[str], list[tuple[int, list[str]]]]:
    sheet = read_sheet(data.encode() if isinstance(data, str) else data, name=name)
    return sheet.header, [(row.number, row.cells) for row in sheet.rows]


def faults(data: bytes | str, name: str = "staff.csv") -> dict[tuple[int, int], str]:
    """Faults by row and column; every other row is read."""
    sheet = read_sheet(data.encode() if isinstance(data, str) else data, name=name)
    return {(row.number, column): text for row in sheet.rows for column, text in row.faults.items()}


def refuse(data: bytes | str, name: str = "staff.csv") -> str:
    with pytest.raises(SheetError) as caught:
        read(data, name)
    return str(caught.value)


def workbook(*rows: list[Any], **formats: str) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for place, number_format in formats.items():
        book.active[place].number_format = number_format
    return save(book)


def save(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def replace_part(data: bytes, name: str, change: Any) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, change(content) if part == name else content)
    return stream.getvalue()


def test_it_works() -> None:
    assert read(TEXT) == (["name", "email"], [(2, ["Íñigo Núñez", "inigo@example.org"])])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_encodings_and_delimiters(encoding: str, delimiter: str, line_end: str) -> None:
    text = TEXT.replace(",", delimiter).replace("\n", line_end)
    assert read(text.encode(encoding)) == (["name", "email"], [(2, ["Íñigo Núñez", "inigo@example.org"])])


def test_a_utf16_big_endian_mark() -> None:
    assert read(b"\xfe\xff" + TEXT.encode("utf-16-be"))[0] == ["name", "email"]


def test_the_delimiter_that_excel_names() -> None:
    assert read("sep=;\r\nname;note\r\nAna;a,b,c,d\r\n") == (["name", "note"], [(2, ["Ana", "a,b,c,d"])])
    assert read("\ufeffsep=\t\nname\tnote\nAna\tx\n".encode("utf-16-le")) == (["name", "note"], [(2, ["Ana", "x"])])


def test_quotes_hold_line_breaks_delimiters_and_quotes() -> None:
    header, rows = read('name,note\r\n"Reyes, Ana","two\r\nlines ""here"""\r\nBen,x\r\n')
    assert rows == [(2, ["Reyes, Ana", 'two\r\nlines "here"']), (3, ["Ben", "x"])]
    assert header == ["name", "note"]


def test_commas_in_quoted_names_do_not_fool_the_delimiter() -> None:
    assert read('"last, first, middle";email\nReyes;x\n')[0] == ["last, first, middle", "email"]


def test_one_column() -> None:
    assert read("email\nana@example.org\n") == (["email"], [(2, ["ana@example.org"])])


def test_blank_rows_are_left_out_and_numbers_stay() -> None:
    assert read("\n,,\nname,email\n\n,,\nAna,x\n") == (["name", "email"], [(6, ["Ana", "x"])])


def test_short_rows_are_filled_and_blank_ends_cut() -> None:
    assert read("a,b,c,,\n1\n1,2,3,,,,\n") == (["a", "b", "c"], [(2, ["1", "", ""]), (3, ["1", "2", "3"])])


def test_cells_are_stripped() -> None:
    assert read(" a ,\u00a0b\n x\u00a0, y \n") == (["a", "b"], [(2, ["x", "y"])])


def test_text_that_begins_with_a_formula_sign_is_read_as_it_is() -> None:
    assert read("a,b\n=1+1,-5\n")[1] == [(2, ["=1+1", "-5"])]


def test_a_wrong_name_does_not_matter_for_csv() -> None:
    assert read(TEXT, name="staff.TXT")[0] == ["name", "email"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        ("\ufeff\n\n,,\n", "empty"),
        ("name,,email\nAna,x,y\n", "Column B has no name in row 1"),
        ("name,Email,EMAIL\n", "Two columns are named “EMAIL”"),
        ('a,b\n1,"2\n3,4\n', "quotation mark"),
        ('a,b\n1,"2\n3,"4"\n5,6\n', "Row 2 can't be read"),
        ('a,"b"x\n1,2\n', "Row 1: The row can't be read"),
        ("a,b" + "x" * 40_000 + "\n", "Cell B1: The cell has more than"),
        (b"a,b\n\x81\x8d,2\n", "CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file"),
        (b"PK\x03\x04broken", "can't be read"),
        (b"\xff\xfea", "characters can't be read"),
        (",".join(f"c{n}" for n in range(201)), "more than 200 columns"),
    ],
)
def test_what_can_not_be_used_is_refused_in_words(data: bytes | str, words: str) -> None:
    assert words in refuse(data)


def test_a_workbook_in_name_only_is_refused() -> None:
    assert "named like a workbook" in refuse(TEXT, name="staff.xlsx")


@pytest.mark.parametrize(
    ("bad", "column", "words"),
    [
        ("1,2,3", tables.WHOLE_ROW, "3 cells for 2 columns"),
        ('1,"2"x', tables.WHOLE_ROW, "can't be read"),
        ("1,\x00", 1, "no text"),
        ("3," + "x" * 1_000_000, tables.WHOLE_ROW, "more than 32767 characters"),
        ("1," + "x" * 32_768, 1, "more than 32767 characters"),
    ],
)
def test_a_bad_row_says_so_and_the_others_are_read(bad: str, column: int, words: str) -> None:
    data = f"a,b\n1,2\n{bad}\n5,6\n"
    [((number, place), text)] = faults(data).items()
    assert (number, place) == (3, column)
    assert words in text
    rows = read(data)[1]
    assert [rows[0], rows[-1]] == [(2, ["1", "2"]), (4, ["5", "6"])]
    assert all(len(cells) == 2 for _number, cells in rows)


def test_the_longest_cell_is_read() -> None:
    assert read("a,b\n1," + "x" * 32_767 + "\n")[1]
    assert faults("a,b\n1," + "x" * 32_767 + "\n") == {}


def test_a_lost_quotation_mark_in_a_long_file_is_refused() -> None:
    assert "Row 2" in refuse('a,b\n1,"2\n' + "3,4\n" * 100_000)


def test_too_many_rows_or_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    assert len(read("a\n1\n2\n\n3\n")[1]) == 3
    assert "more than 3 rows" in refuse("a\n1\n2\n3\n4\n")
    monkeypatch.setattr("lms.sheets.reading.MAX_BYTES", 10)
    assert "larger than" in refuse("a\n1234567890\n")


def test_rows_are_read_one_by_one() -> None:
    sheet = read_sheet(b'a,b\n1,2\n1,"2\n', name="x.csv")
    assert next(sheet.rows).cells == ["1", "2"]
    with pytest.raises(SheetError):
        next(sheet.rows)


# --- workbooks


def test_a_workbook() -> None:
    data = workbook(["name", "email"], ["Íñigo", "x@example.org"], [], [None, "y"])
    expected = (["name", "email"], [(2, ["Íñigo", "x@example.org"]), (4, ["", "y"])])
    assert read(data, "staff.xlsx") == expected
    assert read(data, "staff.csv") == expected


def test_values_of_a_workbook_as_text() -> None:
    data = workbook(
        ["day", "moment", "whole", "part", "padded", "yes", "time", "text"],
        [
            datetime.date(2026, 3, 4),
            datetime.datetime(2026, 3, 4, 10, 30),  # noqa: DTZ001  (workbooks know no time zones)
            12.0,
            1.25,
            451,
            True,
            datetime.time(8, 5),
            "00451",
        ],
        E2="00000",
    )
    [(_number, cells)] = read(data)[1]
    assert cells == ["2026-03-04", "2026-03-04 10:30:00", "12", "1.25", "00451", "TRUE", "08:05:00", "00451"]


def test_formulas_are_faults_of_their_cells() -> None:
    data = workbook(["a", "b"], [1, 2], [1, "=1+1"], ['=HYPERLINK("http://x")', 4], [5, 6])
    assert {place: "formula" in text for place, text in faults(data).items()} == {(3, 1): True, (4, 0): True}
    assert read(data)[1] == [(2, ["1", "2"]), (3, ["1", ""]), (4, ["", "4"]), (5, ["5", "6"])]
    assert "Cell B1: The cell holds a formula" in refuse(workbook(["a", "=1+1"]))


def test_text_that_only_looks_like_a_formula_is_read() -> None:
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.active["A2"].value = "=1+1"
    book.active["A2"].data_type = "s"
    assert read(save(book))[1] == [(2, ["=1+1"])]


def test_errors_in_cells_are_faults() -> None:
    assert "shows an error (#N/A)" in faults(workbook(["a"], ["#N/A"]))[2, 0]


def test_the_first_visible_sheet_is_read() -> None:
    book = openpyxl.Workbook()
    book.active.title, book.active.sheet_state = "Notes", "hidden"
    book.active.append(["hidden"])
    book.create_sheet("Staff").append(["shown"])
    assert read(save(book))[0] == ["shown"]


def test_what_the_workbook_says_of_its_size_is_not_believed() -> None:
    part = "xl/worksheets/sheet1.xml"
    data = workbook(["a", "b"], [1, 2], [3, 4])
    for said in (b'ref="A1"', b'ref="A1:XFD1048576"'):
        lying = replace_part(data, part, lambda xml, said=said: re.sub(rb'ref="A1:B3"', said, xml))
        assert len(read(lying)[1]) == 2


def test_a_far_row_costs_no_memory() -> None:
    part = "xl/worksheets/sheet1.xml"
    data = workbook(["a"], [1])
    far = replace_part(data, part, lambda xml: xml.replace(b'r="2"', b'r="2000000000"').replace(b"A2", b"A2000000000"))
    assert read(far) == (["a"], [])


def test_a_zip_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    padding = b" " * (workbooks.MAX_UNPACKED_BYTES + 1)
    bomb = replace_part(workbook(["a"], [1]), "xl/worksheets/sheet1.xml", lambda xml: xml + padding)
    assert len(bomb) < 1_000_000
    assert "too large when unpacked" in refuse(bomb)
    monkeypatch.setattr(workbooks, "MAX_PARTS", 2)
    assert "too large when unpacked" in refuse(workbook(["a"], [1]))


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
@pytest.mark.parametrize("entity", [b"&b;", b"&f;"])
def test_xml_entities_are_refused(part: str, entity: bytes) -> None:
    def poison(xml: bytes) -> bytes:
        declaration, _, rest = xml.rpartition(b"?>")
        ends = declaration + b"?>" if declaration else b""
        return ends + ENTITIES + rest.replace(b"secret", entity).replace(b"<v>1</v>", b"<v>" + entity + b"</v>")

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.add_worksheet().write_column("A1", ["secret", 1])
    assert "can't be read" in refuse(replace_part(stream.getvalue(), part, poison))


def test_a_workbook_with_more_columns_than_may_be() -> None:
    assert "more than 200 columns" in refuse(workbook([f"c{n}" for n in range(300)]))


@given(st.binary(max_size=400))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    try:
        read(data)
    except SheetError as error:
        answer = str(error)
        assert answer


@given(st.binary(max_size=60), st.integers(0, 4000))
def test_any_damage_to_a_workbook_gets_an_answer(damage: bytes, at: int) -> None:
    data = DAMAGED[:at] + damage + DAMAGED[at + len(damage) :]
    try:
        read(data, "x.xlsx")
    except SheetError as error:
        answer = str(error)
        assert answer


DAMAGED = workbook(["name", "email"], ["Ana", "ana@example.org"])
