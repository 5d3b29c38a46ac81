"""What a manager does for people chosen in a list: remind, assign, waive, record; each shown before it happens."""

from __future__ import annotations

from typing import Any
from uuid import uuid5

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lms.accounts.models import Person
from lms.accounts.selectors import identities
from lms.agencies.selectors import answerable_for
from lms.agencies.services import record_opening
from lms.compliance.models import ObligationSpan, Requirement, Waiver
from lms.compliance.services import RequirementRefused, WaiverRefused, void_waiver
from lms.portal.forms import AssignForm, RecordForm, TakeBackForm, WaiveForm
from lms.portal.services import (
    ChangeRefused,
    assign_course,
    list_reminders,
    propose_completions,
    send_reminders,
    take_back_assignment,
    waive_for,
)

from .pages import SignedInRequest

# As many as one page of the list can name.
MOST = 100


def _chosen(request: SignedInRequest) -> tuple[list[Person], str]:
    """Return the people whom the address or the form names, and the list to go back to.

    Whoever names somebody about whom they don't decide gets a 404; the way back is always inside the area.
    """
    values = request.POST if request.method == "POST" else request.GET
    asked = set(values.getlist("p"))
    keys = {int(value) for value in asked if value.isascii() and value.isdigit() and len(value) < 10}
    people = answerable_for(request.user, as_of=timezone.localdate())
    if len(keys) < len(asked) or len(keys) > MOST or not people.exists():
        raise Http404
    found = list(people.filter(pk__in=keys).order_by("sort_name", "pk"))
    if len(found) < len(keys):
        raise Http404
    return found, values.get("back", "")[:500]


def _back(back: str) -> str:
    """Return the address of the list, or of the person from whom the reader came."""
    if back.startswith("person-") and back[7:].isascii() and back[7:].isdigit():
        return reverse("portal:person", args=[int(back[7:])])
    return f"{reverse('portal:people')}?{back}" if back else reverse("portal:people")


def _show(request: SignedInRequest, template: str, people: list[Person], back: str, **more: Any) -> HttpResponse:
    form = more.get("form")
    status = more.pop("status", 422 if form is not None and form.errors else 200)
    if request.method != "POST":
        for person in people if len(people) == 1 else []:
            record_opening(actor=request.user, opened=person, page=f"portal:{template}", as_of=timezone.localdate())
        if len(people) > 1:
            record_opening(actor=request.user, opened=None, page=f"portal:{template}", as_of=timezone.localdate())
    context = {"people": people, "back": back, "back_url": _back(back), **more}
    return render(request, f"portal/act_{template}.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def remind(request: SignedInRequest) -> HttpResponse:
    """Show whom a mail would reach today, and its words; a POST sends it."""
    people, back = _chosen(request)
    today = timezone.localdate()
    if request.method != "POST" or not people:
        reminders = list_reminders(people, actor=request.user, today=today)
        ready = [reminder for reminder in reminders if not reminder.refusal]
        status = 422 if request.method == "POST" else 200
        return _show(request, "remind", people, back, reminders=reminders, ready=ready, status=status)
    reminders = send_reminders(actor=request.user, people=people, today=today)
    sent = sum(not reminder.refusal for reminder in reminders)
    left = len(reminders) - sent
    words = ngettext("%(n)s reminder is on its way.", "%(n)s reminders are on their way.", sent) % {"n": sent}
    if left:
        words += " " + ngettext(
            "%(n)s person gets none: reminded today already, or nothing owed.",
            "%(n)s people get none: reminded today already, or nothing owed.",
            left,
        ) % {"n": left}
    messages.success(request, words)
    return redirect(_back(back))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def assign(request: SignedInRequest) -> HttpResponse:
    """Assign a course to the chosen people by a day."""
    people, back = _chosen(request)
    today = timezone.localdate()
    form = AssignForm(request.POST if request.method == "POST" else None, today=today)
    if form.is_valid() and _somebody(form, people):
        given = form.cleaned_data
        try:
            assign_course(
                actor=request.user,
                people=people,
                course=given["course"],
                due_on=given["due_on"],
                owed=given["owed"] == "owed",
                key=given["key"],
                today=today,
            )
        except RequirementRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            words = ngettext(
                "“%(course)s” is assigned to %(n)s person. You can take it back on their page.",
                "“%(course)s” is assigned to %(n)s people. You can take it back on their pages.",
                len(people),
            )
            messages.success(request, words % {"course": given["course"].title, "n": len(people)})
            return redirect(_back(back))
    return _show(request, "assign", people, back, form=form)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def waive(request: SignedInRequest) -> HttpResponse:
    """Let the chosen people off a requirement that they have, for some days and a reason."""
    people, back = _chosen(request)
    today = timezone.localdate()
    duties = ObligationSpan.objects.on(today).filter(person__in=people).order_by()
    form = WaiveForm(
        request.POST if request.method == "POST" else None,
        requirements=set(duties.values_list("requirement", flat=True)),
        today=today,
        initial={"requirement": request.GET.get("requirement")},
    )
    if form.is_valid() and _somebody(form, people):
        given = form.cleaned_data
        approver = given["approver"] or request.user
        if given["approver"] and not _decides_about(approver, people):
            form.add_error("approver", _("This person decides about none, or not all, of the people chosen."))
        else:
            try:
                waivers = waive_for(
                    actor=request.user,
                    people=people,
                    requirement=given["requirement"],
                    valid_from=given["first_on"],
                    valid_until=form.valid_until,
                    reason=given["reason"],
                    approved_by=approver,
                    now=timezone.now(),
                )
            except WaiverRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                words = ngettext(
                    "“%(rule)s” is waived for %(n)s person. You can take it back on their page.",
                    "“%(rule)s” is waived for %(n)s people. You can take it back on their pages.",
                    len(waivers),
                )
                messages.success(request, words % {"rule": given["requirement"].name, "n": len(waivers)})
                return redirect(_back(back))
    return _show(request, "waive", people, back, form=form)


def _decides_about(user: Person, people: list[Person]) -> bool:
    keys = [person.pk for person in people]
    return answerable_for(user, as_of=timezone.localdate()).filter(pk__in=keys).count() == len(keys)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def record_completions(request: SignedInRequest) -> HttpResponse:
    """Propose a completion for the chosen people; a second person approves it."""
    people, back = _chosen(request)
    form = RecordForm(request.POST if request.method == "POST" else None, today=timezone.localdate())
    if form.is_valid() and _somebody(form, people):
        given = form.cleaned_data
        try:
            propose_completions(
                actor=request.user,
                people=people,
                course=given["course"],
                taken=form.taken,
                reason=given["reason"],
                keys=[uuid5(given["key"], str(person.pk)) for person in people],
                now=timezone.now(),
            )
        except ChangeRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("It waits for a second person. Until then nothing counts."))
            return redirect(_back(back))
    return _show(request, "record", people, back, form=form)


