"""The door of auditors: who did what, when and for which purpose, found by child, case or time."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from contracts.records import Document
from gateway.access.admission import Access
from gateway.access.facts import CASE_HEADER
from gateway.access.grants import Grant
from gateway.access.refusals import HeaderMissing
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation
from gateway.auditing.searching import Searching
from gateway.auditing.trails import Named
from gateway.evidence import Action
from gateway.evidence.searching.reading import Read
from gateway.evidence.searching.searching import PAGE, Asked
from gateway.web.routing import open_router
from gateway.web.texts import KeptText

PATH = "/v1/evidence/searches"
_Text = Annotated[KeptText, Field(max_length=256)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class EvidenceChild(_Body):
    """A child by a student number it has or had, or by its document; `kind` as JY/T 1001 SFZJLX."""

    number: Annotated[str, Field(max_length=64, repr=False)] = ""
    document: Annotated[str, Field(max_length=64, repr=False)] = ""
    kind: Annotated[str, Field(pattern=r"\A[0-9A-Z]{1,2}\z")] = "1"

    @model_validator(mode="after")
    def _named_once(self) -> "EvidenceChild":
        if bool(self.number) == bool(self.document):
            raise ValueError("a number or a document")
        return self

    def named(self) -> Named:
        """The child as trails begin with it."""
        if self.document:
            return Named(document=Document(self.kind, "", self.document))
        return Named(number=self.number)


class EvidenceSearch(_Body):
    """What is searched for: all that is named must hold; `before` is the `next` of a page."""

    child: EvidenceChild | None = None
    case: _Text = ""
    caller: _Text = ""
    action: _Text = ""
    outcome: _Text = ""
    since: AwareDatetime | None = None
    until: Annotated[AwareDatetime | None, Field(description="Not with it.")] = None
    before: Annotated[int, Field(ge=0, lt=1 << 53)] = 0
    limit: Annotated[int, Field(ge=1, le=PAGE)] = PAGE

    def asked(self) -> Asked:
        """The search without the child, whose trail is found first."""
        return Asked(self.case, self.caller, self.action, self.outcome, self.since, self.until)


class EvidenceEntry(BaseModel):
    """An entry as it was hashed, `children` counted and never named."""

    position: int
    entry_id: str
    at: datetime
    action: str
    outcome: str
    caller: str
    user: str
    role: str
    institution: str
    purpose: str
    basis: str
    case: str
    object_ref: str
    request_id: str
    approval: str
    approver: str
    content: dict[str, str]
    children: int


class EvidenceFound(BaseModel):
    """Entries, the newest first; `next` goes into `before` for those that follow."""

    entries: list[EvidenceEntry]
    next: int | None


def auditing_routes(searching: Searching, access: Access) -> APIRouter:
    """The route of searches."""
    router = open_router("evidence")
    admitted: Any = Depends(Admission(access, Operation.EVIDENCE_SEARCH))

    @router.post(PATH, summary="检索证据 · Search the evidence")
    async def searched(body: EvidenceSearch, grant: Annotated[Grant, admitted]) -> EvidenceFound:
        """What is on record, for auditors; the search is on record too. A child needs a case."""
        if body.child is not None and not grant.case:
            raise HeaderMissing(CASE_HEADER)
        found = await searching.find(
            body.asked(),
            grant.entry(Action.EVIDENCE_SEARCHED, ""),
            body.child.named() if body.child else None,
            before=body.before,
            limit=body.limit,
        )
        following = found[-1].position if len(found) == body.limit else None
        return EvidenceFound(entries=[view_entry(one) for one in found], next=following)

    return router


def view_entry(entry: Read) -> EvidenceEntry:
    """An entry as auditors read it."""
    return EvidenceEntry(**{name: getattr(entry, name) for name in EvidenceEntry.model_fields})
