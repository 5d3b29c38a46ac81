"""Agencies, job roles and who worked where on which day.

Nothing here is overwritten when the world changes: a move of a unit closes one placement and opens another, a transfer
closes one employment and opens another, so that any past day can be shown as it was.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from lms.privacy.encryption import EncryptedTextField

from .enums import WHOLE_SITE_KINDS, Affiliation, GrantKind, ProviderKind, StaffLevel, TopicSide
from .querysets import AgencyManager, DatedQuerySet, GrantQuerySet, InvitationQuerySet, PlacementQuerySet


class AgencyKind(models.Model):
    """One group of the work-scope grid (probation, child welfare, police, schools ...): a shared code, not an enum,
    so that a new kind needs no code."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("kind of agency")
        verbose_name_plural = _("kinds of agency")

    def __str__(self) -> str:
        return self.name


class ServiceArea(models.Model):
    """A part of the county; high-priority areas come first in every list."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=120)
    high_priority = models.BooleanField(_("high priority"), default=False)

    class Meta:
        ordering = ["-high_priority", "code"]
        verbose_name = _("service area")
        verbose_name_plural = _("service areas")

    def __str__(self) -> str:
        return self.name


class Agency(MP_Node):
    """A node of the agency tree: a department, a division, a unit, a site, a contracted provider."""

    code = models.SlugField(_("code"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=60, blank=True)
    kind = models.ForeignKey(AgencyKind, verbose_name=_("kind"), on_delete=models.PROTECT)
    service_area = models.ForeignKey(
        ServiceArea, verbose_name=_("service area"), null=True, blank=True, on_delete=models.PROTECT
    )
    high_priority = models.BooleanField(_("high priority"), default=False)
    point_person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("point person"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="point_person_of",
    )
    under_contract = models.BooleanField(_("works under contract"), default=False)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    objects = AgencyManager()

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")

    def __str__(self) -> str:
        return self.short_name or self.name


class AgencyPlacement(models.Model):
    """Where a node stood in the tree, for a half-open period of days (``path`` as treebeard writes it)."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="placements")
    path = models.CharField(max_length=255)
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True)

    objects = PlacementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")), name="placement_period_not_empty"
            ),
            models.UniqueConstraint(fields=["agency"], condition=Q(valid_until=None), name="placement_one_current"),
        ]
        indexes = [models.Index(fields=["path", "valid_from"])]

    def __str__(self) -> str:
        return f"{self.agency} {self.valid_from}"


class GridTopic(models.Model):
    """One identification or response topic that the work-scope grid names for a kind of agency."""

    code = models.CharField(_("code"), max_length=60, unique=True)
    kind = models.ForeignKey(AgencyKind, on_delete=models.PROTECT, related_name="topics")
    side = models.CharField(_("side"), max_length=20, choices=TopicSide.choices)
    title = models.CharField(_("title"), max_length=200)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["kind__position", "side", "position"]
        verbose_name = _("grid topic")
        verbose_name_plural = _("grid topics")

    def __str__(self) -> str:
        return self.title


class JobRole(models.Model):
    """A job from the shared code list."""

    code = models.SlugField(_("code"), max_length=80, unique=True)
    kind = models.ForeignKey(AgencyKind, null=True, blank=True, on_delete=models.PROTECT, related_name="job_roles")
    title = models.CharField(_("title"), max_length=200)
    level = models.CharField(_("level"), max_length=20, choices=StaffLevel.choices, default=StaffLevel.LINE)
    client_facing = models.BooleanField(_("works with clients"), default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["kind__position", "position", "title"]
        verbose_name = _("job role")
        verbose_name_plural = _("job roles")

    def __str__(self) -> str:
        return self.title


class Employment(models.Model):
    """One job of one person for a half-open period of days; a person may hold several at once.

    A transfer, a second job, leaving and coming back are rows, never edits of what was true.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="employments")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="employments")
    job_role = models.ForeignKey(JobRole, on_delete=models.PROTECT, related_name="employments")
    supervisor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="supervised_employments"
    )
    employee_number = models.CharField(_("employee number"), max_length=40, blank=True)
    affiliation = models.CharField(max_length=20, choices=Affiliation.choices, default=Affiliation.EMPLOYEE)
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("employment")
        verbose_name_plural = _("employments")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")), name="employment_period_not_empty"
            ),
            models.CheckConstraint(
                condition=Q(supervisor=None) | ~Q(supervisor=F("person")), name="employment_not_own_supervisor"
            ),
        ]
        indexes = [
            models.Index(fields=["supervisor", "valid_from"]),
            models.Index(fields=["agency", "valid_from"]),
            models.Index(fields=["agency", "employee_number"]),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.job_role}, {self.agency}"


class Grant(models.Model):
    """What a person may do over a node of the tree and all below it, for a half-open period of days.

    A grant that was taken back before it began, or on its first day, keeps an empty period: it held on no day.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="grants")
    kind = models.CharField(_("kind"), max_length=20, choices=GrantKind.choices)
    agency = models.ForeignKey(
        Agency,
        verbose_name=_("agency"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="grants",
        help_text=_("Empty: the whole site."),
    )
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("given by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="grants_given",
        help_text=_("Empty: the site itself."),
    )
    reason = models.CharField(_("reason"), max_length=200)

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="grant_period_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(agency__isnull=False) | Q(kind__in=WHOLE_SITE_KINDS), name="grant_over_a_node"
            ),
            models.CheckConstraint(
                condition=~Q(kind=GrantKind.READER) | Q(valid_until__isnull=False), name="grant_to_read_ends"
            ),
        ]
        indexes = [models.Index(fields=["person", "kind", "valid_from"])]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_kind_display()}, {self.agency or _('the whole site')}"


