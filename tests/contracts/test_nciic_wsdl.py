"""The NCIIC contract: its WSDL as zeep reads it, its schemas on the published samples."""

from pathlib import Path

import pytest
import zeep
from lxml import etree
from zeep.transports import Transport
from zeep.wsdl import Document

FOLDER = Path(__file__).parents[2] / "contracts" / "nciic"
NAMESPACE = "https://api.nciic.org.cn/NciicServices"
TEXT = "xsd:string"
LICENCE, CONDITIONS = f"inLicense: {TEXT}", f"inConditions: {TEXT}"
TWO_TEXTS = [
    "nciicCheck",
    "nciicCompare",
    "nciicExactSearch",
    "nciicAddrExactSearch",
    "nciicCombineSearch",
    "nciicDiscern",
    "nciicCheckChina",
    "nciicCourt",
    "nciicFmxxEntry",
    "nciicKyxxEntry",
    "nciicCheckMobile",
    "nciicCheckHotel",
    "nciicBirthplaceCompare",
    "nciicDateCollection",
]
SIGNATURES = {
    **dict.fromkeys(TWO_TEXTS, (f"{LICENCE}, {CONDITIONS}", f"out: {TEXT}")),
    "nciicGetCondition": (LICENCE, f"out: {TEXT}"),
    "nciicCheckScan": (f"{LICENCE}, {CONDITIONS}, inKey: {TEXT}", f"out: {TEXT}"),
    "nciicCompareScan": (f"{LICENCE}, {CONDITIONS}, inKey: {TEXT}", f"out: {TEXT}"),
    "nciicCheckGetPhone": (f"{LICENCE}, id: {TEXT}", "out: ns1:FileObjectSetPhone"),
    "nciicGetFile": (f"{LICENCE}, id: {TEXT}", "out: ns1:FileObject"),
    "nciicCheckFile": ("fileObject: ns1:FileObject", f"out: {TEXT}"),
    "nciicCheckSetPhone": (
        "fileObject: ns1:FileObjectSetPhone",
        "out: ns1:FileObjectSetPhone",
    ),
}


@pytest.fixture(scope="module")
def document() -> Document:
    settings = zeep.Settings(
        strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True
    )
    with (FOLDER / "nciic.wsdl").open("rb") as file:
        return Document(file, Transport, settings=settings)


def test_the_wsdl_has_one_binding_of_twenty_one_operations(document: Document) -> None:
    (binding,) = document.bindings.values()
    assert binding.name.text == f"{{{NAMESPACE}}}NciicServicesHttpBinding"
    assert binding.all().keys() == SIGNATURES.keys()
    assert len(SIGNATURES) == 21


@pytest.mark.parametrize("name", SIGNATURES)
def test_an_operation_takes_and_gives_what_was_published(document: Document, name: str) -> None:
    (binding,) = document.bindings.values()
    operation = binding.get(name)
    takes, gives = SIGNATURES[name]
    assert operation.input.signature() == takes
    assert operation.output.signature() == gives
    assert (operation.style, operation.soapaction) == ("document", "")


def test_every_part_is_there_once_and_may_be_nil() -> None:
    schema = "{http://www.w3.org/2001/XMLSchema}"
    tree = etree.parse(str(FOLDER / "nciic.wsdl"))
    parts = tree.findall(f".//{schema}element//{schema}element")
    assert len(parts) == 21 + 14 * 2 + 1 + 2 * 3 + 2 * 2 + 2
    for part in parts:
        assert (part.get("minOccurs"), part.get("maxOccurs")) == ("1", "1")
        assert part.get("nillable") == "true"


def test_the_wsdl_imports_nothing_and_names_no_real_host() -> None:
    text = (FOLDER / "nciic.wsdl").read_text(encoding="utf-8")
    assert ":import" not in text
    assert "<!DOCTYPE" not in text
    tree = etree.fromstring(text.encode())
    addresses = tree.findall(".//{http://schemas.xmlsoap.org/wsdl/soap/}address")
    assert [node.get("location") for node in addresses] == [
        "http://nciic.invalid/nciic_ws/services/NciicServices"
    ]


ASKED = """<ROWS><INFO><SBM>示例省教育厅学籍管理中心</SBM></INFO>
<ROW><GMSFHM>公民身份号码</GMSFHM><XM>姓名</XM></ROW>
<ROW FSD="110108" YWLX="学籍注册核验"><GMSFHM>999999201801010014</GMSFHM><XM>测试甲</XM></ROW>
</ROWS>"""
ANSWERED = """<ROWS><ROW no="1"><INPUT><gmsfhm>999999201801010014</gmsfhm><xm>测试甲</xm></INPUT>
<OUTPUT><ITEM><gmsfhm></gmsfhm><result_gmsfhm>一致</result_gmsfhm></ITEM>
<ITEM><xm></xm><result_xm>一致</result_xm></ITEM></OUTPUT></ROW></ROWS>"""
REFUSED = """<RESPONSE errorcode="-53" code="0" countrows="1"><ROWS><ROW>
<ErrorCode>-53</ErrorCode><ErrorMsg>您没有权限使用此服务</ErrorMsg></ROW></ROWS></RESPONSE>"""
NOTICE = """<RESPONSE countrows="1"><ROWS><ROW><Msg>查询结果记录数大于要求返回记录数10！</Msg>
</ROW></ROWS></RESPONSE>"""
VALID = [
    ("conditions", ASKED),
    ("answer", ANSWERED),
    ("answer", REFUSED),
    ("answer", REFUSED.partition(">")[2].removesuffix("</RESPONSE>")),
    ("answer", NOTICE),
]
INVALID = [
    ("conditions", ASKED.replace("SBM", "SBN")),
    ("conditions", ASKED.replace("示例省教育厅学籍管理中心", "")),
    ("conditions", ASKED.replace("示例省", "示" * 18)),
    ("conditions", ASKED.replace("010014", "0100140")),
    ("answer", ANSWERED.replace("INPUT", "input")),
    ("answer", ANSWERED.replace("<xm>测试甲</xm>", "")),
    ("answer", NOTICE.replace("Msg", "msg")),
]


@pytest.mark.parametrize(("name", "text"), VALID)
def test_the_published_samples_are_valid(name: str, text: str) -> None:
    etree.XMLSchema(file=str(FOLDER / f"{name}.xsd")).assertValid(etree.fromstring(text.encode()))


@pytest.mark.parametrize(("name", "text"), INVALID)
def test_what_differs_from_them_is_not(name: str, text: str) -> None:
    schema = etree.XMLSchema(file=str(FOLDER / f"{name}.xsd"))
    assert not schema.validate(etree.fromstring(text.encode()))
