"""The asking side of the JSON protocol: what each answer, right or wrong, is taken for."""

import base64
import hashlib
import json
import logging
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import httpx2 as httpx
import pytest

from adapters import transport
from adapters.preschool.adapter import Preschool
from adapters.student_status.adapter import StudentStatus
from contracts.capabilities import Advance, ByNumber, ByPerson, Enrolment
from contracts.errors import (
    Closed,
    ClosingRefused,
    Malformed,
    NotEntitled,
    NumberTaken,
    OutcomeUnknown,
    SystemFailure,
    TooMany,
    Unavailable,
    Unreadable,
)
from mappings import Crosswalks
from tests.adapters.small_world import GRADUATED, SCHOOL
from tests.adapters.test_student_status import child_of

NOW = "2026-09-01T00:00:00+00:00"
MARK = Advance("r-1", "XQ00000001", f"G{GRADUATED}", SCHOOL, date(2026, 9, 1))
Answer = Callable[[httpx.Request], httpx.Response]


def bound(request: httpx.Request) -> dict[str, str]:
    asked = f"{request.headers['X-Road-Id']}\n{request.url.path}\n".encode() + request.content
    return {"X-Request-Hash": base64.b64encode(hashlib.sha512(asked).digest()).decode()}


def says(status: int, body: object, **headers: str) -> Answer:
    """A register that says this, bound to its question."""
    content = json.dumps(body).encode()
    return lambda request: response(status, content, {**bound(request), **headers})


def passes_by(status: int, content: bytes = b"", **headers: str) -> Answer:
    """Somebody between us and the register says this."""
    return lambda request: response(status, content, headers)


def response(status: int, content: bytes, headers: dict[str, str]) -> httpx.Response:
    # As a stream, the way answers come from a network.
    return httpx.Response(status, stream=httpx.ByteStream(content), headers=headers)


def before(answer: Answer) -> transport.Client:
    return transport.open_client("http://register.test", transport=httpx.MockTransport(answer))


async def reading(answer: Answer, crosswalks: Crosswalks) -> Any:
    async with before(answer) as client:
        return await Preschool(client, crosswalks).find([ByNumber("G1")], trace_id="t-1")


async def writing(answer: Answer, crosswalks: Crosswalks) -> Any:
    async with before(answer) as client:
        return await Preschool(client, crosswalks).advance(MARK, trace_id="t-1")


async def creating(answer: Answer, crosswalks: Crosswalks) -> Any:
    async with before(answer) as client:
        enrolment = Enrolment("r-1", SCHOOL, child_of(crosswalks))
        return await StudentStatus(client, crosswalks).create(enrolment, trace_id="t-1")


HOLDER = {"school": SCHOOL, "approved": False}
REFUSALS: list[tuple[Answer, type[SystemFailure], type[SystemFailure]]] = [
    (says(400, {"code": "unreadable"}), Malformed, Malformed),
    (says(422, {"code": "invalid"}), Malformed, Malformed),
    (passes_by(401), NotEntitled, NotEntitled),
    (passes_by(403), NotEntitled, NotEntitled),
    (passes_by(404), NotEntitled, NotEntitled),
    (passes_by(413), TooMany, TooMany),
    (passes_by(429), Closed, Closed),
    (says(503, {"code": "closed"}), Closed, Closed),
    (passes_by(503, b'{"code": "closed"}'), Unavailable, OutcomeUnknown),
    (says(503, {"code": "overloaded"}), Unavailable, OutcomeUnknown),
    (passes_by(500), Unavailable, OutcomeUnknown),
    (passes_by(502), Unavailable, OutcomeUnknown),
    (passes_by(504), Unavailable, OutcomeUnknown),
    (says(409, {"code": "number_differs"}), Unreadable, ClosingRefused),
    (says(409, {"code": "request_id_reused"}), Unreadable, Malformed),
    (passes_by(409, b'{"code": "number_differs"}'), Unreadable, OutcomeUnknown),
    (says(409, {"code": "Personal Data 张三"}), Unreadable, OutcomeUnknown),
    (says(409, ["number_differs"]), Unreadable, OutcomeUnknown),
    (passes_by(302, Location="http://elsewhere.test/"), Unreadable, OutcomeUnknown),
    (passes_by(204), Unreadable, OutcomeUnknown),
    (passes_by(202), Unreadable, OutcomeUnknown),
    (passes_by(408), Unreadable, OutcomeUnknown),
    (passes_by(418), Unreadable, OutcomeUnknown),
    (passes_by(200, b" " * (transport.ANSWER_LIMIT + 1)), Unreadable, OutcomeUnknown),
    (passes_by(200, **{"Content-Encoding": "gzip"}), Unreadable, OutcomeUnknown),
]


@pytest.mark.parametrize(("answer", "read", "written"), REFUSALS)
async def test_each_refusal_is_named_by_what_to_do_next(
    crosswalks: Crosswalks,
    answer: Answer,
    read: type[SystemFailure],
    written: type[SystemFailure],
) -> None:
    with pytest.raises(SystemFailure) as caught:
        await reading(answer, crosswalks)
    assert type(caught.value) is read
    with pytest.raises(SystemFailure) as caught:
        await writing(answer, crosswalks)
    assert type(caught.value) is written


