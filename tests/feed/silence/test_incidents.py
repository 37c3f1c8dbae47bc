"""Whoever stops asking or falls behind is one incident a cause, however many they are."""

import json
import secrets
from datetime import timedelta

import pytest
import structlog
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import update

from gateway.clock import VirtualClock
from gateway.database import Database
from gateway.feed.pulling.handing_out import note_asked, note_handed_out
from gateway.feed.silence.calendar import Calendar
from gateway.feed.silence.gauges import FeedGauges
from gateway.feed.silence.heartbeat import heartbeat
from gateway.feed.silence.incidents import Cause, Incident, list_incidents
from gateway.feed.silence.measuring import measure
from gateway.feed.silence.watching import Watching
from gateway.feed.tables import subscriptions
from gateway.identifiers import Identifiers
from tests.feed.province import NOW, change, children, publish, record, subscribe

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
async def watching(database: Database) -> Watching:
    """A watch over subscribers who should ask each hour and be no more than a day behind."""
    clock = VirtualClock(NOW)
    calendar = Calendar((), HOUR, HOUR, lambda _: True)
    new_id = Identifiers(clock, secrets.token_bytes)
    return Watching(database, clock, new_id, calendar, timedelta(days=1))


async def asked(watching: Watching, *names: str) -> None:
    async with watching.database.transaction() as connection:
        for name in names:
            await note_asked(connection, name, watching.clock.now())


async def known(watching: Watching, *, standing: bool = True) -> list[Incident]:
    async with watching.database.reading() as connection:
        return list(await list_incidents(connection, standing=standing))


async def test_all_who_fall_silent_are_one_incident_and_one_line(watching: Watching) -> None:
    names = [f"s{place:02d}" for place in range(31)]
    for name in names:
        await subscribe(watching.database, name)
    with structlog.testing.capture_logs() as lines:
        for _ in range(180):
            watching.clock.advance(60)
            await asked(watching, "s00")
            await watching.check()
    (incident,) = await known(watching)
    assert (incident.cause, incident.affected) == (Cause.SILENT, 30)
    assert incident.opened_at == NOW + 61 * MINUTE
    assert set(incident.members) == set(names[1:])
    assert [line["event"] for line in lines] == ["incident_opened"]


async def test_an_incident_ends_with_the_last_who_is_affected(watching: Watching) -> None:
    await subscribe(watching.database, "a")
    await subscribe(watching.database, "b")
    watching.clock.advance(4000)
    await watching.check()
    await asked(watching, "a")
    watching.clock.advance(60)
    await watching.check()
    (incident,) = await known(watching)
    assert incident.affected == 1
    assert incident.members["a"] is None
    await asked(watching, "b")
    await watching.check()
    assert await known(watching) == []
    (ended,) = await known(watching, standing=False)
    assert ended.closed_at == watching.clock.now()


async def test_what_comes_back_at_once_is_the_same_incident(watching: Watching) -> None:
    await subscribe(watching.database, "a")
    watching.clock.advance(4000)
    await watching.check()
    (first,) = await known(watching)
    await asked(watching, "a")
    await watching.check()
    watching.clock.advance(3700)
    await watching.check()
    (again,) = await known(watching)
    assert again.incident_id != first.incident_id  # an hour later it is another one
    async with watching.database.transaction() as connection:
        hour_ago = watching.clock.now()
        await connection.execute(update(subscriptions).values(asked_at=hour_ago))
    await watching.check()
    async with watching.database.transaction() as connection:
        await connection.execute(update(subscriptions).values(asked_at=NOW))
    watching.clock.advance(600)
    await watching.check()
    (same,) = await known(watching)
    assert same.incident_id == again.incident_id
    assert same.members["a"] == watching.clock.now()


@pytest.mark.parametrize(
    ("changed", "open_"),
    [({"mode": "push"}, 0), ({"state": "suspended"}, 0), ({"mode": "both"}, 1)],
)
async def test_who_is_not_expected_to_ask_is_not_missed(
    watching: Watching, changed: dict[str, str], open_: int
) -> None:
    await subscribe(watching.database, "a")
    async with watching.database.transaction() as connection:
        await connection.execute(update(subscriptions).values(changed))
    watching.clock.advance(7200)
    await watching.check()
    assert len(await known(watching)) == open_


async def test_an_event_that_waits_too_long_is_an_incident(watching: Watching) -> None:
    made = await children(watching.database, 3)
    await subscribe(watching.database, "a")
    await record(watching.database, [change(child) for child in made])
    await publish(watching.database)
    watching.clock.advance(25 * 3600)
    await asked(watching, "a")
    await watching.check()
    (incident,) = await known(watching)
    assert incident.cause is Cause.BEHIND
    async with watching.database.transaction() as connection:
        await note_handed_out(connection, "a", 0, 3)
    await watching.check()
    assert await known(watching) == []


async def test_the_gauges_show_how_far_each_subscriber_is(watching: Watching) -> None:
    made = await children(watching.database, 3)
    await subscribe(watching.database, "a")
    await subscribe(watching.database, "stopped", state="stopped")
    await record(watching.database, [change(child) for child in made])
    await publish(watching.database)
    async with watching.database.transaction() as connection:
        await note_handed_out(connection, "a", 0, 1)
    await asked(watching, "a")
    watching.clock.advance(90)
    registry = CollectorRegistry()
    await measure(watching.database, watching.clock, FeedGauges(registry))
    told = generate_latest(registry).decode().splitlines()
    for line in (
        'jisui_feed_head{subscription="a"} 3.0',
        'jisui_feed_acknowledged{subscription="a"} 0.0',
        'jisui_feed_undelivered_events{subscription="a"} 2.0',
        'jisui_feed_oldest_undelivered_seconds{subscription="a"} 90.0',
        'jisui_feed_asked_seconds{subscription="a"} 90.0',
    ):
        assert line in told
    assert not [line for line in told if "stopped" in line]


def test_a_heartbeat_tells_the_head_and_has_no_number() -> None:
    told = json.loads(heartbeat("a", 7, NOW))
    assert told["type"] == "cn.jisui.feed.heartbeat.v1"
    assert told["data"]["head"] == "7"
    assert "sequence" not in told
    assert told["id"] != json.loads(heartbeat("a", 7, NOW + MINUTE))["id"]
