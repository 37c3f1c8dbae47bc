"""The simulated platform's secrets: one a day for each subscription, sealed under its key."""

import hashlib
from datetime import datetime

from starlette.responses import JSONResponse, Response

from adapters.population.national.question import BEIJING
from adapters.population.national.registration import Subscription
from adapters.population.national.signature import seal_secret
from adapters.population.national.simulated_faults import compress, kinds_of
from adapters.simulation.operations import Call


def day_secret(subscription: Subscription, at: datetime) -> str:
    """The secret of the day, another one each day."""
    day = at.astimezone(BEIJING).date().isoformat()
    return hashlib.sha256(f"{subscription.app_key} {day}".encode()).hexdigest()[:32]


def day_end(at: datetime) -> datetime:
    """The last second of the day in Beijing."""
    return at.astimezone(BEIJING).replace(hour=23, minute=59, second=59, microsecond=0)


def issue(subscription: Subscription, call: Call) -> Response:
    """The answer with today's secret, gone wrong as the call's fault says."""
    kinds = kinds_of(call.fault)
    secret = seal_secret(day_secret(subscription, call.at), subscription.app_key)
    ends_at = _milliseconds(day_end(call.at))
    if "secret_ended" in kinds:
        ends_at = _milliseconds(call.at) - 3_600_000
    if "secret_garbled" in kinds:
        secret = secret[::-1]
    if "secret_unsealed" in kinds:
        secret = day_secret(subscription, call.at)
    said = {"secret": secret, "secretEndTime": str(ends_at)}
    answer = {"code": "0", "data": "" if "secret_blank" in kinds else said, "message": ""}
    return compress(kinds, JSONResponse(answer))


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
