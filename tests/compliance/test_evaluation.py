"""The rule against its naive twin, and wrong rules that the comparison must catch."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lms.compliance import evaluation
from lms.compliance.evaluation import Kind, Period, Rule, Span, evaluate, status_on
from tests.compliance.simulator import CreditBook, simulate

FIRST, LAST = date(2023, 1, 1), date(2028, 12, 31)
OPEN, NEVER = date.min, date.max
Case = tuple[Rule, list[Period], list[date], list[Period]]

MONTH_ENDS = [date(2024, 1, 29), date(2024, 1, 30), date(2024, 1, 31), date(2024, 2, 29), date(2024, 8, 31)]
NEAR = st.sampled_from([-1, 0, 1])


def within(day: date) -> date:
    return min(max(day, FIRST + timedelta(days=1)), LAST)


def some_day() -> st.SearchStrategy[date]:
    return st.one_of(st.sampled_from(MONTH_ENDS), st.dates(date(2023, 6, 1), date(2027, 6, 1)))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    return Rule(
        days=draw(st.sampled_from([0, 1, 30, 90])),
        months=draw(st.sampled_from([None, 1, 1, 2, 6, 12, 12])),
        window=draw(st.sampled_from([0, 1, 7, 30, 60])),
        warn=draw(st.sampled_from([0, 1, 14, 30])),
        grace=draw(st.sampled_from([0, 1, 30, 60])),
        starts=draw(st.one_of(st.just(OPEN), some_day())),
        ends=draw(st.one_of(st.just(NEVER), st.just(NEVER), some_day())),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Completions, duties and waivers at the days where one state becomes another."""
    rule = draw(rules())
    book, completed = CreditBook(rule), list[date]()
    ends: list[date] = []
    habit = draw(st.sampled_from(["any", "renews", "twice", "late"]))
    for _number in range(draw(st.integers(0, 7))):
        day = draw(some_day() if habit == "any" else st.sampled_from(MONTH_ENDS))
        if book.expires_on not in {None, NEVER}:
            assert book.expires_on is not None
            opens = -rule.window
            steps = {
                "any": [opens - 1, opens, opens + 1, -1, 0, 1],
                "renews": [opens, -1],
                "twice": [opens, opens + 1],
                "late": [0, 0, 1],
            }[habit]
            day = book.expires_on + timedelta(days=draw(st.sampled_from(steps)))
        if completed and habit == "twice" and len(completed) % 3 == 2:
            day = completed[-1] + timedelta(days=draw(st.sampled_from([1, 1, rule.window // 2])))
        if completed and habit == "any":
            day = draw(st.sampled_from([day, day, completed[-1] + timedelta(days=1), draw(some_day())]))
        day = within(day)
        if completed and day < completed[-1]:
            continue
        completed.append(day)
        book.enter(day)
        if book.expires_on not in {None, NEVER}:
            assert book.expires_on is not None
            ends.append(within(book.expires_on))
    edges = [*completed, *ends, draw(some_day())]
    if rule.starts != OPEN:
        edges.append(rule.starts)

    def edge() -> date:
        return within(draw(st.sampled_from(edges)) + timedelta(days=draw(NEAR)))

    duty: list[Period] = []
    for _number in range(draw(st.integers(1, 3))):
        begin = OPEN if draw(st.integers(0, 5)) == 0 else edge()
        if duty and duty[-1][1] != NEVER:
            begin = draw(st.sampled_from([begin, duty[-1][1], within(duty[-1][1] + timedelta(days=1))]))
        length = draw(st.sampled_from([1, 30, 200, 700, None, None]))
        duty.append((begin, NEVER if length is None else within(max(begin, FIRST) + timedelta(days=length))))
        if begin != OPEN:
            edges += [begin, within(begin + timedelta(days=rule.days))]
    waivers: list[Period] = []
    for _number in range(draw(st.integers(0, 3))):
        begin = edge()
        length = draw(st.sampled_from([0, 1, rule.grace, 45, 400, None]))
        waivers.append((begin, NEVER if length is None else within(begin + timedelta(days=length))))
        edges += [edge for edge in waivers[-1] if edge != NEVER]
    return rule, duty, draw(st.permutations(completed + completed[:1])), waivers


def check(case: Case, module: Any = evaluation) -> None:
    rule, duty, completed, waivers = case
    spans = module.evaluate(rule, duty=duty, credits=completed, waivers=waivers)
    expected = simulate(rule, duty=duty, credits=completed, waivers=waivers, first=FIRST, last=LAST)
    assert {day: module.status_on(spans, day) for day in expected} == expected


@given(cases())
@settings(max_examples=600, deadline=None)
def test_the_status_of_every_day_is_that_of_the_walk(case: Case) -> None:
    check(case)


@given(cases())
@settings(max_examples=300, deadline=None)
def test_spans_are_ordered_disjoint_and_as_long_as_they_can_be(case: Case) -> None:
    rule, duty, completed, waivers = case
    spans = evaluate(rule, duty=duty, credits=completed, waivers=waivers)
    assert all(span.from_on < span.to_on for span in spans)
    for one, next_one in pairwise(spans):
        assert one.to_on <= next_one.from_on
        assert one.to_on < next_one.from_on or one[2:] != next_one[2:]
    for span in spans:
        if span.kind == Kind.WAIVED or (span.kind == Kind.HELD and rule.months is None):
            assert (span.soon_on, span.late_on) == (NEVER, NEVER)
        assert span.soon_on <= span.late_on


MUTATIONS = {
    "the window opens a day late": (
        "-rule.window) <= day < expires_on:",
        "-rule.window) < day < expires_on:",
    ),
    "the window opens a day early": (
        "add_days(expires_on, -rule.window) <= day",
        "add_days(expires_on, -rule.window - 1) <= day",
    ),
    "the window includes the day of expiry": ("<= day < expires_on:", "<= day <= expires_on:"),
    "due a day early": ("add_days(duty_from, rule.days)", "add_days(duty_from, rule.days - 1)"),
    "due a day late": ("add_days(duty_from, rule.days)", "add_days(duty_from, rule.days + 1)"),
    "a renewal drifts": (
        "held.append(Credit(day, add_months(anchor, terms * rule.months)))",
        "held.append(Credit(day, add_months(expires_on if terms > 1 else anchor, rule.months)))",
    ),
    "a second completion shortens the credit": (
        "elif not held or add_months(day, rule.months) > expires_on:",
        "elif day:",
    ),
    "good on the day of expiry": (
        "return Kind.HELD, add_days(expires_on, -rule.window), expires_on",
        "return Kind.HELD, add_days(expires_on, -rule.window), add_days(expires_on, 1)",
    ),
    "no grace after a waiver": ("add_days(ended, rule.grace)", "ended"),
    "a waiver includes its last day": (
        "if any(begin <= day < end for begin, end in waived):",
        "if any(begin <= day <= end for begin, end in waived):",
    ),
    "a waiver begins a day late": (
        "if any(begin <= day < end for begin, end in waived):",
        "if any(begin < day < end for begin, end in waived):",
    ),
    "abutting duties are two": (
        "if stretches and begin <= stretches[-1][1]:",
        "if stretches and begin < stretches[-1][1]:",
    ),
    "credit that lapsed before the duty is expired": ("if expires_on <= duty_from:", "if not earned:"),
    "a later completion replaces a one-off credit": (
        "return [Credit(day, date.max)]",
        "return [Credit(max(credits), date.max)]",
    ),
}


def mutated(old: str, new: str) -> ModuleType:
    source = Path(evaluation.__file__).read_text()
    assert source.count(old) == 1, old
    module = ModuleType("lms.compliance.mutated")
    module.__package__ = "lms.compliance"
    sys.modules[module.__name__] = module
    try:
        exec(compile(source.replace(old, new), "mutated", "exec"), module.__dict__)
    finally:
        del sys.modules[module.__name__]
    return module


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_wrong_rule_is_caught(name: str) -> None:
    wrong = mutated(*MUTATIONS[name])

    @given(cases())
    @settings(max_examples=900, deadline=None, database=None, phases=[Phase.generate], derandomize=True)
    def compare(case: Case) -> None:
        check(case, wrong)

    with pytest.raises(AssertionError):
        compare()


ANNUAL = Rule(days=30, months=12, window=60, warn=14, grace=30)
HIRED = date(2026, 1, 5)
CURRENT = [(HIRED, NEVER)]


def on(rule: Rule, day: date, **given: list[Any]) -> str:
    return status_on(evaluate(rule, **{"duty": CURRENT, "credits": [], "waivers": [], **given}), day)


@pytest.mark.parametrize(
    ("day", "status"),
    [
        (date(2026, 1, 4), "not_required"),
        (date(2026, 1, 5), "open"),
        (date(2026, 1, 21), "open"),
        (date(2026, 1, 22), "due_soon"),
        (date(2026, 2, 4), "due_soon"),
        (date(2026, 2, 5), "overdue"),
        (date(2026, 2, 28), "overdue"),
        (date(2026, 3, 1), "complete"),
        (date(2026, 12, 30), "complete"),
        (date(2026, 12, 31), "renew_soon"),
        (date(2027, 2, 28), "renew_soon"),
        (date(2027, 3, 1), "expired"),
    ],
)
def test_a_year_of_one_person(day: date, status: str) -> None:
    assert on(ANNUAL, day, credits=[date(2026, 3, 1)]) == status


def test_renewals_from_the_31st_do_not_drift() -> None:
    monthly = Rule(days=30, months=1, window=10, warn=0, grace=0)
    spans = evaluate(
        monthly,
        duty=[(date(2026, 1, 31), NEVER)],
        credits=[date(2026, 1, 31), date(2026, 2, 20), date(2026, 3, 25)],
        waivers=[],
    )
    assert [span.late_on for span in spans] == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_a_leap_day_comes_back() -> None:
    renewed = [date(2024, 2, 29), date(2025, 2, 1), date(2026, 2, 1), date(2027, 2, 1)]
    spans = evaluate(ANNUAL, duty=[(date(2024, 1, 1), NEVER)], credits=renewed, waivers=[])
    assert [span.late_on for span in spans if span.kind == Kind.HELD] == [
        date(2025, 2, 28),
        date(2026, 2, 28),
        date(2027, 2, 28),
        date(2028, 2, 29),
    ]


def test_a_waiver_and_its_grace() -> None:
    waivers = [(date(2026, 2, 1), date(2026, 6, 1))]
    assert evaluate(ANNUAL, duty=CURRENT, credits=[], waivers=waivers) == [
        Span(HIRED, date(2026, 2, 1), Kind.OPEN, date(2026, 1, 22), date(2026, 2, 5)),
        Span(date(2026, 2, 1), date(2026, 6, 1), Kind.WAIVED, NEVER, NEVER),
        Span(date(2026, 6, 1), NEVER, Kind.OPEN, date(2026, 6, 18), date(2026, 7, 2)),
    ]


def test_credit_that_lapsed_under_a_waiver_is_owed_again_within_the_grace() -> None:
    given_: dict[str, list[Any]] = {
        "credits": [date(2025, 4, 1)],
        "waivers": [(date(2026, 3, 1), date(2026, 6, 1))],
    }
    assert on(ANNUAL, date(2026, 2, 28), **given_) == "renew_soon"
    assert on(ANNUAL, date(2026, 6, 1), **given_) == "open"
    assert on(ANNUAL, date(2026, 7, 1), **given_) == "due_soon"
    assert on(ANNUAL, date(2026, 7, 2), **given_) == "overdue"


def test_a_duty_without_beginning_and_without_end_reaches_to_both_ends_of_the_calendar() -> None:
    once = Rule(days=30, months=None, window=60, warn=14, grace=30)
    spans = evaluate(once, duty=[(OPEN, NEVER)], credits=[HIRED], waivers=[(date(9999, 1, 1), NEVER)])
    assert spans == [
        Span(OPEN, HIRED, Kind.OPEN, date(1, 1, 18), date(1, 2, 1)),
        Span(HIRED, date(9999, 1, 1), Kind.HELD, NEVER, NEVER),
        Span(date(9999, 1, 1), NEVER, Kind.WAIVED, NEVER, NEVER),
    ]


def test_what_lies_beyond_the_calendar_never_comes() -> None:
    late = date(9999, 12, 1)
    assert evaluate(ANNUAL, duty=[(late, NEVER)], credits=[], waivers=[])[0].late_on == NEVER
    assert evaluate(ANNUAL, duty=[(late, NEVER)], credits=[late], waivers=[]) == [
        Span(late, NEVER, Kind.HELD, NEVER, NEVER)
    ]


@pytest.mark.parametrize("duty", [[], [(HIRED, HIRED)], [(HIRED, FIRST)]])
def test_an_empty_duty_owes_nothing(duty: list[Period]) -> None:
    assert evaluate(ANNUAL, duty=duty, credits=[HIRED], waivers=[]) == []


def test_an_empty_waiver_waives_nothing_and_gives_no_grace() -> None:
    plain = evaluate(ANNUAL, duty=CURRENT, credits=[], waivers=[])
    assert evaluate(ANNUAL, duty=CURRENT, credits=[], waivers=[(date(2026, 2, 1), date(2026, 2, 1))]) == plain
