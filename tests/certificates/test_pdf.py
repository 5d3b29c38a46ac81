from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest
from django.test import Client
from django.utils import translation
from PIL import Image

from certificates.enums import CertificateState
from certificates.models import Certificate, CertificateFile
from certificates.printed import CreditLine
from certificates.services import render_certificate, render_certificate_html, render_pending
from curricula.models import Course
from lms.accounts.models import Person
from tests.pdf.structure import check_accessible, elements, kinds, open_pdf

from .conftest import NOW, complete

Issue = Callable[..., Certificate]
TITLE_120 = (
    "Recognizing and answering commercial sexual exploitation of children, together across agencies and over time, " * 2
)[:120].strip()
NAMES = {
    "3 characters": "Ana",
    "28 characters": "Marisol Fernbrook-Hazelwoody",
    "120 characters": ("Maximiliana Konstantinopoulou de la Santísima Trinidad " * 3)[:120].strip(),
    "241 capitals": "ESPERANZ" * 15 + " " + "FERNBROO" * 15,
    "no space": "Wolfeschlegelsteinhausenbergerdorff" * 3,
    "Arabic": "مريم عبد الرحمن الهاشمي",
    "Chinese": "歐陽慧敏",
    "combining marks": "Nguyễn Thị Hồng Ánh",
    "marks that no single sign has": "Ẹ̀ṣọ́ Ọlọ́run m̄ n̄",
    "Devanagari": "सरस्वती देवी",
    "Hebrew": "מרים לוי",
    "Korean": "김서연",
}
# What each script is set in. Another font would show boxes, or letters that do not join.
FONTS = {
    "Arabic": "NotoNaskhArabic",
    "Chinese": "NotoSerifCJK",
    "Devanagari": "NotoSerifDevanagari",
    "Hebrew": "NotoSerifHebrew",
    "Korean": "NotoSerifCJK",
}


TAG = re.compile(r"<(?!path)/?\w+")


def rename(person: Person, name: str) -> Person:
    person.first_name, person.last_name = name[:120], name[121:]
    person.save()
    return person


def stored(certificate: Certificate) -> bytes:
    return bytes(CertificateFile.objects.get(certificate=certificate).pdf)


def font_names(pdf: pikepdf.Pdf) -> set[str]:
    return {
        str(item.FontName).split("+")[-1].replace("-", "")
        for item in pdf.objects
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"
    }


@pytest.mark.parametrize("script", NAMES)
def test_one_accessible_page_for_every_name(issue: Issue, cast, script: str) -> None:
    name = NAMES[script]
    with open_pdf(stored(issue(rename(cast.learner, name)))) as pdf:
        assert len(pdf.pages) == 1
        check_accessible(pdf, lang="en")
        with pdf.open_metadata() as metadata:
            assert name in metadata["dc:title"]
        if font := FONTS.get(script):
            assert any(one.startswith(font) for one in font_names(pdf)), font_names(pdf)


@pytest.mark.parametrize("name", ["Ana", NAMES["120 characters"]])
@pytest.mark.parametrize("title", ["Law", TITLE_120, "歐陽" * 60, "مريم " * 24])
def test_one_accessible_page_for_every_title(issue: Issue, cast, course: Course, name: str, title: str) -> None:
    course.title = title
    course.save()
    with open_pdf(stored(issue(rename(cast.learner, name)))) as pdf:
        assert len(pdf.pages) == 1
        check_accessible(pdf, lang="en")


def test_it_reads_in_the_order_of_its_words(issue: Issue, cast) -> None:
    with open_pdf(stored(issue(cast.learner))) as pdf:
        assert [kind for kind in kinds(pdf) if kind in {"/H1", "/P", "/Figure"}] == [
            *("/H1", "/P", "/P"),  # title, "This is to certify that", name
            *("/P", "/P", "/P", "/P", "/P"),  # "has completed", course, facts
            *("/P", "/Figure"),  # number and code, square code
        ]


@pytest.mark.parametrize(("paper", "size"), [("letter", (792, 612)), ("a4", (842, 595))])
def test_landscape_on_either_paper(issue: Issue, cast, settings, paper: str, size) -> None:
    settings.CERTIFICATE_PAPER = paper
    with open_pdf(stored(issue(cast.learner))) as pdf:
        left, top, right, bottom = map(float, pdf.pages[0].mediabox)
        assert (round(right - left), round(bottom - top)) == size


def test_the_only_figure_says_what_it_is(issue: Issue, cast) -> None:
    with open_pdf(stored(issue(cast.learner))) as pdf:
        alternatives = [str(figure.Alt) for figure in elements(pdf) if figure.S == "/Figure"]
        assert alternatives == ["Code that opens the verification page of this certificate"]


def test_the_language_is_the_one_the_course_was_taken_in(issue: Issue, cast) -> None:
    with open_pdf(stored(issue(cast.learner, language="es"))) as pdf:
        check_accessible(pdf, lang="es")


