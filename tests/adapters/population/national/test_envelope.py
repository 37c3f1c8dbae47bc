"""What is made of an answer's envelope, its status and its headers."""

import pytest

from adapters.population.national.contract import CHECK, Party, load_schema
from adapters.population.national.envelope import read_envelope
from adapters.transport import Answer
from contracts.errors import (
    Closed,
    Malformed,
    NotEntitled,
    SystemFailure,
    TooMany,
    Unavailable,
    Unreadable,
)

ENVELOPE = load_schema("envelope")
PARTY = Party("population", CHECK.operation)
XML = {"content-type": "text/xml;charset=UTF-8"}
OUT = "<n:out>&lt;PACKAGE/&gt;</n:out>"


def answered(out: str = OUT, namespace: str = "http://webservice.com") -> str:
    return f'<n:GK_GXFW_SFHCResponse xmlns:n="{namespace}">{out}</n:GK_GXFW_SFHCResponse>'


def soap(body: str, before: str = "", head: str = "") -> bytes:
    return (
        f'{head}<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{before}'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def fault(code: str, text: str = "甲") -> bytes:
    said = f"<faultcode>{code}</faultcode><faultstring>{text}</faultstring>"
    return soap(f"<s:Fault>{said}</s:Fault>")


def read(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> str:
    answer = Answer(status, XML if headers is None else headers, body)
    return read_envelope(answer, CHECK, ENVELOPE, PARTY)


FINE = {
    "plain": soap(answered()),
    "declared": soap(answered(), head='<?xml version="1.0" encoding="utf-8"?>'),
    "with a header": soap(answered(), before="<s:Header><x xmlns='urn:x'/></s:Header>"),
    "cdata": soap(answered("<n:out><![CDATA[<PACKAGE/>]]></n:out>")),
    "unqualified": soap(answered("<out>&lt;PACKAGE/&gt;</out>")),
    "with a slash": soap(answered(namespace="http://webservice.com/")),
    "tongtech": soap(answered(namespace="http://webservice.tongtech.com/")),
    "a comment": soap(answered("<n:out>&lt;PACK<!-- x -->AGE/&gt;</n:out>")),
}


@pytest.mark.parametrize("body", FINE.values(), ids=FINE.keys())
def test_the_document_comes_out_whatever_the_namespace(body: bytes) -> None:
    assert read(body) == "<PACKAGE/>"


LONG = b"<!--" + b"x" * (1 << 20) + b"-->"
OUTSIDE = {
    "empty": b"",
    "html": b"<!DOCTYPE html><html><body>busy</body></html>",
    "cut": soap(answered())[:-20],
    "unescaped": soap(answered("<n:out><PACKAGE/></n:out>")),
    "half escaped": soap(answered("<n:out><PACKAGE/&gt;</n:out>")),
    "text beside an element": soap(answered("<n:out>&lt;PACKAGE/&gt;<x/></n:out>")),
    "two outs": soap(answered(OUT + OUT)),
    "an out and another": soap(answered(OUT + "<n:other/>")),
    "no out": soap(answered("")),
    "an empty out": soap(answered("<n:out/>")),
    "nil": soap(answered('<n:out xsi:nil="true"/>')),
    "nil and a text": soap(answered(OUT.replace("out>", 'out xsi:nil="true">', 1))),
    "another operation": soap(answered().replace("GK_GXFW_SFHC", "GK_JZCX_RKJCXXCX")),
    "no namespace": soap("<GK_GXFW_SFHCResponse><out>x</out></GK_GXFW_SFHCResponse>"),
    "two answers": soap(answered() + answered()),
    "two bodies": soap(answered()).replace(b"</s:Envelope>", b"<s:Body/></s:Envelope>"),
    "no body": soap("").replace(b"<s:Body></s:Body>", b""),
    "an answer and a fault": soap(answered() + "<s:Fault/>"),
    "an answer in the header": soap("", before=f"<s:Header>{answered()}</s:Header>"),
    "soap 1.2": soap(answered()).replace(
        b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope"
    ),
    "dtd": soap(answered(), head="<!DOCTYPE x>"),
    "entity": soap(answered("<n:out>&e;</n:out>"), head='<!DOCTYPE x [<!ENTITY e "x">]>'),
    "long": soap(answered()) + LONG,
    "utf-16": soap(answered()).decode().encode("utf-16"),
    "gbk": soap(answered(), head='<?xml version="1.0" encoding="GBK"?>'),
}


@pytest.mark.parametrize("body", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_an_envelope_outside_the_contract_is_not_believed(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


@pytest.mark.parametrize(
    "kind", ["", "text/html", "application/json", "text/xml;charset=GBK", "text/xmlx"]
)
def test_another_kind_of_content_is_not_believed(kind: str) -> None:
    with pytest.raises(Unreadable):
        read(soap(answered()), headers={"content-type": kind})


FAULTS = [
    ("s:Client", "甲", Malformed),
    ("s:Server", "甲", Unavailable),
    ("whatever", "甲", Unavailable),
    ("s:Server", "全国人口库目前只支持工作时间段的查询", Closed),
]


@pytest.mark.parametrize(("code", "text", "failure"), FAULTS)
@pytest.mark.parametrize("status", [200, 500])
def test_a_fault_says_whose_turn_it_is(
    code: str, text: str, failure: type[SystemFailure], status: int
) -> None:
    with pytest.raises(SystemFailure) as raised:
        read(fault(code, text), status)
    assert type(raised.value) is failure
    assert "甲" not in str(raised.value)


STATUSES = [
    (401, NotEntitled),
    (403, NotEntitled),
    (404, NotEntitled),
    (413, TooMany),
    (429, Closed),
    (500, Unavailable),
    (502, Unavailable),
    (302, Unreadable),
    (202, Unreadable),
]


@pytest.mark.parametrize(("status", "failure"), STATUSES)
def test_every_other_status_is_named(status: int, failure: type[SystemFailure]) -> None:
    body = b"<html>" if status == 500 else soap(answered())
    with pytest.raises(SystemFailure) as raised:
        read(body, status, {**XML, "retry-after": "7"})
    assert type(raised.value) is failure
    assert raised.value.retry_after == 7.0


@pytest.mark.parametrize(
    "said", ["", "-1", "9" * 400, "１", "Wed, 21 Oct 2026 07:28:00 GMT", "1e9"]
)
def test_a_wait_that_is_no_number_of_seconds_is_not_believed(said: str) -> None:
    with pytest.raises(Closed) as raised:
        read(b"", 429, {**XML, "retry-after": said})
    assert raised.value.retry_after is None


def test_a_right_answer_under_a_wrong_status_is_not_believed() -> None:
    with pytest.raises(Unreadable):
        read(soap(answered()), 500)
