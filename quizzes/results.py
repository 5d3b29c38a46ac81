"""Reads for trainers: what the answers to a quiz tell about its questions, about what was learned, and where.

Nobody is named here. Questions are judged by first tries, since a second one knows the first; a quiz with fewer first
tries than the setting SMALL_CELL_MINIMUM shows no figures, and counts by language and agency hide small cells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter, itemgetter
from statistics import fmean, median
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.agencies.models import Agency, AgencyPlacement, Employment
from lms.privacy.counts import suppress, suppress_percent

from .enums import CHOICE_KINDS, SURVEY_KINDS, TEXT_KINDS, QuestionKind
from .grading import fold_text, gives_part_credit, grade_question, percent_of, share_of
from .models import Attempt, AttemptQuestion, Question, QuestionVersion, Quiz
from .statistics import Answer, Flag, Gain, ItemFigures, analyze, find_flags, measure_gain

PERSON = Coalesce("person__merged_into__merged_into", "person__merged_into", "person")
"""Whoever a row's person is after all merges."""

MOST_TEXTS = 200


def list_quizzes_with_tries() -> QuerySet[Quiz]:
    """Return every quiz with how many attempts were handed in (``tries``), and when the last one was (``last_at``)."""
    handed_in = Q(attempts__submitted_at__isnull=False)
    return Quiz.objects.annotate(
        tries=Count("attempts", filter=handed_in), last_at=Max("attempts__submitted_at")
    ).order_by("title", "pk")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that could be chosen or written: how often it was, by what share of those who answered."""

    text: str
    right: bool
    count: int
    percent: int
    rest_mean: float | None


@dataclass(frozen=True, slots=True)
class Wording:
    """A question as one of its versions asked it; each line with whether it was right."""

    number: int
    first_asked_at: datetime
    stem: str
    lines: list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One question with its figures; ``lines`` is the distractor table, in the author's order, ``versions`` what was
    asked, the newest first."""

    question: Question
    kind: str
    stem: str
    versions: list[Wording]
    figures: ItemFigures
    flags: list[Flag]
    lines: list[Line]

    @property
    def is_graded(self) -> bool:
        return self.kind not in SURVEY_KINDS

    @property
    def difficulty_percent(self) -> float | None:
        return None if self.figures.difficulty is None else 100 * self.figures.difficulty


@dataclass(frozen=True, slots=True)
class Group:
    """The first tries of those who share a language or an agency; None stands for a count that is hidden."""

    name: str
    tries: int | None
    passed: int | None
    percent: int | None


@dataclass(frozen=True, slots=True)
class QuizResult:
    """What is known of a quiz. ``items``, ``gain`` and the groups are empty while there are too few first tries."""

    quiz: Quiz
    tries: int
    first_tries: int
    first_passed: int
    mean_percent: float | None
    median_minutes: float | None
    items: list[ItemResult] = field(default_factory=list)
    gain: Gain | None = None
    pairs: int = 0
    by_language: list[Group] = field(default_factory=list)
    by_agency: list[Group] = field(default_factory=list)

    @property
    def is_told(self) -> bool:
        return self.first_tries >= settings.SMALL_CELL_MINIMUM

    @property
    def to_check(self) -> list[ItemResult]:
        """The questions whose key may be wrong."""
        return [item for item in self.items if {Flag.TURNED_AROUND, Flag.RIVAL} & set(item.flags)]

    @property
    def first_passed_percent(self) -> int | None:
        return self.first_passed * 100 // self.first_tries if self.first_tries else None


@dataclass(frozen=True, slots=True)
class _Try:
    """One first try, as far as the figures of a whole quiz need it."""

    owner: int
    language: str
    passed: bool
    percent: float | None
    started_at: datetime
    submitted_at: datetime


