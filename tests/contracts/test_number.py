"""The student number: G enforced, J warned, L unchecked, anything else a foreign alias."""

import os
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.number import InvalidNumber, NumberKind, StudentNumber, parse

NUMBERS = int(os.environ.get("JISUI_NUMBERS", "1000000"))
GOOD, BAD = "999999201801010014", "999999201801010015"
# What twice the remainder so far and a digit leave after division by eleven.
DOUBLED = {
    (left, digit): (left + int(digit)) * 2 % 11 for left in range(11) for digit in "0123456789"
}


def oracle(digits: str) -> str:
    """The check character by ISO 7064's recursion, which knows no weights."""
    left = 0
    for digit in digits:
        left = DOUBLED[left, digit]
    return "0123456789X"[(12 - left) % 11]


def test_a_right_g_is_formal_and_kept_byte_for_byte() -> None:
    assert parse("G" + GOOD) == StudentNumber("G" + GOOD, NumberKind.FORMAL)


def test_a_wrong_g_is_refused_without_being_quoted() -> None:
    with pytest.raises(InvalidNumber) as raised:
        parse("G" + BAD)
    assert BAD not in repr(raised.value)


def test_a_wrong_j_is_warned_of_and_kept() -> None:
    assert parse("J" + GOOD).warnings == ()
    wrong = parse("J" + BAD)
    assert (wrong.text, wrong.kind) == ("J" + BAD, NumberKind.FORMAL_WITHOUT_DOCUMENT)
    assert wrong.warnings == ("check_character",)


@pytest.mark.parametrize("digits", [GOOD, BAD])
def test_an_l_is_not_checked(digits: str) -> None:
    assert parse("L" + digits) == StudentNumber("L" + digits, NumberKind.TEMPORARY)


FOREIGN = [
    "",
    "G",
    "1100000123456789",
    GOOD,
    "LG" + GOOD[1:],
    "LG" + GOOD,
    "g" + GOOD,
    "Ｇ" + GOOD,
    "G" + GOOD + "\n",
    "G" + GOOD[:17],
    "G" + GOOD[:17] + "\n",
    "G" + GOOD[:17] + "x",
    "GX" + GOOD[1:],
    " G" + GOOD[:17],
    "X" + GOOD,
    "G" + GOOD.replace("0", "０"),
    "G" + "".join(chr(ord("٠") + int(digit)) for digit in GOOD),
    "G" + GOOD[:17] + "²",
    "G" + GOOD[:9] + "_" + GOOD[10:],
]


@pytest.mark.parametrize("text", FOREIGN)
def test_whatever_is_laid_out_otherwise_is_a_foreign_alias_kept_as_it_is(text: str) -> None:
    assert parse(text) == StudentNumber(text, NumberKind.FOREIGN)


@given(st.text())
def test_every_text_is_kept_as_it_is_or_refused_for_its_check_character(text: str) -> None:
    try:
        assert parse(text).text == text
    except InvalidNumber:
        assert len(text) == 19
        assert text[0] == "G"


def test_a_number_does_not_show_itself() -> None:
    assert GOOD not in repr(parse("G" + GOOD))


def test_a_million_random_numbers_agree_with_the_oracle() -> None:
    random = Random(20260901)
    refused = warned = 0
    for _ in range(NUMBERS):
        text = f"{random.randrange(10**17):017}{'0123456789X'[random.randrange(11)]}"
        right = oracle(text[:17]) == text[17]
        kind = "GJL"[random.randrange(3)]
        try:
            number = parse(kind + text)
        except InvalidNumber:
            assert kind == "G"
            assert not right
            refused += 1
            continue
        assert number.text == kind + text
        assert number.kind.value == kind
        assert right or kind != "G"
        assert bool(number.warnings) == (kind == "J" and not right)
        warned += bool(number.warnings)
    # One in eleven is right by chance.
    assert refused == pytest.approx(NUMBERS / 3 * 10 / 11, rel=0.05)
    assert warned == pytest.approx(NUMBERS / 3 * 10 / 11, rel=0.05)
