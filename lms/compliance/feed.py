"""Due days as a calendar file (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from .obligations import Obligation


def write_calendar(lines: Iterable[Obligation], *, name: str, host: str, link: str, now: datetime) -> bytes:
    """Return the calendar of somebody's mandatory duties: a whole day for what is due, and for the last day on which
    something held is valid. A duty keeps its UID, so that a moved date moves the entry."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{name}//training//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("%(site)s: training") % {"site": name})
    for line in lines:
        day = line.due_on or (line.valid_until - timedelta(days=1) if line.valid_until else None)
        if day is None or not line.mandatory:
            continue
        event = Event()
        held = line.due_on is None
        words = _("Valid until the end of this day: %(course)s") if held else _("Due: %(course)s")
        event.add("uid", f"duty-{line.requirement.pk}@{host}")
        event.add("dtstamp", now)
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
        event.add("summary", words % {"course": line.course.title})
        event.add("description", explain(line))
        event.add("url", link)
        calendar.add_component(event)
    return calendar.to_ical()


def explain(line: Obligation) -> str:
    """Return why the person has the duty: rule, citation, and the job that brings it."""
    said = (line.requirement.name, line.requirement.citation, line.comes_with)
    return "; ".join(words for words in said if words)
