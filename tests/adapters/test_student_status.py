"""The student adapter against its simulator, over a real socket."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters import transport
from adapters.preschool.adapter import Preschool
from adapters.simulation.serving import serving
from adapters.simulation.sheets import sheet_titles
from adapters.student_status import simulator
from adapters.student_status.adapter import StudentStatus
from contracts.capabilities import ByDocument, ByGuardian, ByNumber, ByPerson, Enrolment, Question
from contracts.errors import Malformed, NumberTaken
from contracts.records import CanonicalRecord, Document, Provenance, UnmappedValue
from mappings import Crosswalks
from tests.adapters.small_world import (
    CHILD,
    ENROLLED,
    GRADUATED,
    GUARDIAN,
    OTHER_SCHOOL,
    PUPIL,
    SCHOOL,
    workbook,
    write_world,
)

TRACE = "trace-1"
READ = Provenance("preschool", datetime(2026, 9, 1, tzinfo=UTC))


def child_of(crosswalks: Crosswalks, **cells: str) -> CanonicalRecord:
    """A graduated child as the preschool register hands it over."""
    row = {**CHILD, **cells}
    particulars = {title: row[title] for title in sheet_titles("preschool")}
    return crosswalks.preschool.read(particulars, number=row["学籍号"], provenance=READ)


@pytest.fixture
def enrolment(crosswalks: Crosswalks) -> Enrolment:
    return Enrolment("r-1", SCHOOL, child_of(crosswalks))


async def records(client: transport.Client) -> list[dict[str, Any]]:
    answer = await client.get("/_simulator/records")
    found: list[dict[str, Any]] = answer.json()
    return found


async def edit(client: transport.Client, find: dict[str, str], to: dict[str, str]) -> int:
    answer = await client.post("/_simulator/records", json={"find": find, "set": to})
    return int(answer.json()["changed"])


async def test_a_student_is_found_by_number_document_and_person(students: StudentStatus) -> None:
    questions: list[Question] = [
        ByNumber(f"G{ENROLLED}"),
        ByDocument(Document("1", "居民身份证", ENROLLED)),
        ByPerson("在读生", "2", date(2018, 1, 1)),
        ByPerson("在读生", "1", date(2018, 1, 1)),
    ]
    found = (await students.find(questions, trace_id=TRACE)).value
    assert [len(each) for each in found] == [1, 1, 1, 0]
    (student,) = found[0]
    assert (student.school, student.status_label, student.live) == (OTHER_SCHOOL, "在读", True)
    assert (student.approved, student.request_id) == (True, None)
    assert student.child.identity.number == f"G{ENROLLED}"
    assert student.child.identity.document is not None
    assert student.child.identity.document.same_as(Document("1", "居民身份证", ENROLLED))
    assert student.child.identity.born_on == date(2018, 1, 1)


async def test_a_student_of_the_world_may_have_neither_number_nor_document(
    tmp_path: Path, crosswalks: Crosswalks
) -> None:
    pupil = PUPIL | {"学籍号": "", "身份证件类型": "其他", "身份证件号": "", "审核状态": "待核准"}
    world = write_world(tmp_path, pupils=[pupil])
    async with (
        serving(simulator.create(world)) as url,
        transport.open_client(url, verify=False) as client,
    ):
        question = ByPerson("在读生", "2", date(2018, 1, 1))
        students = StudentStatus(client, crosswalks)
        ((student,),) = (await students.find([question], trace_id=TRACE)).value
    assert (student.child.identity.number, student.child.identity.document) == (None, None)
    assert (student.live, student.approved) == (True, False)


async def test_a_student_is_created_under_the_number_it_carries(
    students: StudentStatus, student_client: transport.Client, enrolment: Enrolment
) -> None:
    receipt = (await students.create(enrolment, trace_id=TRACE)).value
    created = (await records(student_client))[-1]
    assert (created["学籍号"], created["学校标识码"]) == (f"G{GRADUATED}", SCHOOL)
    assert (created["审核状态"], created["请求号"]) == ("待核准", "r-1")
    assert created["收到的信息"]["grbsm"] == f"G{GRADUATED}"
    assert created["收到的信息"]["sfsgxqjym"] == "1"
    ((student,),) = (await students.find([ByNumber(f"G{GRADUATED}")], trace_id=TRACE)).value
    assert (student.request_id, student.approved, student.live) == ("r-1", False, True)
    assert student.child.identity.name == "古丽·虚构"
    assert (await students.enrolment("r-1", trace_id=TRACE)).value == receipt


async def test_a_created_student_is_found_by_its_guardian(
    students: StudentStatus, enrolment: Enrolment
) -> None:
    await students.create(enrolment, trace_id=TRACE)
    ((student,),) = (await students.find([ByGuardian(GUARDIAN)], trace_id=TRACE)).value
    assert student.child.identity.guardian_documents == (GUARDIAN,)


async def test_the_same_request_again_gives_the_same_receipt(
    students: StudentStatus, student_client: transport.Client, enrolment: Enrolment
) -> None:
    first = (await students.create(enrolment, trace_id=TRACE)).value
    assert (await students.create(enrolment, trace_id="trace-2")).value == first
    assert len(await records(student_client)) == 2


async def test_an_id_is_not_for_two_students(students: StudentStatus, enrolment: Enrolment) -> None:
    await students.create(enrolment, trace_id=TRACE)
    with pytest.raises(Malformed) as caught:
        await students.create(replace(enrolment, school=OTHER_SCHOOL), trace_id=TRACE)
    assert caught.value.code == "request_id_reused"


TAKEN = [
    {"学籍号": f"G{ENROLLED}"},
    {"身份证号码": ENROLLED, "性别": "女"},
]


@pytest.mark.parametrize("cells", TAKEN)
async def test_a_number_or_document_live_elsewhere_names_its_holder(
    students: StudentStatus,
    student_client: transport.Client,
    crosswalks: Crosswalks,
    cells: dict[str, str],
) -> None:
    with pytest.raises(NumberTaken) as caught:
        await students.create(
            Enrolment("r-1", SCHOOL, child_of(crosswalks, **cells)), trace_id=TRACE
        )
    assert (caught.value.school, caught.value.approved) == (OTHER_SCHOOL, True)
    assert len(await records(student_client)) == 1
    assert (await students.enrolment("r-1", trace_id=TRACE)).value is None


async def test_a_number_that_is_no_longer_live_may_be_carried_again(
    students: StudentStatus, student_client: transport.Client, crosswalks: Crosswalks
) -> None:
    await edit(student_client, {"学籍号": f"G{ENROLLED}"}, {"学籍状态": "退学"})
    returned = child_of(crosswalks, 学籍号=f"G{ENROLLED}", 身份证号码=ENROLLED, 性别="女")
    await students.create(Enrolment("r-1", SCHOOL, returned), trace_id=TRACE)
    (found,) = (await students.find([ByNumber(f"G{ENROLLED}")], trace_id=TRACE)).value
    assert [student.live for student in found] == [False, True]


async def test_two_schools_at_once_cannot_both_have_the_child(
    students: StudentStatus, student_client: transport.Client, enrolment: Enrolment
) -> None:
    race = {"script": [{"operation": "create", "kind": "conflict_409", "nth": 1}]}
    await student_client.post("/_simulator/faults", json=race)
    with pytest.raises(NumberTaken) as caught:
        await students.create(enrolment, trace_id=TRACE)
    assert caught.value.approved is False
    assert caught.value.school not in (SCHOOL, OTHER_SCHOOL)


async def test_an_unapproved_student_can_be_removed_and_is_gone(
    students: StudentStatus, student_client: transport.Client, enrolment: Enrolment
) -> None:
    await students.create(enrolment, trace_id=TRACE)
    removed = (await students.remove("r-1", trace_id=TRACE)).value
    assert (await students.remove("r-1", trace_id=TRACE)).value == removed
    assert len(await records(student_client)) == 1
    assert (await students.enrolment("r-1", trace_id=TRACE)).value is None
    with pytest.raises(Malformed) as caught:
        await students.create(enrolment, trace_id=TRACE)
    assert caught.value.code == "removed"
    await students.create(replace(enrolment, request_id="r-2"), trace_id=TRACE)


async def test_an_approved_student_cannot_be_removed(
    students: StudentStatus, student_client: transport.Client, enrolment: Enrolment
) -> None:
    await students.create(enrolment, trace_id=TRACE)
    await edit(student_client, {"请求号": "r-1"}, {"审核状态": "已核准"})
    with pytest.raises(NumberTaken) as caught:
        await students.remove("r-1", trace_id=TRACE)
    assert (caught.value.school, caught.value.approved) == (SCHOOL, True)
    assert len(await records(student_client)) == 2


async def test_a_child_with_an_unmapped_value_is_not_sent(
    students: StudentStatus, student_client: transport.Client, crosswalks: Crosswalks
) -> None:
    strange = child_of(crosswalks, 身份证类型="港澳台居民居住证")
    assert strange.unmapped
    with pytest.raises(Malformed):
        await students.create(Enrolment("r-1", SCHOOL, strange), trace_id=TRACE)
    assert (await student_client.get("/_simulator/requests")).json() == []


async def test_a_status_we_do_not_know_counts_as_live_and_is_reported(
    students: StudentStatus, student_client: transport.Client
) -> None:
    await edit(student_client, {"学籍号": f"G{ENROLLED}"}, {"学籍状态": "云游"})
    ((student,),) = (await students.find([ByNumber(f"G{ENROLLED}")], trace_id=TRACE)).value
    assert student.live
    assert UnmappedValue("status", "national_form-status", "云游", "student_status") in (
        student.child.unmapped
    )


async def test_the_feed_tells_creation_change_of_number_and_removal(
    students: StudentStatus, student_client: transport.Client, enrolment: Enrolment
) -> None:
    await students.create(enrolment, trace_id=TRACE)
    await edit(student_client, {"学籍号": f"G{ENROLLED}"}, {"学籍号": "L999999201801011234"})
    await students.remove("r-1", trace_id=TRACE)
    page = (await students.student_changes(0, 10, trace_id=TRACE)).value
    assert [change.kind for change in page.changes] == ["created", "renumbered", "removed"]
    assert [change.record.live for change in page.changes] == [True, True, False]
    assert page.changes[1].previous_number == f"G{ENROLLED}"
    assert (page.cursor, page.more) == (3, False)


async def test_the_pages_of_a_school_and_the_feed_together_show_every_student(
    students: StudentStatus, student_client: transport.Client, crosswalks: Crosswalks
) -> None:
    for place in range(45):
        child = child_of(
            crosswalks, 学籍号=f"L99999920180101{place:04d}", 身份证类型="其他", 身份证号码=""
        )
        await students.create(Enrolment(f"r-{place}", SCHOOL, child), trace_id=TRACE)
    while_paging = [{"operation": "students", "kind": "row_inserted", "nth": n} for n in (2, 3)]
    await student_client.post("/_simulator/faults", json={"script": while_paging})
    roll = (await students.students_of(SCHOOL, trace_id=TRACE)).value
    seen = [student.record_id for student in roll.students]
    assert len(seen) == len(set(seen))
    later = (await students.student_changes(roll.version, 10, trace_id=TRACE)).value
    assert len(later.changes) == 2
    everybody = set(seen) | {change.record.record_id for change in later.changes}
    held = {r["记录编号"] for r in await records(student_client) if r["学校标识码"] == SCHOOL}
    assert everybody == held
    assert len(held) == 47


def sheet(*rows: Mapping[str, object]) -> bytes:
    titles = sheet_titles("student_status")
    return workbook(titles, [[row.get(title, "") for title in titles] for row in rows])


async def test_a_bad_row_of_a_workbook_never_spoils_the_others(
    students: StudentStatus, student_client: transport.Client
) -> None:
    row = {
        "学籍接续标识": f"G{GRADUATED}",
        "学校标识码": SCHOOL,
        "姓名": "表格生",
        "性别": "男",
        "出生日期": "20180101",
        "身份证件类型": "居民身份证",
        "身份证件号": GRADUATED,
        "成员1姓名": "虚构",
        "成员1身份证件号": GUARDIAN,
        "成员1是否监护人": "1",
    }
    handed_in = sheet(
        row,
        row | {"姓名": "重复"},
        row | {"学籍接续标识": f"G{ENROLLED}", "身份证件号": ""},
        row | {"学籍接续标识": f"G{ENROLLED}"},
        row | {"学校标识码": OTHER_SCHOOL},
        row | {"学籍接续标识": f"G{ENROLLED}", "身份证件号": ENROLLED, "性别": "未"},
    )
    rows = (await students.submit_sheet(SCHOOL, handed_in, request_id="s-1", trace_id=TRACE)).value
    assert rows[0].receipt is not None
    assert [(r.row, r.column, r.code) for r in rows[1:]] == [
        (3, "学籍接续标识", "twice_in_sheet"),
        (4, "身份证件号", "missing"),
        (5, "学籍接续标识", "number_taken"),
        (6, "学校标识码", "other_school"),
        (7, "性别", "invalid"),
    ]
    ((student,),) = (await students.find([ByGuardian(GUARDIAN)], trace_id=TRACE)).value
    assert student.child.identity.name == "表格生"
    assert len(await records(student_client)) == 2


async def test_what_preschool_hands_over_arrives_in_primary_school(
    preschool: Preschool, students: StudentStatus
) -> None:
    question = ByDocument(Document("1", "居民身份证", GRADUATED))
    ((record,),) = (await preschool.find([question], trace_id=TRACE)).value
    await students.create(Enrolment("r-1", SCHOOL, record.child), trace_id=TRACE)
    ((student,),) = (await students.find([question], trace_id=TRACE)).value
    theirs, ours = student.child.identity, record.child.identity
    assert theirs.document is not None
    assert ours.document is not None
    assert theirs.document.same_as(ours.document)
    assert replace(theirs, document=None) == replace(ours, document=None)
