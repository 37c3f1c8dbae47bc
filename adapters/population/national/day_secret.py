"""The first step of every day: today's secret, fetched with the key that never goes out."""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adapters.population.national.contract import JSON, Party
from adapters.population.national.envelope import refusal_of_status
from adapters.population.national.registration import Subscription
from adapters.population.national.signature import open_secret, stamp
from adapters.transport import Answer, Client, post
from contracts.errors import NotEntitled, Unreadable
from contracts.secrets import Secret

OPERATION = "refreshappsecret"
# A call signed with a secret must also arrive while it holds.
_MARGIN = timedelta(seconds=60)
_LONGEST = timedelta(days=2)
_LIMIT = 64 * 1024


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)

    code: Annotated[str, Field(pattern=r"\A-?[0-9]{1,6}\z")]
    data: Any = None  # an object, or an empty text where the call failed


class _SaidSecret(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)

    secret: Annotated[str, Field(max_length=1024)]
    secretEndTime: Annotated[str, Field(pattern=r"\A[0-9]{13}\z")]  # noqa: N815


async def fetch_secret(
    client: Client,
    address: str,
    subscription: Subscription,
    at: datetime,
    *,
    system: str,
    trace_id: str,
) -> Secret:
    """The secret of the day, until a minute before it ends; within that minute, until it does.

    A refusal is `NotEntitled`: the platform says in the same words that a call failed and that a
    subscription is not authorised, and nothing can be asked before somebody has looked.
    """
    party = Party(system, OPERATION)
    answer = await post(
        client,
        address,
        json.dumps(stamp(subscription, subscription.app_key, at)).encode(),
        system=system,
        operation=OPERATION,
        headers={"Content-Type": JSON, "X-Road-Id": trace_id},
    )
    said = _read(answer, party)
    try:
        value = open_secret(said.secret, subscription.app_key)
    except ValueError:
        raise party.failure(Unreadable, "secret") from None
    return Secret(value, _expiry(said, at, party))


def _read(answer: Answer, party: Party) -> _SaidSecret:
    if answer.status != 200:
        raise refusal_of_status(answer, party)
    if len(answer.body) > _LIMIT:
        raise party.failure(Unreadable, "too long")
    try:
        said = _Said.model_validate_json(answer.body)
        if said.code != "0":
            raise party.failure(NotEntitled, f"platform {said.code}")
        return _SaidSecret.model_validate(said.data)
    except ValidationError:
        raise party.failure(Unreadable, "layout") from None


def _expiry(said: _SaidSecret, at: datetime, party: Party) -> datetime:
    ends_at = datetime.fromtimestamp(int(said.secretEndTime) / 1000, UTC)
    if not at < ends_at <= at + _LONGEST:
        raise party.failure(Unreadable, "secret end")
    return ends_at - _MARGIN if ends_at - _MARGIN > at else ends_at


def platform_refusal(answer: Answer) -> str | None:
    """The platform's own code where it, and not the population base, refuses a call."""
    kind = answer.headers.get("content-type", "").lower()
    if answer.status != 200 or not kind.startswith(JSON) or len(answer.body) > _LIMIT:
        return None
    try:
        said = _Said.model_validate_json(answer.body)
    except ValidationError:
        return None
    return said.code if said.code != "0" else None