def get_quiz_result(quiz: Quiz) -> QuizResult:
    """Return everything that may be told of a quiz, in as many queries whatever the number of attempts."""
    tries = Attempt.objects.filter(quiz=quiz, submitted_at__isnull=False)
    first = list(_read_first_tries(quiz))
    percents = [one.percent for one in first if one.percent is not None]
    minutes = [(one.submitted_at - one.started_at).total_seconds() / 60 for one in first]
    result = QuizResult(
        quiz=quiz,
        tries=tries.count(),
        first_tries=len(first),
        first_passed=sum(one.passed for one in first),
        mean_percent=fmean(percents) if percents else None,
        median_minutes=median(minutes) if minutes else None,
    )
    if not result.is_told:
        return result
    pairs = _list_pairs(quiz)
    return replace(
        result,
        items=list_items(quiz),
        gain=measure_gain(pairs) if len(pairs) >= settings.SMALL_CELL_MINIMUM else None,
        pairs=len(pairs),
        by_language=_group([(_name_language(one.language), one.passed) for one in first]),
        by_agency=_group(list(_by_agency(quiz, first))),
    )


def _read_first_tries(quiz: Quiz) -> Iterator[_Try]:
    first = Attempt.objects.filter(quiz=quiz, submitted_at__isnull=False, number=1).annotate(owner=PERSON)
    fields = ("owner", "language", "passed", "score", "max_score", "started_at", "submitted_at")
    for owner, language, passed, score, most, started_at, submitted_at in first.values_list(*fields):
        percent = float(percent_of(score or Decimal(), most)) if most else None
        # What was handed in has its moment.
        yield _Try(owner, language, passed is True, percent, started_at, submitted_at or started_at)


# --- questions


def list_items(quiz: Quiz) -> list[ItemResult]:
    """Return every question that a first try at the quiz was asked, in the quiz's order, with its figures."""
    asked = _list_asked(quiz)
    versions = list(
        QuestionVersion.objects.filter(pk__in=asked.values("version"))
        .select_related("question")
        .order_by("question__position", "question", "-number")
    )
    figures = analyze(_read_answers(asked, {version.pk: version.content for version in versions}))
    by_question = groupby(versions, key=attrgetter("question_id"))
    return [_describe(list(asked_so), figures[key]) for key, asked_so in by_question]


def _list_asked(quiz: Quiz) -> QuerySet[AttemptQuestion]:
    return AttemptQuestion.objects.filter(
        attempt__quiz=quiz, attempt__number=1, attempt__submitted_at__isnull=False, version__isnull=False
    )


ANSWER_FIELDS = (
    *("attempt_id", "question_id", "version_id", "attempt__score", "attempt__started_at"),
    *("response__points", "response__saved_at", "response__chosen", "pk"),
)


def _read_answers(
    asked: QuerySet[AttemptQuestion], contents: Mapping[int, Mapping[str, Any]]
) -> Iterator[tuple[int, Answer]]:
    # Answers that were graded before their points were kept.
    ungraded = {
        row.pk: float(grade_question(row.content, row.chosen))
        for row in asked.filter(response__points=None, response__isnull=False, attempt__max_score__gt=0).select_related(
            "response"
        )
    }
    rows = asked.order_by("attempt_id", "response__saved_at").values_list(*ANSWER_FIELDS)
    for _attempt, answers in groupby(rows.iterator(chunk_size=5_000), key=itemgetter(0)):
        before: datetime | None = None
        for _attempt, question, version, score, started_at, worth, saved_at, chosen, key in answers:
            points = float(worth) if worth is not None else ungraded.get(key, 0.0)
            seconds = (saved_at - (before or started_at)).total_seconds() if saved_at else None
            before = saved_at or before
            marks = list_marks(chosen or [], contents[version])
            yield question, Answer(points, float(score) - points, seconds, marks)


def list_marks(chosen: Sequence[int | str], version: Mapping[str, Any]) -> list[Hashable]:
    """Return what is counted of an answer: choices; pairs of prompt and option; of item and place; the folded text."""
    kind = version["kind"]
    if kind in CHOICE_KINDS:
        return list(chosen)
    if kind == QuestionKind.FREE_TEXT:
        return [str(text) for text in chosen]
    if kind in TEXT_KINDS:
        return [fold_text(str(text)) for text in chosen]
    if kind == QuestionKind.ORDERING:
        return [(item, place) for place, item in enumerate(chosen, start=1)]
    prompts = [choice["id"] for choice in version["choices"] if choice["text"]]
    return list(zip(prompts, chosen, strict=False))


