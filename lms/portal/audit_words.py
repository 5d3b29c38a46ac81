"""What an audit event says to a reader: the act in words, and what changed from what to what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.agencies.enums import GrantKind

TEXT_SHOWN = 200
# What is said in a column of its own, or is a key that says nothing to a reader.
LEFT_OUT = {"reason", "grant", "merged", "other", "sha256"}
PAIRS = (("from", "to"), ("was", "is"))
LISTS = {"methods"}


class EventKind(models.TextChoices):
    """The kinds that the trail is filtered by."""

    SIGN_IN = "sign-in", gettext_lazy("Sign-ins and passwords")
    INVITATION = "invitation", gettext_lazy("Invitations")
    RIGHT = "right", gettext_lazy("Rights")
    JOB = "job", gettext_lazy("People and jobs")
    UNIT = "unit", gettext_lazy("Units")
    IMPORT = "import", gettext_lazy("Imports")
    MERGE = "merge", gettext_lazy("Joined records")
    EXPORT = "export", gettext_lazy("Exports")
    OPENING = "opening", gettext_lazy("Names opened")
    PRIVACY = "privacy", gettext_lazy("Erasing and retention")
    RECORD = "record", gettext_lazy("Training records and certificates")
    QUIZ = "quiz", gettext_lazy("Quizzes")
    RULE = "rule", gettext_lazy("Rules, reminders and lists")


# How the words of the acts of a kind begin; of imports and exports, what they hold.
BEGINNINGS = {
    EventKind.SIGN_IN: ("sign_in.", "password.", "address.", "second_factor.", "identity.", "person.registered"),
    EventKind.INVITATION: ("invitation.",),
    EventKind.RIGHT: ("grant.",),
    EventKind.JOB: ("employment.", "person.created", "person.registered"),
    EventKind.UNIT: ("agency.",),
    EventKind.MERGE: ("person.merge", "person.distinct"),
    EventKind.OPENING: ("names.opened",),
    EventKind.PRIVACY: ("person.erased", "records.removed", "text.redacted", "retention."),
    EventKind.RECORD: (
        *("completion.", "completions.matched", "certificate.", "external.", "license.", "waiver.", "attempt."),
        *("course.", "reminder."),
    ),
    EventKind.QUIZ: ("quiz.", "question."),
    EventKind.RULE: ("requirement.", "contract.", "qualified_list.", "list.", "reminders.", "calendar."),
}
PARTS = {
    EventKind.IMPORT: ("import",),
    EventKind.EXPORT: ("export", "bundle", "transcript."),
}

ACTS = {
    "address.added": gettext_lazy("Address added"),
    "address.main": gettext_lazy("Main address changed"),
    "address.removed": gettext_lazy("Address removed"),
    "agency.closed": gettext_lazy("Unit closed"),
    "agency.closing_undone": gettext_lazy("Closing taken back"),
    "agency.created": gettext_lazy("Unit added"),
    "agency.moved": gettext_lazy("Unit moved"),
    "agency.split": gettext_lazy("Unit split"),
    "agency.updated": gettext_lazy("Unit changed"),
    "attempt.regrade_decided": gettext_lazy("Regraded pass decided"),
    "audit.exported": gettext_lazy("Audit trail downloaded"),
    "calendar.closed": gettext_lazy("Calendar address closed"),
    "calendar.made": gettext_lazy("Calendar address made"),
    "calendar.renewed": gettext_lazy("Calendar address renewed"),
    "certificate.issued": gettext_lazy("Certificate issued"),
    "certificate.reissued": gettext_lazy("Certificate issued again"),
    "certificate.restored": gettext_lazy("Certificate stands again"),
    "certificate.revoked": gettext_lazy("Certificate revoked"),
    "certificate.share_ended": gettext_lazy("Link to a certificate ended"),
    "certificate.shared": gettext_lazy("Certificate shared by a link"),
    "certificate.superseded": gettext_lazy("Certificate superseded"),
    "certificates.bundle_asked_for": gettext_lazy("Certificates asked for in one file"),
    "certificates.bundled": gettext_lazy("Certificates packed for download"),
    "completion.approved": gettext_lazy("Change to a record approved"),
    "completion.proposed": gettext_lazy("Change to a record asked for"),
    "completion.recorded": gettext_lazy("Completion recorded"),
    "completion.refused": gettext_lazy("Change to a record refused"),
    "completion.voided": gettext_lazy("Completion voided"),
    "completion.withdrawn": gettext_lazy("Change to a record withdrawn"),
    "completions.import_undone": gettext_lazy("Import of completions undone"),
    "completions.imported": gettext_lazy("Completions imported"),
    "completions.matched": gettext_lazy("Course of imported completions named"),
    "contract.changed": gettext_lazy("Contract changed"),
    "contract.created": gettext_lazy("Contract entered"),
    "course.assigned": gettext_lazy("Course assigned"),
    "course.assignment_taken_back": gettext_lazy("Assignment taken back"),
    "employment.added": gettext_lazy("Job added"),
    "employment.end_undone": gettext_lazy("End of a job taken back"),
    "employment.ended": gettext_lazy("Job ended"),
    "employment.taken_back": gettext_lazy("Job taken back"),
    "external.approved": gettext_lazy("Outside training approved"),
    "external.hours_counted": gettext_lazy("Outside training counted with a board"),
    "external.refused": gettext_lazy("Outside training refused"),
    "external.returned": gettext_lazy("Outside training returned"),
    "external.sent": gettext_lazy("Proof of an outside training sent"),
    "external.sent_again": gettext_lazy("Proof of an outside training sent again"),
    "grant.ended": gettext_lazy("Right ended"),
    "grant.given": gettext_lazy("Right given"),
    "identity.connected": gettext_lazy("Agency’s sign-in connected"),
    "identity.removed": gettext_lazy("Agency’s sign-in removed"),
    "invitation.accepted": gettext_lazy("Invitation accepted"),
    "invitation.sent": gettext_lazy("Invitation sent"),
    "invitation.withdrawn": gettext_lazy("Invitation withdrawn"),
    "license.saved": gettext_lazy("License entered"),
    "list.closed": gettext_lazy("List of courses closed"),
    "list.joined": gettext_lazy("List of courses joined"),
    "list.made": gettext_lazy("List of courses made"),
    "names.opened": gettext_lazy("Names opened"),
    "password.changed": gettext_lazy("Password changed"),
    "person.created": gettext_lazy("Person added"),
    "person.distinct": gettext_lazy("Two people told apart"),
    "person.erased": gettext_lazy("Person erased"),
    "person.merge_undone": gettext_lazy("Joining undone"),
    "person.merged": gettext_lazy("Records joined"),
    "person.registered": gettext_lazy("Account made by its owner"),
    "qualified_list.changed": gettext_lazy("List of qualified people changed"),
    "qualified_list.created": gettext_lazy("List of qualified people made"),
    "question.regraded": gettext_lazy("Key corrected and graded again"),
    "quiz.questions_imported": gettext_lazy("Questions imported"),
    "quiz.time_extended": gettext_lazy("More time given"),
    "quiz.time_extension_ended": gettext_lazy("More time ended"),
    "records.removed": gettext_lazy("Records removed after their time"),
    "reminder.sent": gettext_lazy("Reminder sent"),
    "reminders.changed": gettext_lazy("Days of reminders changed"),
    "requirement.changed": gettext_lazy("Rule changed"),
    "requirement.created": gettext_lazy("Rule made"),
    "requirement.ended": gettext_lazy("Rule ended"),
    "retention.applied": gettext_lazy("Retention applied"),
    "retention.changed": gettext_lazy("Retention changed"),
    "second_factor.added": gettext_lazy("Second step set up"),
    "second_factor.removed": gettext_lazy("Second step removed"),
    "second_factor.reset": gettext_lazy("Recovery codes made"),
    "sign_in.done": gettext_lazy("Signed in"),
    "sign_in.ended": gettext_lazy("Signed out"),
    "sign_in.failed": gettext_lazy("Sign-in refused"),
    "staff.import_undone": gettext_lazy("Import of staff undone"),
    "staff.imported": gettext_lazy("Staff imported"),
    "team.exported": gettext_lazy("Names or figures downloaded"),
    "text.redacted": gettext_lazy("Text taken back"),
    "transcript.asked_for": gettext_lazy("Transcript asked for"),
    "transcript.issued": gettext_lazy("Transcript issued"),
    "waiver.given": gettext_lazy("Requirement waived"),
    "waiver.voided": gettext_lazy("Waiver taken back"),
}
FACTS = {
    "address": gettext_lazy("address"),
    "agency": gettext_lazy("unit"),
    "file": gettext_lazy("file"),
    "job_role": gettext_lazy("job"),
    "kind": gettext_lazy("right"),
    "methods": gettext_lazy("with"),
    "name": gettext_lazy("name"),
    "on": gettext_lazy("on"),
    "page": gettext_lazy("page"),
    "parent": gettext_lazy("below"),
    "times": gettext_lazy("times"),
    "until": gettext_lazy("until"),
    "valid_from": gettext_lazy("from"),
    "valid_until": gettext_lazy("until"),
}


PAGES = {
    "agencies:person": gettext_lazy("jobs of a person"),
    "agencies:unit": gettext_lazy("unit"),
    "certificates:detail": gettext_lazy("certificate"),
    "certificates:transcript": gettext_lazy("transcript"),
    "compliance:contract": gettext_lazy("contract"),
    "compliance:contract-file": gettext_lazy("names of a contract"),
    "compliance:facility": gettext_lazy("readiness of a facility"),
    "compliance:qualified": gettext_lazy("qualified people"),
    "compliance:qualified-file": gettext_lazy("qualified people as a file"),
    "compliance:readiness": gettext_lazy("readiness for placements"),
    "hr_import:run": gettext_lazy("import"),
    "portal:assign": gettext_lazy("assigning a course"),
    "portal:audit": gettext_lazy("audit trail"),
    "portal:changes": gettext_lazy("changes to records"),
    "portal:duplicates": gettext_lazy("likely duplicates"),
    "portal:erase": gettext_lazy("erasing"),
    "portal:merge": gettext_lazy("comparison of two records"),
    "portal:merges": gettext_lazy("joined records"),
    "portal:outside-decide": gettext_lazy("outside training"),
    "portal:outside-team": gettext_lazy("outside trainings"),
    "portal:people": gettext_lazy("names of a team"),
    "portal:person": gettext_lazy("training record"),
    "portal:record": gettext_lazy("recording a completion"),
    "portal:remind": gettext_lazy("reminding"),
    "portal:team": gettext_lazy("team"),
    "portal:waive": gettext_lazy("waiving a requirement"),
    "quizzes:time": gettext_lazy("more time for a quiz"),
}
# Facts that are codes of units or jobs, which a reader knows by name.
CODES = ("agency", "from", "into", "job_role", "parent", "to")


def name_act(action: str) -> str:
    """Return the act in words; one that has none here reads as its service calls it."""
    return str(ACTS.get(action) or action.replace(".", ": ").replace("_", " "))


def list_codes(detail: Mapping[str, Any]) -> set[str]:
    """Return the codes of units and jobs that the event holds."""
    return {detail[key] for key in CODES if isinstance(detail.get(key), str)}


def tell_changes(
    detail: Mapping[str, Any], *, without: frozenset[str] = frozenset(), names: Mapping[str, str] | None = None
) -> list[str]:
    """Return what the event says beyond who, what and whom, a line for each fact; old and new values as “old → new”.

    ``names`` gives the names of codes; one that is missing reads as it is.
    """
    words = dict(detail)
    for key, value in detail.items():
        if key in CODES and isinstance(value, str):
            words[key] = (names or {}).get(value, value)
        elif key == "page" and isinstance(value, str):
            words[key] = str(PAGES.get(value, value))
    return list(_lines(words, LEFT_OUT | without))


def _lines(detail: Mapping[str, Any], left_out: frozenset[str] | set[str]) -> Iterator[str]:
    rest = {key: value for key, value in detail.items() if key not in left_out}
    for old, new in PAIRS:
        if old in rest and new in rest:
            yield f"{_say(rest.pop(old))} → {_say(rest.pop(new))}"
    for key, value in rest.items():
        label = str(FACTS.get(key) or key.replace("_", " "))
        if isinstance(value, Mapping):
            yield from (f"{label}: {line}" if key != "taken" else line for line in _nested(value))
        elif isinstance(value, list) and len(value) == 2 and key not in LISTS:
            yield f"{label}: {_say(value[0])} → {_say(value[1])}"
        else:
            yield f"{label}: {_say(value)}"


def _nested(values: Mapping[str, Any]) -> Iterator[str]:
    for key, value in values.items():
        label = key.replace("_", " ")
        if isinstance(value, Mapping) and {"was", "is"} <= value.keys():
            yield f"{label}: {_say(value['was'])} → {_say(value['is'])}"
        else:
            yield f"{label}: {_say(value)}"


def _say(value: Any) -> str:
    if value is None or value == "":
        return _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(_say(each) for each in value)[:TEXT_SHOWN] or _("none")
    text = str(value)[:TEXT_SHOWN]
    return str(GrantKind(text).label) if text in GrantKind.values else text
