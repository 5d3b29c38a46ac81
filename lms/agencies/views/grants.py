"""Rights over a part of the tree: given, lent, ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lms.accounts.models import Person
from lms.accounts.selectors import identities
from lms.agencies.enums import WHOLE_SITE_KINDS, GrantKind
from lms.agencies.forms import MEANINGS, EndGrantForm, GiveGrantForm
from lms.agencies.models import Agency, Grant
from lms.agencies.permissions import user_can_give_grant
from lms.agencies.selectors import list_choosable_people
from lms.agencies.services import end_grant, give_grant

from .pages import SignedInRequest, posted, run_act, say_day, whole_site


def kinds_to_give(user: Person, agency: Agency | None, today: date) -> list[GrantKind]:
    """Return the kinds of right that the user may give over the unit (None: the whole site)."""
    if user_can_give_grant(user, kind=GrantKind.MANAGER, agency=agency, as_of=today):
        return list(WHOLE_SITE_KINDS) if agency is None else list(GrantKind)
    lends = agency is not None and user_can_give_grant(user, kind=GrantKind.READER, agency=agency, as_of=today)
    return [GrantKind.READER] if lends else []


def list_endable(user: Person, grants: Iterable[Grant], today: date) -> set[int]:
    """Return the keys of those of the grants that the user may take back."""
    allowed: dict[tuple[str, int | None], bool] = {}
    for grant in grants:
        key = (grant.kind, grant.agency_id)
        if key not in allowed:
            allowed[key] = user_can_give_grant(user, kind=grant.kind, agency=grant.agency, as_of=today)
    return {grant.pk for grant in grants if allowed[grant.kind, grant.agency_id]}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def give(request: SignedInRequest, agency_id: int | None = None) -> HttpResponse:
    """A right over a unit and all below it, or over the whole site."""
    today = timezone.localdate()
    agency = get_object_or_404(Agency, pk=agency_id) if agency_id else None
    kinds = kinds_to_give(request.user, agency, today)
    if not kinds:
        raise Http404
    people = list_choosable_people(request.user, as_of=today)
    if not request.user.is_superuser:
        people = people.exclude(pk__in=identities(request.user).values("pk"))
    form = GiveGrantForm(posted(request), kinds=kinds, people=people, today=today, initial={"valid_from": today})
    lends_only = kinds == [GrantKind.READER]
    return run_act(
        request,
        form,
        lambda: give_grant(actor=request.user, agency=agency, today=today, **form.cleaned_data),
        tell=_tell_given,
        onward=lambda given: _back(agency),
        title=_("Lend the right to read") if lends_only else _("Give a right"),
        lead=_("Over %(unit)s and all units below it.") % {"unit": agency.name}
        if agency
        else _("Over the whole site."),
        button=_("Lend it") if lends_only else _("Give it"),
        back=_back(agency),
    )


def _tell_given(grant: Grant) -> list[str]:
    facts = _facts(grant) | {
        "day": say_day(grant.valid_from),
        "until": say_day(grant.valid_until) if grant.valid_until else "",
        "meaning": MEANINGS[GrantKind(grant.kind)],
    }
    return [
        _("%(person)s is %(kind)s for %(over)s from %(day)s; it no longer holds on %(until)s.") % facts
        if grant.valid_until
        else _("%(person)s is %(kind)s for %(over)s from %(day)s on.") % facts,
        _("That is: %(meaning)s.") % facts,
    ]


def _facts(grant: Grant) -> dict[str, object]:
    return {
        "person": grant.person,
        "kind": grant.get_kind_display(),
        "over": grant.agency.name if grant.agency else whole_site(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def end(request: SignedInRequest, grant_id: int) -> HttpResponse:
    """The end of a right, today or later."""
    today = timezone.localdate()
    grant = get_object_or_404(Grant.objects.select_related("person", "agency"), pk=grant_id)
    if not user_can_give_grant(request.user, kind=grant.kind, agency=grant.agency, as_of=today):
        raise Http404
    form = EndGrantForm(posted(request), today=today, initial={"on": today})
    return run_act(
        request,
        form,
        lambda: end_grant(
            actor=request.user,
            grant=grant,
            on=form.cleaned_data["on"],
            reason=form.cleaned_data["reason"],
            today=today,
        ),
        tell=lambda ended: [
            _("%(person)s is no longer %(kind)s for %(over)s from %(day)s on.")
            % {**_facts(ended), "day": say_day(form.cleaned_data["on"])}
        ],
        onward=lambda ended: _back(grant.agency),
        title=_("End a right"),
        lead=_("%(person)s: %(kind)s, %(over)s.") % _facts(grant),
        button=_("End it"),
        back=_back(grant.agency),
        opened=grant.person,
    )


def _back(agency: Agency | None) -> str:
    return reverse("agencies:unit", args=[agency.pk]) if agency else reverse("agencies:tree")
