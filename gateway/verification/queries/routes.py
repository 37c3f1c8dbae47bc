"""POST /v1/verifications and its answer: is this number this person's? Yes, no, or cannot say."""

import re
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from contracts.outcomes import OUTCOME_LABELS, Outcome
from gateway.access.admission import Access
from gateway.access.grants import Grant
from gateway.access.requests import Admission
from gateway.access.vocabulary import Operation
from gateway.clock import Clock
from gateway.verification.queries.answers import Query, Shown, show
from gateway.verification.queries.desk import Desk, Waiting
from gateway.verification.queries.told import Holds, Told
from gateway.web.idempotency import Keys, Wish
from gateway.web.patience import patience_of
from gateway.web.preconditions import idempotency_key
from gateway.web.routing import open_router

PATH = "/v1/verifications"
REFERRED = "身份信息需县局核实。"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_day(given: object) -> object:
    if given is not None and not (isinstance(given, str) and _DAY.fullmatch(given)):
        raise ValueError("a day is written YYYY-MM-DD")
    return given


class DocumentTold(BaseModel):
    """An identity document: its kind as JY/T 1001 SFZJLX (1: 居民身份证), and its number."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: Annotated[str, Field(pattern=r"\A[0-9A-Z]{1,2}\z")] = "1"
    number: Annotated[str, Field(min_length=1, max_length=64, repr=False)]


class ClaimTold(BaseModel):
    """Whom to verify; birth date and sex (GB/T 2261.1), if told, are held against the number."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    document: DocumentTold
    name: Annotated[str, Field(min_length=1, max_length=135, repr=False)]
    born_on: Annotated[date | None, BeforeValidator(_iso_day)] = Field(None, repr=False)
    sex: Literal["1", "2"] | None = None


class AttributesHeld(BaseModel):
    """What holds: the number is on file, the name is its bearer's.

    Birth date and sex are held against the number alone; null where they were not told.
    """

    number: Holds
    name: Holds
    born_on: Holds | None = None
    sex: Holds | None = None


class VerificationView(BaseModel):
    """One query and, once there is one, its answer; nothing of what the register holds.

    `answered_at` is when the register said so, `age_seconds` how long ago that was, `as_of` the day
    of its data where it tells; `recalled` says that it had been asked before and was not again.
    `question` is a keyed hash of what was told, `answer` binds the answer to it. An answer that is
    `referred` has to be looked into by the county.
    """

    verification_id: str
    state: Literal["pending", "answered"]
    outcome: Outcome | None
    label: str
    referred: bool
    attributes: AttributesHeld
    requested_at: datetime
    answered_at: datetime | None
    age_seconds: int | None
    as_of: date | None
    recalled: bool
    resumes_at: datetime | None
    question: str
    answer: str | None


def query_routes(desk: Desk, access: Access, keys: Keys, clock: Clock) -> APIRouter:
    """The routes of single queries."""
    router = open_router("verifications")
    _ask(router, desk, access, keys, clock)
    _read(router, desk, access, clock)
    return router


def _ask(router: APIRouter, desk: Desk, access: Access, keys: Keys, clock: Clock) -> None:
    asking = Depends(Admission(access, Operation.VERIFICATION_ASK))

    @router.post(
        PATH,
        summary="单笔核验 · Verify one claim",
        responses={202: {"model": VerificationView, "description": "Accepted; ask at Location."}},
    )
    async def ask(
        request: Request,
        response: Response,
        claim: ClaimTold,
        grant: Annotated[Grant, asking],
        repeatable: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
        prefer: Annotated[str | None, Header(description="RFC 7240: wait=N, respond-async")] = None,  # noqa: ARG001
    ) -> VerificationView:
        """The answer, if it comes within the caller's patience; else 202 and a place to ask."""
        patience = patience_of(request, response)
        wish = _wish(keys, grant, repeatable, await request.body())
        waiting = await desk.ask(grant, _told(claim), wish, patience)
        view = await _answered(desk, clock, waiting, patience)
        response.headers["Location"] = f"{PATH}/{waiting.query_id}"
        response.status_code = 202 if view.state == "pending" else 200
        return view


def _read(router: APIRouter, desk: Desk, access: Access, clock: Clock) -> None:
    reading = Depends(Admission(access, Operation.VERIFICATION_READ))

    @router.get(f"{PATH}/{{verification_id}}", summary="核验结果 · What came of a query")
    async def read(
        request: Request,
        response: Response,
        verification_id: Annotated[str, Path(max_length=32)],
        grant: Annotated[Grant, reading],
        prefer: Annotated[str | None, Header(description="RFC 7240: wait=N")] = None,  # noqa: ARG001
    ) -> VerificationView:
        """The answer, waited for as long as the caller prefers; each viewing is on record."""
        patience = patience_of(request, response)
        return await _answered(desk, clock, Waiting(grant, verification_id), patience)


async def _answered(
    desk: Desk, clock: Clock, waiting: Waiting, patience: float
) -> VerificationView:
    query = await desk.answer(waiting, patience)
    shown = show(query, waiting.grant.role)
    resumes_at = await desk.resumes_at(query) if shown is None else None
    return _view(query, shown, clock.now(), resumes_at)


def _wish(keys: Keys, grant: Grant, header: str | None, body: bytes) -> Wish | None:
    key = idempotency_key(header)
    if key is None:
        return None
    return keys.wish(grant.caller, key, f"{PATH} {grant.purpose} {grant.case}", body)


def _told(claim: ClaimTold) -> Told:
    return Told(
        document_kind=claim.document.kind,
        document_number=claim.document.number,
        name=claim.name,
        born_on=claim.born_on,
        sex=claim.sex or "",
    )


def _view(
    query: Query, shown: Shown | None, now: datetime, resumes_at: datetime | None
) -> VerificationView:
    said_at = query.answered_at if shown is not None and query.call_id else None
    return VerificationView(
        verification_id=query.query_id,
        state="pending" if shown is None else "answered",
        outcome=shown.outcome if shown else None,
        label=_label(shown),
        referred=shown.referred if shown else False,
        attributes=_attributes(query, shown),
        requested_at=query.requested_at,
        answered_at=said_at,
        age_seconds=max(0, int((now - said_at).total_seconds())) if said_at else None,
        as_of=query.as_of if shown else None,
        recalled=said_at is not None and said_at < query.requested_at,
        resumes_at=resumes_at,
        question=query.question,
        answer=shown.answer_hash if shown else None,
    )


def _attributes(query: Query, shown: Shown | None) -> AttributesHeld:
    if shown is not None:
        return AttributesHeld(**shown.attributes)
    return AttributesHeld(number=Holds.CANNOT_SAY, name=Holds.CANNOT_SAY, **query.checks)


def _label(shown: Shown | None) -> str:
    if shown is None:
        return "核验中"
    return REFERRED if shown.referred else OUTCOME_LABELS[shown.outcome]
