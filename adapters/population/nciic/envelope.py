"""The NCIIC answer's envelope: judged as bytes before anything converts a word of it."""

from collections.abc import Mapping

from lxml import etree

from adapters.population.nciic.contract import CHECK, SYSTEM
from adapters.population.plain_xml import parse_plain
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


def check_envelope(
    status: int, headers: Mapping[str, str], body: bytes, schema: etree.XMLSchema
) -> None:
    """Return for an answer to be converted; raise the failure that any other one means."""
    if status not in (200, 500):
        raise _refused(status, headers)
    try:
        root = _envelope(headers, body, schema)
    except Unreadable:
        if status == 500:
            raise _refused(status, headers) from None
        raise
    fault = root.find(f".//{_FAULT}")
    if fault is not None:
        raise _fault(fault)
    if status != 200:
        raise Unreadable(SYSTEM, CHECK, f"HTTP {status}")


def _envelope(headers: Mapping[str, str], body: bytes, schema: etree.XMLSchema) -> etree._Element:
    if not _is_xml(headers.get("content-type", "")):
        raise Unreadable(SYSTEM, CHECK, "content type")
    root = parse_plain(body, system=SYSTEM, operation=CHECK)
    if not schema.validate(root):
        raise Unreadable(SYSTEM, CHECK, "envelope")
    return root


def _is_xml(content_type: str) -> bool:
    kind, _, parameters = content_type.lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    return kind.strip() == "text/xml" and charset in ("", "utf-8")


def _refused(status: int, headers: Mapping[str, str]) -> SystemFailure:
    kind = _BY_STATUS.get(status, Unavailable if status >= 500 else Unreadable)
    return kind(SYSTEM, CHECK, f"HTTP {status}", retry_after=_seconds(headers))


def _seconds(headers: Mapping[str, str]) -> float | None:
    waiting = headers.get("retry-after", "")
    return float(waiting) if waiting.isascii() and waiting.isdigit() else None


def _fault(fault: etree._Element) -> SystemFailure:
    code = (fault.findtext("faultcode") or "").strip().rpartition(":")[2]
    named = code if code in _FAULT_CODES else "unlisted"
    kind = Malformed if named == "Client" else Unavailable
    return kind(SYSTEM, CHECK, f"fault {named}")
