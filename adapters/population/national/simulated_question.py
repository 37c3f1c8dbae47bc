"""The simulated platform, listening: the signed header, the call in the body, the PACKAGE."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from adapters.population.national.contract import SOAP

STAMP = ("gjgxjhpt_rid", "gjgxjhpt_sid", "gjgxjhpt_rtime", "gjgxjhpt_sign")
_ASKED_IN = frozenset({"http://webservice.com/", "http://webservice.tongtech.com/"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A call as it came: its stamp, its operation, the three texts in it."""

    stamp: Mapping[str, str] = field(repr=False)
    operation: str
    texts: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class AskedRow:
    """One row asked about, under the place it was given."""

    place: str
    number: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AskedPackage:
    """A question: its head and its rows."""

    head: Mapping[str, str] = field(repr=False)
    rows: tuple[AskedRow, ...] = field(repr=False)


def read_call(body: bytes) -> Asked | None:
    """The call in the envelope, or None where there is none."""
    try:
        root = etree.fromstring(body, _parser())
    except etree.XMLSyntaxError:
        return None
    call = root.find(f"{{{SOAP}}}Body/*")
    if call is None or etree.QName(call).namespace not in _ASKED_IN:
        return None
    header = root.find(f"{{{SOAP}}}Header/tongtechheader")
    texts = tuple(call.findtext(f"{{*}}in{place}") or "" for place in range(3))
    return Asked(_stamp(header), etree.QName(call).localname, texts)


def read_stamp(body: bytes, headers: Mapping[str, str]) -> Mapping[str, str]:
    """The stamp of a request for the day secret: in its body, or as headers of the same names."""
    try:
        said = json.loads(body)
    except ValueError:
        said = {}
    within = said if isinstance(said, dict) else {}
    return {name: str(within.get(name) or headers.get(name) or "") for name in STAMP}


def read_package(document: str) -> AskedPackage | None:
    """The question in the document, or None where it is none."""
    try:
        root = etree.fromstring(document.encode(), _parser())
    except etree.XMLSyntaxError:
        return None
    head = {str(node.tag): node.text or "" for node in root.iterfind("PACKAGEHEAD/*")}
    rows = tuple(
        AskedRow(row.get("no") or "", row.findtext("GMSFHM") or "", row.findtext("XM") or "")
        for row in root.iterfind("DATA/RECORD")
    )
    return AskedPackage(head, rows) if head and rows else None


def decode(body: bytes) -> Any:
    """What the log keeps of a call: head and rows as asked, never the account's password."""
    asked = read_call(body)
    package = read_package(asked.texts[0]) if asked else None
    if package is None:
        return None
    rows = [{"no": row.place, "GMSFHM": row.number, "XM": row.name} for row in package.rows]
    return {"head": dict(package.head), "rows": rows}


def _stamp(header: etree._Element | None) -> Mapping[str, str]:
    nodes = {} if header is None else {str(node.tag): node.text or "" for node in header}
    # One client in use writes the time's node with a capital.
    spelt = {"gjgxjhpt_rTime": "gjgxjhpt_rtime"}
    said = {spelt.get(tag, tag): text for tag, text in nodes.items()}
    return {name: said.get(name, "") for name in STAMP}


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