def test_the_sheet_speaks_one_language(issue: Issue, cast, course: Course) -> None:
    """Between the same facts in both languages no sentence is left that is in English on the Spanish sheet."""
    facts = {"started_on": date(2026, 11, 2), "mode": "in_person", "place": "Sala 3", "instructor": "Ash Linden"}
    english, spanish = issue(cast.learner, **facts), issue(cast.learner, language="es", **facts)
    line = CreditLine("STC", Decimal(1), "P-1", course_number="C-1", license_kind="RN", license_number="1234567")
    own = {cast.learner.full_name, course.title, english.grouped_code, spanish.grouped_code}
    said = []
    for certificate in (english, spanish):
        printed = replace(certificate.printed, lines=(line,), replaces="LTN-2026-000001", name=cast.learner.full_name)
        certificate.fields = printed.to_json()
        with translation.override(printed.language):
            body = render_certificate_html(certificate).split("<body>")[1]
        said.append({text.strip() for text in re.findall(r">([^<]*[a-z][^<]*)<", body)} - own)
    assert len(said[0]) == len(said[1]) > 8
    assert not said[0] & said[1]


def test_the_drawing_lies_under_the_words_and_spares_ink(issue: Issue, cast, tmp_path: Path) -> None:
    """Looked at as a printer in grey would print it: frame and lantern are there, and no large area is filled."""
    (tmp_path / "c.pdf").write_bytes(stored(issue(cast.learner)))
    subprocess.run(["pdftoppm", "-r", "40", "-gray", "-png", "c.pdf", "c"], cwd=tmp_path, check=True)
    [picture] = tmp_path.glob("c*.png")
    with Image.open(picture) as sheet:
        grey = sheet.convert("L").tobytes()
        width, height = sheet.size
    dark = sum(value < 128 for value in grey) / len(grey)
    light = sum(value > 215 for value in grey) / len(grey)
    assert 0.005 < dark < 0.06
    assert light > 0.85
    frame = round(10.5 / 25.4 * 40)
    assert min(grey[height // 2 * width + frame - 2 : height // 2 * width + frame + 3]) < 160


def test_bytes_and_words_outlive_every_rename(issue: Issue, cast, course: Course, settings) -> None:
    certificate = issue(cast.learner)
    before, words = stored(certificate), render_certificate_html(certificate)
    cast.learner.last_name = "Renamed"
    cast.learner.save()
    course.title, course.valid_months, course.hours = "Another title", 6, 9
    course.save()
    settings.SITE_NAME = "Another site"
    certificate = Certificate.objects.get(pk=certificate.pk)
    assert stored(certificate) == before
    assert render_certificate_html(certificate) == words


def test_made_again_it_has_the_same_bytes(issue: Issue, cast) -> None:
    certificate = issue(cast.learner)
    assert render_certificate(certificate) == stored(certificate)


def test_never_the_score_or_the_address(issue: Issue, cast) -> None:
    html = render_certificate_html(issue(cast.learner))
    assert "91.67" not in html
    assert cast.learner.email not in html
    assert "1.25 hours" in html


@pytest.mark.parametrize(
    "name",
    [
        "<img src='file:///etc/passwd'> & Co",
        "<link rel=attachment href=file:///etc/passwd>",
        "<style>@import url(http://127.0.0.1/x.css)</style>",
        "</p><script>alert(1)</script>",
        "{{ settings.SECRET_KEY }}{% load x %}",
    ],
)
def test_a_name_is_text_and_nothing_else(issue: Issue, cast, name: str) -> None:
    plain = TAG.findall(render_certificate_html(issue(rename(cast.outsider, "Ana Alder"))))
    certificate = issue(rename(cast.learner, name))
    assert TAG.findall(render_certificate_html(certificate)) == plain
    with open_pdf(stored(certificate)) as pdf:
        assert name in str(pdf.docinfo.Title)
        assert "/EmbeddedFiles" not in pdf.Root.get("/Names", {})


def test_a_sign_that_no_font_has_waits_and_says_so(client: Client, cast, course: Course, monkeypatch) -> None:
    complete(rename(cast.learner, "Ana \U000f0001 Alder"), course)
    assert render_pending(now=NOW) == 0
    certificate = Certificate.objects.get()
    assert certificate.state == CertificateState.PENDING
    assert certificate.last_error == "MissingGlyphs: \U000f0001"
    assert certificate.next_try_at > NOW
    client.force_login(cast.learner)
    page = client.get(f"/certificates/{certificate.number}/")
    assert page.status_code == 202
    assert "No font on this server can print “\U000f0001”" in page.content.decode()


def test_the_page_says_everything_that_the_sheet_says(client: Client, issue: Issue, cast, tmp_path: Path) -> None:
    certificate = issue(cast.learner)
    (tmp_path / "c.pdf").write_bytes(stored(certificate))
    text = subprocess.run(
        ["pdftotext", "-layout", "c.pdf", "-"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout
    client.force_login(cast.learner)
    page = client.get(f"/certificates/{certificate.number}/").content.decode()
    printed = certificate.printed
    for value in (printed.name, printed.course, printed.completed_text, printed.expires_text, certificate.number):
        assert value in text
        assert value in page
    for value in (printed.hours_text, certificate.grouped_code):
        assert value in " ".join(text.split())
        assert value in page
