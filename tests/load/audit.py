"""The journal against the database."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from decimal import Decimal
from fractions import Fraction

from certificates.enums import CertificateState
from certificates.models import Certificate
from lms.learning.models import Completion, Enrollment
from quizzes.enums import QuestionKind
from quizzes.forms import list_posted
from quizzes.models import Attempt, AttemptQuestion

from .learners import Journal


@dataclass
class Findings:
    """How many of each were compared, and what was wrong with how many. All but the first four should be 0."""

    answers: int = 0
    attempts: int = 0
    completions: int = 0
    certificates: int = 0
    answers_lost: int = 0
    answers_other: int = 0
    answers_unknown: int = 0
    hand_ins_lost: int = 0
    scores_other: int = 0
    without_one_completion: int = 0
    without_one_certificate: int = 0
    others: list[str] = field(default_factory=list)
    """What was found in place of what was promised, in words."""

    @property
    def faults(self) -> int:
        names = ("answers", "attempts", "completions", "certificates", "others")
        return sum(value for name, value in asdict(self).items() if name not in names)


def compare(journal: Journal, *, learners: int) -> Findings:
    """Look for every acknowledged write in the database, and recount every score from the journal alone.

    The server must be away, and the journal one of ``Journal.at_rest``: otherwise an answer may move from what is on
    the way to what is acknowledged between the two looks at it.
    """
    found = Findings(answers=len(journal.answers), attempts=len(journal.handed_in))
    questions = {
        (question.attempt_id, question.position): question
        for question in AttemptQuestion.objects.select_related("response")
    }
    for key, chosen in journal.answers.items():
        saved = questions[key].chosen
        promised = [one for one in (chosen, journal.on_the_way.get(key)) if one is not None]
        if not saved:
            found.answers_lost += 1
        elif not any(is_same(questions[key], one) for one in promised):
            found.answers_other += 1
            found.others.append(
                f"attempt {key[0]}, question {key[1]} ({questions[key].kind}): promised {promised}, found {saved}, "
                f"revision {questions[key].response.revision} of {questions[key].response.saved_at:%H:%M:%S}"
            )
    known = {*journal.answers, *journal.on_the_way}
    found.answers_unknown = sum(bool(one.chosen) and key not in known for key, one in questions.items())
    for attempt in Attempt.objects.all():
        if attempt.pk in journal.handed_in and attempt.submitted_at is None:
            found.hand_ins_lost += 1
        if attempt.submitted_at is not None:
            points = sum((recount(one, journal) for key, one in questions.items() if key[0] == attempt.pk), Fraction())
            found.scores_other += Decimal(int(points * 100)) / 100 != attempt.score
    for enrollment in Enrollment.objects.all():
        completions = list(Completion.objects.standing().filter(person=enrollment.person_id))
        certificates = Certificate.objects.filter(
            completion__in=completions, state__in=[CertificateState.PENDING, CertificateState.VALID]
        ).count()
        found.completions += len(completions)
        found.certificates += certificates
        found.without_one_completion += len(completions) != 1
        found.without_one_certificate += certificates != 1
    found.without_one_completion += learners - Enrollment.objects.count()
    return found


def is_same(question: AttemptQuestion, posted: list[str]) -> bool:
    """Whether the answer that is saved is this one; several choices come in the order of the page."""
    saved = list_posted(question, question.chosen)
    return sorted(saved) == sorted(posted) if question.kind == QuestionKind.MULTIPLE else saved == posted


def recount(question: AttemptQuestion, journal: Journal) -> Fraction:
    """The points that the journal's answer is worth, told by the texts alone: what is right says so."""
    chosen = journal.answers.get((question.attempt_id, question.position), [])
    texts = {str(choice["id"]): choice["text"] for choice in question.choices}
    match question.kind:
        case "matching":
            options = {str(option["id"]): option["text"] for option in question.options}
            fits = [
                options[value].split()[-1] == choice["text"].split()[-1]
                for value, choice in zip(chosen, question.choices, strict=True)
            ]
            return Fraction(sum(fits), len(fits))
        case "short_text":
            return Fraction(chosen == ["right"])
        case "numeric":
            return Fraction(chosen == ["12"])
        case "multiple":
            halves = sum(1 if texts[value].startswith("Right") else -1 for value in chosen)
            return Fraction(min(2, max(0, halves)), 2)
    return Fraction(texts[chosen[0]] == "Right")
