"""The course player: one section at a time, resumed exactly, working without a script."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from curricula.models import Course, CoursePage, ModulePage
from lms.accounts.models import Person
from lms.accounts.selectors import identities
from quizzes.models import Attempt
from quizzes.selectors import get_next_step
from quizzes.services import AttemptRefused, CoolingOff, NoAttemptsLeft, QuizNotOpen
from quizzes.views import AttemptWizard

from .enums import AttemptRole
from .models import Enrollment
from .selectors import (
    Place,
    Progress,
    find_course_page,
    get_completion,
    get_last_attempts,
    get_open_enrollment,
    get_progress,
)
from .services import (
    CourseNotDone,
    ModulesMissing,
    PrerequisitesMissing,
    TooLateForPreTest,
    begin_pre_test,
    begin_quiz,
    begin_survey,
    enroll,
    finish_course,
    note_place,
    record_result,
    record_section,
)


class SignedInRequest(HttpRequest):
    """A request behind ``login_required``."""

    user: Person


def get_own_enrollment(request: SignedInRequest, key: UUID) -> Enrollment:
    """Return the reader's own enrollment; raises Http404 for anybody else's."""
    return get_object_or_404(
        Enrollment.objects.select_related("course__quiz", "person"), key=key, person__in=identities(request.user)
    )


def render_away(request: HttpRequest, enrollment: Enrollment) -> HttpResponse:
    """Say that the course has no live page at the moment, and that what was done is kept (410)."""
    return render(request, "learning/away.html", {"enrollment": enrollment}, status=410)


@require_http_methods(["GET", "HEAD", "POST"])
def enroll_in_course(request: HttpRequest, code: str) -> HttpResponse:
    """Start the course, or go on where it was left; a GET only shows the course's page."""
    course = get_object_or_404(Course, code=code)
    page = find_course_page(course, request.POST.get("language") or request.LANGUAGE_CODE)
    if page is None:
        enrollment = get_open_enrollment(request.user, course) if isinstance(request.user, Person) else None
        if enrollment is None:
            raise Http404
        return render_away(request, enrollment)
    if request.method != "POST":
        return HttpResponseRedirect(page.url)
    if not isinstance(request.user, Person):
        return redirect_to_login(page.url)
    try:
        enrollment = enroll(person=request.user, course=course, language=page.locale.language_code, now=timezone.now())
    except PrerequisitesMissing as problem:
        missing = [(needed, find_course_page(needed, page.locale.language_code)) for needed in problem.courses]
        context = {"course": course, "page": page, "missing": missing}
        return render(request, "learning/prerequisites.html", context, status=409)
    return redirect("learning:course", enrollment.key)


@require_safe
@login_required
def show_course(request: SignedInRequest, key: UUID) -> HttpResponse:
    """The modules of the course, how far each is, and the next step."""
    enrollment = get_own_enrollment(request, key)
    progress = get_progress(enrollment)
    if progress is None:
        return render_away(request, enrollment)
    next_place = progress.resume_at(enrollment)
    attempts = get_last_attempts(enrollment) if enrollment.course.quiz_id else {}
    return render(
        request,
        "learning/course.html",
        {
            "enrollment": enrollment,
            "progress": progress,
            "next_place": next_place,
            "next_module": progress.module_of(next_place) if next_place else None,
            "attempt": attempts.get(AttemptRole.QUIZ),
            "pre_test_attempt": attempts.get(AttemptRole.BEFORE),
            "pre_test_offered": _offers_pre_test(enrollment, progress, attempts),
            "survey_attempt": attempts.get(AttemptRole.SURVEY),
            "completion": get_completion(enrollment) if enrollment.finished_at else None,
        },
    )


def _offers_pre_test(enrollment: Enrollment, progress: Progress, attempts: dict[str, Attempt]) -> bool:
    made = attempts.get(AttemptRole.BEFORE)
    if made is not None:
        return made.submitted_at is None
    quiz = enrollment.course.quiz
    return quiz is not None and quiz.pre_test_id is not None and not progress.read_count


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def show_section(request: SignedInRequest, key: UUID, module: UUID, section: str) -> HttpResponse:
    """One section; its POST notes that it was read and goes on."""
    enrollment = get_own_enrollment(request, key)
    progress = get_progress(enrollment)
    if progress is None:
        return render_away(request, enrollment)
    place = progress.find(module, section)
    if place is None:
        return render(request, "learning/section_missing.html", {"enrollment": enrollment}, status=404)
    if request.method == "POST":
        return _go_on(request, enrollment, progress, place)
    now = timezone.now()
    note_place(enrollment=enrollment, module=module, section=section, now=now)
    return render(
        request,
        "learning/section.html",
        {
            "enrollment": enrollment,
            "progress": progress,
            "module": progress.module_of(place),
            "place": place,
            "previous": progress.before(place),
            "following": progress.after(place),
            "saved_at": None if enrollment.finished_at else now,
        },
    )


