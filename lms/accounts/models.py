"""The person: one row for each human being, signed in by e-mail."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.db.models.lookups import IsNull
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PersonQuerySet(models.QuerySet["Person"]):
    def active(self) -> PersonQuerySet:
        return self.filter(is_active=True)

    def unmerged(self) -> PersonQuerySet:
        """The persons that were not merged into another one."""
        return self.filter(merged_into=None)

    def in_lock_order(self) -> PersonQuerySet:
        """As rows of several persons are locked: who was merged before whom they were merged into, then by id."""
        return self.order_by(IsNull(models.F("merged_into"), True), "pk")


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)["Person"]):  # type: ignore[misc]
    """Creates persons; an e-mail address is one address whatever its case."""

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Person:
        person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Person:
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})


class Person(AbstractBaseUser, PermissionsMixin):
    """A member of staff, a trainer, a caregiver with an account.

    Merging two persons moves no record: ``merged_into`` points to the survivor, and every read of a record resolves it
    (see ``selectors.identities``).
    """

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    first_name = models.CharField(_("first name"), max_length=120)
    last_name = models.CharField(_("last name"), max_length=120)
    sort_name = models.CharField(max_length=260, editable=False)
    language = models.CharField(_("language"), max_length=10, default="en")
    is_staff = models.BooleanField(_("may open the CMS"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    # All but the facts of the record was removed: a name no longer stands here.
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="merged_persons"
    )

    objects = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["first_name", "last_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="person_email_unique")]
        indexes = [models.Index(fields=["sort_name", "id"])]

    def __str__(self) -> str:
        return self.full_name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_name = f"{self.last_name}, {self.first_name}".casefold()[:260]
        if (fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*fields, "sort_name"}
        super().save(*args, **kwargs)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.first_name


class PersonMerge(models.Model):
    """Two rows of one human being, joined: which fields were taken over, so that undoing puts them back.

    ``taken``: ``{field: {"was": old, "is": new}}`` of the survivor. ``address_ids``: the sign-in addresses that went
    over.
    """

    survivor = models.ForeignKey(Person, verbose_name=_("stays"), on_delete=models.PROTECT, related_name="merges")
    merged = models.ForeignKey(Person, verbose_name=_("was merged"), on_delete=models.PROTECT, related_name="merged_by")
    taken = models.JSONField(default=dict)
    address_ids = models.JSONField(default=list)
    merged_was_active = models.BooleanField()
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    actor = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        constraints = [
            models.UniqueConstraint(fields=["merged"], condition=models.Q(undone_at=None), name="merge_one_standing"),
            models.CheckConstraint(condition=~models.Q(survivor=models.F("merged")), name="merge_not_with_self"),
        ]

    def __str__(self) -> str:
        return f"{self.merged} → {self.survivor}"


class DistinctPersons(models.Model):
    """Somebody looked at two rows that look alike and said that they are two human beings."""

    first = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    actor = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("two persons")
        verbose_name_plural = _("two persons")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="distinct_persons_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="distinct_persons_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first} ≠ {self.second}"
