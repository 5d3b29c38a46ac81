"""The attempt, question by question: answer, check, submit, result."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from formtools.wizard.views import NamedUrlWizardView

from lms.accounts.selectors import identities

from .forms import QuestionForm
from .models import Attempt, AttemptQuestion
from .selectors import list_results
from .services import AnswerRefused, AttemptClosed, Unanswered, save_response, submit_attempt

CHECK, RESULT = "check", "result"


@method_decorator(never_cache, name="dispatch")
class AttemptWizard(LoginRequiredMixin, NamedUrlWizardView):
    """One address for each step of an attempt: "1" to "n", "check" and "result".

    A POST to a question saves its answer, a POST to "check" submits; a GET never writes. A subclass sets ``url_name``
    (its pattern takes ``step`` and whatever ``get_attempt`` reads) and may replace the hooks below.
    """

    url_name = ""
    done_step_name = CHECK
    form_list = [("1", QuestionForm)]
    storage_name = "quizzes.storage.ResponseStorage"
    template_name = "quizzes/question.html"
    review_template_name = "quizzes/review.html"
    result_template_name = "quizzes/result.html"
    problem_template_name = "quizzes/problem.html"

    # --- hooks

    def get_attempt(self) -> Attempt:
        """Return the reader's own attempt; raises Http404 for anybody else's."""
        attempts = Attempt.objects.select_related("quiz")
        return get_object_or_404(attempts, pk=self.kwargs["attempt"], person__in=identities(self.request.user))

    def on_submitted(self, attempt: Attempt) -> None:
        """Record what follows from the attempt; called once, inside the transaction that submits it."""

    def get_title(self) -> str:
        """Return what the pages call this quiz."""
        return self.attempt.quiz.title

    def get_step_url(self, step: str) -> str:
        """Return the address of a step by its name."""
        return reverse(self.url_name, kwargs={**self.kwargs, "step": step})

    def leave_url(self) -> str:
        """Return where Pause and "Back to the course" lead."""
        return reverse("portal:my")

    def retry_url(self) -> str:
        """Return the address that starts another attempt when posted to; empty where none may be started."""
        return ""

    # --- addresses

    def step_url(self, position: int) -> str:
        """Return the address of the question at ``position``."""
        return self.get_step_url(str(position))

    def review_url(self) -> str:
        """Return the address of the page that lists all questions before submission."""
        return self.get_step_url(CHECK)

    def result_url(self) -> str:
        """Return the address of the result."""
        return self.get_step_url(RESULT)

    # --- requests

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show a question with its saved answer, the list of all, or the result."""
        step = self.kwargs["step"]
        submitted = self.attempt.submitted_at is not None
        if step == RESULT:
            return self.render_result() if submitted else redirect(self.review_url())
        if step == CHECK:
            return redirect(self.result_url()) if submitted else self.render_review()
        self.storage.current_step = self._known_step()
        return self.render_closed() if submitted else self.render()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save the answer to a question and go on, or submit from the list of all."""
        step = self.kwargs["step"]
        if step == RESULT:
            return redirect(self.result_url())
        if step == CHECK:
            return self.submit()
        self.storage.current_step = self._known_step()
        if self.attempt.submitted_at is not None:
            return self.render_closed()
        form = self.get_form(data=request.POST)
        if not form.is_valid():
            return self._render_question(form, status=422) if form.is_empty() else self.render_refused()
        return self._save(form)

    def _save(self, form: QuestionForm) -> HttpResponse:
        try:
            save_response(
                attempt=self.attempt,
                position=form.question.position,
                chosen=form.cleaned_data["chosen"],
                now=timezone.now(),
            )
        except AttemptClosed:
            return self.render_closed()
        except AnswerRefused:
            return self.render_refused()
        return redirect(self.get_step_url(self.steps.next or CHECK))

    def submit(self) -> HttpResponse:
        """Submit the attempt and show its result; a repeated request shows the same one."""
        try:
            submit_attempt(attempt=self.attempt, now=timezone.now(), on_submitted=self.on_submitted)
        except Unanswered as refusal:
            return self.render_review(unanswered=refusal.positions, status=422)
        return redirect(self.result_url())

    # --- pages

    def render_review(self, *, unanswered: list[int] | None = None, status: int = 200) -> HttpResponse:
        """Show every question, answered or not, and the button that submits."""
        return self._render_page(self.review_template_name, {"unanswered": unanswered or []}, status=status)

    def render_result(self) -> HttpResponse:
        """Show the result of a submitted attempt."""
        results = list_results(self.attempt, self.questions)
        context = {
            "look_again": [result for result in results if not result.right],
            "right": [result for result in results if result.right],
            "retry_url": "" if self.attempt.passed else self.retry_url(),
        }
        return self._render_page(self.result_template_name, context)

    def render_closed(self) -> HttpResponse:
        """Say that the attempt is submitted, with the way to its result (409)."""
        context = {
            "heading": _("This quiz is already handed in"),
            "words": _("Its answers stand as they were, and nothing was changed."),
            "way_on": {"url": self.result_url(), "label": _("See the result")},
        }
        return self._render_page(self.problem_template_name, context, status=409)

    def render_refused(self) -> HttpResponse:
        """Say that an answer does not belong to its question, with the way back (400)."""
        context = {
            "heading": _("That answer does not belong to this question"),
            "words": _(
                "Nothing was saved, and your earlier answers are kept. Go back to the question and choose again."
            ),
            "way_on": {"url": self.get_step_url(self.steps.current), "label": _("Back to the question")},
        }
        return self._render_page(self.problem_template_name, context, status=400)

    def get_context_data(self, form: QuestionForm, **kwargs: Any) -> dict[str, Any]:
        question = form.question
        return super().get_context_data(
            form=form,
            question=question,
            saved=getattr(question, "response", None),
            back_url=self.get_step_url(self.steps.prev) if self.steps.prev else "",
            is_last=self.steps.next is None,
            **self._page_context(),
            **kwargs,
        )

    def _render_question(self, form: QuestionForm, *, status: int) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def _render_page(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        return TemplateResponse(self.request, template, {**self._page_context(), **context}, status=status)

    def _page_context(self) -> dict[str, Any]:
        return {
            "attempt": self.attempt,
            "title": self.get_title(),
            "leave_url": self.leave_url(),
            "review_url": self.review_url(),
            "question_links": [
                {"question": question, "url": self.step_url(question.position), "answered": bool(question.chosen)}
                for question in self.questions
            ],
            "answered_count": sum(bool(question.chosen) for question in self.questions),
        }

    # --- what formtools asks for

    @classmethod
    def get_initkwargs(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        given = {"url_name": cls.url_name, "done_step_name": cls.done_step_name, **kwargs}
        return super().get_initkwargs(*args, **given)

    @cached_property
    def attempt(self) -> Attempt:
        return self.get_attempt()

    @property
    def questions(self) -> list[AttemptQuestion]:
        return list(self.storage.questions.values())

    def get_prefix(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        return str(self.attempt.pk)

    def get_form_list(self) -> OrderedDict[str, type[QuestionForm]]:
        return OrderedDict.fromkeys(self.storage.questions, QuestionForm)

    def get_form_prefix(self, step: str | None = None, form: Any = None) -> None:
        return None

    def get_form_kwargs(self, step: str | None = None) -> dict[str, Any]:
        return {"question": self.storage.questions[step]}

    def get_form(self, step: str | None = None, data: Any = None, files: Any = None) -> QuestionForm:
        step = step or self.steps.current
        return super().get_form(step, self.storage.get_step_data(step) if data is None else data, files)

    def _known_step(self) -> str:
        if (step := self.kwargs["step"]) not in self.storage.questions:
            raise Http404
        return step
