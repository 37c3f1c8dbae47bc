"""A suspended subscription keeps every event and goes on as its operator chooses, knowingly."""

import pytest

from contracts.events import Event
from gateway.feed.subscribing.steering import Choice, NotNow
from gateway.feed.subscribing.subscription import State
from tests.feed.province import change, children, record
from tests.feed.subscribing.office import Office, terms


@pytest.fixture
async def suspended(office: Office) -> str:
    """A subscription that missed five events of three children."""
    made = await children(office.store, 3)
    granted, _ = await office.grant(terms("33"))
    await office.steer("suspend", granted, "its address is gone")
    await record(office.store, [change(child) for child in made])
    await record(office.store, [change(made[0], Event.RESUMED), change(made[2], Event.RESUMED)])
    await office.publish()
    return granted


@pytest.mark.parametrize(
    ("choice", "acknowledged", "head"),
    [(Choice.REPLAY_ALL, 0, 5), (Choice.JUMP, 5, 5), (Choice.LATEST_PER_CHILD, 5, 8)],
)
async def test_it_goes_on_as_chosen_with_the_consequences_counted(
    office: Office, suspended: str, choice: Choice, acknowledged: int, head: int
) -> None:
    foreseen = await office.steer("resume", suspended, choice)
    assert (foreseen.waiting, foreseen.children) == (5, 3)
    await office.publish()
    found = await office.load(suspended)
    assert (found.state, found.state_reason) == (State.ACTIVE, "")
    assert (found.acknowledged, found.head) == (acknowledged, head)
    told = await office.told(suspended)
    assert [event for reason, event, _ in told if reason == "latest"] == (
        ["suspended", "resumed", "resumed"] if choice is Choice.LATEST_PER_CHILD else []
    )


async def test_while_its_leader_restates_nothing_else_is_decided(
    office: Office, suspended: str
) -> None:
    await office.steer("resume", suspended, Choice.LATEST_PER_CHILD)
    with pytest.raises(NotNow):
        await office.steer("resume", suspended, Choice.JUMP)


async def test_a_replay_is_of_what_there_is(office: Office, suspended: str) -> None:
    replay = await office.steer("replay", suspended, 2, 4)
    assert len(replay) == 32
    for first, last in ((0, 1), (4, 6), (3, 2)):
        with pytest.raises(NotNow):
            await office.steer("replay", suspended, first, last)
    actions = [action for action, _ in await office.recorded()]
    assert actions == ["subscription.granted", "subscription.suspended", "subscription.replayed"]


async def test_only_what_is_suspended_is_resumed(office: Office) -> None:
    granted, _ = await office.grant(terms("33"))
    with pytest.raises(NotNow):
        await office.steer("resume", granted, Choice.JUMP)
