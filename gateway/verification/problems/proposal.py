"""What a school proposes: a remedy with its proof, or the change it asks for; sealed at rest."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from contracts.records import Document, Identity
from gateway.sealing import DataKey
from gateway.verification.problems.rules.remedies import Remedy

_CONTEXT = "proposal"


@dataclass(frozen=True, slots=True)
class Proof:
    """One piece of proof, kept elsewhere: its title, where it is filed, its SHA-256."""

    title: str
    reference: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A key-data change (关键信息变更); None leaves a particular as it is."""

    name: str | None = field(default=None, repr=False)
    sex: str | None = None
    born_on: date | None = field(default=None, repr=False)
    document: Document | None = None

    def apply(self, identity: Identity) -> Identity:
        """The identity as it will be."""
        return replace(
            identity,
            name=self.name or identity.name,
            sex=self.sex or identity.sex,
            born_on=self.born_on or identity.born_on,
            document=self.document or identity.document,
        )


@dataclass(frozen=True, slots=True)
class Proposal:
    """A remedy, why, and on which proof."""

    remedy: Remedy
    reason: str = field(repr=False)
    proofs: tuple[Proof, ...] = ()
    change: Change | None = None


def seal_proposal(proposal: Proposal, key: DataKey) -> bytes:
    """The proposal, sealed under the child's own key."""
    return key.seal(json.dumps(asdict(proposal), default=date.isoformat).encode(), _CONTEXT)


def open_proposal(sealed: bytes, key: DataKey) -> Proposal:
    """The proposal sealed by `seal_proposal`."""
    told = json.loads(key.open(sealed, _CONTEXT))
    return Proposal(
        remedy=Remedy(told["remedy"]),
        reason=told["reason"],
        proofs=tuple(Proof(**proof) for proof in told["proofs"]),
        change=_change(told["change"]) if told["change"] else None,
    )


def _change(told: Mapping[str, Any]) -> Change:
    born_on, document = told["born_on"], told["document"]
    return Change(
        name=told["name"],
        sex=told["sex"],
        born_on=date.fromisoformat(born_on) if born_on else None,
        document=Document(**document) if document else None,
    )
