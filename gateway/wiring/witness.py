"""How the witness is wired: a connection to it, and how long it may be away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from adapters.transport import open_client
from gateway.evidence.note_keys import Kind, parse_key
from gateway.evidence.notes import InvalidNote
from gateway.evidence.witnessing.asking import Witness
from gateway.evidence.witnessing.patience import Patience
from gateway.settings import InvalidSettings, Settings

_SECONDS = 2.0  # it signs in milliseconds, or it is away


@asynccontextmanager
async def open_witness(settings: Settings) -> AsyncIterator[Witness | None]:
    """The log's witness, where there is one; closes its connections at the end."""
    evidence = settings.evidence
    if not evidence.witness_url:
        yield None
        return
    try:
        key = parse_key(evidence.witness_key)
    except InvalidNote as error:
        raise InvalidSettings(f"evidence.witness_key: {error}") from None
    if key.kind is not Kind.COSIGNATURE:
        raise InvalidSettings("evidence.witness_key is not the key of a witness")
    async with open_client(evidence.witness_url, seconds=_SECONDS) as client:
        yield Witness(client, key)


def wire_patience(settings: Settings) -> Patience | None:
    """How long entries are accepted without the witness; None where nobody witnesses."""
    if not settings.evidence.witness_url:
        return None
    return Patience(timedelta(hours=settings.evidence.witness_away_hours))
