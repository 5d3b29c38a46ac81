"""A file comes in, is shown as what it would change, is applied, is perhaps taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lms.accounts.models import Person
from lms.agencies.permissions import user_can_import_staff, user_can_manage_agency
from lms.agencies.selectors import list_managed_agencies
from lms.agencies.services import record_opening

from .columns import COLUMNS
from .enums import ChangeKind, RunKind, RunState
from .forms import FORMS, ApplyForm, ColumnsForm, FileForm, MatchForm
from .models import ImportRun, PlanRow
from .selectors import list_runs, list_unmatched
from .services import ImportRefused, discard_run, match_evidence, name_columns, open_run, start_apply, start_undo

RUNS_SHOWN, ROWS_SHOWN, LEFT_SHOWN = 20, 50, 100
AT_WORK = (RunState.READING, RunState.APPLYING, RunState.UNDOING)
DAYS = {"start_on", "end_on", "completed_on"}
# A file has a code there; what changes is the thing.
SHOWN_AS = {
    "agency_code": gettext_lazy("Unit"),
    "job_role": gettext_lazy("Job role"),
    "supervisor_employee_number": gettext_lazy("Supervisor"),
    "course": gettext_lazy("Course"),
}


class SignedInRequest(HttpRequest):
    """A request behind ``login_required``."""

    user: Person


def _importer_or_404(user: Person, today: date) -> None:
    if not user_can_import_staff(user, as_of=today):
        raise Http404


def _run_or_404(request: SignedInRequest, run_id: int, today: date) -> ImportRun:
    _importer_or_404(request.user, today)
    return get_object_or_404(list_runs(request.user, as_of=today), pk=run_id)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def bring(request: SignedInRequest, kind: str) -> HttpResponse:
    """Send a file; below it, the imports so far."""
    now = timezone.now()
    today = timezone.localdate(now)
    _importer_or_404(request.user, today)
    form = FORMS[kind](
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        units=list_managed_agencies(request.user, as_of=today),
        whole_site=user_can_manage_agency(request.user, None, as_of=today),
    )
    if request.method == "POST" and form.is_valid() and (run := _open(request, kind, form, now)):
        return redirect("hr_import:run", run.pk)
    runs = Paginator(list_runs(request.user, as_of=today), RUNS_SHOWN).get_page(request.GET.get("page"))
    context = {"form": form, "kind": kind, "runs": runs, "columns": COLUMNS[kind]}
    return render(request, "hr_import/bring.html", context, status=422 if form.errors else 200)


def _open(request: SignedInRequest, kind: str, form: FileForm, now: datetime) -> ImportRun | None:
    said = dict(form.cleaned_data)
    file = said.pop("file")
    try:
        return open_run(actor=request.user, kind=kind, content=file.read(), file_name=file.name or "", now=now, **said)
    except ImportRefused as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return None


@require_safe
@login_required
def show(request: SignedInRequest, run_id: int) -> HttpResponse:
    """What the file would change, how far it is, or what it changed."""
    today = timezone.localdate()
    run = _run_or_404(request, run_id, today)
    if run.state == RunState.COLUMNS:
        return redirect("hr_import:columns", run.pk)
    if run.state not in AT_WORK:
        record_opening(actor=request.user, opened=run.agency, page="hr_import:run", as_of=today)
    return _show(request, run)


def _show(
    request: SignedInRequest, run: ImportRun, *, error: str = "", match: MatchForm | None = None, status: int = 200
) -> HttpResponse:
    kinds = [kind for kind in ChangeKind if run.counts.get(kind)]
    chosen = request.GET.get("kind", "")
    rows = PlanRow.objects.filter(run=run).order_by("position")
    if chosen in kinds:
        rows = rows.filter(kind=chosen)
    page = Paginator(rows, ROWS_SHOWN).get_page(request.GET.get("page"))
    labels = {column.name: column.label for column in COLUMNS[run.kind]}
    things = labels | SHOWN_AS
    left = run.effects.exclude(notes=[]).order_by("position")[:LEFT_SHOWN]
    names = dict(
        PlanRow.objects.filter(run=run, position__in=[effect.position for effect in left]).values_list(
            "position", "label"
        )
    )
    context: dict[str, Any] = {
        "run": run,
        "at_work": run.state in AT_WORK,
        "is_staff_file": run.kind == RunKind.STAFF,
        "kinds": [(kind, kind.label, run.counts[kind]) for kind in kinds],
        "chosen": ChangeKind(chosen) if chosen in kinds else None,
        "page": page,
        "lines": [_present(row, labels, things) for row in page],
        "left": [(names.get(effect.position, ""), effect.words) for effect in left],
        "apply_form": ApplyForm(run=run),
        "error": error,
        "unmatched": [
            (MatchForm(initial={"course_name": name}, auto_id=f"match-{number}-%s"), name, count)
            for number, (name, count) in enumerate(list_unmatched(run))
        ]
        if run.state == RunState.APPLIED
        else [],
        "match": match,
    }
    return render(request, "hr_import/run.html", context, status=status)


@dataclass(frozen=True)
class Line:
    """A planned row as a reader sees it: ``changes`` are (what, from, to), ``notes`` (column, text)."""

    number: int | None
    kind: str
    label: str
    changes: list[tuple[Any, str, str]]
    notes: list[tuple[Any, str]]


def _present(row: PlanRow, labels: dict[str, Any], things: dict[str, Any]) -> Line:
    return Line(
        number=row.number,
        kind=row.get_kind_display(),
        label=row.label,
        changes=[
            (things.get(column, column), _readable(column, old), _readable(column, new))
            for column, old, new in row.differences
        ],
        notes=[(labels.get(note["column"], note["column"]), note["text"]) for note in row.words],
    )


def _readable(column: str, text: str) -> str:
    return date_format(date.fromisoformat(text), "M j, Y") if text and column in DAYS else text


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def columns(request: SignedInRequest, run_id: int) -> HttpResponse:
    """Say which column of the file is which of ours; asked once for each agency."""
    now = timezone.now()
    run = _run_or_404(request, run_id, timezone.localdate(now))
    if run.state != RunState.COLUMNS:
        return redirect("hr_import:run", run.pk)
    form = ColumnsForm(request.POST if request.method == "POST" else None, run=run)
    if form.is_bound and form.is_valid():
        try:
            name_columns(actor=request.user, run=run, mapping=form.cleaned_data, now=now)
        except ImportRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            return redirect("hr_import:run", run.pk)
    return render(request, "hr_import/columns.html", {"form": form, "run": run}, status=422 if form.errors else 200)


@require_POST
@login_required
def apply(request: SignedInRequest, run_id: int) -> HttpResponse:
    """Give the word to apply what was shown."""
    now = timezone.now()
    run = _run_or_404(request, run_id, timezone.localdate(now))
    form = ApplyForm(request.POST, run=run)
    confirmed = form.is_valid() and form.cleaned_data.get("ends_confirmed", False)
    try:
        start_apply(actor=request.user, run=run, now=now, ends_confirmed=confirmed)
    except ImportRefused as refusal:
        return _show(request, run, error=str(refusal), status=422 if refusal.field else 409)
    return redirect("hr_import:run", run.pk)


@require_POST
@login_required
def undo(request: SignedInRequest, run_id: int) -> HttpResponse:
    """Give the word to take the whole run back."""
    now = timezone.now()
    run = _run_or_404(request, run_id, timezone.localdate(now))
    try:
        start_undo(actor=request.user, run=run, now=now)
    except ImportRefused as refusal:
        return _show(request, run, error=str(refusal), status=409)
    return redirect("hr_import:run", run.pk)


@require_POST
@login_required
def discard(request: SignedInRequest, run_id: int) -> HttpResponse:
    """Set aside a file that was not applied."""
    now = timezone.now()
    run = _run_or_404(request, run_id, timezone.localdate(now))
    try:
        discard_run(actor=request.user, run=run, now=now)
    except ImportRefused as refusal:
        return _show(request, run, error=str(refusal), status=409)
    messages.success(request, _("Set aside. Nothing was changed, and what the file said is deleted."))
    return redirect("hr_import:import" if run.kind == RunKind.STAFF else "hr_import:import-completions")


@require_POST
@login_required
def match(request: SignedInRequest, run_id: int) -> HttpResponse:
    """Say which course of ours a name in a file of prior completions stands for."""
    now = timezone.now()
    run = _run_or_404(request, run_id, timezone.localdate(now))
    form = MatchForm(request.POST)
    if not form.is_valid():
        return _show(request, run, error=_("Choose the course that this name stands for."), status=422)
    try:
        written = match_evidence(actor=request.user, run=run, now=now, **form.cleaned_data)
    except ImportRefused as refusal:
        return _show(request, run, error=str(refusal), status=409)
    messages.success(
        request,
        _("“%(name)s” is %(course)s now; completions recorded: %(number)s.")
        % {"name": form.cleaned_data["course_name"], "course": form.cleaned_data["course"], "number": written},
    )
    return redirect("hr_import:run", run.pk)
