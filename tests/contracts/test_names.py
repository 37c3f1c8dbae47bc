"""Names: what folding ignores, what it never touches, and how two names are graded."""

import csv
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.names import Tier, compare, fold, for_police

DOT = "\u00b7"
DOTS = "\u2022\u2027\u30fb\uff0e\ufe52\u2219\u22c5\uff65\u0387\u2024."
SELECTORS = ["\ufe00", "\ufe0f", "\U000e0100", "\U000e01ef"]
TABLE = Path(__file__).parents[2] / "contracts" / "name_variants.csv"

# Characters that a normalisation form would change or a filter throw away.
KEPT = st.characters(
    codec="utf-8",
    categories=["Lo", "Co"],
    exclude_characters=[chr(code) for code in range(0x1E00) if chr(code).casefold() != chr(code)],
).filter(lambda character: character.casefold() == character)
NAMES = st.text(st.one_of(KEPT, st.sampled_from([*DOTS, DOT, *SELECTORS, "A", "z", " "])))


@pytest.mark.parametrize("dot", DOTS)
def test_every_interpunct_inside_a_name_is_one(dot: str) -> None:
    assert for_police(f"买买提{dot}艾力") == f"买买提{DOT}艾力"
    assert fold(f"买买提{dot}艾力") == f"买买提{DOT}艾力"
    assert compare(f"买买提{dot}艾力", f"买买提{DOT}艾力") is Tier.FOLDED


@pytest.mark.parametrize("name", ["", ".", "。", "艾力.", ".艾力", "艾.", "\u2022", "\u2022\u2022"])
def test_a_dot_at_an_end_is_left_alone(name: str) -> None:
    assert for_police(name) == name
    assert fold(name) == name


@given(NAMES)
def test_for_the_police_only_interpuncts_change(name: str) -> None:
    sent = for_police(name)
    assert len(sent) == len(name)
    assert all(ours == DOT for ours, theirs in zip(sent, name, strict=True) if ours != theirs)
    assert all(theirs in DOTS for ours, theirs in zip(sent, name, strict=True) if ours != theirs)
    assert not set(DOTS) & set(sent[1:-1])
    assert for_police(sent) == sent


@given(st.text())
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@given(NAMES, st.data())
def test_typing_alone_never_tells_two_names_apart(name: str, data: st.DataObject) -> None:
    typed = "".join(
        data.draw(st.sampled_from(_other_ways(character, 0 < place < len(name) - 1)))
        for place, character in enumerate(name)
    )
    assert compare(name, typed) in (Tier.IDENTICAL, Tier.FOLDED)


def _other_ways(character: str, inside: bool) -> list[str]:
    ways = [character, character + SELECTORS[1], character + SELECTORS[2]]
    if character.isascii() and character.isalpha():
        ways.append(character.swapcase())
    # Between selectors alone a dot may come to stand at the end; leave those as they are.
    return [character] if character in DOTS + DOT or not inside else ways


@given(st.text(KEPT))
def test_rare_and_private_characters_survive_unchanged(name: str) -> None:
    assert fold(name) == name
    assert for_police(name) == name


COMPATIBILITY = ["\ufa1f", "\ufa10", "\uf91d", "\U0002f80a", "\ue000", "\U00020bb7", "\U000f0000"]


@pytest.mark.parametrize("character", COMPATIBILITY)
def test_no_normalisation_form_is_applied(character: str) -> None:
    assert fold(character) == for_police(character) == character
    plain = unicodedata.normalize("NFC", character)
    if plain != character:
        assert compare(f"王{character}", f"王{plain}") is Tier.DIFFER


GRADED = [
    ("王芳", "王芳", Tier.IDENTICAL),
    ("", "", Tier.IDENTICAL),
    ("Anna", "ANNA", Tier.FOLDED),
    ("葛\U000e0100", "葛", Tier.FOLDED),
    ("陳偉", "陈伟", Tier.VARIANT),
    ("李喆", "李哲", Tier.VARIANT),
    ("张堃", "張坤", Tier.VARIANT),
    ("王峯", "王峰", Tier.VARIANT),
    ("ANNA陳", "anna陈", Tier.VARIANT),
    ("王芳", "王芬", Tier.DIFFER),
    ("王芳", "王芳芳", Tier.DIFFER),
    ("王芳", "王 芳", Tier.DIFFER),
    ("艾力", f"艾{DOT}力", Tier.DIFFER),
    ("王芳", "", Tier.DIFFER),
]


@pytest.mark.parametrize(("one", "other", "tier"), GRADED)
def test_two_names_are_graded_alike_from_either_side(one: str, other: str, tier: Tier) -> None:
    assert compare(one, other) is tier
    assert compare(other, one) is tier


@given(NAMES, NAMES)
def test_the_grade_is_that_of_the_folded_names(one: str, other: str) -> None:
    tier = compare(one, other)
    assert tier is compare(other, one)
    assert (tier is Tier.IDENTICAL) == (one == other)
    assert (tier in (Tier.IDENTICAL, Tier.FOLDED)) == (fold(one) == fold(other))


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_variant_stands_for_one_character_which_is_no_variant_itself() -> None:
    variants = [row["variant"] for row in rows()]
    assert len(variants) == len(set(variants))
    assert not set(variants) & {row["character"] for row in rows()}
    assert all(len(row["variant"]) == len(row["character"]) == 1 for row in rows())
    assert variants == sorted(variants)


def test_every_variant_says_what_it_is_and_where_that_is_written() -> None:
    kinds = {"traditional", "old_form", "variant"}
    assert {row["kind"] for row in rows()} == kinds
    assert all(row["source"] for row in rows())
    assert {row["confidence"] for row in rows()} <= {"solid", "likely", "guess"}


@given(st.lists(st.sampled_from(rows()), min_size=1, max_size=4))
def test_known_variants_are_variants_and_never_the_same(chosen: list[dict[str, str]]) -> None:
    one = "".join(row["variant"] for row in chosen)
    other = "".join(row["character"] for row in chosen)
    assert compare(one, other) is Tier.VARIANT
