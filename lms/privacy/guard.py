"""What in a free text looks like a child's or a client's identifier.

Refused are case numbers (of the child welfare system and of juvenile courts, in California's forms), booking numbers,
social security numbers and dates of birth.  Statutes, bills, course codes, form numbers, years, telephone numbers,
certificate numbers and dates in prose pass.  A number without a telling form or a telling word before it passes too: a
guard that cries wolf teaches people to write around it.

Sources of the forms: CWS/CMS prints a client's key as 19 digits in groups of 4-4-4-7 and keeps it as 10 letters and
digits; California's superior courts number juvenile cases by year, a two-letter juvenile code and a running number.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    CASE_NUMBER = "case_number"
    BOOKING_NUMBER = "booking_number"
    SOCIAL_SECURITY_NUMBER = "social_security_number"
    DATE_OF_BIRTH = "date_of_birth"


@dataclass(frozen=True)
class Finding:
    """One place that looks like an identifier.  The excerpt may be shown to who typed it; it stays out of `repr`, and
    so out of logs and error reports."""

    kind: Kind
    excerpt: str = field(repr=False)


def find_identifiers(text: str) -> list[Finding]:
    """Every place in the text that looks like an identifier, in order of kind; empty when there is none."""
    plain = _plain(text)
    found = dict.fromkeys(
        Finding(kind, excerpt.strip())
        for kind, excerpts in (
            (Kind.SOCIAL_SECURITY_NUMBER, _find_social_security_numbers(plain)),
            (Kind.DATE_OF_BIRTH, _find_dates_of_birth(plain)),
            (Kind.BOOKING_NUMBER, BOOKING_NUMBERS.find(plain)),
            (Kind.CASE_NUMBER, _find_case_numbers(plain)),
        )
        for excerpt in excerpts
    )
    return list(found)


def _plain(text: str) -> str:
    """One form for the many forms of digits, spaces and dashes, without characters that can't be seen."""
    normal = unicodedata.normalize("NFKC", text)
    normal = "".join(character for character in normal if unicodedata.category(character) != "Cf")
    return re.sub(r"[\u2010-\u2015\u2212]", "-", normal)


# --- social security numbers

SSN = re.compile(r"(?<![\w-])\d{3}([- ])\d{2}\1\d{4}(?![\w-])", re.ASCII)
NAMED_SSN = re.compile(
    r"(?i:\bSSN\b|\bsocial security (?:number|no\b\.?|#)|\bnúmero de seguro social)"
    r"(?:[\s:#=.(-]|is|was|ending|in|es|last|four|4:?){0,12}(?<!\d)(?:[x*]{3}-?[x*]{2}-?)?\d{4,9}\b"
)


def _find_social_security_numbers(text: str) -> Iterator[str]:
    for pattern in (SSN, NAMED_SSN):
        yield from (match[0] for match in pattern.finditer(text))


# --- dates of birth

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre"
    r"|diciembre)\b\.?"
)
DATE = (
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b"
    r"|\d{4}[/.-]\d{1,2}[/.-]\d{1,2}\b"
    rf"|{MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}}\b)?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+|de\s+)?{MONTH}(?:,?\s+(?:del?\s+)?\d{{4}}\b)?)"
)
BIRTH = (
    r"(?:\bd\.?\s?o\.?\s?b\b\.?|\bb-?days?\b|\b(?:date|day)\s+of\s+birth\b|\bbirth\s?-?(?:date|day)s?\b"
    r"|\b(?:was\s+)?born\b|\bfecha\s+de\s+nacimiento\b|\bnació\b|\bnacid[oa]\b|\bf\.?\s?d\.?\s?n\b\.?|\bcumpleaños\b)"
)
LINK = r"(?:[\s:=#(,.-]|\b(?:is|was|on|the|el|es|fue|del?|a|as)\b){0,12}"
BIRTH_THEN_DATE = re.compile(rf"{BIRTH}{LINK}(?<!\d){DATE}", re.IGNORECASE)
BIRTH_THEN_DIGITS = re.compile(rf"(?:\bd\.?\s?o\.?\s?b\b\.?|\bdate of birth\b){LINK}(?<!\d)(?:\d{{8}}|\d{{6}})\b", re.I)
DATE_THEN_BIRTH = re.compile(
    rf"(?<![\d/.-]){DATE}(?:[\s(,:-]|\b(?:is|was|her|his|their|the|es|su|la)\b){{0,8}}"
    r"(?:\bd\.?o\.?b\b\.?|\b(?:date|day)\s+of\s+birth\b|\bbirth\s?-?(?:date|day)\b|\bfecha\s+de\s+nacimiento\b)",
    re.IGNORECASE,
)


