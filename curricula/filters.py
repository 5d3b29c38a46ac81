"""The catalog's filters; their state stays in the address."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from curricula.enums import CourseAudience, CourseLevel
from lms.agencies.models import AgencyKind


class CourseFilter(django_filters.FilterSet):
    """Filters course pages by words, audience, kind of agency and level. A value that it doesn't know is left out."""

    q = django_filters.CharFilter(method="filter_words", label=_("Words"))
    audience = django_filters.ChoiceFilter(
        choices=CourseAudience.choices, method="filter_audience", label=_("For whom"), empty_label=_("Everybody")
    )
    agency = django_filters.ModelChoiceFilter(
        queryset=AgencyKind.objects.all(),
        to_field_name="code",
        method="filter_agency",
        label=_("Agency"),
        empty_label=_("Every agency"),
    )
    level = django_filters.ChoiceFilter(
        field_name="course__level", choices=CourseLevel.choices, label=_("Level"), empty_label=_("Every level")
    )

    def filter_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        for word in value.split()[:8]:
            queryset = queryset.filter(Q(title__icontains=word) | Q(course__summary__icontains=word))
        return queryset

    def filter_audience(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(course__kind__in=CourseAudience(value).kinds)

    def filter_agency(self, queryset: QuerySet, name: str, value: AgencyKind) -> QuerySet:
        """Courses for this kind of agency, and those for all."""
        return queryset.filter(Q(course__agency_kinds=value) | Q(course__agency_kinds=None)).distinct()
