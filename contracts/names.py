"""Names as they are compared and as they are sent; the stored name is never changed."""

import csv
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

INTERPUNCT = "\u00b7"

# Seen between the parts of a name. At its end some of them close an abbreviation or a sentence,
# so they count between two characters only.
_DOTS = frozenset("\u2022\u2027\u30fb\uff0e\ufe52\u2219\u22c5\uff65\u0387\u2024.")
_SELECTORS = dict.fromkeys((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
_TABLE = Path(__file__).parent / "name_variants.csv"


class Tier(StrEnum):
    """How closely two names agree; a variant is a reason to look, no proof."""

    IDENTICAL = "identical"
    FOLDED = "folded"
    VARIANT = "variant"
    DIFFER = "differ"


def for_police(name: str) -> str:
    """The name as the population register writes it: every interpunct as U+00B7."""
    if _DOTS.isdisjoint(name):
        return name
    return name[:1] + "".join(map(_interpunct, name[1:-1])) + name[1:][-1:]


def fold(name: str) -> str:
    """The name without what typing alone decides: interpunct, letter case, variation selectors.

    No Unicode normalisation form: it would change the legal name of whoever bears a
    compatibility ideograph. Private-use characters and all extensions stay as they are.
    """
    return for_police(name.translate(_SELECTORS).casefold())


def compare(one: str, other: str) -> Tier:
    """How closely two names agree."""
    if one == other:
        return Tier.IDENTICAL
    one, other = fold(one), fold(other)
    if one == other:
        return Tier.FOLDED
    if one.translate(_variants()) == other.translate(_variants()):
        return Tier.VARIANT
    return Tier.DIFFER


@cache
def _variants() -> Mapping[int, str]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {ord(row["variant"]): row["character"] for row in csv.DictReader(file)}


def _interpunct(character: str) -> str:
    return INTERPUNCT if character in _DOTS else character