def _find_dates_of_birth(text: str) -> Iterator[str]:
    for pattern in (BIRTH_THEN_DATE, BIRTH_THEN_DIGITS, DATE_THEN_BIRTH):
        yield from (match[0] for match in pattern.finditer(text))


# --- numbers that a word before them names

# "n.º" stands here as normalization leaves it.
NUMBER_WORD = r"(?P<word>numbers?|num\b\.?|nos?\b\.?|nbr\b\.?|n\.\s?o\b|#|ids?\b)"
NUMBER_GAP = r"(?:[\s:=#(.-]|\b(?:is|was|are|es)\b){0,8}"
# Letters and digits, perhaps in groups: 19CCJP01234A, AB-123456, 2024-JV-00123, 19 CCJP 01234.
NUMBER = (
    r"(?P<number>(?<![A-Za-z0-9])(?:[A-Za-z]{0,5}\d[A-Za-z0-9]*|[A-Z]{1,5}(?=[ /-][A-Z0-9]))(?:[/-][A-Za-z0-9]+){0,6}"
    r"(?:[ ](?:[A-Z]{1,4}\b(?=[ -]?\d)|\d+\b)(?:[/-][A-Za-z0-9]+){0,6}){0,4})(?!\.\d)(?![A-Za-z0-9])"
)
CASE_WORDS = (
    r"(?:case|docket|petition|court\s+file|file|dependency|delinquency|referral|client|minor'?s?|child'?s?|youth'?s?"
    r"|cws|cws/cms|cws-cms|incident|police\s+report|medical\s+record|mrn|caso|expediente|cliente)"
)
BOOKING_WORDS = r"(?:booking|bkg|bk|inmate|jail|juvenile\s+hall|detention|cii|pfn|fbi|main|pdj|x-?ref)"
SPANISH_WORDS = r"(?:n[úu]mero\s+de\s+(?:caso|expediente|cliente|detenci[óo]n))"

PHONE = re.compile(r"(?<![\w-])(?:\+?1[-. ]{0,2})?\(?\d{3}\)?[-. ]{1,2}\d{3}[-. ]\d{4}(?![\w-])", re.ASCII)
HARMLESS = re.compile(
    r"(?:19|20)\d\d(?:[-/](?:\d\d|(?:19|20)\d\d))?"  # year, school or fiscal year
    r"|\d{1,2}[-/]\d{1,2}[-/](?:\d{4}|\d\d)|\d{4}-\d{1,2}-\d{1,2}"  # date
    r"|LTN-\d{4}-\d{6}"  # certificate
)


@dataclass(frozen=True)
class NamedNumbers:
    """Numbers that stand behind certain words, with "number", "no." or "#" between them or without."""

    numbered: re.Pattern[str]
    bare: re.Pattern[str]

    @classmethod
    def behind(cls, words: str) -> "NamedNumbers":
        noun = r"\s{0,3}(?:file\s+|court\s+|record\s+)?"
        return cls(
            numbered=re.compile(rf"(?i:(?<![A-Za-z]){words}{noun}{NUMBER_WORD}{NUMBER_GAP}){NUMBER}"),
            bare=re.compile(rf"(?i:(?<![A-Za-z]){words}(?![A-Za-z])[\s:=#-]{{1,3}}){NUMBER}"),
        )

    def find(self, text: str) -> Iterator[str]:
        text = PHONE.sub(" ", text)
        for match in self.numbered.finditer(text):
            # "referral numbers: 1200" is a count, and "in this case no 300 people" a sentence.
            is_loose = match["word"].lower() in {"numbers", "nos", "no"}
            if self._is_identifier(
                match["number"], digits=5 if is_loose else 3, digits_with_letters=4 if is_loose else 3
            ):
                yield match[0]
        for match in self.bare.finditer(text):
            if self._is_identifier(match["number"], digits=6, digits_with_letters=4):
                yield match[0]

    @staticmethod
    def _is_identifier(number: str, *, digits: int, digits_with_letters: int) -> bool:
        if HARMLESS.fullmatch(number):
            return False
        has_letters = any(character.isalpha() for character in number)
        count = sum(character.isdigit() for character in number)
        return count >= (digits_with_letters if has_letters else digits)


