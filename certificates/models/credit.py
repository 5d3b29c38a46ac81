"""Bodies that ask for continuing education, what a course counts with each, and what a person's completions counted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.text import get_text_list
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel

from certificates.credit_rules import is_in_quarters, most_hours
from certificates.enums import CreditField, CycleStart
from certificates.printed import write_quarters
from curricula.models import Course
from lms.agencies.models import JobRole
from lms.learning.models import Completion

PROVIDER_FIELDS = (
    CreditField.PROVIDER_NUMBER,
    CreditField.PROVIDER_NAME,
    CreditField.PROVIDER_ADDRESS,
    CreditField.STATEMENT,
)


class CreditBody(ClusterableModel):
    """A regulator or board with its rule as data: the citation says where the rule stands, not that it still holds."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    short_name = models.CharField(_("short name"), max_length=20, help_text=_("Printed before its hours: STC, BBS."))
    name = models.CharField(_("name"), max_length=160)
    citation = models.CharField(_("citation"), max_length=200, help_text=_("Where its rule stands."))
    checked_on = models.DateField(
        _("checked on"), null=True, blank=True, help_text=_("When somebody last compared this with the body’s rule.")
    )
    note = models.CharField(_("note for learners"), max_length=300, blank=True)
    job_roles = ParentalManyToManyField(
        JobRole,
        verbose_name=_("job roles"),
        blank=True,
        related_name="+",
        help_text=_("Whose hours it counts. Everybody else counts with it by entering a license."),
    )
    minutes_an_hour = models.PositiveSmallIntegerField(
        _("minutes to an hour"), default=60, choices=[(60, "60"), (50, "50")]
    )
    hours_required = models.DecimalField(
        _("hours a cycle"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Empty where it differs from person to person."),
    )
    cycle_months = models.PositiveSmallIntegerField(
        _("months a cycle"), default=12, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    cycle_starts = models.CharField(
        _("a cycle starts"), max_length=10, choices=CycleStart.choices, default=CycleStart.FIXED
    )
    cycle_anchor = models.DateField(
        _("a day on which a cycle started"), null=True, blank=True, help_text=_("For example July 1, 2025.")
    )
    counts_outside = models.BooleanField(
        _("counts outside training"),
        default=True,
        help_text=_("Whether hours that somebody took elsewhere may count with it. Check its rule."),
    )
    required = models.JSONField(_("its line must say"), default=list, blank=True)
    provider_name = models.CharField(_("provider’s name"), max_length=160, blank=True)
    provider_address = models.CharField(_("provider’s address"), max_length=200, blank=True)
    provider_number = models.CharField(
        _("provider number"),
        max_length=60,
        blank=True,
        help_text=_("As the body gave it. No line is printed while this is empty."),
    )
    provider_until = models.DateField(_("provider number holds until"), null=True, blank=True)
    statement = models.CharField(
        _("statement"), max_length=400, blank=True, help_text=_("Word for word as the body asks for it.")
    )

    class Meta:
        ordering = ["short_name"]
        verbose_name = _("continuing-education body")
        verbose_name_plural = _("continuing-education bodies")
        constraints = [
            models.CheckConstraint(
                condition=Q(cycle_starts=CycleStart.LICENSE) | Q(cycle_anchor__isnull=False),
                name="credit_body_fixed_cycle_has_day",
                violation_error_message=_("Name a day on which a cycle started."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.short_name}: {self.name}"

    @property
    def required_fields(self) -> list[CreditField]:
        """What its line must say; the provider number always."""
        return [key for key in CreditField if key in self.required or key == CreditField.PROVIDER_NUMBER]

    @property
    def still_missing(self) -> str:
        """What its line must say and nobody has entered here, in words; what each course or learner brings aside."""
        missing = [key for key in self.required_fields if key in PROVIDER_FIELDS and not getattr(self, key).strip()]
        return str(get_text_list([str(key.label) for key in missing], str(_("and"))))


class CourseCreditQuerySet(models.QuerySet["CourseCredit"]):
    def on(self, day: date) -> CourseCreditQuerySet:
        """Approvals that hold on the day."""
        return self.filter(Q(valid_until=None) | Q(valid_until__gt=day), valid_from__lte=day)


class CourseCredit(ClusterableModel):
    """A body approved a course for credit, from a day on."""

    course = models.ForeignKey(Course, verbose_name=_("course"), on_delete=models.PROTECT, related_name="credits")
    body = models.ForeignKey(
        CreditBody, verbose_name=_("body"), on_delete=models.PROTECT, related_name="course_credits"
    )
    course_number = models.CharField(_("course number"), max_length=60, blank=True)
    hours = models.DecimalField(
        _("hours"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.25"))],
        help_text=_("In quarter hours, as the body approved them; never more than the course takes."),
    )
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True)

    objects = CourseCreditQuerySet.as_manager()

    class Meta:
        ordering = ["course__title", "body__short_name"]
        verbose_name = _("credit of a course")
        verbose_name_plural = _("credits of courses")
        constraints = [
            models.UniqueConstraint(fields=["course", "body", "valid_from"], name="course_credit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.course}: {self.body.short_name}"

    def clean(self) -> None:
        """Refuse hours that the course can't give: what a certificate says is true."""
        if self.hours is None or self.course_id is None or self.body_id is None:
            return
        if not is_in_quarters(self.hours):
            raise ValidationError({"hours": _("Give quarter hours: 1, 1.25, 1.5, 1.75.")})
        most = most_hours(self.course.hours, minutes_an_hour=self.body.minutes_an_hour)
        if self.hours > most:
            raise ValidationError(
                {
                    "hours": _("The course takes %(most)s hours as this body counts them.")
                    % {"most": write_quarters(most)}
                }
            )


class CreditCategory(models.Model):
    """A part of the hours under a heading of the body's own, such as ethics."""

    credit = ParentalKey(CourseCredit, on_delete=models.CASCADE, related_name="categories")
    name = models.CharField(_("category"), max_length=60)
    hours = models.DecimalField(
        _("hours"), max_digits=5, decimal_places=2, validators=[MinValueValidator(Decimal("0.25"))]
    )

    class Meta:
        verbose_name = _("category")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class License(models.Model):
    """A person's own license with a body, as the person entered it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="licenses")
    body = models.ForeignKey(CreditBody, verbose_name=_("body"), on_delete=models.PROTECT, related_name="licenses")
    kind = models.CharField(_("kind of license"), max_length=60, blank=True)
    number = models.CharField(_("number"), max_length=40, blank=True)
    expires_on = models.DateField(_("runs until"), null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "body"], name="license_one_a_body")]

    def __str__(self) -> str:
        return f"{self.body.short_name}: {self.kind}"


class CreditEntry(models.Model):
    """Hours that a completion counted with a body: copied when its certificate got the body's line, or, for an outside
    training, as who approved it read them on the proof."""

    completion = models.ForeignKey(Completion, on_delete=models.PROTECT, related_name="credit_entries")
    body = models.ForeignKey(CreditBody, on_delete=models.PROTECT, related_name="entries")
    hours = models.DecimalField(max_digits=5, decimal_places=2)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["completion", "body"], name="credit_entry_once")]

    def __str__(self) -> str:
        return f"{self.body}: {self.hours}"
