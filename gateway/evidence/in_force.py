"""What is in force: configuration, policies, crosswalks; a change of one is put on record."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.database import insert_into
from gateway.evidence.entry import Action, Actor, Entry
from gateway.evidence.log import Log
from gateway.evidence.tables import in_force

_ITSELF = Actor("jisui", "", "", "")


async def put_in_force(connection: AsyncConnection, log: Log, digests: Mapping[str, str]) -> int:
    """How many of these, by name, are not what they were; an entry each tells both digests.

    What is no longer there counts as changed as well.
    """
    stored = await connection.execute(select(in_force.c.name, in_force.c.digest))
    before = {row.name: row.digest for row in stored}
    now = dict.fromkeys(before, "") | dict(digests)
    changed = sorted(name for name, digest in now.items() if before.get(name, "") != digest)
    if not changed:
        return 0
    write = insert_into(connection, in_force)
    renewed = write.on_conflict_do_update(
        index_elements=["name"], set_={"digest": write.excluded.digest}
    )
    await connection.execute(renewed, [{"name": name, "digest": now[name]} for name in changed])
    await log.append(
        connection, [_entry(name, before.get(name, ""), now[name]) for name in changed]
    )
    return len(changed)


async def note_keys(connection: AsyncConnection, log: Log, keys: Mapping[str, str]) -> None:
    """Put it on record that a process opened its keys: their fingerprints by name."""
    await log.append(connection, [_told(Action.KEY_OPENED, "opened", "", keys)])


def _entry(name: str, before: str, now: str) -> Entry:
    outcome = ("changed" if before else "first") if now else "removed"
    content = {"before": before, "now": now}
    return _told(Action.CONFIGURATION_CHANGED, outcome, name, content)


def _told(action: Action, outcome: str, about: str, content: Mapping[str, str]) -> Entry:
    return Entry(
        action=action,
        outcome=outcome,
        actor=_ITSELF,
        purpose="",
        basis="",
        case="",
        object_ref=about,
        request_id="",
        content=content,
    )
