"""Identities and records as they rest in the store: sealed under the child's own data key."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, TypedDict

from contracts.records import (
    CanonicalRecord,
    Document,
    Identity,
    PreschoolRecord,
    PreschoolStatus,
    Provenance,
    UnmappedValue,
)
from gateway.sealing import DataKey


class SealedIdentity(TypedDict):
    """The columns an identity rests in."""

    sealed_name: bytes
    sealed_document: bytes | None
    sealed_listed_number: bytes | None
    sealed_particulars: bytes
    sealed_guardians: bytes | None


def seal_identity(identity: Identity, key: DataKey) -> SealedIdentity:
    """The identity's columns, each sealed by itself."""
    born_on = identity.born_on.isoformat() if identity.born_on else None
    document = asdict(identity.document) if identity.document else None
    return {
        "sealed_name": _seal(identity.name, key, "name"),
        "sealed_document": _seal(document, key, "document") if document else None,
        "sealed_listed_number": _seal(identity.number, key, "listed_number")
        if identity.number
        else None,
        "sealed_particulars": _seal([identity.sex, born_on], key, "particulars"),
        "sealed_guardians": _seal(list(identity.guardian_documents), key, "guardians")
        if identity.guardian_documents
        else None,
    }


def open_identity(columns: Mapping[str, bytes | None], key: DataKey) -> Identity:
    """The identity sealed by `seal_identity`."""
    sex, born_on = _open(columns["sealed_particulars"], key, "particulars")
    document = _open(columns["sealed_document"], key, "document")
    return Identity(
        name=_open(columns["sealed_name"], key, "name"),
        sex=sex,
        born_on=date.fromisoformat(born_on) if born_on else None,
        document=Document(**document) if document else None,
        number=_open(columns["sealed_listed_number"], key, "listed_number"),
        guardian_documents=tuple(_open(columns["sealed_guardians"], key, "guardians") or ()),
    )


def seal_record(record: PreschoolRecord, key: DataKey) -> bytes:
    """A whole preschool record, sealed."""
    # Member by member: a walk over whatever a record may hold costs ten times as much.
    told = {
        "record_id": record.record_id,
        "institution": record.institution,
        "status": record.status,
        "child": _told(record.child),
        "advanced_to": record.advanced_to,
        "deferral_reference": record.deferral_reference,
        "deferred_until": record.deferred_until,
    }
    return key.seal(json.dumps(told, default=_plain).encode(), "record")


def open_record(sealed: bytes, key: DataKey) -> PreschoolRecord:
    """The record sealed by `seal_record`."""
    found = json.loads(key.open(sealed, "record"))
    status = found.pop("status")
    deferred_until = found.pop("deferred_until")
    return PreschoolRecord(
        child=_record(found.pop("child")),
        status=PreschoolStatus(status) if status else None,
        deferred_until=_date(deferred_until),
        **found,
    )


def _told(child: CanonicalRecord) -> dict[str, Any]:
    row = child.identity
    return {
        "identity": {
            "name": row.name,
            "sex": row.sex,
            "born_on": row.born_on,
            "document": asdict(row.document) if row.document else None,
            "number": row.number,
            "guardian_documents": row.guardian_documents,
        },
        "fields": dict(child.fields),
        "extension": dict(child.extension),
        "provenance": _source(child.provenance),
        "unmapped": [asdict(value) for value in child.unmapped],
        "dropped": child.dropped,
        "overrides": {name: _source(p) for name, p in child.overrides.items()},
    }


def _source(provenance: Provenance) -> dict[str, str]:
    return {"source": provenance.source, "read_at": provenance.read_at.isoformat()}


def _record(found: dict[str, Any]) -> CanonicalRecord:
    return CanonicalRecord(
        identity=_identity(found["identity"]),
        fields=found["fields"],
        extension=found["extension"],
        provenance=_provenance(found["provenance"]),
        unmapped=tuple(UnmappedValue(**value) for value in found["unmapped"]),
        dropped=tuple(found["dropped"]),
        overrides={name: _provenance(p) for name, p in found["overrides"].items()},
    )


def _identity(found: dict[str, Any]) -> Identity:
    document = found["document"]
    return Identity(
        name=found["name"],
        sex=found["sex"],
        born_on=_date(found["born_on"]),
        document=Document(**document) if document else None,
        number=found["number"],
        guardian_documents=tuple(found["guardian_documents"]),
    )


def _provenance(found: dict[str, str]) -> Provenance:
    return Provenance(found["source"], datetime.fromisoformat(found["read_at"]))


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _seal(value: object, key: DataKey, context: str) -> bytes:
    return key.seal(json.dumps(value, ensure_ascii=False).encode(), context)


def _open(sealed: bytes | None, key: DataKey, context: str) -> Any:
    return None if sealed is None else json.loads(key.open(sealed, context))