BOOKING_NUMBERS = NamedNumbers.behind(BOOKING_WORDS)
CASE_NUMBERS = NamedNumbers.behind(CASE_WORDS)
SPANISH_NUMBERS = re.compile(rf"(?i:\b{SPANISH_WORDS}{NUMBER_GAP}){NUMBER}")


# --- case numbers that their form gives away

TOKEN_START, TOKEN_END = r"(?<![A-Za-z0-9])(?<![A-Za-z0-9][-/])", r"(?![A-Za-z0-9])(?![-/][A-Za-z0-9])"
CASE_FORMS = re.compile(
    TOKEN_START + r"(?:"
    # CWS/CMS: 1234-5678-9012-3456789
    r"\d{4}[- ]?\d{4}[- ]?\d{4}[- ]?\d{7}"
    # Los Angeles: 19CCJP01234A, 21LJJP00123, 17CCJD00012
    r"|\d{2}[- ]?[A-Z]{2}J[A-Z][- ]?\d{4,6}[A-Z]{0,3}"
    # Los Angeles before 2015, a letter of the court and J or K: DK01234, YJ12345
    r"|[A-Z][JK][- ]?\d{5}[A-Z]{0,2}"
    # year, juvenile code, number: 21JV000123A, 2024-JV-00123, 23-JD-1234, 19DP001234
    r"|(?:19|20)?\d{2}-?(?:J[VDJWPL]|DP|DL)-?\d{3,7}(?:-?[A-Z0-9]{1,3})?"
    # juvenile code, year, number: JV-12345, JD123456, JV12-34567, JV-2024-01234, STK-JV-DP-2019-0000123
    r"|(?:[A-Z]{2,4}-)?J[VDJWPL](?:-?(?:DP|DL))?-?\d{2,4}-\d{4,7}(?:-?[A-Z0-9]{1,3})?"
    r"|J[VDJWPL]-?\d{5,8}[A-Z]{0,2}"
    # San Bernardino, San Diego: J287123, J-519123;  Riverside: RIJ1200123, SWJ012345, INJ1900123
    r"|J-?\d{5,7}[A-Z]{0,2}"
    r"|(?:RI|SW|IN)J-?\d{6,8}"
    r")" + TOKEN_END
)
TEN = re.compile(r"(?<![\w/=@.-])[A-Za-z0-9]{10}(?![\w/@-])(?!\.\w)", re.ASCII)
RUN = re.compile(r"[a-z]+|[A-Z]+|[0-9]+")


def _find_case_numbers(text: str) -> Iterator[str]:
    yield from CASE_NUMBERS.find(text)
    for match in SPANISH_NUMBERS.finditer(text):
        if sum(character.isdigit() for character in match["number"]) >= 3:
            yield match[0]
    yield from (match[0] for match in CASE_FORMS.finditer(text))
    yield from (match[0] for match in TEN.finditer(text) if _is_cws_key(match[0]))


def _is_cws_key(token: str) -> bool:
    """Whether ten letters and digits are mixed as no word is: 8jEcHfa0Ki, but not Section123 or SB1322AB12."""
    runs = RUN.findall(token)
    kinds = {(run[0].islower(), run[0].isdigit()) for run in runs}
    return len(kinds) == 3 and len(runs) >= 5 and max(len(run) for run in runs if not run.isdigit()) <= 4