def name_flag(flag: Flag) -> str:
    """Return what a flag asks the author to look at."""
    return {
        Flag.TOO_EASY: _("Nearly everybody gets it"),
        Flag.TOO_HARD: _("Hardly anybody gets it"),
        Flag.TELLS_LITTLE: _("Tells little about the rest"),
        Flag.TURNED_AROUND: _("Those who know more miss it: check the key"),
        Flag.RIVAL: _("A wrong choice draws those who know more"),
        Flag.NEVER_CHOSEN: _("A choice that nobody takes"),
    }[flag]


def _describe(versions: Sequence[QuestionVersion], figures: ItemFigures) -> ItemResult:
    """A question by its newest version, with the choices that only older ones had behind its own."""
    newest, *older = versions
    content = newest.content
    graded = content["kind"] not in SURVEY_KINDS
    keyed = _list_keyed_marks(content)
    known = {mark for mark, _text, _right in keyed}
    flags = []
    if graded:
        wrong = [mark for mark, _text, right in keyed if not right and content["kind"] in CHOICE_KINDS]
        flags = find_flags(figures, right=[mark for mark, _text, right in keyed if right], wrong=wrong)
    for version in older:
        keyed += [line for line in _list_keyed_marks(version.content) if line[0] not in known]
        known = {mark for mark, _text, _right in keyed}
    lines = [_line(figures, mark, text, right) for mark, text, right in keyed]
    if content["kind"] in TEXT_KINDS:
        lines = _text_lines(content, figures)
    wordings = [_word(version) for version in versions]
    return ItemResult(newest.question, content["kind"], content["stem"], wordings, figures, flags, lines)


def _word(version: QuestionVersion) -> Wording:
    content = version.content
    lines = [(text, right) for _mark, text, right in _list_keyed_marks(content)]
    if content["kind"] in TEXT_KINDS:
        lines = [(choice["text"], share_of(choice, otherwise=1) == 1) for choice in content["choices"]]
    return Wording(version.number, version.first_drawn_at, content["stem"], lines)


def _line(figures: ItemFigures, mark: Hashable, text: str, right: bool) -> Line:
    found = figures.marks.get(mark)
    count = found.count if found else 0
    percent = count * 100 // figures.answered if figures.answered else 0
    return Line(text, right, count, percent, found.rest_mean if found else None)


def _list_keyed_marks(content: Mapping[str, Any]) -> list[tuple[Hashable, str, bool]]:
    """Every mark that the kind offers, its text, and whether it is right; of pairs and places only the right ones."""
    choices = content["choices"]
    match QuestionKind(content["kind"]):
        case QuestionKind.MATCHING:
            option_of: dict[str, int] = {}
            for choice in choices:
                option_of.setdefault(choice["match"], choice["id"])
            return [
                ((choice["id"], option_of[choice["match"]]), f"{choice['text']} – {choice['match']}", True)
                for choice in choices
                if choice["text"]
            ]
        case QuestionKind.ORDERING:
            return [
                ((choice["id"], place), f"{place}. {choice['text']}", True)
                for place, choice in enumerate(choices, start=1)
            ]
        case QuestionKind.SHORT_TEXT | QuestionKind.NUMERIC | QuestionKind.FREE_TEXT:
            return []
        case QuestionKind.MULTIPLE if gives_part_credit(choices):
            return [(choice["id"], choice["text"], share_of(choice, otherwise=0) > 0) for choice in choices]
    return [(choice["id"], choice["text"], bool(choice["right"])) for choice in choices]


