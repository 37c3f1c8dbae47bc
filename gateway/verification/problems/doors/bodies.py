"""What people send with their acts on a problem record."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.code_systems import CodeSystem
from contracts.records import Document
from gateway.verification.problems.proposal import Change, Proof, Proposal
from gateway.verification.problems.rules.remedies import Remedy, Resolution

Remark = Annotated[str, Field(min_length=1, max_length=500, repr=False)]
Name = Annotated[str | None, Field(min_length=1, max_length=100, repr=False)]
DocumentNumber = Annotated[str | None, Field(min_length=1, max_length=40, repr=False)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class ProofBody(_Body):
    """One piece of proof, kept elsewhere: where it is filed, or its SHA-256, or both."""

    title: Annotated[str, Field(min_length=1, max_length=100, repr=False)]
    reference: Annotated[str, Field(max_length=200, repr=False)] = ""
    sha256: Annotated[str, Field(pattern=r"\A([0-9a-f]{64})?\z")] = ""

    @model_validator(mode="after")
    def _findable(self) -> "ProofBody":
        if not self.reference and not self.sha256:
            raise ValueError("a proof has a reference or a hash")
        return self


class ChangeBody(_Body):
    """The key data as they should be; what is left out stays."""

    name: Name = None
    sex: Literal["1", "2"] | None = None
    born_on: Annotated[date | None, Field(repr=False)] = None
    document_kind: Annotated[str, Field(pattern=r"\A[1-9ABZ]\z")] | None = None
    document_number: DocumentNumber = None

    @model_validator(mode="after")
    def _whole(self) -> "ChangeBody":
        if (self.document_kind is None) != (self.document_number is None):
            raise ValueError("a document has a kind and a number")
        if not any(getattr(self, name) is not None for name in type(self).model_fields):
            raise ValueError("a change changes something")
        return self

    def change(self, kinds: CodeSystem) -> Change:
        """The change, its document labelled as the standard does."""
        kind, number = self.document_kind, self.document_number
        document = Document(kind, kinds.label(kind) or "", number) if kind and number else None
        return Change(self.name, self.sex, self.born_on, document)


class ProposalBody(_Body):
    """A remedy with its proof; a change tells the key data as they should be."""

    remedy: Remedy
    reason: Remark
    proofs: Annotated[list[ProofBody], Field(min_length=1, max_length=20)]
    change: ChangeBody | None = None

    @model_validator(mode="after")
    def _of_a_piece(self) -> "ProposalBody":
        if (self.remedy is Remedy.CHANGE) != (self.change is not None):
            raise ValueError("a change comes with its remedy and no other")
        return self

    def proposal(self, kinds: CodeSystem) -> Proposal:
        """The proposal."""
        proofs = tuple(Proof(one.title, one.reference, one.sha256) for one in self.proofs)
        change = self.change.change(kinds) if self.change else None
        return Proposal(self.remedy, self.reason, proofs, change)


class RemarkBody(_Body):
    """Why, in the person's own words."""

    remark: Remark


class DecisionBody(_Body):
    """The office agrees; for the ministry's answer the remark holds its reference (文号)."""

    remark: Annotated[str, Field(max_length=500, repr=False)] = ""


class ClosureBody(_Body):
    """How an office ends a record without a proposal, and why."""

    resolution: Literal[Resolution.TWO_PERSONS, Resolution.UNFOUNDED, Resolution.SETTLED_ELSEWHERE]
    remark: Remark