RECORD = {"记录编号": "XQ1", "机构标识码": "2199990001", "学籍号": "", "学籍状态": "在园"}
NOT_AN_ANSWER: list[object] = [
    None,
    [],
    "",
    {},
    {"answeredAt": NOW},
    {"answers": []},
    {"answeredAt": NOW, "answers": []},
    {"answeredAt": NOW, "answers": [{"question": 1, "records": []}]},
    {"answeredAt": NOW, "answers": [{"question": "0", "records": []}]},
    {"answeredAt": NOW, "answers": [{"question": 0, "records": []}] * 2},
    {"answeredAt": NOW, "answers": [{"question": 0, "records": None}]},
    {"answeredAt": NOW, "answers": [{"question": 0, "records": [{}]}]},
    {"answeredAt": NOW, "answers": [{"question": 0, "records": [{**RECORD, "学籍号": None}]}]},
    {"answeredAt": NOW, "answers": [{"question": 0, "records": [{**RECORD, "姓名": 7}]}]},
    {"answeredAt": "2026-09-01", "answers": [{"question": 0, "records": []}]},
    {"answeredAt": "2026-09-01T00:00:00", "answers": [{"question": 0, "records": []}]},
]


@pytest.mark.parametrize("body", NOT_AN_ANSWER)
async def test_an_answer_outside_the_contract_is_not_believed(
    crosswalks: Crosswalks, body: object
) -> None:
    with pytest.raises(Unreadable):
        await reading(says(200, body), crosswalks)


async def test_the_right_answer_to_another_question_is_not_believed(
    crosswalks: Crosswalks,
) -> None:
    right = {"answeredAt": NOW, "answers": [{"question": 0, "records": []}]}
    assert (await reading(says(200, right), crosswalks)).value == ((),)
    for other in ("t-2", "/v1/changes"):
        with pytest.raises(Unreadable):
            await reading(bound_to(right, other), crosswalks)


def bound_to(body: object, other: str) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        trace, path = ("t-1", other) if other.startswith("/") else (other, request.url.path)
        asked = f"{trace}\n{path}\n".encode() + request.content
        digest = base64.b64encode(hashlib.sha512(asked).digest()).decode()
        return response(200, json.dumps(body).encode(), {"X-Request-Hash": digest})

    return answer


async def test_a_receipt_for_another_request_is_no_receipt(crosswalks: Crosswalks) -> None:
    receipt = {"requestId": "r-2", "receiptId": "1", "receivedAt": NOW}
    with pytest.raises(OutcomeUnknown):
        await writing(says(201, {"answeredAt": NOW, "receipt": receipt}), crosswalks)
    own = receipt | {"requestId": "r-1"}
    reply = await writing(says(201, {"answeredAt": NOW, "receipt": own}), crosswalks)
    assert reply.value.received_at == datetime(2026, 9, 1, tzinfo=UTC)


FATES = [
    {"requestId": "r-2", "state": "unknown", "receipt": None},
    {"requestId": "r-1", "state": "advanced", "receipt": None},
    {"requestId": "r-1", "state": "lost", "receipt": None},
    {
        "requestId": "r-1",
        "state": "advanced",
        "receipt": {"requestId": "r-2", "receiptId": "1", "receivedAt": NOW},
    },
    {
        "requestId": "r-1",
        "state": "unknown",
        "receipt": {"requestId": "r-1", "receiptId": "1", "receivedAt": NOW},
    },
]


@pytest.mark.parametrize("fate", FATES)
async def test_a_fate_that_contradicts_itself_is_not_believed(
    crosswalks: Crosswalks, fate: dict[str, Any]
) -> None:
    async with before(says(200, {"answeredAt": NOW, **fate})) as client:
        with pytest.raises(Unreadable):
            await Preschool(client, crosswalks).advancement("r-1", trace_id="t-1")


def line(version: int) -> dict[str, Any]:
    return {
        "version": version,
        "kind": "changed",
        "occurredAt": NOW,
        "previousNumber": None,
        "record": {**RECORD, "姓名": "试", "性别": "男", "出生日期": "2020-1-1"},
    }


GAPS: list[tuple[list[int], int, bool]] = [
    ([6, 8], 8, False),
    ([7, 6], 7, False),
    ([7], 7, False),
    ([6], 7, False),
    ([6, 7, 8, 9], 9, False),
    ([], 5, True),
    ([5, 6], 6, False),
]


@pytest.mark.parametrize(("versions", "cursor", "more"), GAPS)
async def test_a_page_of_changes_with_a_gap_is_not_believed(
    crosswalks: Crosswalks, versions: list[int], cursor: int, more: bool
) -> None:
    page = {
        "answeredAt": NOW,
        "changes": [line(version) for version in versions],
        "cursor": cursor,
        "more": more,
    }
    async with before(says(200, page)) as client:
        with pytest.raises(Unreadable):
            await Preschool(client, crosswalks).preschool_changes(5, 3, trace_id="t-1")


