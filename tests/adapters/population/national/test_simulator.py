"""What the simulated platform refuses, asked by hand and not by our adapter."""

import base64
import hashlib
import hmac
from html import escape
from typing import Any

import pytest
from lxml import etree

from adapters.population.national.demo import DEMO_CHECK
from adapters.simulation.clock import ClockSetting, SimulatorClock
from adapters.transport import Client
from tests.adapters.population.national.invented import NOON

ISSUING = "/sysapi/auth/refreshappsecret"
ASKING = "/wsproxy/s_1200000900000_2109/wsproxy/"
SERVICE = "s_1200000900000_2109"
SECRET = hashlib.sha256(f"{DEMO_CHECK.app_key} 2026-09-01".encode()).hexdigest()[:32]


def stamp(key: str, at_ms: int | None = None, service: str = SERVICE) -> dict[str, str]:
    asked_at = str(int(NOON.timestamp() * 1000) if at_ms is None else at_ms)
    message = f"{service}{DEMO_CHECK.requester}{asked_at}".encode()
    signature = base64.b64encode(hmac.new(key.encode(), message, "sha256").digest()).decode()
    return {
        "gjgxjhpt_rid": DEMO_CHECK.requester,
        "gjgxjhpt_sid": service,
        "gjgxjhpt_rtime": asked_at,
        "gjgxjhpt_sign": signature,
    }


HEAD = {
    "FWQQBH": "4a41a7ab-9c9d-5c24-a0a6-3a9f8f3b7c11",
    "JLS": "1",
    "QQRGMSFHM": "990000199001010017",
    "QQRXM": "示例经办人",
    "QQRDWDM": "920000000000000000",
    "QQYWLXDM": "XJ01",
}
ROW = '<RECORD no="7"><GMSFHM>999999201801010014</GMSFHM><XM>测试甲</XM></RECORD>'


def package(rows: str = ROW, **changes: str) -> str:
    head = "".join(f"<{tag}>{text}</{tag}>" for tag, text in {**HEAD, **changes}.items())
    return f"<PACKAGE><PACKAGEHEAD>{head}</PACKAGEHEAD><DATA>{rows}</DATA></PACKAGE>"


def envelope(document: str, signed: dict[str, str], password: str = "demo-password") -> str:
    head = "".join(f"<{tag}>{text}</{tag}>" for tag, text in signed.items())
    return (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:w="http://webservice.com/">'
        f"<e:Header><tongtechheader>{head}</tongtechheader></e:Header><e:Body>"
        f"<w:GK_GXFW_SFHC><w:in0>{escape(document)}</w:in0><w:in1>demo-user</w:in1>"
        f"<w:in2>{password}</w:in2></w:GK_GXFW_SFHC></e:Body></e:Envelope>"
    )


async def ask(client: Client, body: str) -> etree._Element:
    answer = await client.post(ASKING, content=body.encode())
    out = etree.fromstring(answer.content).findtext(".//{http://webservice.com}out")
    assert out is not None
    return etree.fromstring(out.encode())


async def said_of(client: Client, document: str, **changes: Any) -> str | None:
    answer = await ask(client, envelope(document, stamp(SECRET), **changes))
    return answer.findtext("PACKAGEHEAD/FHDM")


async def issued(client: Client, signed: dict[str, str], **asked: Any) -> Any:
    return (await client.post(ISSUING, **{"json": signed, **asked})).json()


REFUSED: Any = {"code": "-1", "data": "", "message": "接口调用失败"}


async def test_the_secret_of_the_day_is_issued_in_a_body_or_in_headers(client: Client) -> None:
    signed = stamp(DEMO_CHECK.app_key)
    answer = await issued(client, signed)
    assert answer["code"] == "0"
    assert answer["data"]["secretEndTime"] == "1788278399000"  # 23:59:59 in Beijing
    assert answer == await issued(client, signed, json={}, headers=signed)


NOON_MS = int(NOON.timestamp() * 1000)


@pytest.mark.parametrize(
    "signed",
    [
        stamp("another key"),
        stamp(SECRET),
        stamp(DEMO_CHECK.app_key, NOON_MS - 1_800_001),
        stamp(DEMO_CHECK.app_key, NOON_MS + 1_800_001),
        stamp(DEMO_CHECK.app_key, service="s_1200000900000_2108"),
        {**stamp(DEMO_CHECK.app_key), "gjgxjhpt_rid": "nobody"},
        {},
    ],
    ids=range(7),
)
async def test_a_wrong_stamp_gets_no_secret_and_no_reason(
    client: Client, signed: dict[str, str]
) -> None:
    assert await issued(client, signed) == REFUSED


