"""How the evidence is wired: its folder, its key, and the leader's round."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.engine import make_url

from gateway.evidence.checkpoint_store import Kept
from gateway.evidence.hashing import SHA256, SM3, Algorithm
from gateway.evidence.heartbeat import beat
from gateway.evidence.laying import Forked, RolledBack
from gateway.evidence.leading import Leader
from gateway.evidence.log_folder import LogFolder
from gateway.evidence.signing import Signatory
from gateway.evidence.witnessing.waiting import Lead, Witnessing
from gateway.keys import EVIDENCE, open_lone_key
from gateway.settings import Settings
from gateway.upkeep import Chore
from gateway.wiring.ground import Ground
from gateway.wiring.in_force import note_changes

_HASHES = {each.algorithm: each for each in (SHA256, SM3)}


def wire_leader(ground: Ground) -> Leader:
    """This process's part in leading the log."""
    return Leader(
        database=ground.database,
        clock=ground.clock,
        holder=ground.identifiers(),
        folder=log_folder(ground.settings),
        signatory=signatory(ground.settings),
        witness=ground.witness,
    )


def wire_witnessing(ground: Ground) -> Witnessing | None:
    """This process's waiting for the witness; None where nobody witnesses."""
    if ground.witness is None:
        return None
    leader = wire_leader(ground)
    return Witnessing(partial(_lead, ground, leader.lead_on), ground.witness.alive, ground.clock)


def wire_evidence_chores(ground: Ground) -> list[Chore]:
    """The chores that number the log, sign it, say that it is alive, and note what changed."""
    evidence = ground.settings.evidence
    chores: dict[str, tuple[float, Callable[[Ground], Awaitable[object]]]] = {
        "number_log": (1.0, number_log),
        "checkpoints": (evidence.checkpoint_seconds, sign_log),
        "heartbeat": (evidence.heartbeat_seconds, _beat),
        "in_force": (60.0, note_changes),
    }
    return [
        Chore(kind, seconds, partial(run, ground), ground.database, ground.clock)
        for kind, (seconds, run) in chores.items()
    ]


async def number_log(ground: Ground) -> None:
    """Number every entry committed so far, unless another process does."""
    await wire_leader(ground).number()


async def sign_log(ground: Ground) -> Kept | None:
    """The checkpoint over every entry committed so far; None while another process leads.

    Raises `RolledBack` or `Forked`, after which this process appends nothing more.
    """
    return await _lead(ground, wire_leader(ground).lead)


async def _lead(ground: Ground, lead: Lead) -> Kept | None:
    try:
        return await lead()
    except (RolledBack, Forked):
        ground.log.halt()
        raise


async def _beat(ground: Ground) -> None:
    async with ground.database.transaction() as connection:
        await beat(connection, ground.log)


def log_folder(settings: Settings) -> LogFolder:
    """Where the log's tree lies."""
    hashing = _HASHES[Algorithm(settings.evidence.hash)]
    return LogFolder(settings.evidence.folder or _usual_folder(settings), hashing)


def signatory(settings: Settings) -> Signatory:
    """Who signs the log's checkpoints; raise `KeysMissing`."""
    seed = open_lone_key(settings.keys_folder, EVIDENCE, create=settings.embedded)
    key = Ed25519PrivateKey.from_private_bytes(seed)
    witnessed = bool(settings.evidence.witness_url)
    return Signatory(settings.evidence_log, key, log_folder(settings).hashing, witnessed)


def _usual_folder(settings: Settings) -> Path:
    if settings.embedded:
        return Path(make_url(settings.database_url).database or ".").with_suffix(".evidence")
    return settings.keys_folder.parent / "evidence"