def _somebody(form: Any, people: list[Person]) -> bool:
    """Whether anybody is chosen; the form says so if not."""
    if not people:
        form.add_error(None, _("Nobody is chosen. Go back to the list and choose people first."))
    return bool(people)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def take_back_waiver(request: SignedInRequest, waiver_id: int) -> HttpResponse:
    """Take a waiver back with a reason; the waiver stays on record as taken back."""
    waiver = get_object_or_404(Waiver.objects.standing().select_related("person", "requirement"), pk=waiver_id)
    person = _get_answerable(request, waiver.person)
    if request.method != "POST":
        record_opening(actor=request.user, opened=person, page="portal:waive", as_of=timezone.localdate())
    form = TakeBackForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        void_waiver(actor=request.user, waiver=waiver, reason=form.cleaned_data["reason"], now=timezone.now())
        messages.success(request, _("The waiver of “%(rule)s” is taken back.") % {"rule": waiver.requirement.name})
        return redirect("portal:person", person.pk)
    context = {"form": form, "waiver": waiver, "person": person}
    return render(request, "portal/waiver_back.html", context, status=422 if form.errors else 200)


@never_cache
@require_POST
@login_required
def take_back_assigned(request: SignedInRequest, person_id: int, requirement_id: int) -> HttpResponse:
    """Take an assignment back from one person."""
    people = answerable_for(request.user, as_of=timezone.localdate())
    person = get_object_or_404(people, pk=person_id)
    requirement = get_object_or_404(Requirement, pk=requirement_id)
    try:
        take_back_assignment(actor=request.user, requirement=requirement, person=person, today=timezone.localdate())
    except RequirementRefused as refusal:
        raise Http404 from refusal
    messages.success(request, _("“%(rule)s” is taken back.") % {"rule": requirement.name})
    return redirect("portal:person", person.pk)


def _get_answerable(request: SignedInRequest, person: Person) -> Person:
    """Return the survivor of the person, if the user decides about them; else a 404."""
    people = answerable_for(request.user, as_of=timezone.localdate())
    survivor = identities(person).filter(merged_into=None).values("pk")
    return get_object_or_404(people, pk__in=survivor)
