"""The closed set of named conversions a crosswalk row may ask for.

A conversion takes a cell's text and gives the converted text, `""` for a blank one and None for
a value that no table lists. Wanting an `if` in a crosswalk means wanting a new rule here.
"""

import re
from collections.abc import Callable, Container, Mapping
from datetime import date as day
from enum import StrEnum

from contracts.citizen_number import is_citizen_number
from contracts.number import InvalidNumber, NumberKind, parse

Convert = Callable[[str], str | None]
ConvertPair = Callable[[str, str], str | None]


class Rule(StrEnum):
    """The names a crosswalk may use."""

    COPY = "copy"
    IDENTIFIER = "identifier"
    NUMBER = "number"
    DATE = "date"
    COMPACT_DATE = "compact_date"
    CODE = "code"
    LISTED = "listed"
    REGION = "region"
    REGION12 = "region12"
    DOCUMENT_KIND = "document_kind"
    DISABILITY = "disability"
    EVIDENT = "evident"  # 1 (yes): the record, or the source field, is itself the evidence
    EXTEND = "extend"  # no canonical field: travels in the extension
    OMIT = "omit"  # not written; the justification says why


PAIRED = frozenset({Rule.DOCUMENT_KIND, Rule.DISABILITY})
TABLED = frozenset({Rule.CODE, Rule.DOCUMENT_KIND, Rule.DISABILITY})
PLACED = frozenset({Rule.EVIDENT, Rule.EXTEND, Rule.OMIT})
LISTING = frozenset({Rule.LISTED, Rule.REGION})

_ASCII_OF_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_DATE = re.compile(
    r"['\u2019\s]*([0-9]{4})"
    r"(?:([0-9]{2})([0-9]{2})|[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?)"
    r"(?:[ T]00:00:00)?\s*"
)


def copy(text: str) -> str:
    """The text as it is, without blanks around the cell.

    >>> copy(" 买买提‧艾力 ")
    '买买提‧艾力'
    """
    return text.strip()


def identifier(text: str) -> str:
    """A number written as text: no leading apostrophe, ASCII digits, letters in upper case.

    >>> identifier("'99999920180101009x ")
    '99999920180101009X'
    >>> identifier("９９９９９９２０１８０１０１００１４")
    '999999201801010014'
    """
    bare = _bare(text)
    return (bare if bare.isascii() else bare.translate(_ASCII_OF_FULL_WIDTH)).upper()


def number(text: str) -> str:
    """A student number cleaned where that makes it a G, J or L number, else as written.

    >>> number("'g99999920180101009x")
    'G99999920180101009X'
    >>> number("bj2018x1")
    'bj2018x1'
    """
    cleaned = identifier(text)
    try:
        known = parse(cleaned).kind is not NumberKind.FOREIGN
    except InvalidNumber:
        known = True
    return cleaned if known else _bare(text)


def date(text: str) -> str:
    """A date however it was typed, as YYYY-MM-DD; blank where it is no date.

    >>> date("'2018-1-5"), date("20180105"), date("2018/1/5"), date("2018年1月5日")
    ('2018-01-05', '2018-01-05', '2018-01-05', '2018-01-05')
    >>> date("2018-02-30")
    ''
    """
    found = _DATE.fullmatch(text) or _DATE.fullmatch(identifier(text))
    if not found:
        return ""
    year, month, of_month, month_alone, of_month_alone = found.groups()
    try:
        return day(
            int(year), int(month or month_alone), int(of_month or of_month_alone)
        ).isoformat()
    except ValueError:
        return ""


def compact_date(text: str) -> str:
    """A canonical date as the national form takes it.

    >>> compact_date("2018-01-05")
    '20180105'
    """
    return text.replace("-", "")


def lookup(known: Mapping[str, str]) -> Convert:
    """What a code crosswalk or a code system has for a value (rules `code` and `listed`).

    >>> lookup({"汉族": "01"})("'汉族 "), lookup({"汉族": "01"})("星族"), lookup({})(" ")
    ('01', None, '')
    """

    def convert(text: str) -> str | None:
        bare = _bare(text)
        return known.get(bare) if bare else ""

    return convert


def region(regions: Container[str]) -> Convert:
    """A region code that GB/T 2260 lists or once listed; twelve digits shrink to a county's six.

    >>> region({"330104"})("'330104000000"), region({"330104"})("330104005")
    ('330104', None)
    """

    def convert(text: str) -> str | None:
        code = identifier(text)
        short = code[:6] if len(code) == 12 and code.endswith("000000") else code
        listed = len(short) in (6, 12) and code.isdigit() and short[:6] in regions
        return short if listed or not code else None

    return convert


def region12(text: str) -> str:
    """A region code filled up to twelve digits.

    >>> region12("330104")
    '330104000000'
    """
    return text.ljust(12, "0")


def document_kind(known: Mapping[str, str]) -> ConvertPair:
    """A document's kind by its label; a 户口簿 with a valid citizen number counts as 居民身份证.

    >>> kind = document_kind({"户口簿": "B"})
    >>> kind("户口簿", "999999201801010014"), kind("户口簿", "浙杭0012345"), kind("军官证", "1")
    ('1', 'B', None)
    """
    find = lookup(known)

    def convert(label: str, document_number: str) -> str | None:
        kind = known.get(label) or find(label)
        if kind == "B" and is_citizen_number(identifier(document_number)):
            return "1"
        return kind

    return convert


def disability(known: Mapping[str, str]) -> ConvertPair:
    """The kind of disability, 0 where there is none; None where flag and kind contradict.

    >>> kind = disability({"听力": "2"})
    >>> kind("是", "听力"), kind("否", ""), kind("是", ""), kind("否", "听力")
    ('2', '0', '', None)
    """
    find = lookup(known)

    def convert(flag: str, label: str) -> str | None:
        disabled, none = _bare(flag) == "是", _bare(label) in ("", "无", "无残疾")
        if _bare(flag) == "否":
            return "0" if none else None
        return "" if none and disabled else find(label)

    return convert


def _bare(text: str) -> str:
    return text.strip().lstrip("'\u2018\u2019\uff07").strip()
