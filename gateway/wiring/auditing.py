"""How auditing is wired: searches, the index they go by, and evidence packs."""

import asyncio
from datetime import timedelta
from functools import partial

from contracts.errors import JisuiError
from gateway.auditing.incidents import Investigating
from gateway.auditing.keeping import Keeping
from gateway.auditing.packing import Packing, Vouched
from gateway.auditing.searching import Searching
from gateway.auditing.yearly import Accounting
from gateway.calls.call import PURPOSE, WORKER
from gateway.evidence import Action, Entry
from gateway.evidence.checkpoint_store import Kept, load_witnessed
from gateway.evidence.note_keys import parse_key
from gateway.evidence.packs.writing import Signed
from gateway.evidence.retaining.classes import KeepingClass
from gateway.evidence.retaining.expiring import Expiring
from gateway.evidence.searching.indexing import index_entries
from gateway.upkeep import Chore
from gateway.wiring.evidence import log_folder, sign_log, signatory
from gateway.wiring.ground import Ground

_ATTEMPTS, _REST_SECONDS = 60, 0.05
# Who searches brings the index up first: this only keeps that short, and can wait for a lull.
_INDEX_SECONDS = 300.0


class NothingVouched(JisuiError):
    """No checkpoint is there that a pack could stand on."""

    def __init__(self) -> None:
        super().__init__(
            "没有可用的检查点：日志为空、另一进程正在签署，或见证方从未签署"
            " · no checkpoint to stand on: an empty log, another process signing, or no witness yet"
        )


def wire_searching(ground: Ground) -> Searching:
    """Searches that are put on record."""
    return Searching(ground.database, ground.sealer, ground.log)


def wire_investigating(ground: Ground) -> Investigating:
    """Finding out what a leak touched."""
    return Investigating(ground.database, ground.sealer, ground.log)


def wire_accounting(ground: Ground) -> Accounting:
    """A year in figures."""
    return Accounting(ground.database, ground.log)


def wire_keeping(ground: Ground) -> Keeping:
    """Holding what entries say of children, and letting go of it in its time."""
    evidence = ground.settings.evidence
    kept_for = {
        KeepingClass.OPERATION: timedelta(days=evidence.operation_days),
        KeepingClass.PROVISION: timedelta(days=evidence.provision_days),
    }
    expiring = Expiring(ground.database, ground.clock, ground.log, kept_for)
    shared = (ground.database, ground.sealer, ground.clock, ground.identifiers, ground.log)
    return Keeping(*shared, expiring)


def wire_packing(ground: Ground) -> Packing:
    """The making of evidence packs."""
    return Packing(ground.database, ground.sealer, ground.log, ground.clock)


def wire_auditing_chores(ground: Ground) -> list[Chore]:
    """The chores that keep the index near the newest entry, and let go of what is past its time."""
    index = partial(index_entries, ground.database)
    return [
        Chore("index_entries", _INDEX_SECONDS, index, ground.database, ground.clock),
        Chore("expire_details", 3600.0, partial(_expire, ground), ground.database, ground.clock),
    ]


async def _expire(ground: Ground) -> None:
    await index_entries(ground.database)
    entry = Entry(
        action=Action.DETAILS_EXPIRED,
        outcome="",
        actor=WORKER,
        purpose=PURPOSE,
        basis="",
        case="",
        object_ref="",
        request_id="",
    )
    await wire_keeping(ground).expire(entry)


async def vouch(ground: Ground) -> Vouched:
    """What packs stand on: the newest checkpoint, of a witnessed log the newest witnessed one.

    Raises `NothingVouched`, and `Gap`, `Forked` or `RolledBack` where the log is not whole.
    """
    settings = ground.settings
    kept = await _signed(ground)
    keys = [signatory(settings).public()]
    if settings.evidence.witness_key:
        keys.append(parse_key(settings.evidence.witness_key))
        if kept is None or kept.witnessed_at is None:
            async with ground.database.reading() as connection:
                kept = await load_witnessed(connection)
    if kept is None:
        raise NothingVouched
    tree = log_folder(settings).tree(kept.checkpoint.size)
    return Vouched(tree, Signed(kept.note, keys))


async def _signed(ground: Ground) -> Kept | None:
    for _ in range(_ATTEMPTS):
        if (kept := await sign_log(ground)) is not None:
            return kept
        await asyncio.sleep(_REST_SECONDS)  # another process leads for one round
    return None
