"""A coordinator sees names in every agency: whichever page shows one leaves a row that it was opened."""

from __future__ import annotations

from typing import Any

from lms.accounts.models import Person
from lms.audit.models import AuditEvent

from .conftest import Places
from .test_matrix import ROWS

# What is printed on a certificate is shown to whoever holds its code; who corrected a key, and who sent the link to a
# list of courses, is not a learner's name.
EXEMPT = {
    *("certificates:verify", "certificates:shared"),
    *("quizzes:regrade", "quizzes:regrades", "compliance:shared-list"),
}
# A file that is taken is an event of its own.
ACTIONS = ("names.opened", "audit.exported", "team.exported")


def test_every_page_with_names_leaves_a_row(places: Places) -> None:
    names = {person.full_name for person in Person.objects.exclude(email__startswith="cora.")} - {""}
    pages = [
        (row["name"], template.format_map(places.keys))
        for row in ROWS
        if row["name"] not in EXEMPT
        for template in row["get"]
    ]
    written = AuditEvent.objects.filter(action__in=ACTIONS)
    unwritten, opened = [], set()
    for name, path in pages:
        before = written.count()
        response: Any = places.clients["coordinator"].get(path)
        if response.status_code != 200:
            continue
        content = b"".join(response) if response.streaming else response.content
        if not any(shown.encode() in content for shown in names):
            continue
        opened.add(name)
        if written.count() == before:
            unwritten.append(path)
    assert unwritten == []
    assert {"portal:team", "portal:person", "agencies:unit", "certificates:detail"} <= opened, "the test looks"
