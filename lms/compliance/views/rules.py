"""Rules: listed, read, added, edited, ended; what a change does is shown before it is saved."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from lms.accounts.models import Person
from lms.agencies.enums import MANAGING_KINDS
from lms.agencies.permissions import user_can_manage_agency, user_has_grant
from lms.agencies.selectors import list_managed_agencies, list_managed_people
from lms.compliance.forms import EndRuleForm, RuleScreen
from lms.compliance.models import Requirement, RequirementCondition, RequirementCourse
from lms.compliance.selectors import get_fingerprint, get_recompute_job, list_rules, preview_rule
from lms.compliance.services import (
    RequirementChanged,
    RequirementRefused,
    add_requirement,
    change_requirement_as_read,
    check_rule,
    end_requirement,
)
from lms.compliance.words import describe_condition

from .pages import PAGE, SignedInRequest, list_sent, say_day

SHOWN = 4


def _open_or_404(user: Person, today: date) -> None:
    if not (user.is_superuser or user_has_grant(user, *MANAGING_KINDS, as_of=today)):
        raise Http404


def _with_parts(rules: QuerySet[Requirement]) -> QuerySet[Requirement]:
    conditions = RequirementCondition.objects.select_related("agency", "job_role", "person").order_by("pk")
    accepted = RequirementCourse.objects.select_related("course").order_by("pk")
    return rules.prefetch_related(Prefetch("conditions", conditions), Prefetch("accepted_courses", accepted))


def _get(request: SignedInRequest, requirement_id: int, today: date, *, to_change: bool = False) -> Requirement:
    _open_or_404(request.user, today)
    requirement: Any = get_object_or_404(_with_parts(list_rules(request.user, as_of=today)), pk=requirement_id)
    if to_change and not requirement.may_change:
        raise Http404
    return requirement


@require_safe
@login_required
def rules(request: SignedInRequest) -> HttpResponse:
    """The rules that I may read, those in force first asked for; assignments to single people apart."""
    today = timezone.localdate()
    _open_or_404(request.user, today)
    search, show = request.GET.get("q", "").replace("\0", "").strip()[:100], request.GET.get("show", "")
    found = list_rules(request.user, as_of=today)
    if search:
        found = found.filter(Q(name__icontains=search) | Q(citation__icontains=search))
    general = RequirementCondition.objects.filter(person=None).values("requirement")
    found = found.exclude(pk__in=general) if show == "people" else found.filter(pk__in=general)
    if show != "people":
        over = Q(ends_on__lte=today)
        found = found.filter(over) if show == "ended" else found.exclude(over)
    page = Paginator(_with_parts(found.order_by("name", "pk")), PAGE).get_page(request.GET.get("page"))
    lines = [(rule, [describe_condition(row) for row in rule.conditions.all()]) for rule in page]
    return render(
        request,
        "compliance/rules.html",
        {
            "page": page,
            "lines": [(rule, words[:SHOWN], len(words) - SHOWN) for rule, words in lines],
            "search": search,
            "show": show,
            "today": today,
            "whole_site": user_can_manage_agency(request.user, None, as_of=today),
        },
    )


@require_safe
@login_required
def rule(request: SignedInRequest, requirement_id: int) -> HttpResponse:
    """What a rule asks of whom, and how far its last change is."""
    today = timezone.localdate()
    requirement = _get(request, requirement_id, today)
    return render(
        request,
        "compliance/rule.html",
        {
            "rule": requirement,
            "audience": [describe_condition(row) for row in requirement.conditions.all()],
            "job": get_recompute_job(requirement),
            "today": today,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def add(request: SignedInRequest) -> HttpResponse:
    """A new rule."""
    today = timezone.localdate()
    _open_or_404(request.user, today)
    return _edit(request, None, today)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: SignedInRequest, requirement_id: int) -> HttpResponse:
    """Another wording, audience, time or course."""
    today = timezone.localdate()
    return _edit(request, _get(request, requirement_id, today, to_change=True), today)


def _edit(request: SignedInRequest, requirement: Requirement | None, today: date) -> HttpResponse:
    act = request.POST.get("act", "")
    mark = get_fingerprint(requirement) if requirement else ""
    data = request.POST if request.method == "POST" and act != "change" else None
    more = act.removeprefix("more-") if act.startswith("more-") else ""
    if act == "change":
        data, more = request.POST, "nothing"
    screen = RuleScreen(
        data,
        requirement=requirement,
        today=today,
        units=list_managed_agencies(request.user, as_of=today),
        people=list_managed_people(request.user, as_of=today),
        whole_site=user_can_manage_agency(request.user, None, as_of=today),
        more=more,
    )
    page: dict[str, Any] = {"screen": screen, "rule": requirement, "mark": request.POST.get("mark", mark)}
    if request.method != "POST" or more:
        return render(request, "compliance/rule_edit.html", page)
    draft = screen.read()
    if draft is None:
        return render(request, "compliance/rule_edit.html", page, status=422)
    try:
        if requirement is not None and request.POST.get("mark") != mark:
            raise RequirementChanged
        if act == "save":
            return _save(request, requirement, screen, *draft[1:], mark=mark)
    except RequirementChanged as refusal:
        screen.rule.add_error(None, str(refusal))
        if requirement is not None:
            page["mark"] = get_fingerprint(Requirement.objects.get(pk=requirement.pk))
        return render(request, "compliance/rule_edit.html", page, status=409)
    rule, accepted, conditions = draft
    preview = preview_rule(rule, accepted=accepted, conditions=conditions, day=max(today, rule.starts_on))
    return _show_preview(request, rule, preview=preview, standing=requirement, today=today)


def _save(
    request: SignedInRequest,
    requirement: Requirement | None,
    screen: RuleScreen,
    accepted: list[RequirementCourse],
    conditions: list[RequirementCondition],
    *,
    mark: str,
) -> HttpResponse:
    if requirement is None:
        saved = add_requirement(actor=request.user, accepted=accepted, conditions=conditions, **screen.fields)
    else:
        saved = change_requirement_as_read(
            actor=request.user,
            requirement=requirement,
            accepted=accepted,
            conditions=conditions,
            mark=mark,
            **screen.fields,
        )
    _say_saved(request, saved)
    return redirect("compliance:rule", saved.pk)


def _say_saved(request: SignedInRequest, requirement: Requirement) -> None:
    words = _("“%(rule)s” is saved.") % {"rule": requirement.name}
    if get_recompute_job(requirement):
        words += " " + _("It reaches many people; their pages follow within minutes.")
    messages.success(request, words)


def _show_preview(request: SignedInRequest, rule: Requirement, **page: Any) -> HttpResponse:
    return render(request, "compliance/rule_preview.html", {"rule": rule, "sent": list_sent(request.POST), **page})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def end(request: SignedInRequest, requirement_id: int) -> HttpResponse:
    """From a day on nobody owes it."""
    today = timezone.localdate()
    requirement = _get(request, requirement_id, today, to_change=True)
    form = EndRuleForm(request.POST if request.method == "POST" else None, initial={"ends_on": today})
    act = request.POST.get("act", "")
    if form.is_bound and form.is_valid() and act != "change":
        ends_on = form.cleaned_data["ends_on"]
        accepted, conditions = list(requirement.accepted_courses.all()), list(requirement.conditions.all())
        draft = Requirement(**{**_fields(requirement), "ends_on": ends_on})
        try:
            check_rule(draft, accepted, conditions)
            if act == "save":
                end_requirement(actor=request.user, requirement=requirement, ends_on=ends_on)
                messages.success(
                    request,
                    _("“%(rule)s” holds until %(day)s.")
                    % {"rule": requirement.name, "day": say_day(ends_on - timedelta(days=1))},
                )
                return redirect("compliance:rule", requirement.pk)
        except RequirementRefused as refusal:
            form.add_error("ends_on", str(refusal))
        else:
            preview = preview_rule(draft, accepted=accepted, conditions=conditions, day=ends_on)
            return _show_preview(request, draft, preview=preview, standing=requirement, today=today, ends=True)
    status = 422 if form.errors and act != "change" else 200
    return render(request, "compliance/rule_end.html", {"form": form, "rule": requirement}, status=status)


def _fields(requirement: Requirement) -> dict[str, Any]:
    return {field.attname: getattr(requirement, field.attname) for field in requirement._meta.concrete_fields}
