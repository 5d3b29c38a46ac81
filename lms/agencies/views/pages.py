"""What every page about agencies shares: who asks, for which day, and how an act is shown before it is done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple, TypeVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms.accounts.models import Person
from lms.agencies.forms import ActForm, ShownDayForm
from lms.agencies.models import Agency
from lms.agencies.permissions import user_can_manage_agency, user_can_open_agencies
from lms.agencies.services import record_opening

T = TypeVar("T")
NAMES_TOLD = 10


class SignedInRequest(HttpRequest):
    """A request behind ``login_required``."""

    user: Person


class ShownDay(NamedTuple):
    """The day a page shows, and the form it was chosen by; today when nothing or nonsense was typed."""

    day: date
    today: date
    form: ShownDayForm


def read_day(request: HttpRequest) -> ShownDay:
    today = timezone.localdate()
    form = ShownDayForm(request.GET if "day" in request.GET else None, initial={"day": today})
    chosen = form.cleaned_data["day"] if form.is_valid() else None
    return ShownDay(chosen or today, today, form)


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what was sent, which may be nothing at all; none when nothing was sent yet."""
    return request.POST if request.method == "POST" else None


def require_opener(request: SignedInRequest, today: date) -> None:
    """Raise Http404 for who has nothing to open in the tree."""
    if not user_can_open_agencies(request.user, as_of=today):
        raise Http404


def get_managed(request: SignedInRequest, agency_id: int, today: date) -> Agency:
    """Return the unit that the user may change; a foreign one answers as a missing one does."""
    agency = get_object_or_404(Agency.objects.select_related("kind", "service_area", "point_person"), pk=agency_id)
    if not user_can_manage_agency(request.user, agency, as_of=today):
        raise Http404
    return agency


def run_act(
    request: SignedInRequest,
    form: ActForm,
    act: Callable[[], T],
    *,
    tell: Callable[[T], list[str]],
    onward: Callable[[T], str],
    title: str,
    button: str,
    back: str,
    lead: str = "",
    opened: Person | Agency | None = None,
    warn: Callable[[T], list[str]] = lambda result: [],
) -> HttpResponse:
    """The pages of an act: what is asked, then in words what will happen, then it happens.

    ``tell`` says what the act does, once before it and once after; the first time the act ran for real and was taken
    back, so that whatever would be refused is refused before anybody confirms. A refusal answers 422 and keeps what was
    typed. ``opened``: whose names the form shows.
    """
    page = {"form": form, "title": title, "button": button, "back": back, "lead": lead}
    step = request.POST.get("step")
    if request.method != "POST" and opened is not None and request.resolver_match is not None:
        page_name = request.resolver_match.view_name
        record_opening(actor=request.user, opened=opened, page=page_name, as_of=timezone.localdate())
    if request.method != "POST" or step == "change":
        if not form.fields:
            return render(request, "agencies/confirm.html", {**page, "sentences": [lead]})
        return render(request, "agencies/act.html", page)
    if step == "confirm":
        result = form.attempt(act)
        if result is not None:
            messages.success(request, " ".join(tell(result)))
            for words in warn(result):
                messages.warning(request, words)
            return redirect(onward(result))
    elif (foreseen := form.rehearse(act, lambda result: (tell(result), warn(result)))) is not None:
        sentences, warnings = foreseen
        return render(request, "agencies/confirm.html", {**page, "sentences": sentences, "warnings": warnings})
    return render(request, "agencies/act.html", page, status=422)


def name_some(people: list[str]) -> str:
    """Return the names in one line; of many the first ones and how many more."""
    more = len(people) - NAMES_TOLD
    if more <= 0:
        return ", ".join(people)
    return ngettext("%(names)s and %(number)s more", "%(names)s and %(number)s more", more) % {
        "names": ", ".join(people[:NAMES_TOLD]),
        "number": more,
    }


def say_day(day: date) -> str:
    """Return the day as the pages of the site write it."""
    return date_format(day, "M j, Y")


def whole_site() -> str:
    return _("the whole site")
