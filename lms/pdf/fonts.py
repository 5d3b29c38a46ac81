"""What the installed fonts can print, asked of fontconfig, which is where WeasyPrint finds its fonts too."""

import unicodedata
from functools import cache, lru_cache
from typing import Any

from cffi import FFI

ffi = FFI()
ffi.cdef(
    """
    typedef struct _FcConfig FcConfig;
    typedef struct _FcPattern FcPattern;
    typedef struct _FcCharSet FcCharSet;
    typedef struct { int nfont; int sfont; FcPattern **fonts; } FcFontSet;
    FcConfig *FcInitLoadConfigAndFonts(void);
    FcFontSet *FcConfigGetFonts(FcConfig *config, int set);
    int FcPatternGetCharSet(const FcPattern *pattern, const char *object, int n, FcCharSet **charset);
    int FcCharSetHasChar(const FcCharSet *charset, unsigned int character);
    """
)

SYSTEM_FONTS = 0
# Spaces, control and format characters print nothing; a private or unassigned one has no agreed form at all.
INVISIBLE = {"Zs", "Zl", "Zp", "Cc", "Cf"}


def missing_glyphs(text: str) -> str:
    """The characters of the text, each once and in order, that no installed font can print; "" when all can be."""
    return "".join(character for character in dict.fromkeys(text) if not _can_be_printed(character))


@lru_cache(maxsize=4096)
def _can_be_printed(character: str) -> bool:
    if unicodedata.category(character) in INVISIBLE or unicodedata.name(character, "").startswith("VARIATION SELECTOR"):
        return True
    library, charsets = _load_charsets()
    return any(library.FcCharSetHasChar(charset, ord(character)) for charset in charsets)


@cache
def _load_charsets() -> tuple[Any, list[Any]]:
    """The library and the character set of each installed font; fontconfig keeps them as long as the process lives."""
    library = ffi.dlopen("libfontconfig.so.1")
    fonts = library.FcConfigGetFonts(library.FcInitLoadConfigAndFonts(), SYSTEM_FONTS)
    charsets = []
    for index in range(fonts.nfont):
        charset = ffi.new("FcCharSet **")
        if library.FcPatternGetCharSet(fonts.fonts[index], b"charset", 0, charset) == 0:
            charsets.append(charset[0])
    return library, charsets
