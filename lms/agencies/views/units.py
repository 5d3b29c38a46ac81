"""The tree of a day, and one unit of it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from lms.accounts.selectors import resolve_person
from lms.agencies.models import Agency
from lms.agencies.permissions import user_can_manage_agency, user_can_see_names
from lms.agencies.selectors import (
    list_grants_over,
    list_jobs_at,
    list_managed_agencies,
    list_places,
    list_readable_agencies,
    list_site_grants,
    list_tree,
    list_units_above,
    map_sign_in_states,
)
from lms.agencies.services import (
    record_opening,
)

from .grants import kinds_to_give, list_endable
from .pages import ShownDay, SignedInRequest, get_managed, read_day, require_opener

PEOPLE_SHOWN = 50


@require_safe
@login_required
def tree(request: SignedInRequest) -> HttpResponse:
    """The units that the reader may open, as they stood on a day; who has none gets a 404."""
    shown = read_day(request)
    require_opener(request, shown.today)
    search = request.GET.get("q", "").strip()[:100]
    with_closed = request.GET.get("show") == "closed"
    kinds = kinds_to_give(request.user, None, shown.today)
    site_grants = list(list_site_grants(as_of=shown.today)) if kinds else []
    endable = list_endable(request.user, site_grants, shown.today)
    context = {
        "site_grants": [(grant, grant.pk in endable) for grant in site_grants],
        "tops": list_tree(request.user, as_of=shown.day, today=shown.today, search=search, with_closed=with_closed),
        "shown": shown,
        "search": search,
        "with_closed": with_closed,
        "may_add": user_can_manage_agency(request.user, None, as_of=shown.today),
        "kinds": kinds,
        "manages": list_managed_agencies(request.user, as_of=shown.today).exists(),
    }
    return render(request, "agencies/tree.html", context)


@require_safe
@login_required
def unit(request: SignedInRequest, agency_id: int) -> HttpResponse:
    """One unit on a day: people, units below, where it stood, rights over it."""
    shown = read_day(request)
    found, shown = _open_unit(request, agency_id, shown)
    named = user_can_see_names(request.user, found, as_of=shown.today)
    show = request.GET.get("show", "")
    search = request.GET.get("q", "").strip()[:100]
    jobs = list_jobs_at(found, as_of=shown.day, show=show)
    for word in search.casefold().split():
        jobs = jobs.filter(person__sort_name__contains=word)
    page = Paginator(jobs if named else jobs.none(), PEOPLE_SHOWN).get_page(request.GET.get("page"))
    if named:
        record_opening(actor=request.user, opened=found, page="agencies:unit", as_of=shown.today)
    above = list_units_above(found, as_of=shown.day)
    readable = list_readable_agencies(request.user, as_of=shown.day, today=shown.today)
    opens = set(readable.filter(pk__in=[each.pk for each in above]).values_list("pk", flat=True)) if above else set()
    below = list_tree(request.user, as_of=shown.day, today=shown.today, root=found)
    kinds = kinds_to_give(request.user, found, shown.today)
    grants = list(list_grants_over(found, as_of=shown.day)) if named or kinds else []
    endable = list_endable(request.user, grants, shown.today) if kinds else set()
    may_change = user_can_manage_agency(request.user, found, as_of=shown.today)
    people = {job.pk: resolve_person(job.person) for job in page}
    states = map_sign_in_states(list(people.values()), now=timezone.now())
    context = {
        "agency": found,
        "shown": shown,
        "above": [(each, each.pk in opens) for each in above],
        "below": below[0].below if below else [],
        "jobs_in_all": below[0].jobs_in_all if below else 0,
        "named": named,
        "page": page,
        "jobs": [(job, people[job.pk], states[people[job.pk].pk]) for job in page],
        "show": show,
        "search": search,
        "places": list_places(found),
        "grants": [(grant, grant.pk in endable) for grant in grants],
        "kinds": kinds,
        "may_change": may_change,
        "may_move": may_change and user_can_manage_agency(request.user, found.get_parent(), as_of=shown.today),
    }
    return render(request, "agencies/unit.html", context)


def _open_unit(request: SignedInRequest, agency_id: int, shown: ShownDay) -> tuple[Agency, ShownDay]:
    """Return the unit and the day it is shown for: today, when it did not stand or was not the reader's that day."""
    for day in dict.fromkeys((shown.day, shown.today)):
        readable = list_readable_agencies(request.user, as_of=day, today=shown.today)
        found = readable.select_related("kind", "service_area", "point_person").filter(pk=agency_id).first()
        if found is not None:
            return found, shown._replace(day=day)
    # A unit whose first day is still to come is opened by who may change it.
    return get_managed(request, agency_id, shown.today), shown._replace(day=shown.today)
