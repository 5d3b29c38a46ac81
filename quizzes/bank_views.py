"""Question files in the CMS: in, by way of a preview, and out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, cast
from uuid import UUID, uuid4

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.admin import messages

from lms.accounts.models import Person

from . import formats
from .bank_files import BankQuestion, from_content, give_back, take_over, to_content
from .contents import draw_content
from .enums import SURVEY_KINDS
from .formats import Format
from .forms import ImportForm, QuestionForm, find_problem
from .models import AttemptQuestion, Quiz
from .selectors import ASKED_WITH, describe_key, read_content
from .services import import_questions

KEPT_FOR = timedelta(hours=1)
"""How long a file waits between its preview and its import; the bank knows nothing of it until then."""
A_PAGE = 50

FORMAT_NAMES = {Format.GIFT: "GIFT", Format.MOODLE_XML: "Moodle XML", Format.AIKEN: "Aiken", Format.OWN: "YAML"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is not taken over, of which question, at which line of the file."""

    line: int | None
    item: str
    reason: str
    left_out: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would bring, and what not; ``known`` counts questions that the quiz has already."""

    questions: list[BankQuestion]
    problems: list[Problem]
    known: int


def _quiz_or_refuse(request: HttpRequest, pk: int) -> Quiz:
    if not request.user.has_perm("quizzes.change_quiz"):
        raise PermissionDenied
    return get_object_or_404(Quiz, pk=pk)


# --- in


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose a file; a POST reads it and leads to the preview. Nothing is saved."""
    quiz = _quiz_or_refuse(request, pk)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file, token = form.cleaned_data["file"], uuid4()
        kept = {"name": file.name, "data": file.read(), "language": form.cleaned_data["language"]}
        cache.set(_key(request, quiz, token), kept, KEPT_FOR.total_seconds())
        return redirect("quiz_preview", quiz.pk, token)
    return render(request, "quizzes/cms/import.html", {"quiz": quiz, "form": form}, status=422 if form.errors else 200)


def _key(request: HttpRequest, quiz: Quiz, token: UUID) -> str:
    return f"quiz-import-{request.user.pk}-{quiz.pk}-{token}"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, pk: int, token: UUID) -> HttpResponse:
    """Each question as it will look, and what is not taken over; a POST imports."""
    quiz = _quiz_or_refuse(request, pk)
    kept = cache.get(_key(request, quiz, token))
    if kept is None:
        messages.error(request, _("This preview is over an hour old, or imported already. Choose the file again."))
        return redirect("quiz_import", quiz.pk)
    read = read_file(kept["data"], name=kept["name"], quiz=quiz)
    if request.method == "POST" and read.questions:
        # Whoever presses twice imports once.
        if cache.delete(_key(request, quiz, token)):
            import_questions(
                quiz=quiz,
                questions=read.questions,
                language=kept["language"],
                file_name=kept["name"],
                actor=cast(Person, request.user),
            )
            messages.success(request, _("Imported: %(number)d questions.") % {"number": len(read.questions)})
        return redirect("wagtailsnippets_quizzes_quiz:edit", quiz.pk)
    page = Paginator(read.questions, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "quiz": quiz,
        "file_name": kept["name"],
        "read": read,
        "page": page,
        "shown": list(_show(page.object_list, first=page.start_index(), language=kept["language"])),
    }
    return render(request, "quizzes/cms/preview.html", context)


def read_file(data: bytes, *, name: str, quiz: Quiz) -> Preview:
    """Return what the file would bring into the quiz, and by name and line what it would not."""
    file = formats.read(data, name=name)
    problems = [Problem(one.line, one.item, one.reason, one.left_out) for one in file.problems]
    present = [question for _row, question in list_bank(quiz)]
    taken: list[BankQuestion] = []
    known = 0
    for question in file.questions:
        kept, lost = take_over(question)
        lines = [{"text": one.text, "match": one.match, "right": one.right, "share": one.share} for one in kept.lines]
        problem = _("Nothing is left of its text.") if not kept.stem else find_problem(kept.kind, lines)
        if problem:
            problems.append(Problem(question.line, question.name, str(problem), left_out=True))
        elif any(kept.reads_as(one) for one in present):
            known += 1
        else:
            problems += [Problem(question.line, question.name, reason, left_out=False) for reason in lost]
            taken.append(kept)
    problems.sort(key=lambda one: one.line or 0)
    return Preview(taken, problems, known)


def _show(questions: Any, *, first: int, language: str) -> Iterator[dict[str, Any]]:
    """The questions as an attempt would ask them."""
    for number, question in enumerate(questions, start=first):
        content = draw_content(to_content(question), language=language, shuffle=False, random=Random(number))
        asked = AttemptQuestion(position=number, content=content)
        yield {
            "question": asked,
            "form": QuestionForm(question=asked),
            "key": describe_key(asked),
            "bank": question,
        }


# --- out


def list_bank(quiz: Quiz) -> list[tuple[str, BankQuestion]]:
    """Return the graded questions of the quiz that are still asked, each with its code."""
    rows = quiz.questions.filter(retired=False).exclude(kind__in=SURVEY_KINDS).prefetch_related(*ASKED_WITH)
    return [
        (row.code, from_content(read_content(row), code=row.code, topic=row.topic, tags=sorted(row.tag_set)))
        for row in rows
    ]


@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The formats to take the questions home in, each with what it can't hold."""
    quiz = _quiz_or_refuse(request, pk)
    questions = [give_back(question) for _code, question in list_bank(quiz)]
    offered = [(kind, FORMAT_NAMES[kind], formats.list_losses(questions, format=kind)) for kind in Format]
    context = {"quiz": quiz, "number": len(questions), "formats": offered}
    return render(request, "quizzes/cms/export.html", context)


@require_safe
def download(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The quiz's questions as a file."""
    quiz = _quiz_or_refuse(request, pk)
    if kind not in list(Format):
        raise Http404
    data = formats.write([give_back(question) for _code, question in list_bank(quiz)], format=kind)
    answer = HttpResponse(data, content_type="application/octet-stream")
    ending = {Format.AIKEN: "aiken.txt", Format.GIFT: "gift.txt"}.get(Format(kind), kind)
    answer["Content-Disposition"] = f'attachment; filename="{quiz.code}.{ending}"'
    return answer
