from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest

from certificates.models import Certificate, CertificateFile
from certificates.services import render_certificate, render_certificate_html
from curricula.models import Course
from lms.accounts.models import Person

NAMES = {
    "3 characters": "Ana",
    "28 characters": "Marisol Fernbrook-Hazelwoody",
    "120 characters": ("Maximiliana Konstantinopoulou de la Santísima Trinidad " * 3)[:120].strip(),
    "241 capitals": "ESPERANZ" * 15 + " " + "FERNBROO" * 15,
    "no space": "Wolfeschlegelsteinhausenbergerdorff" * 3,
    "Arabic": "مريم عبد الرحمن الهاشمي",
    "Chinese": "歐陽慧敏",
}


def rename(person: Person, name: str) -> Person:
    person.first_name, person.last_name = name[:120], name[121:]
    person.save()
    return person


def stored(certificate: Certificate) -> bytes:
    return bytes(CertificateFile.objects.get(certificate=certificate).pdf)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_one_tagged_page_for_every_name(issue: Callable[..., Certificate], cast, name: str) -> None:
    with pikepdf.open(BytesIO(stored(issue(rename(cast.learner, name))))) as pdf:
        assert len(pdf.pages) == 1
        assert str(pdf.Root.Lang) == "en"
        assert pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_metadata() as metadata:
            assert name in metadata["dc:title"]
            assert metadata["pdfuaid:part"] == "1"


@pytest.mark.parametrize(("paper", "size"), [("letter", (792, 612)), ("a4", (842, 595))])
def test_landscape_on_either_paper(issue: Callable[..., Certificate], cast, settings, paper: str, size) -> None:
    settings.CERTIFICATE_PAPER = paper
    with pikepdf.open(BytesIO(stored(issue(cast.learner)))) as pdf:
        left, top, right, bottom = map(float, pdf.pages[0].mediabox)
        assert (round(right - left), round(bottom - top)) == size


def test_the_only_figure_says_what_it_is(issue: Callable[..., Certificate], cast) -> None:
    def figures(node: pikepdf.Object) -> list[pikepdf.Dictionary]:
        if isinstance(node, pikepdf.Array):
            return [figure for child in node for figure in figures(child)]
        if not isinstance(node, pikepdf.Dictionary):
            return []
        own = [node] if node.get("/S") == "/Figure" else []
        return own + (figures(node.K) if "/K" in node else [])

    with pikepdf.open(BytesIO(stored(issue(cast.learner)))) as pdf:
        found = figures(pdf.Root.StructTreeRoot.K)
        assert [str(figure.Alt) for figure in found] == ["Code that opens the verification page of this certificate"]


def test_the_language_is_the_one_the_course_was_taken_in(issue: Callable[..., Certificate], cast) -> None:
    with pikepdf.open(BytesIO(stored(issue(cast.learner, language="es")))) as pdf:
        assert str(pdf.Root.Lang) == "es"


def test_bytes_and_words_outlive_every_rename(
    issue: Callable[..., Certificate], cast, course: Course, settings
) -> None:
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


def test_never_the_score_or_the_address(issue: Callable[..., Certificate], cast) -> None:
    html = render_certificate_html(issue(cast.learner))
    assert "91.67" not in html
    assert cast.learner.email not in html
    assert "1.25 hours" in html


def test_a_name_is_text_and_nothing_else(issue: Callable[..., Certificate], cast) -> None:
    certificate = issue(rename(cast.learner, "<img src='file:///etc/passwd'> & Co"))
    assert "<img" not in render_certificate_html(certificate)
    assert render_certificate(certificate).startswith(b"%PDF")
