"""A sheet from its arrival to its result, against a register on a real socket."""

import csv
import io
import json
from collections import Counter

import openpyxl
import pytest
from sqlalchemy import select, update

from adapters.population.nciic.contract import CHECK
from contracts.outcomes import Outcome
from gateway.access.vocabulary import Role
from gateway.sealing import data_keys, load_keys
from gateway.sheets.reading import CSV, XLSX
from gateway.verification.batches.rows import Answer, count, seal_standings
from gateway.verification.batches.tables import verification_chunks
from gateway.wiring.batches import wire_destroying
from tests.intake.village import OTHER_COUNTY, RIVAL, Village
from tests.verification.batches.conftest import PATH, Office, Opened
from tests.verification.batches.town import csv_of, resident, residents, settle, truth


async def test_every_row_gets_what_the_register_says_of_it_and_identical_rows_are_asked_once(
    opened_on_each_engine: Opened, village: Village
) -> None:
    people = residents(1, 620)
    settle(village, people[:500])
    settle(village, people[500:560], XM="另名")
    office = await opened_on_each_engine(village)
    batch_id = await office.accepted([one.row() for one in (*people, *people[:40])])
    await office.stage.work()
    view = await office.view(batch_id)
    assert (view["state"], view["rows"], view["repeated"], view["pending"]) == ("done", 660, 40, 0)
    expected = Counter(truth(village, one).value for one in people)
    assert await office.counts(batch_id) == expected
    rows = await office.rows(batch_id)
    assert [row["ordinal"] for row in rows] == list(range(1, 661))
    assert [row["outcome"] for row in rows] == [
        truth(village, one).value for one in (*people, *people[:40])
    ]
    assert [row["same_as"] for row in rows[620:]] == list(range(1, 41))
    assert await office.asked() == {one.number: 1 for one in people}


async def test_what_need_not_be_asked_is_answered_and_not_sent(
    opened: Opened, village: Village
) -> None:
    ann, ben = residents(1, 2)
    settle(village, [ann])
    office = await opened(village)
    rows = [
        ann.row(性别="女", 出生日期=""),  # order 001 is a boy's
        ann.row(出生日期="2020-01-02"),
        ben.row(身份证件号=ben.number[:-1] + ("0" if ben.number[-1] != "0" else "1")),
        ben.row(身份证件号=""),
        ben.row(身份证件类型="护照", 身份证件号="E12345678"),
        ben.row(身份证件号=""),
        ann.row(出生日期=f"{ann.number[6:10]}-{ann.number[10:12]}-{ann.number[12:14]}"),
    ]
    batch_id = await office.accepted(rows)
    await office.stage.work()
    wrong, none = Outcome.INVALID_CLAIM, Outcome.NOT_APPLICABLE
    expected = [wrong, wrong, wrong, none, none, none, Outcome.MATCH]
    assert [row["outcome"] for row in await office.rows(batch_id)] == expected
    assert await office.asked() == {ann.number: 1}


async def test_the_result_is_a_sheet_no_spreadsheet_evaluates(
    opened: Opened, village: Village
) -> None:
    evil = resident(7).row(姓名="=HYPERLINK(1)", 序号="@7")
    office = await opened(village)
    batch_id = await office.accepted([resident(1).row(), evil])
    await office.stage.work()
    got = await office.stage.ask("GET", f"{PATH}/{batch_id}/result.csv", Role.CLERK)
    rows = list(csv.DictReader(io.StringIO(got.content.decode("utf-8-sig"))))
    assert [row["姓名"] for row in rows] == ["虚构1", "'=HYPERLINK(1)"]
    assert [row["序号"] for row in rows] == ["1", "'@7"]
    assert {row["核验结果"] for row in rows} == {"号码不存在"}
    got = await office.stage.ask("GET", f"{PATH}/{batch_id}/result.xlsx", Role.CLERK)
    sheet = openpyxl.load_workbook(io.BytesIO(got.content)).active
    (cells,) = sheet.iter_rows(min_row=3, max_row=3)
    assert cells[2].value == "=HYPERLINK(1)"
    assert {cell.data_type for cell in cells if cell.value} == {"s"}
    viewed = [e for e in await office.stage.entries() if e["action"] == "record.viewed"]
    assert [e["outcome"] for e in viewed] == ["batch_csv", "batch_xlsx"]


