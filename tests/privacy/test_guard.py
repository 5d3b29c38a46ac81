import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.privacy.guard import Kind, find_identifiers

CASE, BOOKING = Kind.CASE_NUMBER, Kind.BOOKING_NUMBER
SSN, BIRTH = Kind.SOCIAL_SECURITY_NUMBER, Kind.DATE_OF_BIRTH

REFUSED = [
    # CWS/CMS
    ("0123-4567-8901-2345678", CASE),
    ("Client 0123 4567 8901 2345678 was seen", CASE),
    ("key 0123456789012345678", CASE),
    ("her record is 8jEcHfa0Ki", CASE),
    ("(Ab3dE9fG1h)", CASE),
    # juvenile courts
    ("19CCJP01234", CASE),
    ("19CCJP01234A", CASE),
    ("heard under 21LJJP00123", CASE),
    ("17CCJD00012A, dept. 4", CASE),
    ("19 CCJP 01234 case no. above", CASE),
    ("DK01234", CASE),
    ("YJ12345 is back in court", CASE),
    ("21JV000123A", CASE),
    ("2024-JV-00123", CASE),
    ("23-JD-1234", CASE),
    ("JV-12345", CASE),
    ("JD123456", CASE),
    ("JV12-34567", CASE),
    ("STK-JV-DP-2019-0000123", CASE),
    ("J287123", CASE),
    ("J-519123", CASE),
    ("RIJ1200123", CASE),
    ("SWJ012345", CASE),
    # named
    ("case no. AB-123456", CASE),
    ("Case No AB-123456", CASE),
    ("case number: 2024-00123", CASE),
    ("CASE #4471", CASE),
    ("case number is 889", CASE),
    ("case 1234567", CASE),
    ("case AB12345", CASE),
    ("case no. 19 CCJP 01234", CASE),
    ("docket no. 55-12345", CASE),
    ("petition number 12345", CASE),
    ("court file no. A-998877", CASE),
    ("file #77812", CASE),
    ("referral no. 1122334", CASE),
    ("client ID 00451", CASE),
    ("Client ID: C-00451", CASE),
    ("minor's number 123456", CASE),
    ("incident no. 26-01234", CASE),
    ("police report # 26-0012345", CASE),
    ("medical record number 556677", CASE),
    ("MRN# 556677", CASE),
    ("número de caso 12345", CASE),
    ("caso n.º 12345", CASE),
    ("expediente #44-1234", CASE),
    ("case no. \uff11\uff12\uff13\uff14\uff15", CASE),
    ("case no. 12\u200b345", CASE),
    ("2024\u2013JV\u201300123", CASE),
    ("case\u00a0no.\u00a0AB\u2011123456", CASE),
    # booking
    ("booking number 6012345", BOOKING),
    ("Booking No. 5432-109", BOOKING),
    ("booking # 6012345", BOOKING),
    ("bkg# 6012345", BOOKING),
    ("booking 6012345", BOOKING),
    ("CII no. A12345678", BOOKING),
    ("PFN: BHT123456", BOOKING),
    ("juvenile hall number 77123", BOOKING),
    ("PDJ no. 123456", BOOKING),
    ("inmate ID 9988776", BOOKING),
    # social security
    ("123-45-6789", SSN),
    ("her number, 123 45 6789, is", SSN),
    ("SSN 123456789", SSN),
    ("SSN: 123-45-6789", SSN),
    ("social security number ending in 6789", SSN),
    ("SSN xxx-xx-6789", SSN),
    ("123\u201145\u20116789", SSN),
    # dates of birth
    ("DOB 3/4/2009", BIRTH),
    ("DOB: 03-04-09", BIRTH),
    ("D.O.B. 3.4.2009", BIRTH),
    ("dob=2009-03-04", BIRTH),
    ("DOB 03042009", BIRTH),
    ("born on March 4, 2009", BIRTH),
    ("Born March 4th 2009", BIRTH),
    ("was born 3/4/2009 in Fresno", BIRTH),
    ("born on the 4th of March, 2009", BIRTH),
    ("born 4 Mar 2009", BIRTH),
    ("date of birth: March 4, 2009", BIRTH),
    ("Date of Birth is 3/4/09", BIRTH),
    ("birthdate 3/4/2009", BIRTH),
    ("her birthday is March 4", BIRTH),
    ("3/4/2009 (DOB)", BIRTH),
    ("March 4, 2009 is her birthday", BIRTH),
    ("fecha de nacimiento 4/3/2009", BIRTH),
    ("nació el 4 de marzo de 2009", BIRTH),
    ("nacida el 4 de marzo del 2009", BIRTH),
    ("DOB\u00a03\u20114\u20112009", BIRTH),
]

