"""A subscriber of one's own hears the whole demonstration, or the command says that it did not."""

import asyncio
from collections.abc import Callable

import pytest
from standardwebhooks import Webhook

from tests.cli.conftest import Ended, MadeWorld
from tests.cli.terminal import Terminal, result
from tests.feed.pushing.receiver import Received, receiving, status

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ONCE = ("demo", "--once", "--json", "--world")


async def test_the_subscriber_has_everything_when_the_run_ends(
    terminal: Terminal, plain_world: MadeWorld
) -> None:
    async with receiving() as subscriber:
        options = ("--subscribe", subscriber.url, "--subscriber-secret", SECRET)
        done = await asyncio.to_thread(terminal.run, *ONCE, plain_world[0], *options)
        assert (done.returncode, done.stderr) == (0, "")
        found = result(done)
        told = found["subscriber"]
        assert told["delivered"] == told["head"] == len(subscriber.received)
        assert subscriber.numbers == list(range(1, told["head"] + 1))
        for request in subscriber.received:
            Webhook(SECRET).verify(request.body, request.headers)
        carried = [
            event
            for request in subscriber.received
            for event in request.events
            if event["type"] == "cn.jisui.status.carried.v1"
        ]
        assert len(carried) == found["counts"]["carried"]


async def test_a_subscriber_that_takes_nothing_fails_the_run(
    terminal: Terminal, plain_world: MadeWorld
) -> None:
    async def shut(request: Received) -> bytes:
        return status(503)

    async with receiving(shut) as subscriber:
        options = ("--subscribe", subscriber.url, "--subscriber-secret", SECRET, "--timeout", "20")
        done = await asyncio.to_thread(terminal.run, *ONCE, plain_world[0], *options)
    assert done.returncode == 1
    assert result(done)["subscriber"]["delivered"] == 0


@pytest.mark.parametrize(
    "options",
    [
        ("--subscribe", "http://127.0.0.1:1/x"),
        ("--subscriber-secret", SECRET),
        ("--subscribe", "http://127.0.0.1:1/x", "--subscriber-secret", "whsec_c2hvcnQ="),
        ("--subscribe", "http://me@127.0.0.1:1/x", "--subscriber-secret", SECRET),
    ],
)
def test_half_a_subscriber_is_refused(
    jisui: Callable[..., Ended], plain_world: MadeWorld, options: tuple[str, ...]
) -> None:
    code, _, said = jisui(*ONCE, plain_world[0], *options)
    assert code == 2
    assert SECRET not in said
