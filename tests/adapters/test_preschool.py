"""The preschool adapter against its simulator, over a real socket."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from adapters import transport
from adapters.preschool.adapter import Preschool
from adapters.simulation.sheets import sheet_titles
from contracts.capabilities import (
    Advance,
    ByDocument,
    ByGuardian,
    ByNumber,
    ByPerson,
    Question,
)
from contracts.errors import ClosingRefused, Malformed, TooMany
from contracts.records import Document, PreschoolStatus
from tests.adapters.small_world import (
    ADVANCED,
    CHILD,
    DEFERRED,
    GRADUATED,
    GUARDIAN,
    IN_KINDERGARTEN,
    KINDERGARTEN,
    OTHER_KINDERGARTEN,
    OTHER_SCHOOL,
    SCHOOL,
    workbook,
)

TRACE = "trace-1"
MARK = Advance("r-1", "XQ00000001", f"G{GRADUATED}", SCHOOL, date(2026, 9, 1))


def document(number: str) -> ByDocument:
    return ByDocument(Document("1", "居民身份证", number))


async def status(preschool: Preschool, number: str) -> PreschoolStatus | None:
    ((record,),) = (await preschool.find([ByNumber(f"G{number}")], trace_id=TRACE)).value
    return record.status


async def edit(client: transport.Client, find: dict[str, str], to: dict[str, str]) -> int:
    answer = await client.post("/_simulator/records", json={"find": find, "set": to})
    return int(answer.json()["changed"])


async def test_each_question_of_a_mixed_batch_gets_its_own_records(preschool: Preschool) -> None:
    questions: list[Question] = [
        ByGuardian(GUARDIAN),
        ByNumber(f"G{GRADUATED}"),
        document("999999201801010073"),
        document(GRADUATED.lower()),
        ByPerson("古丽•虚构", "1", date(2018, 1, 1)),
    ]
    reply = await preschool.find(questions, trace_id=TRACE)
    numbers = [[record.child.identity.number for record in found] for found in reply.value]
    assert len(numbers[0]) == 4
    assert numbers[1:] == [[f"G{GRADUATED}"], [], [f"G{GRADUATED}"], [f"G{GRADUATED}"]]
    assert GRADUATED.encode() in reply.asked
    assert "古丽".encode() in reply.answered


async def test_a_record_comes_in_our_words(preschool: Preschool) -> None:
    ((record,),) = (await preschool.find([document(GRADUATED)], trace_id=TRACE)).value
    assert (record.record_id, record.institution) == ("XQ00000001", KINDERGARTEN)
    assert record.status is PreschoolStatus.GRADUATED
    identity = record.child.identity
    assert (identity.name, identity.sex, identity.born_on) == ("古丽·虚构", "1", date(2018, 1, 1))
    assert identity.document == Document("1", "居民身份证", GRADUATED)
    assert record.child.fields["ethnic_group"] == "01"
    assert record.child.unmapped == ()
    # The register's own columns are no particulars of the child.
    assert not {"记录编号", "升入学校标识码", "缓学截止日期"} & set(record.child.extension)
    assert record.child.provenance.source == "preschool"


async def test_a_deferral_comes_with_its_reference_and_its_end(preschool: Preschool) -> None:
    ((record,),) = (await preschool.find([document(DEFERRED)], trace_id=TRACE)).value
    assert record.status is PreschoolStatus.DEFERRED
    assert record.deferral_reference == "虚教〔2026〕1号"
    assert record.deferred_until == date(2027, 8, 31)


async def test_an_unlisted_status_fails_its_record_alone(
    preschool: Preschool, preschool_client: transport.Client
) -> None:
    await edit(preschool_client, {"学籍号": f"G{GRADUATED}"}, {"学籍状态": "游学"})
    found = (await preschool.find([ByGuardian(GUARDIAN)], trace_id=TRACE)).value[0]
    assert [record.status is None for record in found] == [True, False, False, False]


async def test_more_than_a_hundred_questions_are_too_many(preschool: Preschool) -> None:
    with pytest.raises(TooMany):
        await preschool.find([ByNumber("G")] * 101, trace_id=TRACE)


async def test_no_question_needs_no_answer(preschool: Preschool) -> None:
    assert (await preschool.find([], trace_id=TRACE)).value == ()


async def test_the_mark_closes_the_record_and_is_idempotent(
    preschool: Preschool, preschool_client: transport.Client
) -> None:
    first = (await preschool.advance(MARK, trace_id=TRACE)).value
    again = (await preschool.advance(MARK, trace_id="trace-2")).value
    assert first == again
    assert first.request_id == "r-1"
    record = (await preschool_client.get("/_simulator/records")).json()[0]
    assert (record["学籍状态"], record["升入学校标识码"]) == ("升学", SCHOOL)
    assert record["升学请求号"] == "r-1"
    assert (await preschool.advancement("r-1", trace_id=TRACE)).value == first


async def test_a_mark_that_never_came_is_not_known(preschool: Preschool) -> None:
    assert (await preschool.advancement("r-9", trace_id=TRACE)).value is None


async def test_a_mark_taken_back_restores_the_record_and_stands_no_more(
    preschool: Preschool,
) -> None:
    await preschool.advance(MARK, trace_id=TRACE)
    undone = (await preschool.undo_advance(MARK, trace_id=TRACE)).value
    assert (await preschool.undo_advance(MARK, trace_id=TRACE)).value == undone
    assert await status(preschool, GRADUATED) is PreschoolStatus.GRADUATED
    assert (await preschool.advancement("r-1", trace_id=TRACE)).value is None
    with pytest.raises(ClosingRefused) as caught:
        await preschool.advance(MARK, trace_id=TRACE)
    assert caught.value.code == "undone"
    await preschool.advance(replace(MARK, request_id="r-2"), trace_id=TRACE)
    assert await status(preschool, GRADUATED) is PreschoolStatus.ADVANCED


REFUSED = [
    ("XQ00000002", IN_KINDERGARTEN, "status_not_permitted"),
    ("XQ00000003", ADVANCED, "advanced_elsewhere"),
    ("XQ00000004", DEFERRED, "status_not_permitted"),
    ("XQ00000001", IN_KINDERGARTEN, "number_differs"),
    ("XQ00000099", GRADUATED, "record_unknown"),
]


@pytest.mark.parametrize(("record_id", "number", "code"), REFUSED)
async def test_a_mark_the_record_does_not_permit_is_refused_with_the_reason(
    preschool: Preschool, preschool_client: transport.Client, record_id: str, number: str, code: str
) -> None:
    before = (await preschool_client.get("/_simulator/records")).json()
    with pytest.raises(ClosingRefused) as caught:
        await preschool.advance(
            replace(MARK, record_id=record_id, number=f"G{number}"), trace_id=TRACE
        )
    assert caught.value.code == code
    assert (await preschool_client.get("/_simulator/records")).json() == before


async def test_a_mark_for_the_same_school_may_be_asked_for_under_another_id(
    preschool: Preschool,
) -> None:
    await preschool.advance(MARK, trace_id=TRACE)
    other = (await preschool.advance(replace(MARK, request_id="r-2"), trace_id=TRACE)).value
    assert other.request_id == "r-2"


async def test_an_id_is_not_for_two_requests(preschool: Preschool) -> None:
    await preschool.advance(MARK, trace_id=TRACE)
    with pytest.raises(Malformed) as caught:
        await preschool.advance(replace(MARK, school=OTHER_SCHOOL), trace_id=TRACE)
    assert caught.value.code == "request_id_reused"
    with pytest.raises(Malformed):
        await preschool.undo_advance(replace(MARK, request_id="r-9"), trace_id=TRACE)


async def test_the_feed_tells_each_change_once_and_in_order(
    preschool: Preschool, preschool_client: transport.Client
) -> None:
    await preschool.advance(MARK, trace_id=TRACE)
    await edit(preschool_client, {"学籍号": f"G{IN_KINDERGARTEN}"}, {"学籍状态": "毕业"})
    renumbered = {"学籍号": "L999999201801011234"}
    await edit(preschool_client, {"学籍号": f"G{IN_KINDERGARTEN}"}, renumbered)
    first = (await preschool.preschool_changes(0, 2, trace_id=TRACE)).value
    assert [change.kind for change in first.changes] == ["advanced", "changed"]
    assert (first.cursor, first.more) == (2, True)
    assert first.changes[0].record.advanced_to == SCHOOL
    rest = (await preschool.preschool_changes(first.cursor, 2, trace_id=TRACE)).value
    (change,) = rest.changes
    assert (change.kind, change.previous_number) == ("renumbered", f"G{IN_KINDERGARTEN}")
    assert change.record.child.identity.number == "L999999201801011234"
    assert b"L999999201801011234" in change.raw
    assert (await preschool.preschool_changes(3, 2, trace_id=TRACE)).value.changes == ()
    with pytest.raises(Malformed):
        await preschool.preschool_changes(4, 2, trace_id=TRACE)


async def test_a_merged_kindergarten_names_its_successor(preschool: Preschool) -> None:
    reply = await preschool.institutions([KINDERGARTEN, SCHOOL, "9999999999"], trace_id=TRACE)
    merged, school = reply.value
    assert (merged.code, merged.status, merged.merged_into) == (
        KINDERGARTEN,
        "merged",
        OTHER_KINDERGARTEN,
    )
    assert merged.authority == "999999000000"
    assert (school.status, school.merged_into, school.authority) == ("open", None, "999900000000")


async def test_the_trace_id_arrives_at_the_register(
    preschool: Preschool, preschool_client: transport.Client
) -> None:
    await preschool.find([ByNumber("G1")], trace_id="trace-7")
    (logged,) = (await preschool_client.get("/_simulator/requests")).json()
    assert logged["trace_id"] == "trace-7"
    assert logged["question"] == {"questions": [{"number": "G1"}]}


async def test_the_log_of_requests_keeps_our_ids_and_the_virtual_time(
    preschool: Preschool, preschool_client: transport.Client
) -> None:
    at = "2026-09-01T00:00:00+00:00"
    await preschool_client.post("/_simulator/clock", json={"at": at})
    receipt = (await preschool.advance(MARK, trace_id=TRACE)).value
    (logged,) = (await preschool_client.get("/_simulator/requests")).json()
    assert (logged["operation"], logged["request_id"], logged["at"]) == ("advance", "r-1", at)
    assert receipt.received_at == datetime(2026, 9, 1, tzinfo=UTC)


def sheet(*children: dict[str, Any]) -> bytes:
    titles = sheet_titles("preschool")
    return workbook(titles, [[child[title] for title in titles] for child in children])


async def test_a_bad_row_of_a_workbook_never_spoils_the_others(
    preschool: Preschool, preschool_client: transport.Client
) -> None:
    good = CHILD | {"身份证号码": "999999201801010073", "姓名": "新生"}
    bad_date = CHILD | {"身份证号码": "999999201801010081", "出生日期": "二〇一八年"}
    taken = CHILD | {"姓名": "重复"}
    number = CHILD | {"身份证号码": 999999201801010188}
    handed_in = sheet(good, bad_date, taken, number)
    rows = (
        await preschool.submit_sheet(KINDERGARTEN, handed_in, request_id="s-1", trace_id=TRACE)
    ).value
    assert [(row.row, row.column, row.code) for row in rows[1:3]] == [
        (3, "出生日期", "invalid"),
        (4, "身份证号码", "document_taken"),
    ]
    assert rows[0].receipt is not None
    again = await preschool.submit_sheet(KINDERGARTEN, handed_in, request_id="s-1", trace_id=TRACE)
    assert again.value[0] == rows[0]
    records = (await preschool_client.get("/_simulator/records")).json()
    assert [record["学籍状态"] for record in records if record["姓名"] == "新生"] == ["待核准"]


async def test_the_roll_of_an_area_is_read_page_by_page_and_holds_who_attends(
    preschool: Preschool,
) -> None:
    pages = [(await preschool.roll("999999", "", 1, trace_id=TRACE)).value]
    while pages[-1].more:
        after = pages[-1].records[-1].record_id
        pages.append((await preschool.roll("999999", after, 1, trace_id=TRACE)).value)
    found = [record for page in pages for record in page.records]
    assert [len(page.records) for page in pages] == [1, 1]
    assert [record.status for record in found] == [
        PreschoolStatus.ENROLLED,
        PreschoolStatus.DEFERRED,
    ]
    assert (await preschool.roll("98", "", 10, trace_id=TRACE)).value.records == ()
