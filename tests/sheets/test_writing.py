import csv
import datetime
import io
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from lms.sheets.reading import SheetError, read_sheet
from lms.sheets.writing import FORMULA_SIGNS, Value, safe_cell, safe_cell_sql, write_csv, write_xlsx

MOMENT = datetime.datetime(2026, 3, 4, 18, 30, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1 888 373 7888",
        "-cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1+1",
        "\u00a0=1",
        "＝1+1",
        '=HYPERLINK("http://x","y")',
        "-",
    ],
)
def test_text_that_could_act_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        ("", ""),
        ("Ana Reyes", "Ana Reyes"),
        ("O'Brien", "O'Brien"),
        ("a=b", "a=b"),
        ("-12.5", "-12.5"),
        ("+3", "+3"),
        ("2026-03-04", "2026-03-04"),
        (-5, -5),
        (0, 0),
        (1.25, 1.25),
        (Decimal("-0.75"), Decimal("-0.75")),
        (True, "TRUE"),
        (datetime.date(2026, 3, 4), "2026-03-04"),
        (MOMENT, "2026-03-04 10:30"),
    ],
)
def test_other_values_stay(value: Value, cell: object) -> None:
    assert safe_cell(value) == cell
    assert type(safe_cell(value)) is type(cell)


def test_csv() -> None:
    data = b"".join(write_csv(["name", "=note"], [["Íñigo", "=1+1"], ["Ana", "a,b\nc"], ["Ben", -5]]))
    assert data.startswith(b"\xef\xbb\xbfname,'=note\r\n")
    records = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert records == [["name", "'=note"], ["Íñigo", "'=1+1"], ["Ana", "a,b\nc"], ["Ben", "-5"]]


def test_csv_comes_in_pieces() -> None:
    pieces = list(write_csv(["n"], ([number] for number in range(1200))))
    assert len(pieces) == 3
    assert len(b"".join(pieces).splitlines()) == 1201


def test_csv_without_rows() -> None:
    assert b"".join(write_csv(["a", "b"], [])) == b"\xef\xbb\xbfa,b\r\n"


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00\r")), min_size=1))
def test_no_cell_of_a_csv_file_can_act(texts: list[str]) -> None:
    data = b"".join(write_csv(["text"], [[text] for text in texts]))
    for record in list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]:
        cell = record[0] if record else ""
        number = cell.removeprefix("+").removeprefix("-").replace(".", "", 1).replace(",", "", 1)
        assert cell[:1] not in set("=+-@\t\r\n") or number.isdigit()


def test_xlsx() -> None:
    rows = [["Íñigo", "=1+1", -5, datetime.date(2026, 3, 4), MOMENT, Decimal("1.25"), True, None]]
    data = write_xlsx(["name", "text", "number", "day", "moment", "hours", "yes", "none"], rows)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    cells = {sheet.cell(1, column).value: sheet.cell(2, column) for column in range(1, 9)}
    assert (cells["text"].value, cells["text"].data_type) == ("=1+1", "s")
    assert cells["name"].value == "Íñigo"
    assert cells["number"].value == -5
    assert cells["day"].value.date() == datetime.date(2026, 3, 4)
    assert cells["moment"].value == datetime.datetime(2026, 3, 4, 10, 30)  # noqa: DTZ001
    assert (cells["hours"].value, cells["yes"].value, cells["none"].value) == (1.25, True, None)
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold


def test_links_in_a_workbook_stay_text() -> None:
    data = write_xlsx(["link"], [["https://example.org"], ["mailto:x@example.org"]])
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet["A2"].hyperlink is None


def test_a_text_too_long_for_excel_is_refused() -> None:
    with pytest.raises(SheetError, match="too long"):
        write_xlsx(["a"], [["x" * 32_768]])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_written_is_read_again(kind: str) -> None:
    header, rows = ["name", "due"], [["Ana Reyes", "2026-03-04"], ["Íñigo", ""]]
    data = b"".join(write_csv(header, rows)) if kind == "csv" else write_xlsx(header, rows)
    sheet = read_sheet(data, name=f"out.{kind}")
    assert (sheet.header, [row.cells for row in sheet.rows]) == (header, rows)


@pytest.mark.django_db
@pytest.mark.postgres
def test_postgresql_says_the_same_of_a_text() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("What PostgreSQL makes of a text is compared.")
    texts = [
        before + sign + after
        for before in ("", " ", "\u3000", "a")
        for sign in FORMULA_SIGNS
        for after in ("", "1", "x")
    ]
    texts += ["-12.5", "+1,5", "-1.", "1", "Ana", "é", "", "[x]", " ", "\u00a0=x", "\x1c=x", "-1\n"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t, {safe_cell_sql('t')} FROM unnest(%s::text[]) AS t", [texts])
        assert [(text, safe_cell(text)) for text in texts] == cursor.fetchall()
