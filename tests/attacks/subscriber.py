"""What a subscriber and a school hold that strangers are after: a snapshot, a claim ticket."""

from datetime import timedelta

from sqlalchemy import insert

from gateway.feed.snapshots.asking import READY, file_context
from gateway.feed.snapshots.tables import snapshot_files, snapshots
from gateway.feed.subscribing.secrets import load_key
from gateway.feed.subscribing.subscription import load_subscription
from gateway.feed.subscribing.tables import claim_tickets
from gateway.feed.subscribing.tickets import Tickets
from tests.intake.stage import Stage
from tests.intake.village import Child


async def a_snapshot(stage: Stage, subscription_id: str) -> str:
    """A snapshot of one file, ready to be fetched."""
    snapshot_id, now = stage.ground.identifiers(), stage.clock.now()
    row = {"snapshot_id": snapshot_id, "subscription_id": subscription_id, "state": READY}
    told = {"manifest": b'{"files": []}', "signature": "x", "next_number": 1}
    times = {"asked_at": now, "taken_at": now, "kept_until": now + timedelta(days=7)}
    async with stage.ground.database.transaction() as connection:
        subscription = await load_subscription(connection, subscription_id)
        key = await load_key(connection, subscription, stage.ground.sealer)
        sealed = key.seal(b"a line", file_context(snapshot_id, 1))
        await connection.execute(insert(snapshots), row | told | times)
        file = {"snapshot_id": snapshot_id, "place": 1, "sealed": sealed}
        await connection.execute(insert(snapshot_files), file)
    return snapshot_id


async def a_ticket(stage: Stage, subscription_id: str, child: Child, school: str) -> str:
    """A ticket for the school, about this child."""
    ground = stage.ground
    async with ground.database.transaction() as connection:
        now = stage.clock.now()
        await ground.people.adopt(connection, [child.number], "preschool", now)
        chain = await ground.people.resolve(connection, child.number)
        assert chain is not None
        row = {"subscription_id": subscription_id, "number": 1, "person_id": chain.person_id}
        until = {"school": school, "expires_at": now + timedelta(days=60)}
        await connection.execute(insert(claim_tickets), row | until)
    return Tickets(ground.sealer).write(subscription_id, 1)