class Invitation(models.Model):
    """A link, sent by mail, with which somebody who has no password sets their first one.

    Sending it again is a new row; only the newest link opens anything.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="invitations")
    address = models.EmailField(_("sent to"), max_length=254)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField(_("sent at"))
    expires_at = models.DateTimeField(_("expires at"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(withdrawn_at=None, accepted_at=None), name="invitation_one_standing"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("sent_at")), name="invitation_lasts"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.sent_at:%Y-%m-%d}"


class IdentityProvider(models.Model):
    """An agency's own sign-in. Who comes from there is known by this row and the subject that it names, never by an
    e-mail address: so the issuer of a row that somebody signed in by stays as it is."""

    agency = models.ForeignKey(
        Agency, verbose_name=_("agency"), on_delete=models.PROTECT, related_name="identity_providers"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=ProviderKind.choices)
    code = models.SlugField(_("code"), unique=True, help_text=_("Stands in the addresses you tell the provider."))
    name = models.CharField(_("name"), max_length=40, help_text=_("On the sign-in page, such as: Probation sign-in."))
    issuer = models.CharField(
        _("issuer"), max_length=300, help_text=_("OpenID Connect: the issuer's address. SAML: the entity ID.")
    )
    metadata_url = models.URLField(_("address of the metadata"), blank=True, help_text=_("SAML only."))
    client_id = models.CharField(_("client ID"), max_length=200, blank=True, help_text=_("OpenID Connect only."))
    client_secret = EncryptedTextField(
        _("client secret"), blank=True, validators=[MaxLengthValidator(500)], help_text=_("OpenID Connect only.")
    )
    employee_number_claim = models.CharField(
        _("claim with the employee number"),
        max_length=100,
        blank=True,
        help_text=_(
            "Whoever comes for the first time is known by this number among the agency's present staff. Empty: people "
            "sign in by e-mail once and connect the two themselves."
        ),
    )
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("identity provider")
        verbose_name_plural = _("identity providers")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Ask for what the kind needs, for TLS, and for a row of its own for another issuer."""
        needed: dict[str, tuple[str, ...]] = {
            ProviderKind.OPENID_CONNECT: ("client_id", "client_secret"),
            ProviderKind.SAML: ("metadata_url",),
        }
        errors = {name: _("This kind needs it.") for name in needed.get(self.kind, ()) if not getattr(self, name)}
        address = "metadata_url" if self.kind == ProviderKind.SAML else "issuer"
        if not _is_private(getattr(self, address)):
            errors.setdefault(address, _("This address must begin with https://."))
        before = type(self).objects.filter(pk=self.pk).first()
        if before and SocialAccount.objects.filter(provider=before.code).exists():
            for name in ("kind", "code", "issuer"):
                if getattr(before, name) != getattr(self, name):
                    errors[name] = _("People sign in by it already. Add another provider instead.")
        if errors:
            raise ValidationError(errors)


def _is_private(address: str) -> bool:
    """Whether what is fetched from the address can't be read on its way: by TLS, or because it stays on the machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1"})


class RegistrationDomain(models.Model):
    """The part after the @ with which people of an agency may make an account themselves. No row: nobody may."""

    agency = models.ForeignKey(
        Agency, verbose_name=_("agency"), on_delete=models.PROTECT, related_name="registration_domains"
    )
    domain = models.CharField(
        _("e-mail domain"),
        max_length=200,
        unique=True,
        validators=[
            RegexValidator(
                r"^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$",
                _("Only what stands after the @, in lower case."),
            )
        ],
    )

    class Meta:
        verbose_name = _("domain for registering")
        verbose_name_plural = _("domains for registering")
        ordering = ["domain"]

    def __str__(self) -> str:
        return self.domain
