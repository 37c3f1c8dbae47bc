"""The SOAP envelope around a question and around an answer, read by local names."""

import re
from collections.abc import Mapping

from lxml import etree

from adapters.population.national.contract import ASKED_IN, SOAP, XML, Party, Service
from adapters.population.national.registration import Subscription
from adapters.population.plain_xml import parse_plain
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

_OUTSIDE_HOURS = "工作时间"  # so it begins, in the one sentence known
_FAULT_CODES = frozenset({"Client", "Server", "VersionMismatch", "MustUnderstand"})
_SECONDS = re.compile(r"[0-9]{1,6}")
_BY_STATUS: Mapping[int, type[SystemFailure]] = {
    401: NotEntitled,
    403: NotEntitled,
    404: NotEntitled,  # a wrong address is an operator's matter
    405: NotEntitled,
    413: TooMany,
    429: Closed,
}


def write_envelope(document: str, stamp: Mapping[str, str], subscription: Subscription) -> bytes:
    """The question on the wire: signed in its header, escaped once in its body."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP, "web": ASKED_IN})
    header = etree.SubElement(etree.SubElement(envelope, f"{{{SOAP}}}Header"), "tongtechheader")
    for tag, text in stamp.items():
        etree.SubElement(header, tag).text = text
    body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
    call = etree.SubElement(body, f"{{{ASKED_IN}}}{subscription.service.operation}")
    for place, text in enumerate((document, subscription.user, subscription.password)):
        etree.SubElement(call, f"{{{ASKED_IN}}}in{place}").text = text
    return etree.tostring(envelope, encoding="utf-8", xml_declaration=True)


def read_envelope(answer: Answer, service: Service, schema: etree.XMLSchema, party: Party) -> str:
    """The document in the answer; raise the failure that anything else means."""
    if answer.status not in (200, 500):
        raise refusal_of_status(answer, party)
    try:
        root = _envelope(answer, schema, party)
    except Unreadable:
        if answer.status == 500:
            raise refusal_of_status(answer, party) from None
        raise
    fault = root.find(f".//{{{SOAP}}}Fault")
    if fault is not None:
        raise _fault(fault, party)
    if answer.status != 200:
        raise party.failure(Unreadable, f"HTTP {answer.status}")
    return _out(root, service, party)


def refusal_of_status(answer: Answer, party: Party) -> SystemFailure:
    """The failure that an HTTP status other than 200 means."""
    kind = _BY_STATUS.get(answer.status, Unavailable if answer.status >= 500 else Unreadable)
    waiting = answer.headers.get("retry-after", "")
    seconds = float(waiting) if _SECONDS.fullmatch(waiting) else None
    return party.failure(kind, f"HTTP {answer.status}", seconds)


def outside_hours(text: str) -> bool:
    """Whether the register says that it is closed now."""
    return _OUTSIDE_HOURS in text


def _envelope(answer: Answer, schema: etree.XMLSchema, party: Party) -> etree._Element:
    if not _is_xml(answer.headers.get("content-type", "")):
        raise party.failure(Unreadable, "content type")
    root = parse_plain(answer.body, system=party.system, operation=party.operation)
    if not schema.validate(root):
        raise party.failure(Unreadable, "envelope")
    return root


def _is_xml(content_type: str) -> bool:
    kind, _, parameters = content_type.lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    return kind.strip() == XML and charset in ("", "utf-8")


def _out(root: etree._Element, service: Service, party: Party) -> str:
    body = root.find(f"{{{SOAP}}}Body")
    assert body is not None  # the schema wants it, with one element in it
    answered = body[0]
    if etree.QName(answered).localname != f"{service.operation}Response":
        raise party.failure(Unreadable, "another operation")
    outs = [node for node in answered if etree.QName(node).localname == "out"]
    # An `out` holding elements is a document that nobody escaped: it was never one text.
    if len(answered) != 1 or len(outs) != 1 or len(outs[0]) or outs[0].attrib or not outs[0].text:
        raise party.failure(Unreadable, "no answer")
    return outs[0].text


def _fault(fault: etree._Element, party: Party) -> SystemFailure:
    if outside_hours(fault.findtext("faultstring") or ""):
        return party.failure(Closed, "outside hours")
    code = (fault.findtext("faultcode") or "").strip().rpartition(":")[2]
    named = code if code in _FAULT_CODES else "unlisted"
    kind = Malformed if named == "Client" else Unavailable
    return party.failure(kind, f"fault {named}")
