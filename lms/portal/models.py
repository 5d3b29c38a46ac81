"""What is kept how long, one page for the whole site; changes to training records that wait for a second person."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from curricula.models import Course
from lms.learning.enums import CompletionMode
from lms.learning.models import Completion

from .enums import ChangeKind, ChangeState
from .page_forms import RetentionForm


@register_setting(icon="calendar-check")
class RetentionSettings(BaseGenericSetting):
    """Applied once a day by ``lms.portal.services.retention``, which writes down what it removed."""

    records_years = models.PositiveSmallIntegerField(
        _("training records and certificates: years"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_(
            "After the completion and the end of the last job, whichever is later. Those of present staff stay."
        ),
    )
    leavers_days = models.PositiveIntegerField(
        _("the rest of a leaver's data: days after the last job"),
        default=2_555,
        validators=[MinValueValidator(30), MaxValueValidator(36_500)],
        help_text=_(
            "Name, addresses, sign-in, answers, progress. The facts of the record stay as long as above. Whoever comes "
            "back sooner finds their record."
        ),
    )
    mails_days = models.PositiveIntegerField(
        _("mails that were sent: days"), default=90, validators=[MinValueValidator(7), MaxValueValidator(3_650)]
    )
    imports_days = models.PositiveIntegerField(
        _("rows of imported files: days"),
        default=365,
        validators=[MinValueValidator(30), MaxValueValidator(3_650)],
        help_text=_("An import can be undone as long. What it wrote stays."),
    )
    audit_years = models.PositiveSmallIntegerField(
        _("audit trail: years"), default=7, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )

    edit_handler = ObjectList(
        [
            MultiFieldPanel([FieldPanel("records_years"), FieldPanel("leavers_days")], heading=_("People")),
            MultiFieldPanel(
                [FieldPanel("mails_days"), FieldPanel("imports_days"), FieldPanel("audit_years")], heading=_("The site")
            ),
        ],
        base_form_class=RetentionForm,
    )

    class Meta:
        verbose_name = _("retention")
        verbose_name_plural = _("retention")

    def __str__(self) -> str:
        return str(_("What is kept how long"))


class RecordChange(models.Model):
    """A completion that somebody wants to be recorded, corrected or taken back, until another person decides.

    ``replaces``: the row of the ledger that is corrected or taken back; ``completion``: the row that was written.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=ChangeKind.choices)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="record_changes")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    replaces = models.ForeignKey(Completion, null=True, blank=True, on_delete=models.PROTECT, related_name="changes")
    started_on = models.DateField(_("first day"))
    completed_on = models.DateField(_("last day"))
    hours = models.DecimalField(_("hours"), max_digits=5, decimal_places=2, null=True, blank=True)
    mode = models.CharField(_("how"), max_length=20, choices=CompletionMode.choices)
    place = models.CharField(_("place"), max_length=200, blank=True)
    instructor = models.CharField(_("instructor"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    state = models.CharField(max_length=10, choices=ChangeState.choices, default=ChangeState.WAITING)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(_("reason of the decision"), max_length=500, blank=True)
    completion = models.OneToOneField(
        Completion, null=True, blank=True, on_delete=models.PROTECT, related_name="made_by_change"
    )

    class Meta:
        verbose_name = _("change to a record")
        verbose_name_plural = _("changes to records")
        ordering = ["proposed_at", "id"]
        indexes = [models.Index(fields=["state", "person"], name="change_by_state")]
        constraints = [
            models.CheckConstraint(condition=Q(completed_on__gte=F("started_on")), name="change_ends_after_start"),
            models.CheckConstraint(condition=~Q(reason=""), name="change_has_reason"),
            models.CheckConstraint(
                condition=Q(kind=ChangeKind.ADD, replaces=None) | (~Q(kind=ChangeKind.ADD) & Q(replaces__isnull=False)),
                name="change_names_what_it_replaces",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[ChangeState.WAITING, ChangeState.WITHDRAWN])
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="change_decided_by_another",
            ),
            models.UniqueConstraint(
                fields=["replaces"], condition=Q(state=ChangeState.WAITING), name="change_one_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.course}"
