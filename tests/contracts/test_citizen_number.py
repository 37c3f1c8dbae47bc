"""The citizen number against published samples, an oracle written another way, and odd texts."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.citizen_number import (
    born_on,
    check_character,
    is_citizen_number,
    is_residence_permit,
    sex,
    well_formed,
)

DIGITS17 = st.text("0123456789", min_size=17, max_size=17)
SAMPLES = [
    "11010519491231002X",
    "440524188001010014",
    *(f"9999992018010100{tail}" for tail in ["14", "22", "30", "49", "57", "65", "73", "81", "9X"]),
    "999999201801010188",
    "999999201801010196",
    "990000202001010011",
    "990000201912311232",
    "99000020200115009X",
]


def by_recursion(digits: str) -> str:
    """ISO 7064 MOD 11-2 as its standard words it: double and add, then what is missing to one."""
    product = 0
    for digit in digits:
        product = (product + ord(digit) - 48) * 2 % 11
    return "0123456789X"[(12 - product) % 11]


@pytest.mark.parametrize("number", SAMPLES)
def test_published_and_invented_samples_are_well_formed(number: str) -> None:
    assert well_formed(number)
    assert is_citizen_number(number)
    assert by_recursion(number[:17]) == number[17]


def test_the_samples_cover_every_check_character() -> None:
    assert {number[17] for number in SAMPLES} == set("0123456789X")


@given(DIGITS17)
def test_the_check_character_is_the_standards(digits: str) -> None:
    assert check_character(digits) == by_recursion(digits)


@given(DIGITS17, st.integers(0, 16), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_noticed(digits: str, place: int, other: str) -> None:
    changed = digits[:place] + other + digits[place + 1 :]
    assert (check_character(changed) == check_character(digits)) == (changed == digits)


@given(DIGITS17, st.integers(0, 15))
def test_two_neighbours_exchanged_are_always_noticed(digits: str, place: int) -> None:
    changed = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    assert (check_character(changed) == check_character(digits)) == (changed == digits)


GOOD = "999999201801010014"
ODD = [
    "999999201801010015",
    "99999920150229001X",
    "99999920180101009x",
    "",
    GOOD[:17],
    GOOD + "0",
    GOOD + "\n",
    "\n" + GOOD[1:],
    " " + GOOD[1:],
    GOOD.replace("9", "９", 1),
    GOOD[:17] + "４",
    "".join(chr(ord("０") + int(digit)) for digit in GOOD),
    "".join(chr(ord("٠") + int(digit)) for digit in GOOD),
    "999999-01801010014",
    "9999992_1801010014",
    "1301030503510019"[:15],
    "99999920181301001" + check_character("99999920181301001"),
    "99999920180100001" + check_character("99999920180100001"),
    "99999900000101001" + check_character("99999900000101001"),
]


@pytest.mark.parametrize("text", ODD)
def test_anything_else_is_not_well_formed(text: str) -> None:
    assert not well_formed(text)
    assert not is_citizen_number(text)


@pytest.mark.parametrize("area", ["81", "82", "83"])
def test_a_residence_permit_is_well_formed_and_no_citizen_number(area: str) -> None:
    digits = f"{area}000020180101001"
    number = digits + check_character(digits)
    assert well_formed(number)
    assert is_residence_permit(number)
    assert not is_citizen_number(number)
    assert not is_residence_permit(number[:17])


@given(st.dates(date(1, 1, 1)), st.integers(0, 999))
def test_birth_date_and_sex_are_read_back(born: date, sequence: int) -> None:
    digits = f"999999{born.year:04}{born.month:02}{born.day:02}{sequence:03}"
    number = digits + check_character(digits)
    assert born_on(number) == born
    assert sex(number) == ("1" if sequence % 2 else "2")


@pytest.mark.parametrize(
    "text", ["", "999999", "999999+018 1 1", "999999２０１８０１０１0014", "9999992_1801010014"]
)
def test_no_date_is_read_from_what_int_would_forgive(text: str) -> None:
    assert born_on(text) is None


@given(st.text())
def test_no_text_breaks_the_check(text: str) -> None:
    assert well_formed(text) in (True, False)
    assert is_residence_permit(text) in (True, False)


def test_random_texts_of_its_alphabet_agree_with_a_pattern_and_a_calendar() -> None:
    random = Random(20260901)
    for _ in range(20_000):
        day = f"{random.randrange(1, 3000):04}{random.randrange(14):02}{random.randrange(33):02}"
        text = f"999999{day}{random.randrange(1000):03}{random.choice('0123456789X')}"
        try:
            true_date = bool(date.fromisoformat(f"{day[:4]}-{day[4:6]}-{day[6:]}"))
        except ValueError:
            true_date = False
        assert well_formed(text) == (true_date and by_recursion(text[:17]) == text[17])