async def test_half_an_hour_of_skew_is_let_pass(client: Client) -> None:
    for skew in (-1_800_000, 1_800_000):
        answer = await issued(client, stamp(DEMO_CHECK.app_key, NOON_MS + skew))
        assert answer["code"] == "0"


async def test_a_call_is_signed_with_the_secret_of_its_day(
    client: Client, clock: SimulatorClock
) -> None:
    body = envelope(package(), stamp(SECRET)).encode()
    wrong = envelope(package(), stamp(DEMO_CHECK.app_key)).encode()
    assert (await client.post(ASKING, content=wrong)).json() == REFUSED
    assert b"FHDM" in (await client.post(ASKING, content=body)).content
    clock.set(ClockSetting(at=NOON, advance_seconds=12 * 3600))
    late = envelope(package(), stamp(SECRET, NOON_MS + 12 * 3_600_000)).encode()
    assert (await client.post(ASKING, content=late)).json() == REFUSED


async def test_the_node_of_the_time_may_be_spelt_with_a_capital(client: Client) -> None:
    signed = stamp(SECRET)
    spelt = {name.replace("rtime", "rTime"): text for name, text in signed.items()}
    answer = await ask(client, envelope(package(), spelt))
    assert answer.findtext("PACKAGEHEAD/FFQQBH") == HEAD["FWQQBH"]
    row = answer.find("DATA/RECORD")
    assert row is not None
    assert dict(row.attrib) == {"no": "7", "code": "", "msg": ""}
    assert [node.text for node in row] == ["999999201801010014", "1", "0", "测试甲", "1"]


ENDS = [
    ("10", package()),
    ("-40", "<PACKAGE>"),
    ("-40", package(rows="")),
    ("-42", package(JLS="2")),
    *(("-52", package(**{tag: ""})) for tag in ("FWQQBH", "QQRGMSFHM", "QQRXM", "QQRDWDM")),
    ("-53", package(QQYWLXDM="XJ99")),
    ("-54", package(rows=ROW * 6, JLS="6")),
]


@pytest.mark.parametrize(("code", "document"), ENDS, ids=range(len(ENDS)))
async def test_a_question_the_base_would_refuse_is_refused(
    client: Client, code: str, document: str
) -> None:
    assert await said_of(client, document) == code


async def test_a_wrong_password_is_told(client: Client) -> None:
    assert await said_of(client, package(), password="other") == "-71"


ROWS = [
    (ROW, ("1", "1", "0")),
    (ROW.replace("测试甲", "测试乙"), ("1", "0", "0")),
    (ROW.replace("010014", "010022").replace("测试甲", "买买提·艾力"), ("1", "1", "1")),
    (ROW.replace("010014", "010030"), ("0", None, None)),
]


@pytest.mark.parametrize(("row", "codes"), ROWS, ids=range(len(ROWS)))
async def test_a_row_says_what_the_register_knows(
    client: Client, row: str, codes: tuple[str | None, ...]
) -> None:
    answer = await ask(client, envelope(package(row), stamp(SECRET)))
    nodes = {str(node.tag): node.text for node in answer.iterfind("DATA/RECORD/*")}
    assert (nodes["GMSFHM_PPDDM"], nodes["XM_PPDDM"], nodes["SWBS"]) == codes


async def test_a_row_with_a_false_number_is_an_error_of_its_own(client: Client) -> None:
    rows = ROW + ROW.replace("010014", "010015")
    answer = await ask(client, envelope(package(rows, JLS="2"), stamp(SECRET)))
    assert [row.get("code") for row in answer.iterfind("DATA/RECORD")] == ["", "-60"]


async def test_what_is_no_call_is_a_fault(client: Client) -> None:
    for body in (b"", b"<x/>", b"not xml"):
        answer = await client.post(ASKING, content=body)
        assert answer.status_code == 500
        assert b"soap:Client" in answer.content


async def test_a_prepaid_balance_runs_out(client: Client) -> None:
    await client.post("/_simulator/terms", json={"balance": 1})
    assert [await said_of(client, package()) for _ in range(2)] == ["10", "-31"]


async def test_its_people_can_be_changed_from_outside(client: Client) -> None:
    found = {"GMSFHM": "999999201801010014"}
    change = {"find": found, "set": {"SWBS": "1"}}
    assert (await client.post("/_simulator/records", json=change)).json() == {"changed": 1}
    answer = await ask(client, envelope(package(), stamp(SECRET)))
    assert answer.findtext("DATA/RECORD/SWBS") == "1"
