"""The blind indexes under which a child is found again without anybody reading its data."""

from dataclasses import dataclass

from contracts.names import fold
from contracts.records import Document, Identity
from gateway.people.numbers import NUMBER
from gateway.sealing import Sealer


@dataclass(frozen=True, slots=True)
class Indexes:
    """One identity's indexes; `person` stands for name, sex and birth date together."""

    document: str | None
    number: str | None
    person: str

    @property
    def identifying(self) -> tuple[str, ...]:
        """Those that name one child: its document and its number."""
        return tuple(index for index in (self.document, self.number) if index)


def index_identity(identity: Identity, sealer: Sealer) -> Indexes:
    """The indexes of an identity."""
    born_on = identity.born_on.isoformat() if identity.born_on else ""
    return Indexes(
        index_document(identity.document, sealer),
        sealer.index(NUMBER, identity.number) if identity.number else None,
        sealer.index("person", f"{fold(identity.name)}|{identity.sex}|{born_on}"),
    )


def index_document(document: Document | None, sealer: Sealer) -> str | None:
    """The index of a document, by its kind (or unlisted label) and number."""
    if document is None:
        return None
    return sealer.index("document", f"{document.kind or document.label}|{document.number}")
