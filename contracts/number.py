"""The student number (学籍号): nineteen characters, carried byte for byte, for life."""

from dataclasses import dataclass, field
from enum import StrEnum

from contracts import citizen_number

_DIGITS = frozenset("0123456789")


class NumberKind(StrEnum):
    """Where a number comes from; all but `FOREIGN` are equal in law."""

    FORMAL = "G"
    FORMAL_WITHOUT_DOCUMENT = "J"
    TEMPORARY = "L"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class StudentNumber:
    """A number as it was read, with its kind and what is doubtful about it."""

    text: str = field(repr=False)  # a G holds a citizen number
    kind: NumberKind
    warnings: tuple[str, ...] = ()


class InvalidNumber(ValueError):
    """A number that claims to be formal (G) while its check character says otherwise."""


def parse(text: str) -> StudentNumber:
    """The number in `text`; raise `InvalidNumber` for a G that fails its check.

    G is enforced and J warned by ISO 7064 MOD 11-2; L ends in random digits and is not checked.
    Whatever is laid out otherwise (sixteen digits, `LG…`) is a foreign alias, kept as it is.
    """
    kind = _kind(text)
    if kind is NumberKind.FOREIGN or kind is NumberKind.TEMPORARY or _checked(text):
        return StudentNumber(text, kind)
    if kind is NumberKind.FORMAL:
        raise InvalidNumber("check character")
    return StudentNumber(text, kind, ("check_character",))


def _kind(text: str) -> NumberKind:
    laid_out = (
        len(text) == 19
        and text[0] in "GJL"
        and _DIGITS.issuperset(text[1:18])
        and (text[18] in _DIGITS or text[18] == "X")
    )
    return NumberKind(text[0]) if laid_out else NumberKind.FOREIGN


def _checked(text: str) -> bool:
    return citizen_number.check_character(text[1:18]) == text[18]
