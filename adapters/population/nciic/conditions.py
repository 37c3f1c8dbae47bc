"""The NCIIC question: which claims may be sent, and the document that asks about them."""

from collections.abc import Sequence

from lxml import etree

from adapters.population.claims import carried_unchanged
from adapters.population.nciic.contract import CHECK, SYSTEM
from contracts.capabilities import Asker, Claim
from contracts.errors import Malformed

HEADER = ("公民身份号码", "姓名")
LONGEST_TEXT = 20

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_DIGITS = frozenset("0123456789")


def write_conditions(claims: Sequence[Claim], asker: Asker, system: str = SYSTEM) -> str:
    """The document for `inConditions`; raise `Malformed` for an asker the service would refuse."""
    _check(asker, system)
    root = etree.Element("ROWS")
    etree.SubElement(etree.SubElement(root, "INFO"), "SBM").text = asker.unit
    _append_row(root, *HEADER)
    for claim in claims:
        row = _append_row(root, claim.citizen_number, claim.name)
        row.set("FSD", asker.area)
        row.set("YWLX", asker.business)
    return _DECLARATION + etree.tostring(root, encoding="unicode")


def _append_row(root: etree._Element, number: str, name: str) -> etree._Element:
    row = etree.SubElement(root, "ROW")
    etree.SubElement(row, "GMSFHM").text = number
    etree.SubElement(row, "XM").text = name
    return row


def _check(asker: Asker, system: str) -> None:
    if not _short(asker.unit):
        raise Malformed(system, CHECK, "asker unit")
    if not _short(asker.business):
        raise Malformed(system, CHECK, "asker business")
    if len(asker.area) != 6 or not _DIGITS.issuperset(asker.area):
        raise Malformed(system, CHECK, "asker area")


def _short(text: str) -> bool:
    return bool(text.strip()) and len(text) <= LONGEST_TEXT and carried_unchanged(text)
