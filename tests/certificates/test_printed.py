from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from certificates.layout import PAPERS, course_size, guilloche, name_size, qr_svg, rings
from certificates.printed import PrintedFields, Signer
from certificates.validity import add_months

FIELDS = PrintedFields(
    name="Marisol Fernbrook",
    course="CSEC awareness (101)",
    version=1,
    hours=Decimal("1.25"),
    mode="online",
    quiz_passed=True,
    completed_on=date(2026, 11, 20),
    expires_on=date(2028, 11, 20),
    issuer="Lantern",
    agency="",
    language="en",
    signers=(Signer("Wren Hazelwood", "Program director"),),
)


def test_it_works() -> None:
    assert PrintedFields.from_json(FIELDS.to_json()) == FIELDS
    assert FIELDS.facts == "1.25 hours, online, self-paced, with a passed final quiz, on November 20, 2026."


@pytest.mark.parametrize(
    ("hours", "words"),
    [("1.00", "1 hour"), ("1.25", "1.25 hours"), ("10.00", "10 hours"), ("0.50", "0.5 hours"), ("0.00", "")],
)
def test_hours_in_quarters(hours: str, words: str) -> None:
    assert PrintedFields.from_json({**FIELDS.to_json(), "hours": hours}).hours_text == words


def test_a_day_is_written_as_the_language_writes_it() -> None:
    with translation.override("es"):
        assert FIELDS.completed_text == "20 de noviembre de 2026"


@pytest.mark.parametrize(
    ("day", "months", "until"),
    [
        (date(2026, 11, 20), 24, date(2028, 11, 20)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 8, 31), 120, date(2036, 8, 31)),
    ],
)
def test_months_end_with_the_month(day: date, months: int, until: date) -> None:
    assert add_months(day, months) == until


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("Al", ""),
        ("Marisol Fernbrook-Hazelwoody", ""),
        ("Bartholomew Featherstonehaugh-Montgomery", "long"),
        ("MARISOL ESPERANZA FERNBROOK", "long"),
        ("x" * 120, "xlong"),
        ("歐陽慧敏", ""),
        ("陽" * 20, "long"),
        ("X" * 241, "xxlong"),
    ],
)
def test_a_name_is_set_as_large_as_its_line_holds(name: str, size: str) -> None:
    assert name_size(name) == size


def test_a_long_course_title_is_set_smaller() -> None:
    assert [course_size("x" * length) for length in (20, 80, 200)] == ["", "long", "xlong"]


def test_the_qr_code_says_in_words_what_it_opens() -> None:
    assert "<title>Opens the check</title>" in qr_svg("https://lantern.example.org/verify/0/", title="Opens the check")


@pytest.mark.parametrize("paper", PAPERS.values())
def test_the_ornament_stays_on_the_sheet(paper) -> None:
    assert all(ring.width > 0 and ring.opacity > 0 for ring in rings(paper))
    for path in guilloche(paper):
        for point in path[1:].split("L"):
            x, y = map(float, point.split())
            assert 10.5 < x < paper.width - 10.5
            assert 10.5 < y < paper.height - 10.5
