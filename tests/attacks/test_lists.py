"""Hostile lists through the real door, on a socket: refused with reasons, nothing half-stored."""

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2 as httpx
import openpyxl
import pytest

from adapters.simulation.serving import serving
from gateway.access.vocabulary import Role
from gateway.api.middleware import limited
from gateway.intake.lists import CSV, JSON, XLSX
from tests.attacks.conftest import Siege
from tests.attacks.strangers import Place
from tests.attacks.test_refusals import kept
from tests.intake.village import RIVAL, SCHOOL, person
from tests.lists.lists import TITLES, csv_text, repacked, workbook

_CHINESE = re.compile("[\u4e00-\u9fff]")
_ROW = json.dumps(person(3).row(), ensure_ascii=False)
_SHEET = "xl/worksheets/sheet1.xml"


@dataclass(frozen=True)
class Counter:
    """The clerk's counter: hands files in over a socket."""

    siege: Siege
    client: httpx.AsyncClient

    async def hand_in(
        self, content: bytes | AsyncIterator[bytes], media_type: str, school: str = SCHOOL
    ) -> httpx.Response:
        headers = await self.headers()
        return await self.client.post(
            f"/v1/intakes?school={school}",
            content=content,
            headers=headers | {"Content-Type": media_type},
        )

    async def rows(self, intake_id: str) -> list[dict[str, object]]:
        answer = await self.client.get(
            f"/v1/intakes/{intake_id}/rows", headers=await self.headers()
        )
        rows: list[dict[str, object]] = answer.json()["rows"]
        return rows

    async def headers(self, role: Role = Role.CLERK) -> dict[str, str]:
        return await self.siege.strangers.headers(role, Place.OWN, "enrolment")


@pytest.fixture
async def counter(siege: Siege) -> AsyncIterator[Counter]:
    async with (
        serving(siege.stage.app) as address,
        httpx.AsyncClient(base_url=address, timeout=60, verify=False) as client,
    ):
        yield Counter(siege, client)


def listed(*rows: dict[str, str]) -> bytes:
    return json.dumps({"rows": list(rows)}, ensure_ascii=False).encode()


def many(count: int) -> bytes:
    return csv_text(TITLES, *([*person(4).row().values()] for _ in range(count))).encode()


def sheet_bomb() -> bytes:
    return repacked(workbook(TITLES), {_SHEET: b"<worksheet><sheetData>" + b" " * 60_000_000})


def filled(cell: str) -> bytes:
    return f'{{"rows": [{_ROW}, {{"姓名": {cell}}}]}}'.encode()


REFUSED: dict[str, tuple[int, str, str, Callable[[], bytes]]] = {
    "20,001 rows": (413, CSV, "too_many_rows", lambda: many(20_001)),
    "a zip bomb": (422, XLSX, "oversized_workbook", sheet_bomb),
    "half a workbook": (422, XLSX, "broken_workbook", lambda: workbook(TITLES)[:900]),
    "a CSV called a workbook": (422, XLSX, "broken_workbook", lambda: many(1)),
    "two charsets": (
        422,
        CSV,
        "mixed_encoding",
        lambda: many(1) + csv_text([*person(5).row().values()]).encode("gb18030"),
    ),
    "UTF-16": (
        422,
        CSV,
        "mixed_encoding",
        lambda: b"\xff\xfe" + many(1).decode().encode("utf-16-le"),
    ),
    "an open quotation mark": (422, CSV, "broken_csv", lambda: many(1) + b'"1,2'),
    "a cell of five kilobytes": (422, JSON, "cell_too_long", lambda: filled(f'"{"长" * 2000}"')),
    "NaN": (400, JSON, "json_number", lambda: filled("NaN")),
    "five thousand digits": (400, JSON, "json_number", lambda: filled("9" * 5000)),
    "half a surrogate pair": (400, JSON, "json_surrogate", lambda: filled('"\\ud800"')),
    "a key twice": (400, JSON, "json_duplicate_key", lambda: filled('"a", "姓名": "b"')),
    "a hundred thousand brackets": (400, JSON, "broken_json", lambda: b"[" * 100_000),
    "a byte order mark": (400, JSON, "broken_json", lambda: b"\xef\xbb\xbf" + listed()),
    "no rows": (422, JSON, "no_rows", listed),
    "no column of names": (422, JSON, "no_heading", lambda: b'[{"\xe5\xba\x8f\xe5\x8f\xb7": 1}]'),
    "rows in rows": (422, JSON, "json_shape", lambda: filled('["a"]')),
    "a picture": (415, "image/png", "unsupported_type", lambda: b"\x89PNG"),
    "no content type": (415, "", "unsupported_type", listed),
    "nothing": (400, JSON, "broken_json", lambda: b""),
}


