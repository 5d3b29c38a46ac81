"""The course player: one section at a time, resumed exactly, working without a script."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from curricula.models import Course, CoursePage, ModulePage
from lms.accounts.selectors import identities
from quizzes.models import Attempt
from quizzes.views import AttemptWizard

from .models import Enrollment
from .selectors import Place, Progress, find_course_page, get_progress
from .services import (
    ModulesMissing,
    PrerequisitesMissing,
    begin_quiz,
    enroll,
    finish_course,
    note_place,
    record_section,
)


def get_own_enrollment(request: HttpRequest, key: UUID) -> Enrollment:
    """The reader's own enrollment; anybody else's does not exist."""
    return get_object_or_404(
        Enrollment.objects.select_related("course__quiz", "person"), key=key, person__in=identities(request.user)
    )


def course_away(request: HttpRequest, enrollment: Enrollment) -> HttpResponse:
    """The course has no live page at the moment; what was done is kept."""
    return render(request, "learning/away.html", {"enrollment": enrollment}, status=410)


@require_http_methods(["GET", "HEAD", "POST"])
def enroll_in_course(request: HttpRequest, code: str) -> HttpResponse:
    """Start the course, or go on where it was left; a GET only shows the course's page."""
    course = get_object_or_404(Course, code=code)
    page = find_course_page(course, request.LANGUAGE_CODE)
    if page is None:
        raise Http404
    if request.method != "POST":
        return HttpResponseRedirect(page.url)
    if not request.user.is_authenticated:
        return redirect(f"/accounts/login/?next={page.url}")
    try:
        enrollment = enroll(person=request.user, course=course, language=page.locale.language_code, now=timezone.now())
    except PrerequisitesMissing as problem:
        context = {"course": course, "page": page, "missing": problem.courses}
        return render(request, "learning/prerequisites.html", context, status=409)
    return redirect("learning:course", enrollment.key)


@require_safe
@login_required
def show_course(request: HttpRequest, key: UUID) -> HttpResponse:
    """The modules of the course, how far each is, and the next step."""
    enrollment = get_own_enrollment(request, key)
    progress = get_progress(enrollment)
    if progress is None:
        return course_away(request, enrollment)
    return render(
        request,
        "learning/course.html",
        {
            "enrollment": enrollment,
            "progress": progress,
            "next_place": progress.resume_at(enrollment),
            "completion": getattr(enrollment, "completion", None),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def show_section(request: HttpRequest, key: UUID, module: UUID, section: str) -> HttpResponse:
    """One section; its POST notes that it was read and goes on."""
    enrollment = get_own_enrollment(request, key)
    progress = get_progress(enrollment)
    if progress is None:
        return course_away(request, enrollment)
    place = progress.find(module, section)
    if place is None:
        raise Http404
    following = progress.after(place)
    if request.method == "POST":
        return _go_on(request, enrollment, progress, place, following)
    note_place(enrollment=enrollment, module=module, section=section, now=timezone.now())
    return render(
        request,
        "learning/section.html",
        {
            "enrollment": enrollment,
            "progress": progress,
            "place": place,
            "previous": progress.before(place),
            "following": following,
            "module_number": progress.modules.index(place.module) + 1,
        },
    )


def _go_on(
    request: HttpRequest, enrollment: Enrollment, progress: Progress, place: Place, following: Place | None
) -> HttpResponse:
    now = timezone.now()
    record_section(enrollment=enrollment, module=place.module.key, section=place.section.id, now=now)
    progress.done.add((place.module.key, place.section.id))
    if following is not None:
        note_place(enrollment=enrollment, module=following.module.key, section=following.section.id, now=now)
        return redirect("learning:section", enrollment.key, following.module.key, following.section.id)
    if progress.all_read and enrollment.course.quiz_id is None:
        finish_course(enrollment=enrollment, attempt=None, now=now)
        messages.success(request, _("You have finished this course."))
    return redirect("learning:course", enrollment.key)


@require_safe
def open_module(request: HttpRequest, key: UUID) -> HttpResponse:
    """From a module's address to the reader's own place in it; who is not enrolled sees the course's page."""
    module = ModulePage.objects.live().filter(translation_key=key).order_by("locale_id").first()
    if module is None:
        raise Http404
    page = CoursePage.objects.live().parent_of(module).first()
    if page is None:
        raise Http404
    enrollment = (
        Enrollment.objects.filter(person__in=identities(request.user), course=page.course, finished_at=None).first()
        if request.user.is_authenticated
        else None
    )
    if enrollment is None:
        messages.info(request, _("Start the course first: its modules open then."))
        return HttpResponseRedirect(page.url)
    progress = get_progress(enrollment)
    places = [place for place in progress.places if place.module.key == key] if progress else []
    if not places:
        return redirect("learning:course", enrollment.key)
    return redirect("learning:section", enrollment.key, key, places[0].section.id)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def begin_course_quiz(request: HttpRequest, key: UUID) -> HttpResponse:
    """Start or resume an attempt (POST); a GET shows the course."""
    enrollment = get_own_enrollment(request, key)
    if request.method != "POST" or enrollment.finished_at is not None:
        return redirect("learning:course", enrollment.key)
    progress = get_progress(enrollment)
    if progress is None:
        return course_away(request, enrollment)
    try:
        attempt = begin_quiz(enrollment=enrollment, progress=progress, now=timezone.now())
    except ModulesMissing:
        context = {"enrollment": enrollment, "progress": progress}
        return render(request, "learning/modules_missing.html", context, status=409)
    return redirect("learning:quiz-step", enrollment.key, attempt.pk, "1")


class CourseQuiz(AttemptWizard):
    """The quiz of a course: passing it records the completion in the transaction that submits it."""

    url_name = "learning:quiz-step"

    def get_attempt(self) -> Attempt:
        attempts = Attempt.objects.select_related("quiz", "course_attempt__enrollment__course")
        return get_object_or_404(
            attempts,
            pk=self.kwargs["attempt"],
            person__in=identities(self.request.user),
            course_attempt__enrollment__key=self.kwargs["key"],
        )

    def on_submitted(self, attempt: Attempt) -> None:
        finish_course(enrollment=self.attempt.course_attempt.enrollment, attempt=attempt, now=timezone.now())

    def get_title(self) -> str:
        return self.attempt.course_attempt.enrollment.course.title

    def leave_url(self) -> str:
        return reverse("learning:course", args=[self.kwargs["key"]])

    def retry_url(self) -> str:
        return reverse("learning:quiz", args=[self.kwargs["key"]])
