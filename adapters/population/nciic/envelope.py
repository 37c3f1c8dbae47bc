"""The NCIIC answer's envelope: judged as bytes before a word of it is read."""

from collections.abc import Mapping

from lxml import etree

from adapters.population.nciic.contract import CHECK, SYSTEM
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

_FAULT = "{http://schemas.xmlsoap.org/soap/envelope/}Fault"
_FAULT_CODES = frozenset({"Client", "Server", "VersionMismatch", "MustUnderstand"})
_BY_STATUS: Mapping[int, type[SystemFailure]] = {
    401: NotEntitled,
    403: NotEntitled,
    404: NotEntitled,  # a wrong address is an operator's matter
    405: NotEntitled,
    413: TooMany,
    429: Closed,
}


def read_envelope(answer: Answer, schema: etree.XMLSchema, system: str = SYSTEM) -> str:
    """The document inside an answer; raise the failure that any other answer means."""
    if answer.status not in (200, 500):
        raise _refused(answer, system)
    try:
        root = _envelope(answer, schema, system)
    except Unreadable:
        if answer.status == 500:
            raise _refused(answer, system) from None
        raise
    (said,) = root[-1]  # the schema leaves one child of the last part, the body
    if said.tag == _FAULT:
        raise _fault(said, system)
    if answer.status != 200:
        raise Unreadable(system, CHECK, f"HTTP {answer.status}")
    (out,) = said
    if not out.text:
        raise Unreadable(system, CHECK, "no answer")
    return out.text


def _envelope(answer: Answer, schema: etree.XMLSchema, system: str) -> etree._Element:
    if not _is_xml(answer.headers.get("content-type", "")):
        raise Unreadable(system, CHECK, "content type")
    root = parse_plain(answer.body, system=system, operation=CHECK)
    if not schema.validate(root):
        raise Unreadable(system, CHECK, "envelope")
    return root


def _is_xml(content_type: str) -> bool:
    kind, _, parameters = content_type.lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    return kind.strip() == "text/xml" and charset in ("", "utf-8")


def _refused(answer: Answer, system: str) -> SystemFailure:
    kind = _BY_STATUS.get(answer.status, Unavailable if answer.status >= 500 else Unreadable)
    code = f"HTTP {answer.status}"
    return kind(system, CHECK, code, retry_after=_seconds(answer.headers))


def _seconds(headers: Mapping[str, str]) -> float | None:
    waiting = headers.get("retry-after", "")
    return float(waiting) if waiting.isascii() and waiting.isdigit() else None


def _fault(fault: etree._Element, system: str) -> SystemFailure:
    code = (fault.findtext("faultcode") or "").strip().rpartition(":")[2]
    named = code if code in _FAULT_CODES else "unlisted"
    kind = Malformed if named == "Client" else Unavailable
    return kind(system, CHECK, f"fault {named}")
