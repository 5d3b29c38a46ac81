"""The tree, one unit, and what can be done with it: asked, told in words, then done."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lms.agencies.models import Agency, Employment, Grant
from lms.agencies.services import add_employment, close_agency, create_agency, move_agency
from lms.audit.models import AuditEvent
from tests.conftest import START, Cast

from .conftest import Department, add_staff, today

DAY = timedelta(days=1)


def words(response: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def address(agency: Agency, act: str = "") -> str:
    return f"/team/agencies/{agency.pk}/{act}"


def count_queries(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_the_tree_shows_the_managers_units_and_no_others(manager: Client, department: Department) -> None:
    page = words(manager.get("/team/agencies/"))
    assert "Cast Home" in page
    assert "East" in page
    assert "Cast Other" not in page


def test_the_tree_is_found_in_and_shows_a_past_day(manager: Client, department: Department) -> None:
    found = words(manager.get("/team/agencies/?q=EAST"))
    assert "East" in found
    assert "West" not in found
    assert "Cast Home" in found, "what stands above is shown"
    assert "No unit matches" in words(manager.get("/team/agencies/?q=nothing"))
    move_agency(actor=None, agency=department.east, new_parent=department.west, on=today())
    assert "West 0 jobs East" in words(manager.get("/team/agencies/"))
    yesterday = words(manager.get(f"/team/agencies/?day={today() - DAY}"))
    assert "as of" in yesterday
    assert "East 0 jobs West" in yesterday


@pytest.mark.parametrize("day", ["nonsense", "2026-13-40", "0001-01-01", "9999-12-31", "", "\x00"])
def test_a_day_that_is_none_shows_today(manager: Client, department: Department, day: str) -> None:
    for path in ("/team/agencies/", address(department.home)):
        response = manager.get(path, {"day": day})
        assert response.status_code == 200
        assert ("This is no day. Today is shown." in words(response)) is bool(day)


def test_closed_units_are_shown_when_asked_for(manager: Client, department: Department) -> None:
    close_agency(actor=None, agency=department.east, on=today())
    assert "East" not in words(manager.get("/team/agencies/"))
    assert "East 0 jobs, closed" in words(manager.get("/team/agencies/?show=closed"))
    assert "East" in words(manager.get(f"/team/agencies/?day={today() - DAY}"))
    assert "Keep it open" in words(manager.get(address(department.east)))


def test_a_unit_shows_its_people_with_job_supervisor_and_sign_in(manager: Client, department: Department) -> None:
    page = words(manager.get(address(department.home)))
    assert "Lena Learner Deputy probation officer Mara Manager" in page
    assert "Can sign in" in page
    add_staff(department.east, 1)
    assert "Sam0 Staff" in words(manager.get(address(department.east)))
    assert "Not invited yet" in words(manager.get(address(department.east)))
    assert "Sam0" not in words(manager.get(address(department.home)))


def test_who_left_and_who_comes_are_shown_when_asked_for(manager: Client, cast: Cast, department: Department) -> None:
    job = Employment.objects.get(person=cast.learner)
    Employment.objects.filter(pk=job.pk).update(valid_until=today())
    add_employment(
        actor=None, person=cast.trainer, agency=department.east, job_role=job.job_role, valid_from=today() + DAY
    )
    assert "Lena" not in words(manager.get(address(department.home)))
    assert "Lena" in words(manager.get(address(department.home) + "?show=left"))
    assert "Lena" in words(manager.get(address(department.home) + f"?day={today() - DAY}"))
    assert "Tess" in words(manager.get(address(department.east) + "?show=coming"))


def test_queries_do_not_grow_with_people_or_units(manager: Client, department: Department) -> None:
    pages = ["/team/agencies/", address(department.east), address(department.home)]
    add_staff(department.east, 2)
    before = [count_queries(manager, page) for page in pages]
    add_staff(department.west, 20)
    for person in add_staff(create_below(department.east, "deep"), 20):
        add_employment(
            actor=None,
            person=person,
            agency=department.east,
            job_role=Employment.objects.filter(person=person)[0].job_role,
            valid_from=START,
        )
    assert [count_queries(manager, page) for page in pages] == before
    assert max(before) <= 29, before


def create_below(parent: Agency, code: str) -> Agency:
    return create_agency(actor=None, code=code, name=code.title(), kind=parent.kind, parent=parent, valid_from=START)


def test_adding_a_unit_is_told_first_and_done_after(manager: Client, department: Department) -> None:
    form = {"name": "North office", "code": "north", "kind": department.home.kind_id, "on": str(today())}
    preview = manager.post(address(department.home, "add/"), form)
    assert preview.status_code == 200
    assert "Is this right?" in words(preview)
    assert "North office stands below Cast Home from" in words(preview)
    assert not Agency.objects.filter(code="north").exists()
    assert not AuditEvent.objects.filter(action="agency.created", target_name="North office").exists()

    again = manager.post(address(department.home, "add/"), {**form, "step": "change"})
    assert 'value="North office"' in again.content.decode()
    assert not Agency.objects.filter(code="north").exists()

    done = manager.post(address(department.home, "add/"), {**form, "step": "confirm"}, follow=True)
    assert "North office stands below Cast Home" in words(done)
    assert Agency.objects.get(code="north").get_parent() == department.home


def test_the_preview_carries_what_was_typed(manager: Client, department: Department) -> None:
    staff = add_staff(department.east, 3)
    jobs = list(Employment.objects.filter(person__in=staff[:2]).values_list("pk", flat=True))
    form = {"name": "New <b>unit</b>", "code": "new", "where": "beside", "on": str(today()), "jobs": jobs}
    preview = manager.post(address(department.east, "split/"), form)
    assert "2 people move there that day" in words(preview)
    assert "Sam0 Staff, Sam1 Staff" in words(preview)
    assert "<b>unit</b>" not in preview.content.decode()
    sent = hidden_fields(preview)
    assert sent == {**form, "jobs": [str(job) for job in jobs]}
    done = manager.post(address(department.east, "split/"), {**sent, "step": "confirm"}, follow=True)
    assert done.status_code == 200
    assert Employment.objects.on(today()).filter(agency__code="new").count() == 2
    assert Agency.objects.get(code="new").get_parent() == department.home


def hidden_fields(response: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', response.content.decode()):
        if name == "jobs":
            found.setdefault(name, []).append(value)
        elif name != "csrfmiddlewaretoken":
            found[name] = html.unescape(value)
    return found


@pytest.mark.parametrize(
    ("act", "form", "said"),
    [
        ("add/", {"name": "X", "code": "east", "on": "2026-11-20"}, "There is already an agency with the code east."),
        ("add/", {"name": "X", "code": "not a code", "on": "2026-11-20"}, "Enter a valid"),
        ("add/", {"name": "X", "code": "x", "on": "soon"}, "Enter a day, such as 2026-12-01."),
        ("add/", {"name": "X", "code": "x", "on": "1226-01-01"}, "Check the year."),
        ("add/", {"name": "X", "code": "x", "on": "2020-01-01"}, "did not stand at its present place"),
        ("move/", {"new_parent": "999999", "on": "2026-11-20"}, "Select a valid choice"),
        ("move/", {"new_parent": "'; drop", "on": "2026-11-20"}, "Select a valid choice"),
        ("close/", {"on": "2026-11-20"}, "still has open units below it"),
        ("edit/", {"name": "", "point_person": "nobody@example.org"}, "Nobody with this address can be chosen here"),
        ("split/", {"name": "X", "code": "x", "where": "below", "on": "2026-11-20"}, "Choose who moves"),
        ("split/", {"name": "X", "code": "x", "jobs": ["a", "1"], "on": "2026-11-20"}, "is not a valid value"),
    ],
)
@pytest.mark.parametrize("step", ["", "confirm"])
def test_a_refused_form_says_why_and_keeps_what_was_typed(
    manager: Client, department: Department, act: str, form: dict[str, Any], said: str, step: str
) -> None:
    form = {"kind": department.home.kind_id, **form, "step": step}
    unit = department.east if act == "move/" else department.home
    response = manager.post(address(unit, act), form)
    assert response.status_code == 422
    assert said in words(response)
    if form.get("name"):
        assert f'value="{form["name"]}"' in response.content.decode()
    assert f'value="{form["on"]}"' in response.content.decode() if "on" in form else True


@pytest.mark.postgres
def test_moving_says_what_moves_along(manager: Client, department: Department) -> None:
    create_below(department.east, "deep")
    form = {"new_parent": department.west.pk, "on": str(today() + DAY)}
    preview = words(manager.post(address(department.east, "move/"), form))
    assert "East stands below West from" in preview
    assert "1 unit below it moves along" in preview
    done = words(manager.post(address(department.east, "move/"), {**form, "step": "confirm"}, follow=True))
    assert "Earlier days keep the tree as it was." in done
    assert "Below West" in done
    places = department.east.placements.order_by("valid_from")
    assert [place.valid_until for place in places] == [today() + DAY, None]


def test_a_manager_does_not_take_the_agency_away_from_what_it_stands_below(
    manager: Client, department: Department
) -> None:
    assert manager.get(address(department.home, "move/")).status_code == 404
    assert "Move it" not in words(manager.get(address(department.home)))
    assert "Move it" in words(manager.get(address(department.east)))


def test_a_manager_moves_nothing_to_the_top_or_below_itself(manager: Client, department: Department) -> None:
    page = manager.get(address(department.east, "move/")).content.decode()
    assert "At the top" not in page
    assert f'value="{department.east.pk}"' not in page
    assert f'value="{department.other.pk}"' not in page
    form = {"new_parent": department.other.pk, "on": str(today()), "step": "confirm"}
    assert manager.post(address(department.east, "move/"), form).status_code == 422


def test_a_move_to_where_the_unit_stands_is_refused_in_words(manager: Client, department: Department) -> None:
    form = {"new_parent": department.home.pk, "on": str(today())}
    answer = manager.post(address(department.east, "move/"), form)
    assert answer.status_code == 422
    assert "East stands below Cast Home already." in words(answer)


@pytest.mark.postgres
def test_closing_says_who_goes_where_and_can_be_taken_back(manager: Client, department: Department) -> None:
    add_staff(department.east, 12)
    Grant.objects.create(
        person=Employment.objects.filter(agency=department.east)[0].person,
        kind="trainer",
        agency=department.east,
        valid_from=START,
        reason="certified",
    )
    form = {"on": str(today()), "people": "transfer", "transfer_to": department.west.pk}
    preview = words(manager.post(address(department.east, "close/"), form))
    assert "East is closed from" in preview
    assert "To West move that day" in preview
    assert "and 2 more" in preview
    assert "1 right over it ends that day." in preview
    missing = manager.post(address(department.east, "close/"), {**form, "transfer_to": "", "step": "confirm"})
    assert "Choose the unit they move to." in words(missing)
    manager.post(address(department.east, "close/"), {**form, "step": "confirm"})
    assert Employment.objects.on(today()).filter(agency=department.west).count() == 12

    ask = manager.get(address(department.east, "reopen/"))
    assert "East stays open." in words(ask)
    manager.post(address(department.east, "reopen/"), {"step": "confirm"})
    assert Agency.objects.get(code="east").closed_on is None
    assert AuditEvent.objects.filter(action="agency.closing_undone").count() == 1
    assert manager.post(address(department.east, "reopen/"), {"step": "confirm"}).status_code == 422


def test_changed_facts_are_told_as_before_and_after(manager: Client, cast: Cast, department: Department) -> None:
    form = {
        "name": "East office",
        "kind": department.east.kind_id,
        "point_person": cast.learner.email.upper(),
        "high_priority": "on",
    }
    preview = manager.post(address(department.east, "edit/"), form)
    assert "Name: East → East office." in words(preview)
    assert "Point person’s e-mail: none → Lena Learner." in words(preview)
    assert "High priority: no → yes." in words(preview)
    manager.post(address(department.east, "edit/"), {**hidden_fields(preview), "step": "confirm"})
    east = Agency.objects.get(code="east")
    assert (east.name, east.point_person, east.high_priority) == ("East office", cast.learner, True)
    assert east.under_contract is False
    assert "Nothing changes" in words(manager.post(address(department.east, "edit/"), form))


def test_a_manager_does_not_learn_who_is_known_elsewhere(manager: Client, cast: Cast, department: Department) -> None:
    answers = set()
    for email in (cast.outsider.email, "nobody@example.org"):
        form = {"name": "East", "kind": department.east.kind_id, "point_person": email}
        page = words(manager.post(address(department.east, "edit/"), form))
        answers.add(page.replace(email, ""))
    assert len(answers) == 1


def test_a_unit_that_begins_later_can_be_opened(manager: Client, department: Department) -> None:
    later = create_agency(
        actor=None,
        code="later",
        name="Later",
        kind=department.home.kind,
        parent=department.home,
        valid_from=today() + DAY,
    )
    assert "Later" in words(manager.get(address(later)))


def test_the_coordinators_opening_of_a_unit_is_written_down(client: Client, cast: Cast, department: Department) -> None:
    client.force_login(cast.coordinator)
    for _time in range(2):
        client.get(address(department.other))
    events = AuditEvent.objects.filter(action="names.opened", actor=cast.coordinator)
    assert [event.target_name for event in events] == ["Cast Other", "Cast Other"]
    client.force_login(cast.manager)
    client.get(address(department.home))
    assert AuditEvent.objects.filter(action="names.opened").count() == 2


def test_a_site_administrator_changes_the_tree_and_sees_no_names(
    client: Client, cast: Cast, department: Department
) -> None:
    cast.editor.is_superuser = True
    cast.editor.save()
    client.force_login(cast.editor)
    page = words(client.get(address(department.home)))
    assert "Move it" in page
    assert "Lena" not in page
    assert client.get("/team/agencies/add/").status_code == 200
