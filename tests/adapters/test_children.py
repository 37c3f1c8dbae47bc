"""How a simulated register looks children up."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.simulation.children import ChildIndex, Traits, folded, parse_day, plain

NAMES = st.sampled_from(["甲", "乙·丙", "乙•丙", " 乙．丙 "])
DAYS = st.sampled_from(["2018-1-1", "20180101", "2018/01/01", "2018-1-2", "", "某日"])
NUMBERS = st.sampled_from(["", "1", "2x", "'2X", "3"])
TRAITS = st.builds(
    Traits,
    number=NUMBERS,
    document=NUMBERS,
    name=NAMES,
    sex=st.sampled_from("12"),
    born_on=DAYS,
    guardians=st.tuples(NUMBERS),
)
STEPS = st.lists(st.tuples(st.sampled_from("abcd"), st.none() | TRAITS), max_size=12)


@given(STEPS)
def test_the_index_finds_exactly_the_records_that_have_the_key_now(
    steps: list[tuple[str, Traits | None]],
) -> None:
    index, held = ChildIndex(), dict[str, Traits]()
    for record_id, traits in steps:
        if traits is None:
            index.drop(record_id)
            held.pop(record_id, None)
        else:
            index.put(record_id, traits)
            held[record_id] = traits
    for key in {key for _, traits in steps if traits for key in traits.index_keys()}:
        expected = {record_id for record_id, traits in held.items() if key in traits.index_keys()}
        assert set(index.find(key)) == expected


@given(TRAITS)
def test_a_blank_leads_nowhere(traits: Traits) -> None:
    assert all(key[1] for key in traits.index_keys())


@pytest.mark.parametrize(
    "cell", ["2018-1-5", "2018/01/05", "20180105", "'2018.1.5", "2018年1月5日"]
)
def test_a_day_is_read_however_it_was_typed(cell: str) -> None:
    assert parse_day(cell) == date(2018, 1, 5)


@pytest.mark.parametrize(
    "cell", ["", "2018-02-30", "2018-1", "２０１８-1-5", "2018-1-5\n3", "2018105"]
)
def test_what_is_no_day_is_none(cell: str) -> None:
    assert parse_day(cell) is None


def test_every_interpunct_is_alike_and_nothing_else_is() -> None:
    assert {folded(f" 买{dot}提") for dot in "·•‧・．﹒"} == {"买·提"}
    assert folded("买-提") != folded("买提") != folded("买·提")


def test_a_document_number_is_compared_without_apostrophe_and_case() -> None:
    assert plain(" '99999920180101009x ") == "99999920180101009X"
