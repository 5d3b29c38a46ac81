"""Qualified lists, and supervisors' own lists of courses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lms.accounts.models import Person
from lms.agencies.permissions import user_can_manage_agency
from lms.agencies.selectors import answerable_for, list_readable_agencies, visible_to
from lms.agencies.services import record_opening
from lms.compliance.forms import CourseListForm, QualifiedFilterForm, QualifiedListForm
from lms.compliance.models import CourseList, QualifiedList
from lms.compliance.selectors import Qualified, is_on_list, list_list_people, list_own_people, list_qualified
from lms.compliance.services import ListRefused, close_list, join_list, make_list, save_qualified_list
from lms.sheets.writing import Value

from .pages import PAGE, SignedInRequest, send_csv


def _reader_or_404(user: Person, today: date) -> None:
    if not visible_to(user, as_of=today).exists():
        raise Http404


# --- who is qualified


@require_safe
@login_required
def qualified_lists(request: SignedInRequest) -> HttpResponse:
    """What somebody can be qualified for."""
    today = timezone.localdate()
    _reader_or_404(request.user, today)
    lists = QualifiedList.objects.prefetch_related("courses")
    may_change = user_can_manage_agency(request.user, None, as_of=today)
    return render(request, "compliance/qualified_lists.html", {"lists": lists, "may_change": may_change})


def _read(
    request: SignedInRequest, list_id: int, page: str
) -> tuple[date, QualifiedList, QualifiedFilterForm, list[Qualified]]:
    today = timezone.localdate()
    _reader_or_404(request.user, today)
    qualified = get_object_or_404(QualifiedList, pk=list_id)
    record_opening(actor=request.user, opened=None, page=page, as_of=today)
    form = QualifiedFilterForm(request.GET, units=list_readable_agencies(request.user, as_of=today))
    if not form.is_valid():
        return today, qualified, form, []
    chosen = form.cleaned_data
    lines = list_qualified(
        request.user,
        qualified,
        as_of=today,
        today=today,
        unit=chosen.get("unit"),
        area=chosen.get("area"),
        expired=chosen.get("show") == "expired",
    )
    return today, qualified, form, lines


@require_safe
@login_required
def qualified_list(request: SignedInRequest, list_id: int) -> HttpResponse:
    """Who of my people is qualified, until when, by unit and area."""
    today, qualified, form, lines = _read(request, list_id, "compliance:qualified")
    page = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    context = {
        "qualified": qualified,
        "form": form,
        "page": page,
        "today": today,
        "expired": request.GET.get("show") == "expired",
        "may_change": user_can_manage_agency(request.user, None, as_of=today),
    }
    return render(request, "compliance/qualified.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
def qualified_file(request: SignedInRequest, list_id: int) -> HttpResponseBase:
    """The same as a CSV file."""
    today, qualified, _form, lines = _read(request, list_id, "compliance:qualified-file")
    header = [_("name"), _("e-mail"), _("unit"), _("area"), _("qualified since"), _("valid until"), _("as of")]
    return send_csv(header, _rows(lines, today), f"qualified-{qualified.pk}-{today}.csv")


def _rows(lines: Iterable[Qualified], today: date) -> Iterator[list[Value]]:
    for line in lines:
        units = "; ".join(job.agency.name for job in line.jobs)
        areas = "; ".join(sorted({str(job.agency.service_area) for job in line.jobs if job.agency.service_area}))
        yield [line.person.full_name, line.person.email, units, areas, line.qualified_on, line.valid_until, today]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit_qualified(request: SignedInRequest, list_id: int | None = None) -> HttpResponse:
    """What makes somebody qualified; for who manages the whole site."""
    if not user_can_manage_agency(request.user, None, as_of=timezone.localdate()):
        raise Http404
    qualified = get_object_or_404(QualifiedList, pk=list_id) if list_id else QualifiedList()
    names = ("name", "text", "citation", "months", "window")
    initial = {name: getattr(qualified, name) for name in names}
    if qualified.pk:
        initial["courses"] = [course.pk for course in qualified.courses.all()]
    form = QualifiedListForm(request.POST if request.method == "POST" else None, qualified=qualified, initial=initial)
    if form.is_bound and form.is_valid():
        saved = save_qualified_list(actor=request.user, qualified=qualified, **form.cleaned_data)
        messages.success(request, _("“%(name)s” is saved.") % {"name": saved.name})
        return redirect("compliance:qualified", saved.pk)
    context = {
        "form": form,
        "title": _("Edit the list") if list_id else _("Add a qualified list"),
        "button": _("Save"),
        "back": reverse("compliance:qualified-lists"),
    }
    return render(request, "compliance/form.html", context, status=422 if form.errors else 200)


# --- a supervisor's own lists


@require_safe
@login_required
def course_lists(request: SignedInRequest) -> HttpResponse:
    """The lists that I made."""
    today = timezone.localdate()
    if not answerable_for(request.user, as_of=today).exists():
        raise Http404
    lists = CourseList.objects.filter(owner=request.user).prefetch_related("courses")
    page = Paginator(lists, PAGE).get_page(request.GET.get("page"))
    return render(request, "compliance/course_lists.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def add_course_list(request: SignedInRequest) -> HttpResponse:
    """Courses for my own people, by a day."""
    now = timezone.now()
    today = timezone.localdate(now)
    if not answerable_for(request.user, as_of=today).exists():
        raise Http404
    form = CourseListForm(
        request.POST if request.method == "POST" else None, people=list_own_people(request.user, as_of=today)
    )
    if form.is_bound and form.is_valid():
        said = {"people": [], **form.cleaned_data}
        try:
            made = make_list(actor=request.user, now=now, **said)
        except ListRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The list stands. Share its address with whom it is for."))
            return redirect("compliance:course-list", made.pk)
    context = {
        "form": form,
        "title": _("Make a list of courses"),
        "lead": _("It is offered, not ordered: nobody is late because of it, and it enters no share."),
        "button": _("Make the list"),
        "back": reverse("compliance:course-lists"),
    }
    return render(request, "compliance/form.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
def course_list(request: SignedInRequest, list_id: int) -> HttpResponse:
    """Who is on my list, and how far they are."""
    today = timezone.localdate()
    found = get_object_or_404(CourseList, pk=list_id, owner=request.user)
    courses = list(found.courses.order_by("title", "pk"))
    lines = list_list_people(request.user, found, courses, as_of=today)
    context = {
        "list": found,
        "courses": courses,
        "lines": lines,
        "done": sum(line.done for line in lines),
        "address": f"{settings.SITE_URL}{reverse('compliance:shared-list', args=[found.key])}",
    }
    return render(request, "compliance/course_list.html", context)


@require_POST
@login_required
def close_course_list(request: SignedInRequest, list_id: int) -> HttpResponse:
    """My list asks for nothing any more."""
    found = get_object_or_404(CourseList, pk=list_id, owner=request.user)
    close_list(actor=request.user, course_list=found, now=timezone.now())
    messages.success(request, _("The list is closed. What was done stays done."))
    return redirect("compliance:course-list", found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def shared_list(request: SignedInRequest, key: UUID) -> HttpResponse:
    """The list as the link shows it; one of its maker's people takes it on."""
    now = timezone.now()
    found = get_object_or_404(CourseList.objects.select_related("owner"), key=key)
    error = ""
    if request.method == "POST":
        try:
            join_list(person=request.user, course_list=found, now=now)
        except ListRefused as refusal:
            error = str(refusal)
        else:
            messages.success(request, _("The courses stand under “Your choice” on your page."))
            return redirect("portal:my")
    today = timezone.localdate(now)
    context = {
        "list": found,
        "courses": found.courses.order_by("title", "pk"),
        "on_it": is_on_list(request.user, found),
        "may_join": answerable_for(found.owner, as_of=today).filter(pk=request.user.pk).exists(),
        "error": error,
    }
    return render(request, "compliance/shared_list.html", context, status=403 if error else 200)
