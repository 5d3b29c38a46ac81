"""My team: the overview, the names behind its figures, and both as files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lms.agencies.enums import NAMING_KINDS, GrantKind
from lms.agencies.selectors import answerable_for
from lms.agencies.services import record_opening
from lms.audit.services import record
from lms.compliance.enums import ScopeKind
from lms.compliance.selectors import (
    BadCursor,
    Scope,
    ScopeChoice,
    get_board,
    get_scope,
    get_stored_at,
    list_scope_choices,
    list_shares_by,
)
from lms.compliance.selectors.boards import Dimension
from lms.portal.forms import NamesForm, TeamForm
from lms.portal.forms.team import NARROWING
from lms.portal.selectors import (
    Row,
    count_late_people,
    count_people,
    count_waiting,
    is_large,
    list_ahead,
    list_columns,
    list_months,
    list_names,
    list_rows_by,
    list_unit_rows,
    name_scope,
    read_scope,
    say_scope,
    say_trend,
    stream_csv,
    stream_rows,
    whole_percent,
)
from lms.portal.selectors.names import Wanted
from lms.portal.team_chart import draw
from lms.sheets.tables import SheetError
from lms.sheets.writing import Value, write_csv, write_xlsx

from .pages import SignedInRequest

Form = TypeVar("Form", bound=TeamForm)

AGGREGATE_KINDS = (GrantKind.OVERSIGHT.value,)
DIMENSIONS = ("job_role", "level", "service_area")
LATE_SHOWN = 10
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Asked(Generic[Form]):
    """What a page was asked for, and whether its reader sees names or figures alone (``named``)."""

    form: Form
    scope: Scope
    token: str
    named: bool

    @property
    def kinds(self) -> Sequence[str]:
        return NAMING_KINDS if self.named else AGGREGATE_KINDS

    @property
    def words(self) -> str:
        return say_scope(self.scope.kind, self.scope.agency)

    @property
    def base(self) -> dict[str, str | int]:
        """What every address of the area carries on."""
        past = self.scope.as_of != self.scope.today
        return {"scope": self.token, **({"day": self.scope.as_of.isoformat()} if past else {})}

    @property
    def query_here(self) -> str:
        """The query of the page itself: its people and its day."""
        return self.query({})

    def query(self, more: Mapping[str, str | int]) -> str:
        """Return the query of another page of the area for the same people and day."""
        return urlencode({**self.base, **more})


def _ask(request: SignedInRequest, make: type[Form]) -> Asked[Form]:
    """Read the address; who has neither people nor figures to see, and who asks for others', gets a 404."""
    today = timezone.localdate()
    named = list_scope_choices(request.user, today=today)
    figures = [one for one in list_scope_choices(request.user, today=today, kinds=AGGREGATE_KINDS) if one not in named]
    if not named and not figures:
        raise Http404
    # Own reports stand first in the list, but who is answerable for a unit comes for the unit.
    first = max(named or figures, key=lambda choice: choice.kind == ScopeKind.SUBTREE)
    token = request.GET.get("scope", "") or name_scope(first.kind, first.agency)
    read = read_scope(token)
    if read is None:
        raise Http404
    kind, agency = read
    form = make(request.GET, choices=[*named, *figures], chosen=token, today=today)
    day = form.cleaned_data["day"] if form.is_valid() else today
    for kinds, choices in ((NAMING_KINDS, named), (AGGREGATE_KINDS, figures)):
        scope = get_scope(request.user, kind=kind, agency=agency, as_of=day, today=today, kinds=kinds)
        # Own people and units may be asked about on any day, also on one on which they had nobody yet.
        offered = ScopeChoice(kind, agency) in choices or agency in {choice.agency for choice in choices} - {None}
        if offered or scope.units:
            return Asked(form, scope, token, kinds == NAMING_KINDS)
    raise Http404


@never_cache
@require_safe
@login_required
def overview(request: SignedInRequest) -> HttpResponse:
    """Who is trained, who is late and what comes; who has neither people nor figures gets a 404."""
    asked = _ask(request, TeamForm)
    form, scope = asked.form, asked.scope
    if form.errors:
        return render(request, "portal/team.html", {"form": form, "asked": asked}, status=422)
    if asked.named:
        record_opening(actor=request.user, opened=scope.agency, page="portal:team", as_of=scope.today)
    board = get_board(scope)
    months = list_months(
        request.user,
        kind=scope.kind,
        agency=scope.agency,
        as_of=scope.as_of,
        today=scope.today,
        kinds=asked.kinds,
        named=asked.named,
    )
    by = request.GET.get("by", "")
    large = is_large(board)
    units = list_unit_rows(board, named=asked.named)
    context = {
        "form": form,
        "asked": asked,
        "scope": scope,
        "board": board,
        "total": units[-1],
        "units": units,
        "trained": whole_percent(board.total.sum.trained_share),
        "standing": whole_percent(board.total.sum.standing_share),
        "large": large,
        "by": by if by in DIMENSIONS else DIMENSIONS[0],
        "months": months,
        "trend": say_trend(months),
        "drawings": draw(months, awareness=_("Awareness"), response=_("Response"), gap=_("Gap")),
        "manages": answerable_for(request.user, as_of=scope.today).exists(),
        "today": scope.today,
    }
    # Of a node of very many people the night has counted these.
    context["stored_at"] = get_stored_at(scope, cast(Dimension, context["by"])) if large else None
    if not large or context["stored_at"]:
        lines = list_shares_by(scope, cast(Dimension, context["by"]))
        context["breakdown"] = list_rows_by(lines, str(context["by"]), board, named=asked.named)
    if asked.named:
        context |= _count_names(request, asked, large=large)
    return render(request, "portal/team.html", context)


