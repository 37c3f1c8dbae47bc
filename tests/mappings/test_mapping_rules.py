import doctest
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import rules

SEVENTEEN = st.text("0123456789", min_size=17, max_size=17)


def test_the_examples_in_the_rules_hold() -> None:
    result = doctest.testmod(rules)

    assert result.attempted >= 10
    assert result.failed == 0


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(["", "'", " ", "’"]))
def test_a_date_is_read_however_it_was_typed(day: date, before: str) -> None:
    y, m, d = day.year, day.month, day.day
    typed = [f"{y}-{m}-{d}", f"{y}{m:02}{d:02}", f"{y}/{m}/{d}", f"{y}.{m:02}.{d}"]
    typed += [f"{y}年{m}月{d}日", f"{day} 00:00:00", f"{day}T00:00:00"]

    assert {rules.date(before + text + " ") for text in typed} == {day.isoformat()}
    assert rules.compact_date(day.isoformat()) == f"{day:%Y%m%d}"


@pytest.mark.parametrize(
    "text",
    [
        "2018-02-29",
        "2018-13-1",
        "20180230",
        "2018-1",
        "18-1-1",
        "43101",
        "x",
        "٢٠١٨-١-١",
        "2018-1-1\n1",
    ],
)
def test_what_is_no_date_is_blank(text: str) -> None:
    assert rules.date(text) == ""


def test_full_width_digits_make_a_date() -> None:
    assert rules.date("２０１８－１－５") == "2018-01-05"


@given(SEVENTEEN, st.sampled_from("0123456789xX"), st.sampled_from(["", "'", " '", "’"]))
def test_an_identifier_loses_its_apostrophe_and_no_digit(digits: str, end: str, mark: str) -> None:
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in digits)
    expected = digits + end.upper()

    assert rules.identifier(f"{mark}{digits}{end} ") == expected
    assert rules.identifier(full_width + end) == expected
    assert rules.identifier(expected) == expected


@given(SEVENTEEN)
def test_a_foreign_alias_stays_as_it_was_written(digits: str) -> None:
    for alias in (f"LG{digits}", digits[:16], f"bj{digits[:9]}x"):
        assert rules.number(alias) == alias


@pytest.mark.parametrize("cell", ["姓 名", "  𠮷田·䶮\ue815  ", "Zoë", "阿卜杜拉‧买买提"])
def test_a_name_loses_only_the_blanks_around_the_cell(cell: str) -> None:
    assert rules.copy(cell).encode() == cell.strip(" ").encode()
