"""What the simulated service refuses, asked by hand and not by our adapter."""

from html import escape

import pytest
from lxml import etree

from adapters.population.nciic.adapter import PATH
from adapters.population.nciic.simulator import DEMO_LICENCE
from adapters.transport import Client

HEADER = "<ROW><GMSFHM>公民身份号码</GMSFHM><XM>姓名</XM></ROW>"
UNIT = "<INFO><SBM>示例省教育厅学籍管理中心</SBM></INFO>"
ROW = '<ROW FSD="110108" YWLX="学籍"><GMSFHM>999999201801010014</GMSFHM><XM>测试甲</XM></ROW>'


def conditions(*parts: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><ROWS>{"".join(parts)}</ROWS>'


async def out_of(client: Client, document: str, licence: str = DEMO_LICENCE) -> etree._Element:
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        '<nciicCheck xmlns="https://api.nciic.org.cn/NciicServices">'
        f"<inLicense>{escape(licence)}</inLicense>"
        f"<inConditions>{escape(document)}</inConditions></nciicCheck></e:Body></e:Envelope>"
    )
    answer = await client.post(PATH, content=body.encode())
    out = etree.fromstring(answer.content).findtext(".//{*}out")
    assert out is not None
    return etree.fromstring(out.encode())


REFUSED = [
    ("-80", conditions(UNIT, HEADER, ROW), DEMO_LICENCE + "\n"),
    ("-80", conditions(UNIT, HEADER, ROW), escape(DEMO_LICENCE)),
    ("-40", "<ROWS>", DEMO_LICENCE),
    ("-40", "", DEMO_LICENCE),
    ("-41", "<ROW/>", DEMO_LICENCE),
    ("-60", conditions(HEADER, ROW), DEMO_LICENCE),
    ("-60", conditions(UNIT, HEADER), DEMO_LICENCE),
    ("-64", conditions("<INFO><SBM></SBM></INFO>", HEADER, ROW), DEMO_LICENCE),
    ("-64", conditions("<INFO/>", HEADER, ROW), DEMO_LICENCE),
    ("-52", conditions(UNIT.replace("SBM", "SBN"), HEADER, ROW), DEMO_LICENCE),
    ("-52", conditions(UNIT, ROW, ROW), DEMO_LICENCE),
    ("-52", conditions(UNIT, HEADER, ROW.replace("XM>", "xm>")), DEMO_LICENCE),
    ("-54", conditions(UNIT, HEADER, ROW * 6), DEMO_LICENCE),
]


@pytest.mark.parametrize(("code", "document", "licence"), REFUSED)
async def test_a_call_that_the_service_would_refuse_is_refused(
    client: Client, code: str, document: str, licence: str
) -> None:
    answer = await out_of(client, document, licence)
    assert (answer.tag, answer.get("errorcode"), answer.get("code")) == ("RESPONSE", code, "0")
    assert answer.findtext("ROWS/ROW/ErrorCode") == code


ROWS = [
    (ROW, ("一致", "一致")),
    (ROW.replace("测试甲", "测试乙"), ("一致", "不一致")),
    (ROW.replace("010014", "010030"), ("服务结果:库中无此号，请到户籍所在地进行核实", "")),
    (ROW.replace('FSD="110108" ', ""), ("业务发生地属性缺失", "")),
    (ROW.replace("测试甲", ""), ("必录项缺失", "姓名")),
    (ROW.replace("999999201801010014", ""), ("必录项缺失", "公民身份号码")),
]


@pytest.mark.parametrize(("row", "says"), ROWS)
async def test_a_row_is_answered_as_the_specification_shows(
    client: Client, row: str, says: tuple[str, str]
) -> None:
    answer = await out_of(client, conditions(UNIT, HEADER, row))
    assert [node.get("no") for node in answer.iterchildren("ROW")] == ["1"]
    texts = [
        item[-1].text or ""
        for item in answer.iterfind("ROW/OUTPUT/ITEM")
        if str(item[-1].tag) in ("result_gmsfhm", "result_xm", "errormesage", "errormesagecol")
    ]
    assert tuple(texts) == says


async def test_what_is_no_call_is_a_fault(client: Client) -> None:
    for body in (b"", b"<x/>", b"not xml"):
        answer = await client.post(PATH, content=body)
        assert answer.status_code == 500
        assert b"soap:Client" in answer.content


async def test_its_records_can_be_read_and_changed_from_outside(client: Client) -> None:
    found = {"GMSFHM": "999999201801010014"}
    changed = await client.post(
        "/_simulator/records", json={"find": found, "set": {"XM": "测试乙"}}
    )
    assert changed.json() == {"changed": 1}
    records = (await client.get("/_simulator/records")).json()
    assert [record["XM"] for record in records if record["GMSFHM"] == found["GMSFHM"]] == ["测试乙"]
    answer = await out_of(client, conditions(UNIT, HEADER, ROW))
    assert answer.findtext("ROW/OUTPUT/ITEM/result_xm") == "不一致"
