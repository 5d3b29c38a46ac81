"""Days as personnel systems write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.hr_import.days import FIRST_YEAR, LAST_YEAR, DayError, read_day
from lms.hr_import.enums import DateOrder, Note

MARCH_4 = date(2026, 3, 4)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-03-04", "2026/3/4", "2026.03.04", "20260304", " 2026-03-04 "),
        *("2026-03-04 00:00:00", "2026-03-04T00:00:00Z", "2026-03-04 00:00:00.000", "3/4/2026 12:00:00 AM"),
        *("3/4/2026", "03-04-2026", "03.04.2026"),
        *("Mar 4, 2026", "March 4 2026", "4 March 2026", "04-MAR-2026", "4 mar. 2026", "4 de marzo de 2026"),
    ],
)
def test_one_day_in_many_forms(text: str) -> None:
    assert read_day(text, order=DateOrder.MONTH_FIRST) == MARCH_4


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("25/03/2026", "", date(2026, 3, 25)),
        ("03/25/2026", "", date(2026, 3, 25)),
        ("03/03/2026", "", date(2026, 3, 3)),
        ("3/4/2026", "dmy", date(2026, 4, 3)),
        ("25.03.2026", "dmy", date(2026, 3, 25)),
        ("Sept 30, 2025", "", date(2025, 9, 30)),
        ("29/02/2024", "", date(2024, 2, 29)),
    ],
)
def test_the_order_counts_only_where_it_must(text: str, order: str, day: date) -> None:
    assert read_day(text, order=order) == day


@pytest.mark.parametrize(
    ("text", "order", "note"),
    [
        ("3/4/2026", "", Note.TWO_DAYS),
        ("12-11-2025", "", Note.TWO_DAYS),
        ("25/03/2026", "mdy", Note.OTHER_ORDER),
        ("03/25/2026", "dmy", Note.OTHER_ORDER),
        ("3/25/26", "", Note.SHORT_YEAR),
        ("4 Mar 26", "", Note.SHORT_YEAR),
        ("30/02/2026", "", Note.NO_DAY),
        ("2026-13-01", "", Note.NO_DAY),
        ("31/31/2026", "", Note.NO_DAY),
        ("46085", "", Note.NO_DAY),
        ("1026-03-04", "", Note.NO_DAY),
        ("soon", "", Note.NO_DAY),
        ("4 Foo 2026", "", Note.NO_DAY),
        ("٢٠٢٦-٠٣-٠٤", "", Note.NO_DAY),
        ("2026-03-04 10:30:00", "", Note.NO_DAY),
        ("3/4-2026", "", Note.NO_DAY),
        ("", "", Note.NO_DAY),
    ],
)
def test_what_is_no_day_or_two(text: str, order: str, note: Note) -> None:
    with pytest.raises(DayError) as caught:
        read_day(text, order=order)
    assert caught.value.note == note


@given(st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)), st.sampled_from(["", "mdy", "dmy"]))
def test_what_is_written_out_is_read_back(day: date, order: str) -> None:
    for text in (day.isoformat(), day.strftime("%Y%m%d"), day.strftime("%d %B %Y"), day.strftime("%b %d, %Y")):
        assert read_day(text, order=order) == day


@given(st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)))
def test_a_guess_is_never_wrong(day: date) -> None:
    """Without an order, either writing is read as the day that was meant or refused."""
    for form in ("%m/%d/%Y", "%d/%m/%Y"):
        try:
            assert read_day(day.strftime(form).lstrip("0")) == day
        except DayError as error:
            assert error.note == Note.TWO_DAYS  # noqa: PT017


@given(st.text(max_size=30))
def test_any_text_gets_an_answer(text: str) -> None:
    try:
        assert FIRST_YEAR <= read_day(text).year <= LAST_YEAR
    except DayError as error:
        answer = str(error)
        assert answer
