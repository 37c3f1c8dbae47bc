"""Matching: one record against one row, several together, and the search step by step."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.capabilities import ByDocument, ByGuardian, ByNumber, ByPerson, Question
from contracts.names import Tier
from contracts.records import (
    CanonicalRecord,
    Document,
    Identity,
    PreschoolRecord,
    PreschoolStatus,
    Provenance,
)
from gateway.intake.steps.search import Lookup, search
from gateway.people.matching import Agreement, Grade, candidates, conclude, grade

CITIZEN = Document("1", "居民身份证", "999999202001010117")
OTHER = Document("1", "居民身份证", "999999202001010133")
PASSPORT = Document("A", "护照", "X1234567")
NUMBER, OTHER_NUMBER = "G999999202001010117", "L999999202001010133"
GUARDIAN = ("999999199001010018",)
BORN = date(2020, 1, 1)


def identity(**changes: Any) -> Identity:
    given: dict[str, Any] = {
        "name": "古丽·虚构",
        "sex": "1",
        "born_on": BORN,
        "document": CITIZEN,
        "number": None,
        "guardian_documents": (),
    }
    return Identity(**{**given, **changes})


HELD = identity(number=NUMBER, guardian_documents=GUARDIAN)
LATER = date(2020, 2, 1)
AS_PASSPORT = Document("A", "护照", CITIZEN.number)
BY_NUMBER = {"document": None, "number": NUMBER}
STRANGER = {"document": OTHER, "name": "别名"}
GUARDED = {"guardian_documents": GUARDIAN}
UNDATED = {"document": None, "born_on": None}

# What the row says otherwise than the record, what the record says otherwise, and the grade.
GRADES: list[tuple[str, dict[str, Any], dict[str, Any], Grade]] = [
    ("everything agrees", {"number": NUMBER}, {}, Grade.EXACT),
    ("no number in the row", {}, {}, Grade.EXACT),
    ("another number is legal", {"number": OTHER_NUMBER}, {}, Grade.EXACT),
    ("interpunct typed otherwise", {"name": "古丽•虚构"}, {}, Grade.EXACT),
    ("letter case", {"name": "ANNA"}, {"name": "Anna"}, Grade.EXACT),
    ("variation selector", {"name": "古丽·虚构\ufe00"}, {}, Grade.EXACT),
    ("known variant", {"name": "刘虚"}, {"name": "劉虚"}, Grade.PROBABLE),
    ("compatibility form", {"name": "\uf900"}, {"name": "\u8c48"}, Grade.PROBABLE),
    ("document, other name", {"name": "别名"}, {}, Grade.PROBABLE),
    ("document, other birth date", {"born_on": LATER}, {}, Grade.PROBABLE),
    ("document, other sex", {"sex": "2"}, {}, Grade.PROBABLE),
    ("document, sex not known", {"sex": "9"}, {}, Grade.PROBABLE),
    ("document, two differ", {"name": "别名", "sex": "2"}, {}, Grade.NONE),
    ("number", {**BY_NUMBER}, {}, Grade.EXACT),
    ("number, other name", {**BY_NUMBER, "name": "别名"}, {}, Grade.PROBABLE),
    ("number, two differ", {**BY_NUMBER, "name": "别名", "sex": "2"}, {}, Grade.NONE),
    ("number, other document", {**BY_NUMBER, "document": OTHER}, {}, Grade.PROBABLE),
    ("number, document and name", {"number": NUMBER, **STRANGER}, {}, Grade.NONE),
    ("same digits, other kind", {"document": AS_PASSPORT}, {}, Grade.POSSIBLE),
    ("person, other document", {"document": OTHER}, {}, Grade.POSSIBLE),
    ("person, row without document", {"document": None}, {}, Grade.POSSIBLE),
    ("person, record without document", {}, {"document": None}, Grade.POSSIBLE),
    ("person, passport", {"document": PASSPORT}, {}, Grade.POSSIBLE),
    ("guardian, sex, name", {**GUARDED, "document": OTHER, "born_on": LATER}, {}, Grade.POSSIBLE),
    ("guardian, sex, birth date", {**GUARDED, **STRANGER}, {}, Grade.POSSIBLE),
    ("guardian, other sex", {**GUARDED, **STRANGER, "sex": "2"}, {}, Grade.NONE),
    ("a sibling", {**GUARDED, **STRANGER, "born_on": LATER}, {}, Grade.NONE),
    ("another guardian", {**STRANGER, "guardian_documents": ("9",)}, {}, Grade.NONE),
    ("name and sex alone", {"document": OTHER, "born_on": LATER}, {}, Grade.NONE),
    ("absent dates agree on nothing", {**UNDATED}, {**UNDATED}, Grade.NONE),
]


@pytest.mark.parametrize(("what", "row", "held", "expected"), GRADES, ids=[g[0] for g in GRADES])
def test_a_record_is_graded_as_the_rule_says(
    what: str, row: dict[str, Any], held: dict[str, Any], expected: Grade
) -> None:
    assert grade(identity(**row), replace(HELD, **held)).grade is expected


def test_the_reason_is_told_field_by_field() -> None:
    match = grade(identity(name="古丽•虚构", document=OTHER), HELD)
    assert match.name_tier is Tier.FOLDED
    assert match.fields == {
        "document": Agreement.DIFFERS,
        "number": Agreement.ABSENT,
        "name": Agreement.AGREES,
        "born_on": Agreement.AGREES,
        "sex": Agreement.AGREES,
        "guardian": Agreement.ABSENT,
    }


def record(
    who: Identity, name: str = "XQ1", status: PreschoolStatus | None = PreschoolStatus.GRADUATED
) -> PreschoolRecord:
    read = Provenance("test", datetime(2026, 9, 3, tzinfo=UTC))
    return PreschoolRecord(name, "9999990001", status, CanonicalRecord(who, {}, {}, read))


POSSIBLE = record(identity(document=OTHER, number=OTHER_NUMBER), "XQ8")
EXACT = record(HELD)


@given(st.permutations([EXACT, POSSIBLE, record(identity(document=PASSPORT), "XQ9")]))
def test_an_exact_match_wins_over_weaker_ones_in_any_order(records: list[PreschoolRecord]) -> None:
    finding = conclude(candidates(identity(), records))
    assert (finding.grade, finding.exact and finding.exact.record) == (Grade.EXACT, EXACT)


def test_two_exact_records_are_one_child_twice() -> None:
    twice = conclude(candidates(identity(), [EXACT, record(HELD, "XQ2")]))
    assert (twice.grade, twice.several_exact, twice.exact) == (Grade.MANY, True, None)


def test_twins_and_namesakes_are_several_candidates_and_no_match() -> None:
    row = identity(document=None)
    finding = conclude(candidates(row, [EXACT, POSSIBLE]))
    assert (finding.grade, finding.several_exact) == (Grade.MANY, False)


@pytest.mark.parametrize("status", list(PreschoolStatus))
def test_an_ended_record_counts_only_where_no_live_one_has_its_document(
    status: PreschoolStatus,
) -> None:
    ended = record(HELD, "XQ2", status)
    assert len(candidates(identity(), [ended])) == 1
    beside_a_live_one = candidates(identity(), [EXACT, ended])
    assert len(beside_a_live_one) == (2 if status.live else 1)


Table = dict[Question, Sequence[PreschoolRecord]]


async def searched(row: Identity, table: Table, **given: Any) -> tuple[Lookup, list[str]]:
    """The lookup after the search, and the kinds of questions it took."""
    asked: list[str] = []

    async def find(questions: Sequence[tuple[str, Question]]) -> list[Sequence[PreschoolRecord]]:
        asked.extend(type(question).__name__ for _, question in questions)
        return [table.get(question, ()) for _, question in questions]

    lookup = Lookup("h1", row, row.number, **given)
    await search([lookup], find)
    return lookup, asked


async def test_the_search_stops_at_the_first_kind_of_question_that_gives_an_exact_match() -> None:
    row = identity(number=NUMBER)
    by_number: Table = {ByNumber(NUMBER): [EXACT]}
    assert (await searched(row, by_number))[1] == ["ByNumber"]
    by_document: Table = {ByDocument(CITIZEN): [EXACT]}
    assert (await searched(row, by_document))[1] == ["ByNumber", "ByDocument"]


async def test_two_exact_records_end_the_search_as_well() -> None:
    table: Table = {ByDocument(CITIZEN): [EXACT, record(HELD, "XQ2")]}
    lookup, asked = await searched(identity(), table)
    assert (asked, lookup.finding.several_exact) == (["ByDocument"], True)


async def test_without_an_exact_match_all_candidates_count_together() -> None:
    row = identity(guardian_documents=GUARDIAN)
    probable = record(identity(name="别名", number=NUMBER), "XQ3")
    table: Table = {
        ByDocument(CITIZEN): [probable],
        ByPerson(row.name, "1", BORN): [POSSIBLE, probable],
        ByGuardian(GUARDIAN[0]): [POSSIBLE],
    }
    lookup, asked = await searched(row, table)
    assert asked == ["ByDocument", "ByPerson", "ByGuardian"]
    assert {c.record.record_id for c in lookup.candidates} == {"XQ3", "XQ8"}
    assert lookup.finding.grade is Grade.MANY


async def test_a_child_whose_document_was_corrected_is_found_by_its_name() -> None:
    row = identity()
    lookup, _ = await searched(row, {ByPerson(row.name, "1", BORN): [POSSIBLE]})
    assert lookup.finding.grade is Grade.POSSIBLE


async def test_nobody_is_sought_by_a_birth_date_or_sex_that_is_not_known() -> None:
    assert (await searched(identity(born_on=None), {}))[1] == ["ByDocument"]
    assert (await searched(identity(sex="9"), {}))[1] == ["ByDocument"]


async def test_before_an_ended_record_counts_its_document_is_asked_for() -> None:
    row = identity(document=None, number=NUMBER)
    ended = record(HELD, "XQ5", PreschoolStatus.LEFT)
    live = record(HELD, "XQ6", PreschoolStatus.ENROLLED)
    table: Table = {ByNumber(NUMBER): [ended], ByDocument(CITIZEN): [ended, live]}
    lookup, asked = await searched(row, table)
    assert asked[-1] == "ByDocument"
    assert [c.record.record_id for c in lookup.candidates] == ["XQ6"]


async def test_what_was_rejected_does_not_come_back() -> None:
    lookup, _ = await searched(
        identity(), {ByDocument(CITIZEN): [EXACT]}, rejected=frozenset({"XQ1"})
    )
    assert lookup.finding.grade is Grade.NONE


async def test_the_chosen_record_is_the_match_as_long_as_it_is_found() -> None:
    row = identity(document=None)
    table: Table = {ByPerson(row.name, "1", BORN): [EXACT, POSSIBLE]}
    lookup, _ = await searched(row, table, chosen="XQ8")
    assert lookup.matched == POSSIBLE
    gone, _ = await searched(row, {ByPerson(row.name, "1", BORN): [EXACT]}, chosen="XQ8")
    assert gone.matched is None
