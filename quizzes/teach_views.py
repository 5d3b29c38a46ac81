"""What trainers, editors and coordinators do with a quiz: read its results, correct a key, give more time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any, Concatenate

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lms.accounts.models import Person
from lms.agencies.selectors import visible_to
from lms.agencies.services import record_opening
from lms.sheets.writing import Value, write_csv

from .forms import DecisionForm, RegradeForm, TimeForm
from .models import Question, Quiz, RegradedAttempt
from .permissions import user_can_decide_regrade, user_can_extend_time, user_can_regrade, user_can_see_results
from .results import QuizResult, get_quiz_result, list_quizzes_with_tries, name_flag
from .selectors import (
    Correction,
    count_waiting_decisions,
    list_corrected_questions,
    list_corrections,
    list_regrades,
    list_time_extensions,
    read_content,
)
from .services import NothingToDecide, decide_regrade, end_time_extension, extend_time, regrade_question


class SignedInRequest(HttpRequest):
    """A request behind ``login_required``."""

    user: Person


View = Callable[Concatenate[SignedInRequest, ...], HttpResponseBase]


def only_for(may: Callable[[Person], bool]) -> Callable[[View], View]:
    """Ask who is not signed in to do so; a page is not there for who may not see it."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not may(request.user):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _sees_results(user: Person) -> bool:
    return user_can_see_results(user, as_of=timezone.localdate())


def _decides(user: Person) -> bool:
    return user_can_decide_regrade(user, as_of=timezone.localdate())


def _sees_regrades(user: Person) -> bool:
    return user_can_regrade(user) or _decides(user)


def _extends_time(user: Person) -> bool:
    return user_can_extend_time(user, as_of=timezone.localdate())


# --- results


@require_safe
@only_for(_sees_results)
def list_results(request: SignedInRequest) -> HttpResponse:
    """Every quiz with how often it was taken."""
    context = {
        "quizzes": list_quizzes_with_tries(),
        "waiting": count_waiting_decisions() if _decides(request.user) else 0,
        "extends_time": _extends_time(request.user),
    }
    return render(request, "quizzes/teach/results.html", context)


@require_safe
@only_for(_sees_results)
def show_result(request: SignedInRequest, code: str) -> HttpResponse:
    """What a quiz tells: passes, questions and their flags, what was learned, languages and agencies."""
    before = Exists(Quiz.objects.filter(pre_test=OuterRef("pk")))
    quiz = get_object_or_404(Quiz.objects.select_related("pre_test").annotate(is_pre_test=before), code=code)
    context = {"result": get_quiz_result(quiz), "regrades": _sees_regrades(request.user)}
    return render(request, "quizzes/teach/result.html", context)


@require_safe
@only_for(_sees_results)
def show_item(request: SignedInRequest, code: str, question: int) -> HttpResponse:
    """One question: what was chosen how often, and by whom in terms of the rest of the quiz."""
    quiz = get_object_or_404(Quiz, code=code)
    result = get_quiz_result(quiz)
    item = next((one for one in result.items if one.question.pk == question), None)
    if item is None:
        raise Http404
    context = {"result": result, "item": item, "regrades": user_can_regrade(request.user)}
    return render(request, "quizzes/teach/item.html", context)


