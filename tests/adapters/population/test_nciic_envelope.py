"""What is made of an answer's envelope, its status and its headers."""

import pytest

from adapters.population.nciic.contract import NAMESPACE, load_schemas
from adapters.population.nciic.envelope import read_envelope
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

ENVELOPE = load_schemas().envelope
XML = {"content-type": "text/xml;charset=UTF-8"}
OUT = "<out>&lt;ROWS/&gt;</out>"


def answered(out: str = OUT, namespace: str = NAMESPACE) -> str:
    return f'<nciicCheckResponse xmlns="{namespace}">{out}</nciicCheckResponse>'


def soap(body: str, before: str = "", head: str = "") -> bytes:
    return (
        f'{head}<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{before}'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def fault(code: str) -> bytes:
    return soap(
        f"<s:Fault><faultcode>{code}</faultcode><faultstring>甲</faultstring>"
        "<detail><a/>text</detail></s:Fault>"
    )


def judge(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> str:
    return read_envelope(Answer(status, XML if headers is None else headers, body), ENVELOPE)


FINE = {
    "plain": soap(answered()),
    "declared": soap(answered(), head='<?xml version="1.0" encoding="utf-8"?>'),
    "with a header": soap(answered(), before="<s:Header><x xmlns='urn:x'/></s:Header>"),
    "cdata": soap(answered("<out><![CDATA[<ROWS/>]]></out>")),
    "unqualified": soap(
        f'<t:nciicCheckResponse xmlns:t="{NAMESPACE}"><out>x</out></t:nciicCheckResponse>'
    ),
}


@pytest.mark.parametrize("body", FINE.values(), ids=FINE.keys())
def test_an_answer_as_the_contract_says_is_opened(body: bytes) -> None:
    assert judge(body) in ("<ROWS/>", "x")


def test_text_in_pieces_is_read_whole() -> None:
    pieces = "<out>&lt;RO<!-- a -->WS<![CDATA[/]]><?x y?>&gt;</out>"
    assert judge(soap(answered(pieces))) == "<ROWS/>"


LONG = b"<!--" + b"x" * (1 << 20) + b"-->"
OUTSIDE = {
    "empty": b"",
    "html": b"<!DOCTYPE html><html><body>busy</body></html>",
    "cut": soap(answered())[:-20],
    "another namespace": soap(answered(namespace="urn:other")),
    "unescaped": soap(answered("<out><ROWS/></out>")),
    "two outs": soap(answered(OUT + OUT)),
    "no out": soap(answered("")),
    "an empty out": soap(answered("<out/>")),
    "nil": soap(answered('<out xsi:nil="true"/>')),
    "nil, and yet text": soap(answered('<out xsi:nil="true">&lt;ROWS/&gt;</out>')),
    "another operation": soap(answered().replace("nciicCheck", "nciicCourt")),
    "two answers": soap(answered() + answered()),
    "two bodies": soap(answered()).replace(b"</s:Envelope>", b"<s:Body/></s:Envelope>"),
    "an answer in the header": soap("", before=f"<s:Header>{answered()}</s:Header>"),
    "soap 1.2": soap(answered()).replace(
        b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope"
    ),
    "dtd": soap(answered(), head="<!DOCTYPE x>"),
    "entity": soap(answered("<out>&e;</out>"), head='<!DOCTYPE x [<!ENTITY e "x">]>'),
    "file": soap(
        answered("<out>&e;</out>"), head='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    ),
    "another encoding": soap(answered(), head='<?xml version="1.0" encoding="ISO-8859-1"?>'),
    "utf-16": soap(answered()).decode().encode("utf-16"),
    "no utf-8": soap(answered("<out>\u00e9</out>")).replace("\u00e9".encode(), b"\xe9"),
    "deep": b"<a>" * 100_000,
    "long": LONG + soap(answered()),
    "many attributes": b"<a " + b" ".join(b'a%d=""' % n for n in range(50_000)) + b"/>",
}


@pytest.mark.parametrize("body", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_an_answer_outside_the_contract_is_not_believed(body: bytes) -> None:
    with pytest.raises(Unreadable):
        judge(body)


KINDS = [
    "text/html",
    "application/soap+xml",
    "multipart/related; type=text/xml; boundary=x",
    "text/xml; charset=gbk",
    "text/xmlish",
    "",
]


@pytest.mark.parametrize("kind", KINDS)
def test_the_content_type_must_be_soaps(kind: str) -> None:
    with pytest.raises(Unreadable):
        judge(soap(answered()), headers={"content-type": kind})
    judge(soap(answered()), headers={"content-type": 'Text/XML; charset="utf-8"'})


FAULTS = [
    ("s:Client", Malformed, "fault Client"),
    ("Client", Malformed, "fault Client"),
    ("s:Server", Unavailable, "fault Server"),
    ("s:VersionMismatch", Unavailable, "fault VersionMismatch"),
    ("x:999999201801010014", Unavailable, "fault unlisted"),
]


@pytest.mark.parametrize(("code", "failure", "named"), FAULTS)
@pytest.mark.parametrize("status", [200, 500])
def test_a_fault_is_named_by_whose_it_is(
    code: str, failure: type[SystemFailure], named: str, status: int
) -> None:
    with pytest.raises(failure) as raised:
        judge(fault(code), status)
    assert (type(raised.value), raised.value.code) == (failure, named)


STATUSES = [
    (401, NotEntitled),
    (403, NotEntitled),
    (404, NotEntitled),
    (413, TooMany),
    (429, Closed),
    (500, Unavailable),
    (502, Unavailable),
    (503, Unavailable),
    (201, Unreadable),
    (204, Unreadable),
    (302, Unreadable),
    (400, Unreadable),
]


@pytest.mark.parametrize(("status", "failure"), STATUSES)
@pytest.mark.parametrize("body", [b"", b"<html/>"])
def test_a_status_is_named(status: int, failure: type[SystemFailure], body: bytes) -> None:
    with pytest.raises(SystemFailure) as raised:
        judge(body, status, {"content-type": "text/html", "retry-after": "7"})
    assert (type(raised.value), raised.value.retry_after) == (failure, 7.0)


def test_a_good_answer_under_a_bad_status_is_not_believed() -> None:
    with pytest.raises(Unreadable):
        judge(soap(answered()), 500)


def test_a_date_to_come_again_is_left_to_the_callers_own_pace() -> None:
    with pytest.raises(Unavailable) as raised:
        judge(b"", 503, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"})
    assert raised.value.retry_after is None
