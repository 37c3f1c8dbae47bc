"""The heartbeat: an entry each minute that says the log is alive and how far it was signed.

Silence then has a bound: a tail that was cut off shows as heartbeats that are missing, and each
heartbeat shows which checkpoint it came after.
"""

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence.checkpoint_store import load_newest
from gateway.evidence.entry import Action, Actor, Entry
from gateway.evidence.log import Log

_ITSELF = Actor("jisui", "", "", "")


async def beat(connection: AsyncConnection, log: Log) -> None:
    """Put it on record that the log is alive."""
    newest = await load_newest(connection)
    seen = {}
    if newest is not None:
        seen = {"size": str(newest.checkpoint.size), "root": newest.checkpoint.root.hex()}
    alive = Entry(
        action=Action.LOG_HEARTBEAT,
        outcome="alive",
        actor=_ITSELF,
        purpose="",
        basis="",
        case="",
        object_ref="",
        request_id="",
        content=seen,
    )
    await log.append(connection, [alive])
