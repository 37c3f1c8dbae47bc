"""The canonical record as flat text under our field names, and back."""

from datetime import date

from contracts.records import CanonicalRecord, Document, Identity


def identity_of(values: dict[str, str], guardian_documents: tuple[str, ...]) -> Identity:
    """The identity among flat values, taking out what it holds.

    Without a document number there is no document; its kind then stays among the values.
    """
    take = values.pop
    born_on = take("born_on", None)
    label, number = take("document_label", ""), take("document_number", None)
    document = Document(take("document_kind", ""), label, number) if number else None
    return Identity(
        take("name", ""),
        take("sex", "0"),
        date.fromisoformat(born_on) if born_on else None,
        document,
        take("number", None),
        guardian_documents,
    )


def flatten(record: CanonicalRecord) -> dict[str, str]:
    """The whole record as flat values; blanks are absent."""
    identity = record.identity
    values = {**record.fields, "name": identity.name, "sex": identity.sex}
    if identity.born_on:
        values["born_on"] = identity.born_on.isoformat()
    if identity.number:
        values["number"] = identity.number
    if identity.document:
        values["document_kind"] = identity.document.kind
        values["document_label"] = identity.document.label
        values["document_number"] = identity.document.number
    return values
