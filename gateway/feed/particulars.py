"""What a change keeps of its child, sealed: the fields a field policy may let a subscriber have."""

from collections.abc import Mapping

from contracts.records import Identity


def particulars(
    identity: Identity, number: str | None = None, grade: str | None = None
) -> Mapping[str, str]:
    """The child's particulars by the names that field policies use; those not known are absent."""
    told = {
        "name": identity.name,
        "sex": identity.sex,
        "born_on": identity.born_on.isoformat() if identity.born_on else None,
        "number": number or identity.number,
        "document": identity.document.number if identity.document else None,
        "grade": grade,
    }
    return {name: value for name, value in told.items() if value}