def _count_names(request: SignedInRequest, asked: Asked[Any], *, large: bool) -> dict[str, object]:
    """What only a reader of names is shown: how many people are late, who they are, and what comes."""
    scope = asked.scope
    late = list_names(request.user, scope, Wanted(show="late"), size=LATE_SHOWN)
    return {
        "people": None if large else count_people(scope),
        "late_people": None if large else count_late_people(scope),
        "lines": late.lines,
        "late_more": bool(late.next),
        "due": list_ahead(scope, "due"),
        "expiring": list_ahead(scope, "expiring"),
        "waiting": count_waiting(request.user, as_of=scope.today),
        "wanted": Wanted(show="late"),
    }


@never_cache
@require_safe
@login_required
def names(request: SignedInRequest) -> HttpResponse:
    """The names behind a figure, fifty lines a page; figures alone have no names."""
    asked = _ask(request, NamesForm)
    form, scope = asked.form, asked.scope
    if not asked.named:
        raise Http404
    if form.errors:
        return render(request, "portal/team_names.html", {"form": form, "asked": asked}, status=422)
    wanted = Wanted.of(form.cleaned_data)
    try:
        page = list_names(request.user, scope, wanted, after=request.GET.get("after", ""))
    except BadCursor as error:
        raise Http404 from error
    record_opening(actor=request.user, opened=scope.agency, page="portal:people", as_of=scope.today)
    context = {
        "form": form,
        "asked": asked,
        "scope": scope,
        "wanted": wanted,
        "lines": page.lines,
        "next": page.next,
        "first": "after" not in request.GET,
        "chips": form.chips,
        "kept": [(name, request.GET[name]) for name in NARROWING if request.GET.get(name)],
        "manages": answerable_for(request.user, as_of=scope.today).exists(),
        "today": scope.today,
    }
    return render(request, "portal/team_names.html", context)


@never_cache
@require_safe
@login_required
def names_file(request: SignedInRequest) -> HttpResponseBase:
    """The same names as a sheet; taking it leaves an event."""
    asked = _ask(request, NamesForm)
    if not asked.named:
        raise Http404
    if asked.form.errors:
        return render(request, "portal/team_names.html", {"form": asked.form, "asked": asked}, status=422)
    wanted = Wanted.of(asked.form.cleaned_data)
    rows = stream_rows(request.user, asked.scope, wanted)
    pieces = stream_csv(request.user, asked.scope, wanted)
    return _send_file(request, asked, "names", list_columns(wanted), rows, pieces)


@never_cache
@require_safe
@login_required
def board_file(request: SignedInRequest) -> HttpResponseBase:
    """The table of units and requirements as a sheet."""
    asked = _ask(request, TeamForm)
    if asked.form.errors:
        return render(request, "portal/team.html", {"form": asked.form, "asked": asked}, status=422)
    board = get_board(asked.scope)
    units = list_unit_rows(board, named=asked.named)
    columns = [_("Unit")]
    headings = [_("Awareness"), _("Response"), *(rule.name for rule in board.requirements if asked.named)]
    for heading in headings:
        columns += [
            _("%(heading)s, trained") % {"heading": heading},
            _("%(heading)s, of") % {"heading": heading},
            _("%(heading)s, %%") % {"heading": heading},
        ]
    return _send_file(request, asked, "units", columns, [_sheet_row(row) for row in units])


def _sheet_row(row: Row) -> list[Value]:
    values: list[Value] = [row.label]
    for cell in (row.awareness, row.response, *row.others):
        values += [_("hidden")] * 3 if cell.hidden else [cell.part, cell.whole, cell.percent]
    return values


def _send_file(
    request: SignedInRequest,
    asked: Asked[Any],
    what: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Value]],
    pieces: Iterable[bytes] | None = None,
) -> HttpResponseBase:
    """Give out the rows as CSV in pieces, or as a workbook; one that Excel can't hold says so and offers the CSV.

    ``pieces``: those of the CSV file, where there is a shorter way to them.
    """
    ending = "xlsx" if request.GET.get("format") == "xlsx" else "csv"
    filters = {name: value[:100] for name, value in request.GET.items() if name in {*NamesForm.base_fields, "format"}}
    record(
        actor=request.user,
        action="team.exported",
        target=asked.scope.agency,
        detail={**filters, "scope": asked.token, "day": asked.scope.as_of.isoformat(), "what": what},
    )
    name = f"{what}-{asked.scope.as_of:%Y-%m-%d}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if ending == "csv":
        pieces = write_csv(columns, rows) if pieces is None else pieces
        return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=headers)
    try:
        return HttpResponse(write_xlsx(columns, rows), content_type=XLSX, headers=headers)
    except SheetError as error:
        csv = request.GET.copy()
        csv["format"] = "csv"
        context = {"words": error, "csv": csv.urlencode(), "asked": asked}
        return render(request, "portal/team_file.html", context, status=413)
