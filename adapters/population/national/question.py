"""The question: which claims may be sent, and the PACKAGE that asks about them."""

import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from lxml import etree

from adapters.population.national.contract import Party
from adapters.population.national.registration import Registration
from contracts import citizen_number
from contracts.capabilities import Asker, Claim
from contracts.errors import Malformed

LONGEST = 200
BEIJING = ZoneInfo("Asia/Shanghai")

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
# On the way lie proxies that unescape once too often: a name with markup in it would speak in
# the register's own voice. Nobody is called so.
_MARKUP = frozenset("<>&")


@dataclass(frozen=True, slots=True)
class Package:
    """A question to send, and the id that its answer must name."""

    question_id: str
    document: str = field(repr=False)


def write_package(
    claims: Sequence[Claim],
    asker: Asker,
    registration: Registration,
    at: datetime,
    *,
    trace_id: str,
    party: Party,
) -> Package:
    """The question about these claims; `Malformed` where the register would refuse its head."""
    rows = etree.Element("DATA")
    for place, claim in enumerate(claims, start=1):
        record = etree.SubElement(rows, "RECORD", no=str(place))
        etree.SubElement(record, "GMSFHM").text = claim.citizen_number
        etree.SubElement(record, "XM").text = claim.name
    # Drawn from all that makes this question this one, so that no chance is needed.
    drawn = f"{trace_id} {at.isoformat()} {etree.tostring(rows, encoding='unicode')}"
    question_id = str(uuid.uuid5(uuid.NAMESPACE_OID, drawn))
    count, sent_at = str(len(claims)), at.astimezone(BEIJING).strftime("%Y%m%d%H%M%S")
    root = etree.Element("PACKAGE")
    head = etree.SubElement(root, "PACKAGEHEAD")
    for tag, text in _head(question_id, count, sent_at, asker, registration).items():
        if not sendable(text):
            raise party.failure(Malformed, f"asker {tag}")
        etree.SubElement(head, tag).text = text
    root.append(rows)
    return Package(question_id, _DECLARATION + etree.tostring(root, encoding="unicode"))


def _head(
    question_id: str, count: str, sent_at: str, asker: Asker, registration: Registration
) -> dict[str, str]:
    named = bool(asker.person and asker.person_number)
    return {
        "FWQQBH": question_id,
        "QQBWDM": registration.ministry_code,
        "QQBWMC": registration.ministry,
        "SJLYXTDM": registration.source_code,
        "SJLYXTMC": registration.source,
        "JLS": count,
        "FSSJ": sent_at,
        "QQRGMSFHM": _official(asker.person_number if named else registration.person_number),
        "QQRXM": asker.person if named else registration.person,
        "QQRDWDM": asker.unit_code or registration.unit_code,
        "QQRDWMC": asker.unit,
        "QQYWLXDM": asker.business_code or registration.business_code,
        "QQYWLXMC": asker.business if asker.business_code else registration.business,
        "QQYWXTDM": registration.system_code,
        "QQYWXTMC": registration.system,
    }


def _official(number: str) -> str:
    """The number of who asks, or nothing, which is refused, where it can be nobody's."""
    return number.upper() if citizen_number.is_citizen_number(number.upper()) else ""


def sendable(text: str) -> bool:
    """Whether XML, and what may lie on its way, can carry the text unchanged."""
    return (
        bool(text.strip())
        and len(text) <= LONGEST
        and _MARKUP.isdisjoint(text)
        and not any(
            unicodedata.category(character) in ("Cc", "Cs") or character in "\ufffe\uffff"
            for character in text
        )
    )
