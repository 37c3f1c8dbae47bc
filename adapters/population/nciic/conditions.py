"""The NCIIC question: which claims may be sent, and the document that asks about them."""

import re
from collections.abc import Sequence

from lxml import etree

from adapters.population.nciic.contract import CHECK, SYSTEM
from contracts import citizen_number
from contracts.capabilities import Asker, Claim
from contracts.errors import Malformed
from contracts.names import for_police
from contracts.outcomes import Outcome

HEADER = ("公民身份号码", "姓名")
LONGEST_NAME = 270
LONGEST_TEXT = 20

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_DIGITS = frozenset("0123456789")
_UNSENDABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def as_sent(claim: Claim) -> Claim:
    """The claim as the register writes it: an upper-case X, the interpunct as U+00B7."""
    return Claim(claim.citizen_number.upper(), for_police(claim.name))


def refusal(claim: Claim) -> Outcome | None:
    """Why the claim is not worth sending, or None: each row costs money and shows a child."""
    if not citizen_number.well_formed(claim.citizen_number):
        return Outcome.INVALID_CLAIM
    if citizen_number.is_residence_permit(claim.citizen_number):
        return Outcome.NOT_APPLICABLE
    if not claim.name.strip() or len(claim.name) > LONGEST_NAME or not sendable(claim.name):
        return Outcome.INVALID_CLAIM
    return None


def sendable(text: str) -> bool:
    """Whether XML can carry the text unchanged: no control characters, no half characters."""
    return _UNSENDABLE.search(text) is None


def write_conditions(claims: Sequence[Claim], asker: Asker) -> str:
    """The document for `inConditions`; raise `Malformed` for an asker the service would refuse."""
    _check(asker)
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


def _check(asker: Asker) -> None:
    if not _short(asker.unit):
        raise Malformed(SYSTEM, CHECK, "asker unit")
    if not _short(asker.business):
        raise Malformed(SYSTEM, CHECK, "asker business")
    if len(asker.area) != 6 or not _DIGITS.issuperset(asker.area):
        raise Malformed(SYSTEM, CHECK, "asker area")


def _short(text: str) -> bool:
    return bool(text.strip()) and len(text) <= LONGEST_TEXT and sendable(text)
