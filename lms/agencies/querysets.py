"""Filters over dated rows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q
from treebeard.mp_tree import MP_NodeManager, MP_NodeQuerySet


def holds_on(day: date, prefix: str = "") -> Q:
    """Condition: the half-open period ``valid_from <= day < valid_until`` (no end: for good) holds on the day."""
    return Q(**{f"{prefix}valid_from__lte": day}) & (
        Q(**{f"{prefix}valid_until": None}) | Q(**{f"{prefix}valid_until__gt": day})
    )


class DatedQuerySet(models.QuerySet[Any]):
    def on(self, day: date) -> Self:
        """The rows that hold on the day."""
        return self.filter(holds_on(day))


class GrantQuerySet(DatedQuerySet):
    def of_kinds(self, kinds: Collection[str]) -> Self:
        return self.filter(kind__in=kinds)


class PlacementQuerySet(DatedQuerySet):
    def granted(self, grants: GrantQuerySet, day: date) -> Self:
        """The places that stand on the day at or below a node of one of the grants, by the tree of that day; all of
        them when one of the grants is for the whole site."""
        below = Q(node_path__startswith=F("agency__placements__path")) & holds_on(day, "agency__placements__")
        covering = grants.alias(node_path=ExpressionWrapper(OuterRef("path"), output_field=CharField()))
        return self.on(day).filter(Exists(covering.filter(Q(agency=None) | below)))


class InvitationQuerySet(models.QuerySet[Any]):
    def standing(self) -> Self:
        """Those that were neither accepted nor withdrawn; their day may have passed."""
        return self.filter(withdrawn_at=None, accepted_at=None)


class AgencyQuerySet(MP_NodeQuerySet):
    def subtree_on(self, agency: Any, day: date) -> Self:
        """The agency and every unit that stood below it on the day, by the tree of that day."""
        placement = agency.placements.on(day).first()
        if placement is None:
            return self.none()
        return self.filter(Q(placements__path__startswith=placement.path) & holds_on(day, "placements__")).distinct()


class AgencyManager(MP_NodeManager.from_queryset(AgencyQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> AgencyQuerySet:
        return AgencyQuerySet(self.model, using=self._db).order_by("path")