async def test_each_call_is_on_record_with_one_hash_a_person_and_no_name(
    opened: Opened, village: Village
) -> None:
    people = residents(1, 12)
    settle(village, people)
    office = await opened(village)
    batch_id = await office.accepted([one.row() for one in people])
    await office.stage.work()
    entries = await office.stage.entries()
    (requested,) = [e for e in entries if e["action"] == "verification.requested"]
    assert (requested["object"], requested["content"]["rows"]) == (batch_id, "12")
    asked = [e for e in entries if e["action"] == "register.asked" and e["case"] == "case-1"]
    answered = {e["object"]: e for e in entries if e["action"] == "register.answered"}
    assert sorted(len(e["subjects"]) for e in asked) == [2, 5, 5]
    assert all(len(answered[e["object"]]["subjects"]) == len(e["subjects"]) for e in asked)
    calls = {row["call"] for row in await office.rows(batch_id)}
    assert calls == {e["object"] for e in asked}
    assert not any(one.name in str(entries) or one.number in str(entries) for one in people)


async def test_a_paused_batch_asks_nothing_until_it_is_resumed_and_a_cancelled_one_never(
    opened: Opened, village: Village
) -> None:
    people = residents(1, 30)
    settle(village, people)
    office = await opened(village)
    batch_id = await office.accepted([one.row() for one in people])
    assert (await office.steer(batch_id, "pause")).json()["state"] == "paused"
    await office.stage.work()
    assert not await office.asked()
    resumed = (await office.steer(batch_id, "resume")).json()
    assert (resumed["state"], resumed["calls_left"]) == ("open", 6)
    await office.stage.work()
    assert await office.counts(batch_id) == {"MATCH": 30}
    other = await office.accepted([one.row() for one in residents(31, 40)])
    assert (await office.steer(other, "cancel")).json()["state"] == "cancelled"
    assert (await office.steer(other, "resume")).status_code == 409
    await office.stage.work()
    assert (await office.view(other))["pending"] == 10
    assert (await office.steer(batch_id, "pause")).status_code == 409  # it is over


async def test_a_register_that_fails_is_asked_again_only_about_what_it_did_not_answer(
    opened: Opened, village: Village
) -> None:
    people = residents(1, 20)
    settle(village, people)
    office = await opened(village)
    lost = {"kind": "lost_answer", "operation": CHECK}
    await office.stage.set_fault("population", *({**lost, "nth": nth} for nth in (2, 5, 6)))
    batch_id = await office.accepted([one.row() for one in people])
    for _ in range(4):
        await office.stage.work()
        office.stage.clock.advance(61)
    assert await office.counts(batch_id) == {"MATCH": 20}
    asked = await office.asked()
    assert sum(asked.values()) == 20 + 3 * 5
    assert set(asked) == {one.number for one in people}


async def test_the_same_key_is_the_same_batch_and_another_sheet_under_it_is_refused(
    opened: Opened, village: Village
) -> None:
    office = await opened(village)
    rows = [resident(1).row()]
    first = await office.hand_in(rows, key="k1")
    again = await office.hand_in(rows, key="k1")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["batch_id"] == again.json()["batch_id"]
    assert (await office.hand_in([resident(2).row()], key="k1")).status_code == 422
    async with office.stage.ground.database.reading() as connection:
        kept = (await connection.execute(select(verification_chunks.c.batch_id))).scalars().all()
    assert kept == [first.json()["batch_id"]]


async def test_a_sheet_that_is_refused_leaves_nothing_behind(
    opened_on_each_engine: Opened, village: Village
) -> None:
    office = await opened_on_each_engine(village)
    people = residents(1, 1200)
    broken = csv_of(people).encode() + b'"never closed'
    before = await _kept(office)
    answer = await office.hand_in(broken, CSV)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "broken_csv"
    assert await _kept(office) == before
    (refused,) = [e for e in await office.stage.entries() if e["action"] == "intake.refused"]
    assert refused["outcome"] == "broken_csv"


async def _kept(office: Office) -> tuple[int, int]:
    async with office.stage.ground.database.reading() as connection:
        keys = (await connection.execute(select(data_keys.c.key_id))).scalars().all()
        chunks = (await connection.execute(select(verification_chunks.c.place))).scalars().all()
    return len(keys), len(chunks)