@require_safe
@only_for(_sees_results)
def download_result(request: SignedInRequest, code: str, table: str) -> HttpResponseBase:
    """The same figures as a sheet: of the questions, of their choices, of languages and agencies."""
    quiz = get_object_or_404(Quiz, code=code)
    if table not in TABLES:
        raise Http404
    header, rows = TABLES[table]
    answer = StreamingHttpResponse(
        write_csv([str(name) for name in header()], rows(get_quiz_result(quiz))), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="{quiz.code}-{table}.csv"'
    return answer


def _question_header() -> Sequence[str]:
    return (
        *(_("Question"), _("Text"), _("Kind"), _("Tags"), _("First tries"), _("Answered"), _("Difficulty")),
        *(_("Discrimination"), _("Median seconds"), _("Versions"), _("To look at")),
    )


def _question_rows(result: QuizResult) -> Iterator[Sequence[Value]]:
    for item in result.items:
        figures = item.figures
        yield (
            item.question.code,
            strip_tags(item.stem),
            item.question.get_kind_display(),
            item.question.tags,
            figures.tries,
            figures.answered,
            _rounded(figures.difficulty, 3) if item.is_graded else None,
            _rounded(figures.discrimination, 3) if item.is_graded else None,
            _rounded(figures.seconds, 1),
            len(item.versions),
            "; ".join(name_flag(flag) for flag in item.flags),
        )


def _choice_header() -> Sequence[str]:
    return (_("Question"), _("Answer"), _("Right"), _("Number"), _("Percent"), _("Mean of the other points"))


def _choice_rows(result: QuizResult) -> Iterator[Sequence[Value]]:
    for item in result.items:
        for line in item.lines:
            right = (_("yes") if line.right else _("no")) if item.is_graded else ""
            yield item.question.code, line.text, right, line.count, line.percent, _rounded(line.rest_mean, 2)


def _group_header() -> Sequence[str]:
    return _("Group"), _("Name"), _("First tries"), _("Passed"), _("Percent")


def _group_rows(result: QuizResult) -> Iterator[Sequence[Value]]:
    hidden = _("hidden")
    for kind, groups in ((_("Language"), result.by_language), (_("Agency"), result.by_agency)):
        for group in groups:
            shown = (group.tries, group.passed, group.percent)
            yield kind, group.name, *(hidden if one is None else one for one in shown)


TABLES: dict[str, tuple[Callable[[], Sequence[str]], Callable[[QuizResult], Iterator[Sequence[Value]]]]] = {
    "questions": (_question_header, _question_rows),
    "choices": (_choice_header, _choice_rows),
    "groups": (_group_header, _group_rows),
}


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


# --- corrected keys


@require_safe
@only_for(user_can_regrade)
def list_keys(request: SignedInRequest, code: str) -> HttpResponse:
    """The questions of a quiz whose key reads otherwise than it did when people were asked."""
    quiz = get_object_or_404(Quiz, code=code)
    context = {"quiz": quiz, "corrected": list_corrected_questions(quiz)}
    return render(request, "quizzes/teach/keys.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@only_for(user_can_regrade)
def correct_key(request: SignedInRequest, code: str, question: int) -> HttpResponse:
    """Whom a corrected key affects and how; a POST grades again, with the reason."""
    asked = get_object_or_404(Question.objects.select_related("quiz"), pk=question, quiz__code=code)
    form = RegradeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        regrade = regrade_question(
            question=asked, reason=form.cleaned_data["reason"], actor=request.user, now=timezone.now()
        )
        messages.success(request, _("Graded again. Who is affected, and what waits for a decision, stands below."))
        return redirect("quizzes:regrade", regrade.pk)
    corrections = list_corrections(asked, read_content(asked))
    context = {"question": asked, "form": form, **_preview(request.user, corrections)}
    return render(request, "quizzes/teach/correct_key.html", context, status=422 if form.errors else 200)


def _preview(user: Person, corrections: Sequence[Correction]) -> dict[str, Any]:
    changed = [correction for correction in corrections if correction.changes_result]
    seen = set(visible_to(user, as_of=timezone.localdate()).values_list("pk", flat=True))
    named = [correction for correction in changed if correction.attempt.person_id in seen]
    return {
        "asked": len(corrections),
        "open": sum(correction.attempt.submitted_at is None for correction in corrections),
        "changed": len(changed),
        "gains": sum(correction.gains_pass for correction in changed),
        "losses": sum(correction.loses_pass for correction in changed),
        "named": named,
        "unnamed": len(changed) - len(named),
    }


@require_safe
@only_for(_sees_regrades)
def list_all_regrades(request: SignedInRequest) -> HttpResponse:
    """Every correction of a key, and which wait for a decision."""
    return render(request, "quizzes/teach/regrades.html", {"regrades": list_regrades()})


@require_http_methods(["GET", "HEAD", "POST"])
@only_for(_sees_regrades)
def show_regrade(request: SignedInRequest, regrade: int) -> HttpResponse:
    """What a correction changed, attempt by attempt; a coordinator's POST decides about a pass that would be lost."""
    found = get_object_or_404(list_regrades(), pk=regrade)
    decides = _decides(request.user)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not decides:
            raise Http404
        if form.is_valid():
            return _decide(request, found.pk, form)
    seen = visible_to(request.user, as_of=timezone.localdate())
    lines = found.attempts.select_related("attempt__person", "decided_by").order_by("-state", "pk")
    named = lines.filter(attempt__person__in=seen)
    context = {
        "regrade": found,
        "lines": named,
        "unnamed": lines.count() - named.count(),
        "decides": decides,
        "form": form,
        "failed_line": form.data.get("line") if form.errors else None,
    }
    return render(request, "quizzes/teach/regrade.html", context, status=422 if form.errors else 200)


def _decide(request: SignedInRequest, regrade: int, form: DecisionForm) -> HttpResponse:
    seen = visible_to(request.user, as_of=timezone.localdate())
    lines = RegradedAttempt.objects.filter(regrade=regrade, attempt__person__in=seen)
    line = get_object_or_404(lines, pk=form.cleaned_data["line"])
    withdraw = form.cleaned_data["withdraw"]
    try:
        decide_regrade(
            line=line,
            withdraw=withdraw,
            reason=form.cleaned_data["reason"],
            actor=request.user,
            now=timezone.now(),
        )
    except NothingToDecide:
        messages.error(request, _("This was decided already; the decision stands below."))
    else:
        messages.success(request, _("Decided: the pass is taken back.") if withdraw else _("Decided: the pass stands."))
    return redirect("quizzes:regrade", regrade)


# --- more time


@require_http_methods(["GET", "HEAD", "POST"])
@only_for(_extends_time)
def give_time(request: SignedInRequest) -> HttpResponse:
    """Who of the user's people has more time; a POST gives it to one of them."""
    today = timezone.localdate()
    people = visible_to(request.user, as_of=today)
    if request.method != "POST":
        record_opening(actor=request.user, opened=None, page="quizzes:time", as_of=today)
    form = TimeForm(request.POST if request.method == "POST" else None, people=people)
    if request.method == "POST" and form.is_valid():
        extension = extend_time(
            person=form.cleaned_data["person"],
            quiz=form.cleaned_data["quiz"],
            extra_percent=form.cleaned_data["extra_percent"],
            actor=request.user,
            now=timezone.now(),
        )
        words = _("%(person)s has %(percent)s percent more time from now on, in an open attempt too.")
        told = {"person": extension.person.full_name, "percent": extension.extra_percent}
        messages.success(request, words % told)
        return redirect("quizzes:time")
    context = {"form": form, "extensions": list_time_extensions(people)}
    return render(request, "quizzes/teach/time.html", context, status=422 if form.errors else 200)


@require_POST
@only_for(_extends_time)
def end_time(request: SignedInRequest, extension: int) -> HttpResponse:
    """Take an extension back for later attempts."""
    people = visible_to(request.user, as_of=timezone.localdate())
    found = get_object_or_404(list_time_extensions(people), pk=extension)
    end_time_extension(extension=found, actor=request.user)
    messages.success(request, _("%(person)s has the usual time again.") % {"person": found.person.full_name})
    return redirect("quizzes:time")