def _text_lines(content: Mapping[str, Any], figures: ItemFigures) -> list[Line]:
    """What was written, the most frequent first. Of a graded question, what few wrote is added up; a survey's free
    texts stand there as they were written, in the order of the alphabet, which is nobody's."""
    graded = content["kind"] != QuestionKind.FREE_TEXT
    by_count = sorted(figures.marks.items(), key=lambda item: (-item[1].count, str(item[0])))
    least = settings.SMALL_CELL_MINIMUM if graded else 1
    shown = [(mark, found) for mark, found in by_count[:MOST_TEXTS] if found.count >= least]
    lines = [_line(figures, mark, str(mark), graded and _is_accepted(content, str(mark))) for mark, _found in shown]
    other = figures.answered - sum(found.count for _mark, found in shown)
    if other:
        lines.append(Line(_("Other answers"), False, other, other * 100 // figures.answered, None))
    return lines


def _is_accepted(content: Mapping[str, Any], text: str) -> bool:
    return grade_question(content, [text]) == 1


# --- before and after


def _list_pairs(quiz: Quiz) -> list[tuple[float, float]]:
    """Percentages of the pre-test and of the first try at the quiz that followed it, person by person."""
    if quiz.pre_test_id is None:
        return []
    handed_in = Attempt.objects.filter(submitted_at__isnull=False, number=1, max_score__gt=0).annotate(owner=PERSON)
    fields = ("owner", "started_at", "submitted_at", "score", "max_score")
    before: dict[int, list[tuple[datetime, float]]] = {}
    for owner, _start, end, score, most in handed_in.filter(quiz=quiz.pre_test_id).values_list(*fields):
        before.setdefault(owner, []).append((end, float(percent_of(score or Decimal(), most))))
    pairs = []
    for owner, start, _end, score, most in handed_in.filter(quiz=quiz).order_by("started_at").values_list(*fields):
        earlier = [known for known in before.pop(owner, []) if known[0] <= start]
        if earlier:
            pairs.append((max(earlier)[1], float(percent_of(score or Decimal(), most))))
    return pairs


# --- by language and agency


def _group(tries: Sequence[tuple[str, bool]]) -> list[Group]:
    """Count first tries by group, not passed and passed, and hide what is small, its complements too.

    A group that is all of them is told: it says no more than the figures of the whole quiz.
    """
    names = sorted({name for name, _passed in tries})
    counts = Counter(tries)
    cells = [[counts[name, state] for state in (False, True)] for name in names]
    least = 0 if len(names) == 1 else None
    shown = suppress(cells, minimum=least)
    return [
        Group(
            name=name,
            tries=shown.row_totals[row],
            passed=passed,
            percent=None if passed is None else suppress_percent(passed, sum(cells[row]), minimum=least),
        )
        for row, (name, (_failed, passed)) in enumerate(zip(names, shown.cells, strict=True))
    ]


def _name_language(code: str) -> str:
    return str(dict(settings.LANGUAGES).get(code, code))


def _by_agency(quiz: Quiz, tries: Iterable[_Try]) -> Iterator[tuple[str, bool]]:
    """Each first try under the department, by the tree of that day, of the job that the person held then."""
    people = Attempt.objects.filter(quiz=quiz).values(owner=PERSON)
    jobs: dict[int, list[tuple[date, date | None, int]]] = {}
    for owner, start, end, agency in (
        Employment.objects.annotate(owner=PERSON)
        .filter(owner__in=people)
        .order_by("valid_from", "pk")
        .values_list("owner", "valid_from", "valid_until", "agency")
    ):
        jobs.setdefault(owner, []).append((start, end, agency))
    places: dict[int, list[tuple[date, date | None, str]]] = {}
    tops: dict[str, str] = {}
    for agency, start, end, path, name in AgencyPlacement.objects.order_by("valid_from").values_list(
        "agency", "valid_from", "valid_until", "path", "agency__name"
    ):
        places.setdefault(agency, []).append((start, end, path))
        if len(path) == Agency.steplen:
            tops[path] = name
    for one in tries:
        day = timezone.localdate(one.submitted_at)
        held = _held_on(jobs.get(one.owner, []), day)
        path = _held_on(places.get(held, []), day) if held is not None else None
        yield tops.get(path[: Agency.steplen], _("No agency")) if path else _("No agency"), one.passed


def _held_on(periods: Sequence[tuple[date, date | None, Any]], day: date) -> Any:
    return next((what for start, end, what in periods if start <= day and (end is None or day < end)), None)
