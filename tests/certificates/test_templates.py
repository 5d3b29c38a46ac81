"""A template from the CMS to the sheet, and that what was issued keeps what it had."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pytest
from django.test import Client
from wagtail.images.models import Image
from wagtail.models import ReferenceIndex
from wagtail_factories import ImageFactory

from certificates.layout import PAPERS
from certificates.models import (
    Certificate,
    CertificateDesign,
    CertificateTemplate,
    CreditBody,
    Mark,
    Signatory,
    Wording,
)
from certificates.printed import CreditLine
from certificates.services import render_certificate, render_certificate_html
from curricula.models import Course
from lms.accounts.models import Person
from tests.pdf.structure import check_accessible, elements, open_pdf

from .conftest import complete

Issue = Callable[..., Certificate]


def add_image(title: str) -> Image:
    return ImageFactory(title=title, file__width=300, file__height=90)


@pytest.fixture
def template(db: None, settings, tmp_path) -> CertificateTemplate:
    settings.MEDIA_ROOT = str(tmp_path)
    template = CertificateTemplate(name="All courses")
    template.wordings = [
        Wording(language="en", title="Proof of Training", certify="We say that", note="Kept for five years."),
        Wording(language="es", title="Constancia"),
    ]
    template.signatories = [
        Signatory(name="Wren Hazelwood", title="Program director", signature=add_image("signature")),
        Signatory(name="Ash Linden"),
    ]
    template.marks = [Mark(image=add_image("mark"), alternative="Harbor County")]
    template.save()
    return template


def test_it_works(issue: Issue, cast, template: CertificateTemplate) -> None:
    certificate = issue(cast.learner)
    html = render_certificate_html(certificate)
    for words in ("Proof of Training", "We say that", "has completed", "Kept for five years.", "Wren Hazelwood"):
        assert words in html
    assert [signer.name for signer in certificate.printed.signers] == ["Wren Hazelwood", "Ash Linden"]
    with open_pdf(bytes(certificate.file.pdf)) as pdf:
        check_accessible(pdf, lang="en")
        assert len(pdf.pages) == 1
        assert [str(figure.Alt) for figure in elements(pdf) if figure.S == "/Figure"] == [
            *("Harbor County", "Signature of Wren Hazelwood"),
            "Code that opens the verification page of this certificate",
        ]


@pytest.mark.parametrize("paper", ["letter", "a4"])
@pytest.mark.parametrize("lines", [0, 1, 3])
def test_no_word_lies_on_another(
    issue: Issue, cast, template: CertificateTemplate, settings, tmp_path: Path, paper: str, lines: int
) -> None:
    """With every field of the template as long as it may be, and every fact that a sheet can say."""
    settings.CERTIFICATE_PAPER = paper
    sentence = "Given to those who learn and serve with care for children in every county of the whole state, " * 3
    wording, signatory = template.wordings.get(language="en"), template.signatories.first()
    for part, names in ((wording, ("title", "certify", "completed", "note")), (signatory, ("name", "title"))):
        for name in names:
            setattr(part, name, sentence[: part._meta.get_field(name).max_length].strip())
        part.save()
    certificate = issue(cast.learner)
    line = CreditLine("BBS", Decimal(1), "P-1", course_number="C-1", statement=sentence[:120].strip())
    printed = certificate.printed
    certificate.fields = replace(
        printed,
        name="Maximiliana Konstantinopoulou de la Santísima Trinidad y Montgomery-Weatherbottom Hernández",
        course="Recognizing and answering commercial sexual exploitation of children, together across agencies",
        place="Harbor County Training Center, Room 12, 1000 Harbor Road",
        instructor="Theo Hazelwood",
        replaces="LTN-2026-000001",
        lines=(line,) * lines,
    ).to_json()
    sheet = tmp_path / "sheet.pdf"
    sheet.write_bytes(render_certificate(certificate))
    said = ["pdftotext", "-bbox", "-l", "1", str(sheet), "-"]
    found = subprocess.run(said, check=True, capture_output=True, text=True).stdout
    boxes = [
        (*map(float, box), word)
        for *box, word in re.findall(
            r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*)</word', found
        )
    ]
    assert len(boxes) > 80
    for (left, top, right, bottom, word), (left_2, top_2, right_2, bottom_2, word_2) in combinations(boxes, 2):
        across = min(right, right_2) - max(left, left_2)
        # Boxes reach from the highest to the lowest sign of a font: those of neighboring rows touch.
        down = (min(bottom, bottom_2) - max(top, top_2)) / min(bottom - top, bottom_2 - top_2)
        assert across < 1 or down < 0.5, (word, word_2)
    height = PAPERS[paper].height
    for left, top, right, bottom, word in boxes:
        across, down = ((left + right) / 2 / 72 * 25.4, (top + bottom) / 2 / 72 * 25.4)
        assert not (32 < across < 88 and height - 55 < down < height - 42), f"{word} lies on the signature"
    assert all(left > 0 and right < PAPERS[paper].width * 72 / 25.4 for left, _top, right, _bottom, _word in boxes)


def test_the_words_follow_the_language_of_the_course(issue: Issue, cast, template: CertificateTemplate) -> None:
    html = render_certificate_html(issue(cast.learner, language="es"))
    assert "Constancia" in html
    assert "Proof of Training" not in html


def test_a_later_change_of_the_template_changes_nothing_issued(
    issue: Issue, cast, template: CertificateTemplate
) -> None:
    first = issue(cast.learner)
    before, words = bytes(first.file.pdf), render_certificate_html(first)
    template.wordings = [Wording(language="en", title="Another title")]
    template.signatories = []
    template.save()
    picture = Image.objects.get(title="mark").file
    picture.storage.delete(picture.name)
    first = Certificate.objects.get(pk=first.pk)
    assert render_certificate_html(first) == words
    assert render_certificate(first) == before
    assert issue(cast.outsider).design != first.design


def test_what_is_alike_is_kept_once(issue: Issue, cast, template: CertificateTemplate) -> None:
    for person in (cast.learner, cast.outsider, cast.trainer):
        issue(person)
    assert CertificateDesign.objects.count() == 1


def test_a_lost_picture_costs_no_record(cast, course: Course, template: CertificateTemplate, caplog) -> None:
    for image in Image.objects.all():
        image.file.storage.delete(image.file.name)
    complete(cast.learner, course)
    assert Certificate.objects.get().design.content["marks"] == []


def test_a_template_for_some_courses(issue: Issue, cast, course: Course, template: CertificateTemplate) -> None:
    other = Course.objects.create(code="other", kind="core", title="Other", current_version=1, hours=1)
    special = CertificateTemplate(name="One course")
    special.courses = [other]
    special.wordings = [Wording(language="en", title="Special")]
    special.save()
    assert "Proof of Training" in render_certificate_html(issue(cast.learner))
    completion = complete(cast.learner, other)
    assert "Special" in render_certificate_html(Certificate.objects.get(completion=completion))


# --- the CMS


@pytest.fixture
def administrator(client: Client, db: None) -> Client:
    client.force_login(
        Person.objects.create_superuser("root@example.org", first_name="Root", last_name="Root"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


BASE = "/cms/snippets/certificates"
EMPTY = {
    f"{name}-{key}": value
    for name in ("wordings", "signatories", "marks", "categories")
    for key, value in (("TOTAL_FORMS", 0), ("INITIAL_FORMS", 0), ("MIN_NUM_FORMS", 0), ("MAX_NUM_FORMS", 1000))
}


@pytest.mark.parametrize("model", ["certificatetemplate", "creditbody", "coursecredit"])
def test_lists_and_forms_open(administrator: Client, template: CertificateTemplate, model: str) -> None:
    assert administrator.get(f"{BASE}/{model}/").status_code == 200
    assert administrator.get(f"{BASE}/{model}/add/").status_code == 200


def test_a_template_is_made_and_previewed(administrator: Client) -> None:
    fields = {
        **EMPTY,
        "name": "Made here",
        "wordings-TOTAL_FORMS": 1,
        "wordings-0-language": "en",
        "wordings-0-title": "Made in the CMS",
        "wordings-0-ORDER": 1,
    }
    preview = f"{BASE}/certificatetemplate/preview/"
    assert administrator.post(preview, fields).json()["is_valid"]
    page = administrator.get(preview, {"mode": "en"})
    assert "Made in the CMS" in page.content.decode()
    assert "'unsafe-inline'" in page["Content-Security-Policy"]
    assert administrator.post(f"{BASE}/certificatetemplate/add/", fields).status_code == 302
    assert CertificateTemplate.objects.get().wordings.get().title == "Made in the CMS"


def test_one_language_twice_is_refused_in_words(administrator: Client) -> None:
    fields = {**EMPTY, "name": "Twice", "wordings-TOTAL_FORMS": 2}
    for number in range(2):
        fields |= {f"wordings-{number}-language": "en", f"wordings-{number}-ORDER": number + 1}
    page = administrator.post(f"{BASE}/certificatetemplate/add/", fields)
    assert page.status_code == 200
    assert not CertificateTemplate.objects.exists()


def test_a_body_and_a_credit_are_entered(administrator: Client, course: Course) -> None:
    body = {
        "short_name": "STC",
        "code": "stc",
        "name": "Standards",
        "citation": "A rule",
        "minutes_an_hour": 60,
        "cycle_months": 12,
        "cycle_starts": "fixed",
        "required": ["course_number", "statement"],
    }
    refused = administrator.post(f"{BASE}/creditbody/add/", body)
    assert "Name a day on which a cycle started." in refused.content.decode()
    assert administrator.post(f"{BASE}/creditbody/add/", {**body, "cycle_anchor": "2026-07-01"}).status_code == 302
    made = CreditBody.objects.get()
    assert made.required == ["course_number", "statement"]
    credit = {**EMPTY, "course": course.pk, "body": made.pk, "hours": "9", "valid_from": "2026-01-01"}
    refused = administrator.post(f"{BASE}/coursecredit/add/", credit)
    assert "The course takes 1.25 hours" in refused.content.decode()
    parts = {"categories-TOTAL_FORMS": 1, "categories-0-name": "Ethics", "categories-0-hours": "1.25"}
    refused = administrator.post(f"{BASE}/coursecredit/add/", {**credit, "hours": "1", **parts})
    assert "add up to more" in refused.content.decode()
    assert administrator.post(f"{BASE}/coursecredit/add/", {**credit, "hours": "1.25", **parts}).status_code == 302


def test_a_picture_that_a_template_shows_is_kept(administrator: Client, template: CertificateTemplate) -> None:
    """Also before Wagtail's index of references knows that it is shown."""
    ReferenceIndex.objects.all().delete()
    mark, loose = template.marks.first().image, add_image("loose")
    bulk = f"/cms/bulk/wagtailimages/image/delete/?next=/cms/images/&id={mark.pk}&id={loose.pk}"
    for address in (f"/cms/images/{mark.pk}/delete/", bulk):
        page = administrator.post(address, follow=True)
        assert page.status_code == 200
        [said] = page.context["messages"]
        assert "because other entries point to it: mark (1)" in str(said), address
    assert administrator.post(f"/cms/images/{loose.pk}/delete/").status_code == 302
    assert list(Image.objects.filter(pk__in=[mark.pk, loose.pk])) == [mark]
