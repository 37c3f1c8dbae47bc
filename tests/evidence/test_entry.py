"""An entry's bytes are fixed for ever, and no number of a person gets into them."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.evidence import Action, Actor, Entry, PersonalContent
from gateway.evidence.entry import canonical_bytes

AT = datetime(2026, 9, 1, 0, 0, 0, 123999, tzinfo=UTC)
ENTRY = Entry(
    action=Action.HANDOVER_CONFIRMED,
    outcome="done",
    actor=Actor("school-system", "clerk-7", "school.leader", "9999990001"),
    purpose="接续",
    basis="中小学生学籍管理办法",
    case="案-2026-1",
    object_ref="0" * 31 + "f",
    request_id="trace-1",
    content={"system": "preschool", "digest": "ab" * 32},
    approval="approval-1",
    approver="leader-1",
)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def written(entry: Entry, subjects: tuple[str, ...] = ()) -> bytes:
    return canonical_bytes(entry, log_id="a log", entry_id="e1", at=AT, subjects=subjects)


def test_the_bytes_are_these() -> None:
    expected = (
        '{"action":"handover.confirmed","actor":"clerk-7","approval":"approval-1",'
        '"approver":"leader-1","at":1788220800123,"basis":"中小学生学籍管理办法",'
        '"caller":"school-system","case":"案-2026-1","content":{"digest":"' + "ab" * 32 + '",'
        '"system":"preschool"},"id":"e1","institution":"9999990001","log":"a log",'
        '"object":"0000000000000000000000000000000f","outcome":"done","purpose":"接续",'
        '"request":"trace-1","role":"school.leader","subjects":["aa","bb"]}'
    )
    assert written(ENTRY, ("aa", "bb")) == b"\x01" + expected.encode()


@given(outcome=words, case=words, content=st.dictionaries(words, words, max_size=3))
def test_whatever_is_written_reads_back_as_json(
    outcome: str, case: str, content: dict[str, str]
) -> None:
    read = json.loads(written(replace(ENTRY, outcome=outcome, case=case, content=content))[1:])
    assert (read["outcome"], read["case"], read["content"]) == (outcome, case, content)


def test_control_characters_are_escaped_as_rfc_8785_says() -> None:
    bytes_of_case = written(replace(ENTRY, case='\n\u0001\x7f\u2028"\\/é'))
    assert '"case":"\\n\\u0001\x7f\u2028\\"\\\\/é"'.encode() in bytes_of_case


@pytest.mark.parametrize(
    "text",
    [
        "999999201801010014",
        "99999920180101009X",
        "99999920180101009x",
        "for 999999201801010014, twice",
        "姓名999999201801010014",
        "G999999201801010014",
        "L999999201801010019",
        "J999999201801010015",
    ],
)
@pytest.mark.parametrize("place", ["outcome", "case", "object_ref", "request_id", "content"])
def test_an_entry_with_the_number_of_a_person_is_refused(text: str, place: str) -> None:
    value = {"key": text} if place == "content" else text
    with pytest.raises(PersonalContent) as caught:
        written(replace(ENTRY, **{place: value}))
    assert text not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "999999201801010015",  # no check character
        "999999201813010011",  # no date
        "12345678901234567890",
        "0123456789012345678901234567abcd",
        "a999999201801010014",  # part of something longer
        "2026-09-01T00:00:00.123456789Z",
    ],
)
def test_other_digits_are_no_number_of_a_person(text: str) -> None:
    assert text.encode() in written(replace(ENTRY, object_ref=text))


def test_the_actions_are_a_closed_list() -> None:
    with pytest.raises(ValueError, match="not a valid Action"):
        Action("record.peeked")
