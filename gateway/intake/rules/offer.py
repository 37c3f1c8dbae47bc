"""The offer (已匹配待确认): exactly what would be carried, bound to a hash that people confirm."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.records import PreschoolRecord, UnmappedValue
from gateway.intake.handover import Handover
from mappings import Crosswalks


@dataclass(frozen=True, slots=True)
class Offer:
    """A child's primary record as it would be created, and what the school must still add."""

    record_id: str
    number: str = field(repr=False)
    fields: Mapping[str, object] = field(repr=False)
    to_supplement: tuple[str, ...]
    to_check: tuple[str, ...]  # volatile values that the school confirms
    unmapped: tuple[UnmappedValue, ...]
    hash: str


def make_offer(handover: Handover, record: PreschoolRecord, crosswalks: Crosswalks) -> Offer:
    """The offer for a handover whose matched record carries a number."""
    number = record.child.identity.number
    assert number is not None  # precedence holds a record without a number
    written = crosswalks.student_status.write(record.child, number=number)
    unmapped = tuple(dict.fromkeys((*record.child.unmapped, *written.unmapped)))
    content = {
        "handover": handover.handover_id,
        "passage": handover.passage,
        "record": record.record_id,
        "fields": written.fields,
    }
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    return Offer(
        record.record_id,
        number,
        written.fields,
        written.to_supplement,
        written.confirm,
        unmapped,
        hashlib.sha256(canonical).hexdigest(),
    )
