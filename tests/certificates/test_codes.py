import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.codes import ALPHABET, BITS, LENGTH, InvalidCode, decode, encode, group, parse

numbers = st.integers(min_value=0, max_value=2**BITS - 1)


def test_it_works() -> None:
    assert encode(0) == "0" * LENGTH
    assert encode(2**BITS - 1) == "7" + "Z" * (LENGTH - 1)
    assert group(encode(32)) == "0000-0000-0000-0000-0000-0000-10"


@given(numbers)
def test_every_number_comes_back(value: int) -> None:
    code = encode(value)
    assert len(code) == LENGTH
    assert decode(code) == value


@given(numbers, st.data())
def test_however_a_person_types_it(value: int, data: st.DataObject) -> None:
    code = encode(value)
    readings = {"0": "0oO", "1": "1iIlL"}
    separators = st.sampled_from(["", "", " ", "-", "–", "\u00a0", "\t"])
    typed = "".join(
        data.draw(separators) + data.draw(st.sampled_from(readings.get(sign, sign + sign.lower()))) for sign in code
    )
    assert parse(typed) == code


@given(st.text(max_size=60))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    try:
        code = parse(text)
    except InvalidCode:
        return
    assert encode(decode(code)) == code


@pytest.mark.parametrize(
    "typed", ["", "7K2M", "8" + "0" * 25, "0" * 25, "0" * 27, "U" + "0" * 25, "٠" * 26, "0" * 25 + "ı"]
)
def test_what_is_not_a_code_is_refused(typed: str) -> None:
    with pytest.raises(InvalidCode):
        parse(typed)


@pytest.mark.parametrize("value", [-1, 2**BITS])
def test_only_128_bits(value: int) -> None:
    with pytest.raises(InvalidCode):
        encode(value)


def test_no_sign_looks_like_another() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set(ALPHABET) & set("ILOU")