async def test_nobody_else_sees_a_batch_and_absent_ones_look_the_same(
    opened: Opened, village: Village
) -> None:
    office = await opened(village)
    batch_id = await office.accepted([resident(1).row()])
    absent = "0198c0de00007000800000000000abcd"
    for path in ("", "/rows", "/result.csv", "/result.xlsx"):
        rival = await office.stage.ask(
            "GET", f"{PATH}/{batch_id}{path}", Role.CLERK, institution=RIVAL
        )
        nothing = await office.stage.ask("GET", f"{PATH}/{absent}{path}", Role.CLERK)
        assert rival.status_code == nothing.status_code == 404
        assert rival.json()["type"] == nothing.json()["type"]
    county = await office.stage.ask("GET", f"{PATH}/{batch_id}", Role.COUNTY)
    other = await office.stage.ask("GET", f"{PATH}/{batch_id}", Role.COUNTY, area=OTHER_COUNTY)
    assert (county.status_code, other.status_code) == (200, 404)


async def test_rows_and_answers_are_destroyed_in_their_time_and_counts_and_evidence_stay(
    opened: Opened, village: Village
) -> None:
    people = residents(1, 10)
    settle(village, people)
    office = await opened(village)
    stage = office.stage
    batch_id = await office.accepted([one.row() for one in people])
    await stage.work()
    entries = len(await stage.entries())
    stage.clock.advance(86_400 * stage.ground.settings.batches.kept_days + 1)
    await wire_destroying(stage.ground).run()
    view = await office.view(batch_id)
    assert view["destroyed"]
    assert await office.counts(batch_id) == {"MATCH": 10}
    assert await office.rows(batch_id) == []
    assert len(await stage.entries()) >= entries
    async with stage.ground.database.reading() as connection:
        wrapped = select(data_keys.c.wrapped).where(data_keys.c.key_id == batch_id)
        assert (await connection.execute(wrapped)).scalar() is None
        sealed = select(verification_chunks.c.sealed_rows, verification_chunks.c.sealed_answers)
        assert {tuple(row) for row in await connection.execute(sealed)} == {(None, None)}


async def test_a_workbook_and_gb18030_are_taken_as_well(opened: Opened, village: Village) -> None:
    people = residents(1, 8)
    settle(village, people)
    office = await opened(village)
    workbook, written = openpyxl.Workbook(), io.BytesIO()
    for row in csv.reader(io.StringIO(csv_of(people))):
        workbook.active.append(row)
    workbook.save(written)
    for content, media_type in (
        (written.getvalue(), XLSX),
        (csv_of(people).encode("gb18030"), CSV),
    ):
        answer = await office.hand_in(content, media_type)
        assert answer.status_code == 202, answer.text
        await office.stage.work()
        assert await office.counts(answer.json()["batch_id"]) == {"MATCH": 8}


async def test_a_death_mark_is_told_to_the_county_only(opened: Opened, village: Village) -> None:
    office = await opened(village)
    batch_id = await office.accepted([resident(1).row()])
    await _answer(office, batch_id, Answer(Outcome.DECEASED, "", "0" * 32))
    assert await office.counts(batch_id) == {"UNKNOWN": 1}
    assert await office.counts(batch_id, Role.COUNTY) == {"DECEASED": 1}
    (to_clerk,) = await office.rows(batch_id)
    (to_county,) = await office.rows(batch_id, Role.COUNTY)
    assert (to_clerk["outcome"], to_clerk["referred"]) == ("UNKNOWN", True)
    assert (to_county["outcome"], to_county["referred"]) == ("DECEASED", False)


async def _answer(office: Office, batch_id: str, answer: Answer) -> None:
    """Have a register's word kept that this dialect has none for."""
    ground, work_id = office.stage.ground, f"{batch_id}/1"
    async with ground.database.transaction() as connection:
        keys = await load_keys(connection, [batch_id], ground.sealer)
        told = {
            "sealed_answers": seal_standings([answer], keys[batch_id], work_id),
            "counts": json.dumps(count([answer])),
            "pending": 0,
        }
        chunk = verification_chunks.c.work_id == work_id
        await connection.execute(update(verification_chunks).where(chunk).values(told))


@pytest.mark.parametrize("query", ["?system=nowhere", "?school=12", "?other=1"])
async def test_what_is_asked_for_wrongly_is_refused(
    opened: Opened, village: Village, query: str
) -> None:
    office = await opened(village)
    answer = await office.hand_in([resident(1).row()], query=query)
    assert answer.status_code == 422