PASSED = [
    "",
    "SB 1322",
    "AB 12 and SB 855 (2014)",
    "Penal Code 11166",
    "Penal Code section 11165.7 requires training",
    "PC 236.1(c) and W&I 300(b)(2)",
    "WIC 16524.7",
    "SPA 6",
    "SPA 6 and SPA 8",
    "1-888-373-7888",
    "(888) 373-7888",
    "In any case 1-888-373-7888 answers day and night",
    "In that case call 213-639-4500",
    "our main number is 213-555-0100",
    "main number (213) 555-0100",
    "text 233733",
    "988",
    "911 in an emergency",
    "241.1",
    "a 241.1 hearing; case no. of the form is on the wall",
    "LTN-2026-000147",
    "case file LTN-2026-000147",
    "We met on March 3, 2026",
    "Meeting 3/4/2026 at 10:30",
    "Due by March 3",
    "by 2026-03-04",
    "Team meeting, case review 11/23/2026",
    "case review 2026-11-23",
    "p. 112",
    "pages 101-145",
    "see page 12345",
    "2 of 8 staff",
    "csec-101",
    "CSEC-101 and BH-201-ES",
    "course AWR-3301",
    "The quiz has 12 questions; 80 percent passes",
    "case 3",
    "Practice case 2: Maya",
    "case study 12",
    "case no. 2 of 8",
    "case numbers are never written here",
    "referral numbers: 1200 in 2025",
    "client numbers rose from 300 to 450",
    "In this case no 300 people are needed",
    "caseload of 123456",
    "in 2026-27 the case count fell",
    "case 2026-2027",
    "school year 2026-2027",
    "$1,250,000",
    "90012-1234",
    "JV-220 and JV-180 forms",
    "SOC 158A, BCIA 8572, LIC 9108",
    "P.L. 113-183",
    "ACL 16-85",
    "STC 04071236",
    "BBS provider 1000482",
    "Title IV-E",
    "born in 2009",
    "youth born on or after January 1, 2009 are counted",
    "date of birth is never asked",
    "Date of birth must not be entered by March 3, 2027",
    "birthday party on Friday",
    "The unit was born of a grant",
    "Section123",
    "Windows2019",
    "understand",
    "COVID2019A",
    "https://example.org/watch?v=dQw4w9WgXc",
    "ana.reyes@example.org",
    "10:30-11:45, room 4B, 2nd floor",
    "v2.0.1",
    "8K7Q-2M4N-9PXT-3BCD-5EFG-6HJK-7A",
    "SSN",
    "social security numbers are never written here",
    "Booking is by e-mail",
    "booking 12 seats in 2026",
    "DOB",
    "no. 7",
    "Her 14 years in the field began in 2012.",
    "Harbor County (demonstration), 8 agencies, 220 staff",
]


@pytest.mark.parametrize(("text", "kind"), REFUSED)
def test_identifiers_are_found(text: str, kind: Kind) -> None:
    assert kind in {finding.kind for finding in find_identifiers(text)}


@pytest.mark.parametrize(("text", "kind"), REFUSED)
def test_they_are_found_in_the_middle_of_a_sentence(text: str, kind: Kind) -> None:
    sentence = f"Talked with the team about it.\n{text}, and then we went on to SPA 6."
    assert kind in {finding.kind for finding in find_identifiers(sentence)}


@pytest.mark.parametrize("text", PASSED)
def test_ordinary_text_passes(text: str) -> None:
    assert find_identifiers(text) == []


@pytest.mark.parametrize("text", PASSED)
def test_ordinary_text_passes_in_the_middle_of_a_sentence(text: str) -> None:
    assert find_identifiers(f"We spoke of this: {text}, and of the 4 steps.") == []


def test_the_excerpt_points_to_the_place() -> None:
    [finding] = find_identifiers("We met Ana; case no. AB-123456 was closed.")
    assert finding.excerpt == "case no. AB-123456"


def test_a_finding_does_not_show_its_text_by_accident() -> None:
    [finding] = find_identifiers("case no. AB-123456")
    assert "AB-123456" not in repr(finding) + str(finding)


def test_several_are_found() -> None:
    findings = find_identifiers("DOB 3/4/2009, case no. AB-123456, booking # 6012345, SSN 123-45-6789")
    assert {finding.kind for finding in findings} == set(Kind)


@given(st.text())
def test_it_never_fails(text: str) -> None:
    for finding in find_identifiers(text):
        assert finding.excerpt


@given(st.text(alphabet="caseno.# JV0123456789-/:DOBbrn"))
def test_it_never_fails_on_near_misses(text: str) -> None:
    find_identifiers(text)


@given(st.text(max_size=200), st.sampled_from(["case no. AB-123456", "DOB 3/4/2009", "0123-4567-8901-2345678"]))
def test_what_stands_around_does_not_hide_it(text: str, identifier: str) -> None:
    assert find_identifiers(f"{text}\n{identifier}\n{text}")


@pytest.mark.parametrize(
    "piece", ["case no. ", "a-", "1 ", "born on the ", "AB-", "0123-", "case ", "a1", "DOB:", "- "]
)
def test_time_grows_with_the_length_alone(piece: str) -> None:
    """Ten times the text takes about ten times as long, never a hundred times (ReDoS)."""

    def cost(length: int) -> float:
        text = piece * (length // len(piece))
        started = time.perf_counter()
        find_identifiers(text)
        return time.perf_counter() - started

    cost(1_000)
    assert cost(50_000) < 40 * max(cost(5_000), 0.002)
