"""The fixed words of imports; what a row's note says is a template for the values that the note carries."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RunKind(models.TextChoices):
    STAFF = "staff", _("Staff file")
    COMPLETIONS = "completions", _("Prior completions")


class RunState(models.TextChoices):
    COLUMNS = "columns", _("columns to be named")
    READING = "reading", _("being read")
    PLANNED = "planned", _("waits for your word")
    APPLYING = "applying", _("being applied")
    APPLIED = "applied", _("applied")
    UNDOING = "undoing", _("being undone")
    UNDONE = "undone", _("undone")
    DISCARDED = "discarded", _("set aside")
    FAILED = "failed", _("could not be read")


class DateOrder(models.TextChoices):
    """How a file writes a day such as 03/04/2026; while nobody said so, such a day is refused."""

    UNSAID = "", _("I don't know: refuse days that can be read in two ways")
    MONTH_FIRST = "mdy", _("Month first: 03/04/2026 is March 4")
    DAY_FIRST = "dmy", _("Day first: 03/04/2026 is April 3")


class WhenKnown(models.TextChoices):
    """What becomes of a prior completion of a course that the person has completed already."""

    KEEP = "keep", _("Do nothing")
    REPLACE = "replace", _("Add it if it is more recent")


class ChangeKind(models.TextChoices):
    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    MOVED = "moved", _("Moved")
    LEAVING = "leaving", _("Leaving")
    REHIRED = "rehired", _("Rehired")
    EVIDENCE = "evidence", _("Kept to match")
    UNCHANGED = "unchanged", _("Unchanged")
    REFUSED = "refused", _("Refused")


class Note(models.TextChoices):
    """Why a row is refused, and what else the reader of the preview should know.

    None of these says anything about a person whom the reader may not see.
    """

    # --- refused
    CELL = "cell", _("%(fault)s")
    MISSING = "missing", _("This cell is empty.")
    TOO_LONG = "too_long", _("This cell has more than %(limit)s characters.")
    FORMULA = "formula", _("This begins like a formula. Write what it stands for.")
    NO_EMAIL = "no_email", _("This is no e-mail address.")
    NO_DAY = "no_day", _("This is no day. Write it as 2026-03-04.")
    TWO_DAYS = "two_days", _("This day can be read in two ways. Write it as 2026-03-04, or say which comes first.")
    OTHER_ORDER = "other_order", _("This day does not fit the order that was chosen for the file.")
    SHORT_YEAR = "short_year", _("Write the year with four digits.")
    END_BEFORE_START = "end_before_start", _("The last day comes before the first.")
    UNKNOWN_UNIT = "unknown_unit", _("There is no such unit among those that this import is for.")
    UNIT_CLOSED = "unit_closed", _("This unit is closed by then.")
    UNKNOWN_ROLE = "unknown_role", _("There is no job role with this code.")
    UNKNOWN_SUPERVISOR = "unknown_supervisor", _("Nobody on record or in this file has this employee number.")
    OWN_SUPERVISOR = "own_supervisor", _("Nobody is their own supervisor.")
    NUMBER_TWICE = "number_twice", _("Two records have this employee number. Give the e-mail too.")
    NUMBER_OF_ANOTHER = "number_of_another", _("By name and e-mail, this employee number is somebody else's.")
    TWO_PEOPLE = "two_people", _("Employee number and e-mail belong to two different people of yours.")
    SAME_ROW = "same_row", _("Row %(row)s says the same person and job already.")
    OTHER_EMAIL_IN_FILE = "other_email_in_file", _("Row %(row)s has this employee number with another e-mail.")
    OTHER_NUMBER_IN_FILE = "other_number_in_file", _("Row %(row)s has this e-mail with another employee number.")
    SAME_PERSON = "same_person", _("Row %(row)s is the same person. Give both rows the same number and e-mail.")
    SEVERAL_JOBS = "several_jobs", _("This person has several jobs. Add a row with the last day of the one that ends.")
    OVERLAPS = "overlaps", _("The person holds this job on some of these days already.")
    NO_PERSON = "no_person", _("None of your people has this employee number or e-mail.")
    FUTURE = "future", _("This day is still to come.")
    NO_NUMBER = "no_number", _("This is no number from %(least)s to %(most)s.")
    UNREAD_ROW = "unread_row", _("Not taken as missing, because row %(row)s does not say who it is about.")
    # --- said beside a change
    EMAIL_STAYS = "email_stays", _("The e-mail on record stays: people change their own.")
    START_STAYS = "start_stays", _("The first day on record stays.")
    SECOND_JOB = "second_job", _("A further job; the other one stays.")
    BACK_TODAY = "back_today", _("This job had ended; it is held again from %(day)s.")
    NOT_IN_FILE = "not_in_file", _("Not in the file.")
    KNOWN_COURSE = "known_course", _("Completed on %(day)s already.")
    SAME_COMPLETION = "same_completion", _("Row %(row)s says the same completion already.")
    IDENTIFIER = "identifier", _("This looks like a case number or a date of birth. No child's data may be kept here.")
    UNKNOWN_COURSE = "unknown_course", _("No course of ours has this code or title. Kept, so that it can be matched.")
    MATCHED_BEFORE = "matched_before", _("“%(name)s” was matched to this course after an earlier import.")
    # --- found while applying or undoing
    CHANGED_SINCE = "changed_since", _("Left as it is: it changed after the preview.")
    NO_SUPERVISOR = "no_supervisor", _("Without the supervisor, whose own row is not taken.")
    BUILT_UPON = "built_upon", _("Left as it is: it was changed after the import.")
    PERSON_STAYS = "person_stays", _("The person's record stays: somebody signed in, or something hangs on it.")


class EffectKind(models.TextChoices):
    """What an import wrote, so that undoing finds it."""

    NAME = "name", _("name changed")
    ENDED = "ended", _("job ended")
    OPENED = "opened", _("job opened")
    CORRECTED = "corrected", _("job corrected")
    COMPLETION = "completion", _("completion recorded")
    EVIDENCE = "evidence", _("evidence kept")
    SKIPPED = "skipped", _("left as it is")