def _go_on(request: SignedInRequest, enrollment: Enrollment, progress: Progress, place: Place) -> HttpResponse:
    now = timezone.now()
    record_section(enrollment=enrollment, module=place.module.key, section=place.section.id, now=now)
    if enrollment.finished_at is None and progress.having_read(place).all_read:
        finish_course(enrollment=enrollment, actor=request.user, now=now)
    following = progress.after(place)
    if following is None:
        return redirect("learning:course", enrollment.key)
    note_place(enrollment=enrollment, module=following.module.key, section=following.section.id, now=now)
    return redirect("learning:section", enrollment.key, following.module.key, following.section.id)


@require_safe
def open_module(request: HttpRequest, key: UUID) -> HttpResponse:
    """From a module's address to the reader's own place in it; who is not enrolled sees the course's page."""
    module = ModulePage.objects.filter(translation_key=key).order_by("locale_id").first()
    course_page = CoursePage.objects.parent_of(module).select_related("course").first() if module else None
    if course_page is None:
        raise Http404
    enrollment = get_open_enrollment(request.user, course_page.course) if isinstance(request.user, Person) else None
    if enrollment is None:
        page = find_course_page(course_page.course, request.LANGUAGE_CODE)
        if page is None:
            raise Http404
        messages.info(request, _("Start the course first: its modules open then."))
        return HttpResponseRedirect(page.url)
    progress = get_progress(enrollment)
    if progress is None:
        return render_away(request, enrollment)
    here = next((line for line in progress.modules if line.outline.key == key), None)
    if here is None or here.next_place is None:
        return redirect("learning:course", enrollment.key)
    last = progress.resume_at(enrollment)
    place = last if last in here.places else here.next_place
    return redirect("learning:section", enrollment.key, key, place.section.id)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def finish(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Finish a course of which everything is done, as when its last open section was taken out (POST)."""
    enrollment = get_own_enrollment(request, key)
    if request.method == "POST":
        finish_course(enrollment=enrollment, actor=request.user, now=timezone.now())
    return redirect("learning:course", enrollment.key)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def begin_course_quiz(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Start an attempt, or go on at its first open question (POST); a GET shows the course."""
    enrollment = get_own_enrollment(request, key)
    if request.method != "POST" or enrollment.finished_at is not None:
        return redirect("learning:course", enrollment.key)
    progress = get_progress(enrollment)
    if progress is None:
        return render_away(request, enrollment)
    try:
        attempt = begin_quiz(enrollment=enrollment, progress=progress, now=timezone.now())
    except ModulesMissing:
        context = {"enrollment": enrollment, "progress": progress}
        return render(request, "learning/modules_missing.html", context, status=409)
    except AttemptRefused as refusal:
        return render_refused(request, enrollment, refusal)
    return redirect("learning:quiz-step", enrollment.key, attempt.pk, get_next_step(attempt))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def begin_course_pre_test(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Start the pre-test, or go on with it (POST); a GET shows the course."""
    enrollment = get_own_enrollment(request, key)
    progress = get_progress(enrollment)
    if progress is None:
        return render_away(request, enrollment)
    if request.method != "POST":
        return redirect("learning:course", enrollment.key)
    try:
        attempt = begin_pre_test(enrollment=enrollment, progress=progress, now=timezone.now())
    except TooLateForPreTest:
        messages.info(request, _("The pre-test is for before you read. Go on with the course."))
        return redirect("learning:course", enrollment.key)
    except AttemptRefused as refusal:
        return render_refused(request, enrollment, refusal)
    return redirect("learning:quiz-step", enrollment.key, attempt.pk, get_next_step(attempt))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def begin_course_survey(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Start the survey, or go on with it (POST); a GET shows the course."""
    enrollment = get_own_enrollment(request, key)
    if request.method != "POST":
        return redirect("learning:course", enrollment.key)
    try:
        attempt = begin_survey(enrollment=enrollment, now=timezone.now())
    except CourseNotDone:
        messages.info(request, _("The survey opens when the course is done."))
        return redirect("learning:course", enrollment.key)
    except AttemptRefused as refusal:
        return render_refused(request, enrollment, refusal)
    return redirect("learning:quiz-step", enrollment.key, attempt.pk, get_next_step(attempt))


def render_refused(request: HttpRequest, enrollment: Enrollment, refusal: AttemptRefused) -> HttpResponse:
    """Say why no attempt starts now, and from when on or how one may (409)."""
    return render(request, "learning/quiz_refused.html", {"enrollment": enrollment, **_why(refusal)}, status=409)


def _why(refusal: AttemptRefused) -> dict[str, str]:
    match refusal:
        case QuizNotOpen(opens_at=datetime() as opens_at):
            return {
                "heading": _("The quiz opens later"),
                "words": _("It opens on %(when)s. What you have done is kept.") % {"when": _spell(opens_at)},
            }
        case QuizNotOpen(closed_at=datetime() as closed_at):
            words = _(
                "It closed on %(when)s. What you have done is kept; ask your supervisor or trainer what comes next."
            )
            return {"heading": _("The quiz is closed"), "words": words % {"when": _spell(closed_at)}}
        case NoAttemptsLeft(allowed=allowed):
            words = ngettext(
                "The quiz allows %(number)s attempt, and you have made it. What you have done is kept; your "
                "supervisor or trainer can say what comes next.",
                "The quiz allows %(number)s attempts, and you have made them all. What you have done is kept; your "
                "supervisor or trainer can say what comes next.",
                allowed,
            )
            return {"heading": _("All attempts are made"), "words": words % {"number": allowed}}
        case CoolingOff(until=until):
            words = _("The next attempt may start on %(when)s. Until then, look at the sections again.")
            return {"heading": _("The next attempt may start later"), "words": words % {"when": _spell(until)}}
    return {
        "heading": _("The quiz is not ready yet"),
        "words": _("It has no questions at the moment. What you have done is kept; come back in a few days."),
    }


def _spell(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "M j, Y, H:i")


class CourseQuiz(AttemptWizard):
    """The quizzes of a course: passing the final one records the completion in the transaction that submits it."""

    url_name = "learning:quiz-step"
    result_template_name = "learning/quiz_result.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """While the course is away an open attempt waits; a submitted one shows its result."""
        if request.user.is_authenticated and self.attempt.submitted_at is None and not self.course_is_live:
            return render_away(request, self.enrollment)
        return super().dispatch(request, *args, **kwargs)

    @property
    def enrollment(self) -> Enrollment:
        return self.attempt.course_attempt.enrollment

    @property
    def is_final(self) -> bool:
        return self.attempt.course_attempt.role == AttemptRole.QUIZ

    def get_attempt(self) -> Attempt:
        pages = CoursePage.objects.live().filter(course=OuterRef("course_attempt__enrollment__course"))
        attempts = Attempt.objects.all()
        if self.request.method != "POST":
            # A page names them. Saving an answer, which is asked for most often, needs none of them.
            attempts = attempts.select_related("quiz", "course_attempt__enrollment__course")
        attempt = get_object_or_404(
            attempts.annotate(course_is_live=Exists(pages)),
            pk=self.kwargs["attempt"],
            person__in=identities(self.request.user),
            course_attempt__enrollment__key=self.kwargs["key"],
        )
        self.course_is_live: bool = attempt.course_is_live  # type: ignore[attr-defined]  # annotated
        return attempt

    def on_submitted(self, attempt: Attempt) -> None:
        record_result(attempt=attempt, actor=self.request.user, now=timezone.now())

    def get_title(self) -> str:
        return self.enrollment.course.title if self.is_final else self.attempt.quiz.title

    def leave_url(self) -> str:
        return reverse("learning:course", args=[self.kwargs["key"]])

    def retry_url(self) -> str:
        """A finished course needs no further attempt; a pre-test and a survey are asked once."""
        return (
            ""
            if self.enrollment.finished_at or not self.is_final
            else reverse("learning:quiz", args=[self.kwargs["key"]])
        )
