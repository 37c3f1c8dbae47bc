"""Each event has its effect once, in order, whatever comes twice, early, or not at all.

`TEST_LOSSES` sets how many times a stream with losses is received; 60 where it is not given.
"""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.feed.client.deliveries import take_delivery
from gateway.feed.client.inbox import HEARTBEAT_SECONDS, Contradiction, Event, Inbox, Missing
from gateway.feed.client.signatures import Forged
from tests.feed.client.made import SECRET, body_of, event, heartbeat, signed

RUNS = int(os.environ.get("TEST_LOSSES", "60"))
BEATS, GRACE = 12, 5.0


def numbers(events: list[Event]) -> list[int]:
    return [int(each["sequence"]) for each in events]


def test_what_comes_early_waits_for_what_is_missing() -> None:
    inbox = Inbox(":memory:")
    assert numbers(inbox.take([event(1), event(3), event(4)])) == [1]
    assert (inbox.position, inbox.missing) == (1, Missing(2, 2))
    assert numbers(inbox.take([event(2)])) == [2, 3, 4]
    assert (inbox.position, inbox.missing) == (4, None)


@given(st.lists(st.integers(1, 12), max_size=60))
def test_however_events_come_each_has_its_effect_once_and_in_order(order: list[int]) -> None:
    inbox, given_out = Inbox(":memory:"), []
    for number in order:
        given_out += numbers(inbox.take([event(number)]))
    whole = next(number for number in range(1, 14) if number not in order)
    assert given_out == list(range(1, whole))
    assert inbox.position == whole - 1


def test_a_heartbeat_shows_what_never_came() -> None:
    inbox = Inbox(":memory:")
    inbox.take([event(1)])
    inbox.hear(3, at=0.0)
    assert inbox.missing == Missing(2, 3)


def test_another_event_under_a_known_number_is_a_contradiction() -> None:
    inbox = Inbox(":memory:")
    inbox.take([event(1)])
    with pytest.raises(Contradiction):
        inbox.take([{**event(1), "id": "theirs-1"}])


def test_a_position_outlives_the_process(tmp_path: Path) -> None:
    file = tmp_path / "received.db"
    first = Inbox(file, start=7)
    first.take([event(8), event(10)])
    first.close()
    second = Inbox(file, start=99)
    assert second.position == 8
    assert numbers(second.take([event(9)])) == [9, 10]
    second.close()


def test_an_effect_that_fails_leaves_nothing_behind() -> None:
    def fail(_: sqlite3.Connection, told: Event) -> None:
        if told["sequence"] == "2":
            raise LookupError

    inbox = Inbox(":memory:", effect=fail)
    with pytest.raises(LookupError):
        inbox.take([event(1), event(2)])
    assert inbox.position == 0
    assert numbers(inbox.take([event(1)])) == [1]


def count(store: sqlite3.Connection, told: Event) -> None:
    """An effect that shows when it happens twice."""
    store.execute("CREATE TABLE IF NOT EXISTS effects (number INTEGER, child TEXT)")
    store.execute("INSERT INTO effects VALUES (?, ?)", (int(told["sequence"]), told["subject"]))


def test_the_same_delivery_over_and_over_has_no_second_effect(tmp_path: Path) -> None:
    file, body = tmp_path / "received.db", body_of(event(1), event(2), event(3))
    chance = Random(21)
    for again in range(1000):
        if again % 25 == 0:
            inbox = Inbox(file, effect=count)  # the receiver was restarted
        late = chance.choice([0.0, 100.0, 299.0, 302.0, 7 * 86400.0])
        try:
            take_delivery(inbox, signed(body, 1000.0), body, [SECRET], 1000.0 + late)
        except Forged:
            assert late > 300.0
    effects = sqlite3.connect(file).execute("SELECT number FROM effects").fetchall()
    assert effects == [(1,), (2,), (3,)]


def test_a_receiver_killed_amid_an_effect_does_it_once(tmp_path: Path) -> None:
    file = tmp_path / "received.db"
    dying = (
        "import os, sys; from pathlib import Path\n"
        "from gateway.feed.client.inbox import Inbox\n"
        "from tests.feed.client.test_inbox import count\n"
        "from tests.feed.client.made import event\n"
        "def effect(store, told):\n"
        "    count(store, told)\n"
        "    told['sequence'] == '2' and os._exit(9)\n"
        "Inbox(Path(sys.argv[1]), effect=effect).take([event(1), event(2)])\n"
    )
    ended = subprocess.run([sys.executable, "-c", dying, str(file)], check=False)
    assert ended.returncode == 9
    inbox = Inbox(file, effect=count)
    inbox.take([event(1), event(2)])
    effects = sqlite3.connect(file).execute("SELECT number FROM effects").fetchall()
    assert effects == [(1,), (2,)]


def test_whatever_is_lost_is_noticed_within_one_heartbeat() -> None:
    lost_in_all = 0
    for run in range(RUNS):
        lost_in_all += lose_and_notice(Random(run))
    assert lost_in_all > RUNS


def lose_and_notice(chance: Random) -> int:
    """How many deliveries were lost in one stream; each was noticed in time, and then pulled.

    A lost heartbeat is noticed too: by the silence, as soon as the next one is due.
    """
    inbox, head, lost = Inbox(":memory:"), 0, 0
    unnoticed: float | None = None  # since when something lost is not noticed
    for beat in range(BEATS):
        start = beat * HEARTBEAT_SECONDS
        for second in sorted(chance.sample(range(1, 59), chance.randint(0, 4))):
            head += (batch := chance.randint(1, 3))
            events = [event(number) for number in range(head - batch + 1, head + 1)]
            if chance.random() < 0.4:
                lost, unnoticed = lost + batch, unnoticed or start + second
            else:
                take(inbox, start + second, *events)
        at = start + HEARTBEAT_SECONDS
        if chance.random() < 0.9:
            take(inbox, at, heartbeat(head))
        at += GRACE + 0.001
        noticed = inbox.missing is not None or inbox.is_silent(at, GRACE)
        if unnoticed is not None:
            assert noticed
            assert at - unnoticed <= HEARTBEAT_SECONDS + 2 * GRACE
        if noticed:
            first = inbox.position + 1
            inbox.take(event(number) for number in range(first, head + 1))  # the pulled pages
            unnoticed = None
            assert inbox.position == head
    return lost


def take(inbox: Inbox, at: float, *events: Event) -> None:
    body = body_of(*events)
    take_delivery(inbox, signed(body, at), body, [SECRET], at)


def test_the_client_needs_nothing_of_the_gateway() -> None:
    alone = (
        "import sys, gateway.feed.client.following, gateway.feed.client.reconciling,"
        " gateway.feed.client.deliveries\n"
        "ours = {name for name in sys.modules if name.split('.')[0] == 'gateway'}\n"
        "rest = {name for name in ours if not name.startswith('gateway.feed.client')}\n"
        "assert rest <= {'gateway', 'gateway.feed'}, rest\n"
        "foreign = {'sqlalchemy', 'pydantic', 'fastapi', 'cryptography', 'adapters', 'contracts'}\n"
        "assert not foreign & sys.modules.keys(), foreign & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", alone], check=True)
