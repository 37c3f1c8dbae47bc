"""The simulated NCIIC service, listening: the envelope, the licence, the conditions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from adapters.population.nciic.conditions import HEADER
from adapters.population.nciic.contract import NAMESPACE

_CHECK = f"{{http://schemas.xmlsoap.org/soap/envelope/}}Body/{{{NAMESPACE}}}nciicCheck"


class Refused(Exception):
    """The service refuses the whole call, with one of its codes."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Licence:
    """What a user was given: its text, and how many rows a call may hold."""

    text: str = field(repr=False)
    batch_limit: int


@dataclass(frozen=True, slots=True)
class Asked:
    """The two parts of a call of `nciicCheck`."""

    licence: str = field(repr=False)
    conditions: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AskedRow:
    """One row asked about; `area` is None where its attribute is missing."""

    place: int
    number: str = field(repr=False)
    name: str = field(repr=False)
    area: str | None


def read_asked(body: bytes) -> Asked | None:
    """The call in the envelope, or None where there is none."""
    try:
        call = etree.fromstring(body, _parser()).find(_CHECK)
    except etree.XMLSyntaxError:
        return None
    if call is None:
        return None
    return Asked(
        call.findtext(f"{{{NAMESPACE}}}inLicense") or "",
        call.findtext(f"{{{NAMESPACE}}}inConditions") or "",
    )


def read_rows(asked: Asked, licence: Licence) -> tuple[AskedRow, ...]:
    """The rows asked about; raise `Refused` as the service does."""
    if asked.licence != licence.text:
        raise Refused("-80")
    root = _conditions(asked.conditions)
    _check_unit(root)
    rows = root.findall("ROW")
    if not rows or tuple(_texts(rows[0]).values()) != HEADER:
        raise Refused("-52")
    if len(rows) == 1:
        raise Refused("-60")
    if len(rows) - 1 > licence.batch_limit:
        raise Refused("-54")
    return tuple(_row(place, row) for place, row in enumerate(rows[1:], start=1))


def decode(body: bytes) -> Any:
    """What the log keeps of a call: unit and rows as asked, never the licence."""
    asked = read_asked(body)
    if asked is None:
        return None
    try:
        root = _conditions(asked.conditions)
    except Refused:
        return {"rows": []}
    rows = [{**row.attrib, **_texts(row)} for row in root.findall("ROW")[1:]]
    return {"SBM": root.findtext("INFO/SBM"), "rows": rows}


def _conditions(text: str) -> etree._Element:
    try:
        root = etree.fromstring(text.encode(), _parser())
    except etree.XMLSyntaxError:
        raise Refused("-40") from None
    if root.tag != "ROWS":
        raise Refused("-41")
    return root


def _check_unit(root: etree._Element) -> None:
    unit = root.find("INFO")
    if unit is None:
        raise Refused("-60")
    if any(node.tag != "SBM" for node in unit):
        raise Refused("-52")
    if not unit.findtext("SBM"):
        raise Refused("-64")


def _row(place: int, row: etree._Element) -> AskedRow:
    texts = _texts(row)
    if texts.keys() != {"GMSFHM", "XM"}:
        raise Refused("-52")
    return AskedRow(place, texts["GMSFHM"], texts["XM"], row.get("FSD"))


def _texts(row: Iterable[etree._Element]) -> dict[str, str]:
    return {str(node.tag): node.text or "" for node in row}


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
