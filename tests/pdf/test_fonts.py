import pytest
from django.core.checks import run_checks
from hypothesis import given
from hypothesis import strategies as st

from lms.pdf import checks
from lms.pdf.render import missing_glyphs


@pytest.mark.parametrize(
    "name", ["Ana Reyes", "Íñigo Núñez-O’Brien", "Łukasz Żółć", "Nguyễn Thị Hồng", "a b\n\tc\u200d"]
)
def test_names_that_can_be_printed(name: str) -> None:
    assert missing_glyphs(name) == ""


def test_characters_without_a_glyph_are_named_once() -> None:
    assert missing_glyphs("A\U000f0001B\U000f0002\U000f0001") == "\U000f0001\U000f0002"


@given(st.text())
def test_it_never_fails(text: str) -> None:
    assert set(missing_glyphs(text)) <= set(text)


def test_the_check_is_silent_where_the_library_is_installed() -> None:
    assert not [message for message in run_checks() if message.id == "pdf.W001"]


def test_the_check_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "harfbuzz_subset", None)
    [warning] = checks.check_font_subsetting()
    assert warning.id == "pdf.W001"
    assert "apt-get install libharfbuzz-subset0" in warning.hint
