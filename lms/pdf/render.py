"""The one door to WeasyPrint: what it may fetch (nothing), the fonts it uses, how much it may be given."""

import threading
from functools import cache, lru_cache
from typing import Any

import pydyf
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from .backdrop import Backdrop, Drawing, lay_under, read_drawing
from .fonts import missing_glyphs

__all__ = ["Backdrop", "RenderError", "missing_glyphs", "render_pdf"]

MAX_HTML_CHARACTERS = 4_000_000
MAX_PAGES = 500

# Fontconfig and Pango, which the one FontConfiguration shares, are not made for several threads.
_lock = threading.Lock()


class RenderError(Exception):
    """No PDF could be made of this HTML.  The text says why, for the log; it is not for readers."""


class EmbeddedOnlyFetcher(URLFetcher):
    """Opens data: addresses, which carry their content themselves, and nothing else: no file, no host, no redirect."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False, fail_on_errors=True)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if url[:5].lower() != "data:":
            raise ValueError(f"only data: addresses are opened, not {url[:100]}")
        return super().fetch(url, headers)


def render_pdf(html: str, *, title: str, lang: str, backdrop: Backdrop | None = None) -> bytes:
    """An accessible PDF (PDF/UA-1: tagged, with title and language) of a whole HTML document.

    Images, fonts and styles stand in the document itself (data: addresses, style elements).  The same HTML gives the
    same bytes with the same fonts and the same WeasyPrint.  A backdrop is laid under every page and is no part of the
    content; it is drawn once for all documents that have the same.  Raises RenderError when the document asks for
    anything outside itself, is longer than MAX_HTML_CHARACTERS or gives more than MAX_PAGES pages.
    """
    if len(html) > MAX_HTML_CHARACTERS:
        raise RenderError(f"The document has {len(html)} characters; {MAX_HTML_CHARACTERS} is the most.")
    try:
        with _lock:
            return _render(html, title=title, lang=lang, backdrop=backdrop)
    except RenderError:
        raise
    except FatalURLFetchingError as error:
        raise RenderError(f"{error}: {error.__cause__}") from error
    except Exception as error:
        raise RenderError(f"{type(error).__name__}: {error}") from error


OPTIONS: dict[str, Any] = {"pdf_variant": "pdf/ua-1"}


def _render(html: str, *, title: str, lang: str, backdrop: Backdrop | None) -> bytes:
    finisher = lay_under(_draw(backdrop)) if backdrop else None
    document = _load(html).render(font_config=_load_fonts(), **OPTIONS)
    if len(document.pages) > MAX_PAGES:
        raise RenderError(f"The document has {len(document.pages)} pages; {MAX_PAGES} is the most.")
    document.metadata.title, document.metadata.lang = title, lang
    return document.write_pdf(finisher=finisher, **OPTIONS)


@lru_cache(maxsize=8)
def _draw(backdrop: Backdrop) -> Drawing:
    drawings: list[Drawing] = []

    def finish(_document: Any, pdf: pydyf.PDF) -> None:
        drawings.append(read_drawing(pdf))

    _load(backdrop.html).render(font_config=_load_fonts()).write_pdf(finisher=finish)
    return drawings[0]


def _load(html: str) -> HTML:
    return HTML(string=html, base_url=NOWHERE, url_fetcher=EmbeddedOnlyFetcher())


# Relative addresses are resolved against this, and so are refused like any other outside address.
NOWHERE = "nowhere:/"


@cache
def _load_fonts() -> FontConfiguration:
    """One for the process: building it reads every installed font's description."""
    return FontConfiguration()