async def test_a_hostile_list_is_refused_with_its_reason_and_leaves_nothing(counter: Counter):
    before = await kept(counter.siege)
    for attack, (status, media_type, reason, content) in REFUSED.items():
        answer = await counter.hand_in(content(), media_type)
        problem = answer.json()
        assert (answer.status_code, problem["errors"][0]["code"]) == (status, reason), attack
        assert answer.headers["Content-Type"] == "application/problem+json"
        (fault,) = problem["errors"]
        for told in (problem, fault):
            for said in ("detail", "remedy"):
                assert _CHINESE.search(told[said]), attack
                assert told[f"{said}_en"], attack
        assert await kept(counter.siege) == before, attack
        last = (await counter.siege.stage.entries())[-1]
        assert (last["action"], last["outcome"]) == ("intake.refused", reason)


async def test_a_fault_in_one_place_is_told_by_row_and_column(counter: Counter):
    answer = await counter.hand_in(filled(f'"{"长" * 2000}"'), JSON)
    assert answer.json()["errors"][0]["pointer"] == "#/rows/2/姓名"
    answer = await counter.hand_in(many(20_001), CSV)
    assert answer.json()["errors"][0]["pointer"] == "#/rows/20002"


@pytest.mark.parametrize("announced", [True, False])
async def test_one_byte_more_than_the_limit_is_refused(counter: Counter, announced: bool):
    before = await kept(counter.siege)
    limit = counter.siege.stage.ground.settings.limits.body_bytes

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(limit // 65536):
            yield b" " * 65536
        yield b" "

    content = b" " * (limit + 1) if announced else pieces()
    try:
        answer = await counter.hand_in(content, CSV)
    except (httpx.WriteError, httpx.ReadError):
        pass  # the door was shut while the body was still coming in
    else:
        assert answer.status_code == 413
        assert answer.headers["Connection"] == "close"
    assert await kept(counter.siege) == before


async def test_a_list_that_trickles_in_is_given_up_and_disturbs_nobody(counter: Counter):
    siege = counter.siege
    app = limited(siege.stage.app, 1 << 20, grace_seconds=0.5)
    headers = await counter.headers() | {"Content-Type": CSV, "Content-Length": "9"}
    path = f"/v1/intakes?school={SCHOOL}"
    async with serving(app) as address, trickling(address, path, headers) as slow:
        other = await counter.hand_in(listed(person(6).row()), JSON)
        assert other.status_code == 202
        async with asyncio.timeout(10):
            answer = (await slow.read()).decode()
    assert answer.startswith("HTTP/1.1 408")
    assert "too_slow" in answer


@asynccontextmanager
async def trickling(
    address: str, path: str, headers: dict[str, str]
) -> AsyncIterator[asyncio.StreamReader]:
    """A request whose body stops after one byte; what is answered to it."""
    url = httpx.URL(address)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    lines = [f"POST {path} HTTP/1.1", "Host: gateway", *(f"{n}: {v}" for n, v in headers.items())]
    writer.write(("\r\n".join(lines) + "\r\n\r\n1").encode())
    await writer.drain()
    yield reader
    writer.close()
    await writer.wait_closed()


async def test_the_same_list_is_the_same_intake_however_often_and_at_once(counter: Counter):
    content = listed(person(10).row(), person(11).row())
    answers = await asyncio.gather(*(counter.hand_in(content, JSON) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {202}
    (intake_id,) = {answer.json()["intake_id"] for answer in answers}
    again = await counter.hand_in(content, JSON)
    assert again.json()["intake_id"] == intake_id
    assert again.headers["Location"] == f"/v1/intakes/{intake_id}"
    assert len(await counter.rows(intake_id)) == 2
    assert len(await counter.siege.stage.handovers()) == 3


async def test_two_lists_with_one_child_at_once_make_one_handover(counter: Counter):
    lists = [listed(person(10).row(报到日期=f"2026-09-0{day}")) for day in range(1, 7)]
    answers = await asyncio.gather(*(counter.hand_in(content, JSON) for content in lists))
    assert {answer.status_code for answer in answers} == {202}
    ids = {(await counter.rows(a.json()["intake_id"]))[0]["handover_id"] for a in answers}
    assert len(ids) == 1


async def test_a_bad_row_spoils_no_other_and_says_what_is_wrong_with_it(counter: Counter):
    good, bad = person(10), person(11)
    rows = [
        good.row(序号="1"),
        bad.row(序号="2", 身份证件号=bad.document[:17] + "Y"),
        person(12).row(序号="3", 姓名="虚\u200b构"),
        person(13).row(序号="4", 出生日期="昨天"),
    ]
    answer = await counter.hand_in(listed(*rows), JSON)
    assert answer.status_code == 202
    told = await counter.rows(answer.json()["intake_id"])
    columns = [[fault["column"] for fault in row["faults"]] for row in told]
    assert columns == [[], ["身份证件号"], ["姓名"], ["出生日期"]]
    assert [row["reason"] for row in told][1:] == ["data_error"] * 3
    for fault in (fault for row in told for fault in row["faults"]):
        assert _CHINESE.search(fault["remedy"])
        assert fault["remedy_en"]
        assert fault["detail"]
        assert fault["detail_en"]


async def test_a_list_for_another_school_is_no_list_at_all(counter: Counter):
    before = await kept(counter.siege)
    answer = await counter.hand_in(listed(person(10).row()), JSON, school=RIVAL)
    assert answer.status_code == 404
    assert await kept(counter.siege) == before


PAYLOADS = ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://127.0.0.1")', "=cmd|' /C calc'!A0")


async def test_formulas_come_back_as_the_words_they_are(counter: Counter):
    rows = [
        person(10 + i).row(序号=str(i), 姓名=payload, 性别="?")
        for i, payload in enumerate(PAYLOADS)
    ]
    answer = await counter.hand_in(listed(*rows), JSON)
    book = await result_sheet(counter, answer.json()["intake_id"])
    for sheet in book:
        cells = [cell for line in sheet for cell in line if cell.value is not None]
        assert {cell.data_type for cell in cells} == {"s"}
    assert [line[1].value for line in book["结果"].iter_rows(min_row=2)] == list(PAYLOADS)


async def test_the_sheet_of_corrected_rows_handed_in_again_repairs_them(counter: Counter):
    right, wrong = person(10), person(11)
    rows = [right.row(序号="1"), wrong.row(序号="2", 性别="?")]
    first = (await counter.hand_in(listed(*rows), JSON)).json()["intake_id"]
    book = await result_sheet(counter, first)
    corrections = book["更正后重传"]
    titles = [cell.value for cell in corrections[1]]
    assert corrections.max_row == 2
    corrections.cell(2, titles.index("性别") + 1, wrong.sex)
    packed = io.BytesIO()
    book.save(packed)
    again = (await counter.hand_in(packed.getvalue(), XLSX)).json()["intake_id"]
    (repaired,) = await counter.rows(again)
    before, faulty = await counter.rows(first)
    assert repaired["handover_id"] == faulty["handover_id"]
    assert repaired["reason"] == "admission_unconfirmed"
    assert before["reason"] == "admission_unconfirmed"
    assert repaired["faults"] == []


async def result_sheet(counter: Counter, intake_id: str) -> openpyxl.Workbook:
    answer = await counter.client.get(
        f"/v1/intakes/{intake_id}/result-sheet", headers=await counter.headers()
    )
    assert answer.headers["Content-Type"] == XLSX
    return openpyxl.load_workbook(io.BytesIO(answer.content))
