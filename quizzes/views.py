"""The attempt, question by question: answer, check, submit, result."""

from __future__ import annotations

from collections import OrderedDict
from math import ceil
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import time_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from formtools.wizard.views import NamedUrlWizardView

from lms.accounts.selectors import identities

from .forms import QuestionForm, list_posted, new_page_token
from .models import Attempt, AttemptQuestion, Response
from .selectors import CHECK, describe_answer, get_question, get_result, list_results
from .services import (
    AnswerClosed,
    AnswerConflict,
    AnswerRefused,
    AttemptClosed,
    TimeIsUp,
    Unanswered,
    save_response,
    submit_attempt,
)

RESULT = "result"


@method_decorator(never_cache, name="dispatch")
class AttemptWizard(NamedUrlWizardView):
    """One address for each step of an attempt: "1" to "n", "check" and "result".

    A POST to a question saves its answer, a POST to "check" submits; a GET never writes. A page's script asks for JSON
    and gets a receipt, or a refusal in words, instead of the next page. A subclass sets ``url_name``
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

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask who is not signed in to do so, whatever they send."""
        return super().dispatch(request, *args, **kwargs) if request.user.is_authenticated else self._ask_to_sign_in()

    def _ask_to_sign_in(self) -> HttpResponse:
        """The sign-in page, from which what was given comes back with the question, to be saved then."""
        sign_in = resolve_url(settings.LOGIN_URL)
        if self.wants_json:
            words = _("You are signed out. Your answer is still here: sign in again, and it is saved.")
            sign_in += f"?{urlencode({'next': self.request.path})}"
            return JsonResponse({"words": words, "sign_in": sign_in}, status=401)
        given = self.request.POST.getlist("chosen") if self.request.method == "POST" else []
        query = f"?{urlencode({'chosen': given}, doseq=True)}" if given else ""
        return redirect_to_login(self.request.path + query, sign_in)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show a question with its saved answer, the list of all, or the result."""
        step = self.kwargs["step"]
        submitted = self.attempt.submitted_at is not None
        if step == RESULT:
            return self.render_result() if submitted else redirect(self.review_url())
        if step == CHECK:
            return redirect(self.result_url()) if submitted else self.render_review()
        question = self._known_question()
        if submitted:
            return self.render_closed()
        if self.attempt.is_time_up(timezone.now()):
            return redirect(self.review_url())
        return self._show_question(question)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save the answer to a question and go on, or submit from the list of all."""
        step = self.kwargs["step"]
        if step == RESULT:
            return redirect(self.result_url())
        if step == CHECK:
            return self.submit()
        form = QuestionForm(request.POST, question=self._known_question())
        if self.attempt.submitted_at is not None:
            return self.render_late(form) if self.attempt.is_overdue(timezone.now()) else self.render_closed()
        if not form.is_valid():
            return self.render_refused() if form.is_foreign() else self.render_incomplete(form)
        return self._save(form)

    def _save(self, form: QuestionForm) -> HttpResponse:
        try:
            response = save_response(
                attempt=self.attempt,
                position=form.question.position,
                chosen=form.cleaned_data["chosen"],
                now=timezone.now(),
                **form.message,
            )
        except AnswerConflict as conflict:
            return self.render_conflict(form, conflict.response)
        except TimeIsUp:
            return self.render_late(form)
        except AnswerClosed:
            return self.render_told(form)
        except AttemptClosed:
            return self.render_closed()
        except AnswerRefused:
            return self.render_refused()
        return self._receipt(form.question, response)

    def _receipt(self, question: AttemptQuestion, response: Response) -> HttpResponse:
        told = self.attempt.closes_answers
        last = question.position >= self.attempt.question_count
        following = str(question.position) if told else CHECK if last else str(question.position + 1)
        way_on = self.get_step_url(following)
        if not self.wants_json:
            return redirect(way_on)
        saved = time_format(timezone.localtime(response.saved_at), "H:i")
        words = _("Saved %(time)s") % {"time": saved}
        return JsonResponse({"words": words, "revision": response.revision, "next": way_on})

    def submit(self) -> HttpResponse:
        """Submit the attempt and show its result; a repeated request shows the same one."""
        try:
            submit_attempt(attempt=self.attempt, now=timezone.now(), on_submitted=self.on_submitted)
        except Unanswered as refusal:
            return self.render_review(unanswered=refusal.positions, status=422)
        return redirect(self.result_url())

    @property
    def wants_json(self) -> bool:
        """Whether a page's script asks."""
        return self.request.headers.get("Accept") == "application/json"

    # --- pages

    def _show_question(self, question: AttemptQuestion) -> HttpResponse:
        """The question with its saved answer, or with one that was given when the session had ended."""
        given = self.request.GET.getlist("chosen")
        if not given or given == list_posted(question, question.chosen):
            return self._render_question(QuestionForm(question=question))
        words = _("You were signed out before this answer was saved. It is here again: save it to go on.")
        return self._render_question(QuestionForm(self.request.GET, question=question), alert=words)

    def render_review(self, *, unanswered: list[int] | None = None, status: int = 200) -> HttpResponse:
        """Show every question, answered or not, and the button that submits."""
        context = {"unanswered": unanswered or [], "time_is_up": self.attempt.is_time_up(timezone.now())}
        return self._render_page(self.review_template_name, context, status=status)

    def render_result(self) -> HttpResponse:
        """Show the result of a submitted attempt."""
        results = list_results(self.attempt, self.questions)
        context = {
            "look_again": [result for result in results if not result.right],
            "right": [result for result in results if result.right],
            "retry_url": "" if self.attempt.passed is not False else self.retry_url(),
        }
        return self._render_page(self.result_template_name, context)

    def render_closed(self) -> HttpResponse:
        """Say that the attempt is submitted, with the way to its result (409)."""
        words = _("Its answers stand as they were, and nothing was changed.")
        if self.wants_json:
            return self._refuse(words, 409)
        context = {
            "heading": _("This quiz is already handed in"),
            "words": words,
            "way_on": {"url": self.result_url(), "label": _("See the result")},
        }
        return self._render_page(self.problem_template_name, context, status=409)

    def render_refused(self) -> HttpResponse:
        """Say that an answer does not belong to its question, with the way back (400)."""
        words = _("Nothing was saved, and your earlier answers are kept. Go back to the question and choose again.")
        if self.wants_json:
            return self._refuse(words, 400)
        context = {
            "heading": _("That answer does not belong to this question"),
            "words": words,
            "way_on": {"url": self.get_step_url(self.kwargs["step"]), "label": _("Back to the question")},
        }
        return self._render_page(self.problem_template_name, context, status=400)

    def render_incomplete(self, form: QuestionForm) -> HttpResponse:
        """Show the question again with what was given and what is missing (422)."""
        if self.wants_json:
            return self._refuse(" ".join(map(str, form.errors["chosen"])), 422)
        return self._render_question(form, status=422)

    def render_conflict(self, form: QuestionForm, saved: Response) -> HttpResponse:
        """Say that another page answered meanwhile: that answer stands until this page's is saved over it (409)."""
        context = {
            "time": time_format(timezone.localtime(saved.saved_at), "H:i"),
            "answer": "; ".join(describe_answer(form.question, saved.chosen)),
        }
        words = _(
            "You answered this question in another window at %(time)s: “%(answer)s”. That answer is kept. "
            "What you gave here is not saved; save it here if it is the one you mean."
        )
        if self.wants_json:
            return self._refuse(words % context, 409)
        # The page now knows that answer, so that saving again is meant.
        form.question.response = saved
        return self._render_question(form, status=409, alert=words % context)

    def render_late(self, form: QuestionForm) -> HttpResponse:
        """Say that an answer came after the deadline; it stays on the screen and does not count (409)."""
        deadline = self.attempt.deadline_at
        assert deadline is not None
        words = _("Time was up at %(time)s. This answer came later and does not count; those saved before it do.")
        words %= {"time": time_format(timezone.localtime(deadline), "H:i")}
        if self.wants_json:
            return self._refuse(words, 409)
        return self._render_question(form, status=409, alert=words, locked=True)

    def render_told(self, form: QuestionForm) -> HttpResponse:
        """Say that the answer stands since its feedback was read (409)."""
        words = _("You have read the feedback on this question, so your first answer stands.")
        if self.wants_json:
            return self._refuse(words, 409)
        return self._render_question(QuestionForm(question=form.question), status=409, alert=words)

    def _refuse(self, words: str, status: int) -> HttpResponse:
        return JsonResponse({"words": words}, status=status)

    def _render_question(
        self, form: QuestionForm, *, status: int = 200, alert: str = "", locked: bool = False
    ) -> HttpResponse:
        self.storage.current_step = str(form.question.position)
        context = self.get_context_data(form=form, alert=alert)
        context["locked"] = locked or context["result"] is not None
        return self.render_to_response(context, status=status)

    def get_context_data(self, form: QuestionForm, **kwargs: Any) -> dict[str, Any]:
        question = form.question
        saved = getattr(question, "response", None)
        told = self.attempt.closes_answers and saved is not None
        following, previous = question.position + 1, question.position - 1
        is_last = question.position >= self.attempt.question_count
        return super().get_context_data(
            form=form,
            question=question,
            saved=saved,
            result=get_result(question, show_key=True) if told else None,
            page_token=new_page_token(),
            autosaves=not self.attempt.closes_answers,
            back_url=self.get_step_url(str(previous)) if previous else "",
            next_url=self.review_url() if is_last else self.get_step_url(str(following)),
            is_last=is_last,
            **self._page_context(),
            **kwargs,
        )

    def _render_page(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        return TemplateResponse(self.request, template, {**self._page_context(), **context}, status=status)

    def _page_context(self) -> dict[str, Any]:
        attempt, now = self.attempt, timezone.now()
        left = attempt.deadline_at - now if attempt.deadline_at and not attempt.submitted_at else None
        return {
            "attempt": attempt,
            "title": self.get_title(),
            "leave_url": self.leave_url(),
            "review_url": self.review_url(),
            "result_url": self.result_url(),
            "question_links": [
                {"question": question, "url": self.step_url(question.position), "answered": bool(question.chosen)}
                for question in self.questions
            ],
            "answered_count": sum(bool(question.chosen) for question in self.questions),
            # Rounded up: a page that hands in too early is sent back.
            "seconds_left": max(0, ceil(left.total_seconds())) if left is not None else None,
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

    def _known_question(self) -> AttemptQuestion:
        step = self.kwargs["step"]
        # One spelling for each step: "01" and digits of other scripts are no addresses.
        position = int(step) if step.isascii() and step.isdigit() and len(step) < 5 else 0
        question = get_question(self.attempt.pk, position) if str(position) == step else None
        if question is None:
            raise Http404
        return question