async def test_a_page_without_a_gap_is_believed(crosswalks: Crosswalks) -> None:
    page = {"answeredAt": NOW, "changes": [line(6), line(7)], "cursor": 7, "more": True}
    async with before(says(200, page)) as client:
        reply = await Preschool(client, crosswalks).preschool_changes(5, 3, trace_id="t-1")
    assert [change.version for change in reply.value.changes] == [6, 7]
    assert json.loads(reply.value.changes[0].raw)["record"]["姓名"] == "试"


async def test_an_institution_that_was_not_asked_for_is_not_believed(
    crosswalks: Crosswalks,
) -> None:
    other = {"机构标识码": SCHOOL, "名称": "x", "类型": "小学", "行政区划": "999999"}
    async with before(says(200, {"answeredAt": NOW, "institutions": [other]})) as client:
        with pytest.raises(Unreadable):
            await Preschool(client, crosswalks).institutions(["2199990001"], trace_id="t-1")


async def test_a_taken_number_without_a_holder_is_our_mistake_and_with_one_a_conflict(
    crosswalks: Crosswalks,
) -> None:
    with pytest.raises(NumberTaken) as caught:
        await creating(says(409, {"code": "number_taken", "holder": HOLDER}), crosswalks)
    assert (caught.value.school, caught.value.approved) == (SCHOOL, False)
    with pytest.raises(Malformed):
        await creating(says(409, {"code": "removed"}), crosswalks)
    strange = {"code": "number_taken", "holder": {"school": "张三", "approved": False}}
    with pytest.raises(OutcomeUnknown):
        await creating(says(409, strange), crosswalks)


@pytest.mark.parametrize(
    ("said", "seconds"), [("1800", 1800.0), ("soon", None), ("-1", None), ("１", None)]
)
async def test_when_to_come_again_is_taken_from_the_answer(
    crosswalks: Crosswalks, said: str, seconds: float | None
) -> None:
    answer = says(503, {"code": "closed"})

    def later(request: httpx.Request) -> httpx.Response:
        closed = answer(request)
        closed.headers["Retry-After"] = said
        return closed

    with pytest.raises(Closed) as caught:
        await reading(later, crosswalks)
    assert caught.value.retry_after == seconds


async def test_a_register_that_never_stops_paging_is_not_believed(
    crosswalks: Crosswalks,
) -> None:
    student = {
        "xsJbxxId": "1", "xxbsm": SCHOOL, "xjzt": "在读", "shzt": "已核准", "qqh": "",
        "grbsm": "", "xm": "试", "xbm": "1", "csrq": "20200101", "sfzjlxm": "Z", "sfzjh": "",
    }  # fmt: skip
    page = {"answeredAt": NOW, "total": 10**9, "version": 0, "rows": [student]}
    async with before(says(200, page)) as client:
        with pytest.raises(Unreadable):
            await StudentStatus(client, crosswalks).students_of(SCHOOL, trace_id="t-1")


ROLLED = {"机构标识码": SCHOOL, "学籍号": "", "学籍状态": "在园", "姓名": "试", "性别": "男"}


@pytest.mark.parametrize(
    ("keys", "more"), [(["2", "1"], False), (["1", "1"], False), (["0"], False), ([], True)]
)
async def test_a_roll_that_turns_back_or_goes_on_without_end_is_not_believed(
    crosswalks: Crosswalks, keys: list[str], more: bool
) -> None:
    records = [ROLLED | {"记录编号": key, "出生日期": "2020-1-1"} for key in keys]
    page = {"answeredAt": NOW, "records": records, "more": more}
    async with before(says(200, page)) as client:
        with pytest.raises(Unreadable):
            await Preschool(client, crosswalks).roll("999999", "0", 10, trace_id="t-1")


CANARY = "金丝雀"


@pytest.mark.parametrize(
    "answer", [says(200, {"answers": CANARY}), passes_by(500, CANARY.encode()), says(422, [CANARY])]
)
async def test_nothing_personal_leaves_by_a_failure_or_a_log(
    crosswalks: Crosswalks, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    question = ByPerson(CANARY, "1", date(2018, 1, 1))
    async with before(answer) as client:
        with pytest.raises(SystemFailure) as caught:
            await Preschool(client, crosswalks).find([question], trace_id="t-1")
    shown = repr(caught.value) + str(caught.value) + caplog.text + repr(question)
    assert CANARY not in shown
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


async def test_a_text_that_is_no_unicode_is_not_sent(crosswalks: Crosswalks) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return response(500, b"", {})

    async with before(answer) as client:
        with pytest.raises(Malformed) as caught:
            await Preschool(client, crosswalks).find([ByNumber("\ud800")], trace_id="t-1")
    assert asked == []
    assert caught.value.__cause__ is None


async def test_a_path_after_the_host_is_kept(crosswalks: Crosswalks) -> None:
    paths: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        return response(500, b"", {})

    client = transport.open_client(
        "http://register.test/county/9", transport=httpx.MockTransport(answer)
    )
    async with client:
        with pytest.raises(Unavailable):
            await Preschool(client, crosswalks).find([ByNumber("G1")], trace_id="t-1")
    assert paths == ["/county/9/v1/records/query"]
