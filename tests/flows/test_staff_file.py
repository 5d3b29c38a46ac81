"""A manager's Monday: the personnel system's file, from upload to the team page, a mistake, and back."""

from __future__ import annotations

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from lms.agencies.models import Agency, Employment
from lms.learning.models import Completion
from tests.conftest import Cast
from tests.hr_import.conftest import LENA, give, make_csv, staff
from tests.learning.conftest import make_course
from tests.permissions.conftest import sign_in

from .conftest import press, words


def upload(client: Client, path: str, content: bytes, **fields: Any) -> Any:
    form = client.get(path)
    unit = re.search(r'<option value="(\d+)"[^>]*>Cast Home', form.content.decode())
    assert unit, words(form)
    file = SimpleUploadedFile("Monday.csv", content)
    page = client.post(path, {"file": file, "agency": unit[1], **fields}, follow=True)
    call_command("tick")
    return client.get(page.request["PATH_INFO"])


def test_from_the_file_to_the_team_and_back(cast: Cast) -> None:
    home = Agency.objects.get(code="cast-home")
    give(cast.manager, home)
    Employment.objects.filter(person=cast.learner).update(employee_number="L1")
    Employment.objects.filter(person=cast.manager).update(employee_number="M1")
    manager = sign_in(cast.manager)

    page = upload(
        manager,
        "/team/import/",
        make_csv(staff("1", supervisor_employee_number="M1"), staff("2", start_on="02/03/2026"), LENA),
    )
    assert "This file would change 1 row. 1 is refused." in words(page)
    assert "First day: This day can be read in two ways." in words(page)
    press(manager, page, "/apply/")
    call_command("tick")
    assert "First1 Last1" in words(manager.get("/team/people/"))

    # The next file is said to be whole, and is not.
    page = upload(manager, "/team/import/", make_csv(staff("1", supervisor_employee_number="M1")), full="yes")
    assert "Leaving: 3" in words(page)
    refused = press(manager, page, "/apply/")
    assert refused.status_code == 422
    assert "more than one in ten" in words(refused)
    page = press(manager, refused, "/apply/", ends_confirmed="on")
    call_command("tick")
    assert "Lena Learner" not in words(manager.get("/team/people/"))
    page = manager.get(page.request["PATH_INFO"])
    press(manager, page, "/undo/")
    call_command("tick")
    assert "Lena Learner" in words(manager.get("/team/people/"))


def test_what_another_system_recorded(cast: Cast) -> None:
    give(cast.manager, Agency.objects.get(code="cast-home"))
    manager = sign_in(cast.manager)
    course = make_course(quiz=False)
    rows = [
        {"email": cast.learner.email, "course": "small-course", "completed_on": "2025-03-04"},
        {"email": cast.learner.email, "course": "Old class", "completed_on": "2024-03-04"},
    ]
    content = make_csv(*rows, header=["email", "course", "completed_on"])
    page = upload(manager, "/team/import/completions/", content, when_known="keep")
    assert "Kept to match: 1" in words(page)
    press(manager, page, "/apply/")
    call_command("tick")
    page = manager.get(page.request["PATH_INFO"])
    assert "Courses to match" in words(page)
    page = press(manager, page, "/match/", course=course.pk)
    assert "“Old class” is Small course now" in words(page)
    assert Completion.objects.standing().count() == 2
    press(manager, page, "/undo/")
    call_command("tick")
    assert Completion.objects.standing().count() == 0
    assert Completion.objects.count() == 4, "the record keeps what was voided, and why"
