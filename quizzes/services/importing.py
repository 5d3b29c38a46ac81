"""Questions out of a file into the bank."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from lms.accounts.models import Person
from lms.audit.services import record
from quizzes.bank_files import LONGEST, BankQuestion
from quizzes.models import Choice, Question, Quiz


@transaction.atomic
def import_questions(
    *, quiz: Quiz, questions: Sequence[BankQuestion], language: str, file_name: str, actor: Person | None
) -> list[Question]:
    """Put the questions behind those of the quiz, each under a code of its own, and return them."""
    Quiz.objects.select_for_update(of=("self",)).get(pk=quiz.pk)
    codes = set(quiz.questions.values_list("code", flat=True))
    position = quiz.questions.count()
    rows = [
        Question(
            quiz=quiz,
            code=_free_code(question.code, codes),
            kind=question.kind,
            topic=question.topic,
            tags=", ".join(question.tags),
            language=language,
            stem=question.stem,
            explanation=question.explanation,
            tolerance=question.tolerance,
            keep_order=question.keep_order,
            position=position + number,
        )
        for number, question in enumerate(questions)
    ]
    Question.objects.bulk_create(rows, batch_size=200)
    Choice.objects.bulk_create(_choices(rows, questions), batch_size=500)
    detail = {"file": file_name, "questions": len(rows)}
    record(actor=actor, action="quiz.questions_imported", target=quiz, detail=detail)
    return rows


def _choices(rows: Iterable[Question], questions: Iterable[BankQuestion]) -> Iterable[Choice]:
    for row, question in zip(rows, questions, strict=True):
        for number, line in enumerate(question.lines):
            yield Choice(
                question=row,
                text=line.text,
                match=line.match,
                right=line.right,
                share=line.share,
                feedback=line.feedback,
                position=number,
            )


def _free_code(wanted: str, taken: set[str]) -> str:
    """The code, with a number where it is taken; it is taken from then on."""
    code, number = wanted, 1
    while code in taken:
        number += 1
        code = f"{wanted[: LONGEST['code'] - len(str(number)) - 1]}-{number}"
    taken.add(code)
    return code
