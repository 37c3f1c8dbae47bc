"""`jisui subscriptions relay`: what an operator types, what an engine then holds, how it ends."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from benchmarks.pull import happen
from gateway.settings import load_settings
from gateway.wiring.ground import open_ground
from tests.cli.conftest import Ended
from tests.engines.postgres import free_port

Jisui = Callable[..., Ended]


@pytest.fixture
def subscription(jisui: Jisui, migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A pull subscription on a store of its own."""
    monkeypatch.setenv("JISUI_DATABASE_URL", migrated_sqlite_url)
    monkeypatch.setenv("JISUI_KEYS_FOLDER", "keys")
    add = ("subscriptions", "add", "--name", "a province", "--area", "990000", "--json")
    granted: str = json.loads(jisui(*add)[1])["subscription_id"]
    return granted


def test_what_happened_is_in_the_engine_once_however_often_it_is_relayed(
    jisui: Jisui, subscription: str, redis_url: str, tmp_path: Path
) -> None:
    address = tmp_path / "address"
    address.write_text(f"{redis_url}\n", "ascii")
    asyncio.run(three_changes())
    relay = ("subscriptions", "relay", subscription, "--to-file", address, "--once")
    assert [jisui(*relay)[0] for _ in range(2)] == [0, 0]
    with redis.Redis.from_url(redis_url) as engine:
        held = engine.xrange(f"jisui:feed:{{{subscription}}}")
    assert [json.loads(told[b"event"])["sequence"] for _, told in held] == ["1", "2", "3"]
    shown = json.loads(jisui("subscriptions", "show", subscription, "--json")[1])
    assert shown["acknowledged"] == 3


async def three_changes() -> None:
    async with open_ground(load_settings()) as ground:
        await happen(ground, 3)


def test_an_engine_that_is_away_ends_it_with_3_and_its_address_is_not_shown(
    jisui: Jisui, subscription: str, tmp_path: Path
) -> None:
    address = tmp_path / "address"
    for scheme in ("redis", "nats", "kafka"):
        address.write_text(f"{scheme}://name:geheim@127.0.0.1:{free_port()}", "ascii")
        relay = ("subscriptions", "relay", subscription, "--to-file", address, "--once")
        code, out, err = jisui(*relay)
        assert code == 3
        assert "geheim" not in out + err


def test_an_unknown_engine_is_refused_and_a_missing_file_told(
    jisui: Jisui, subscription: str, tmp_path: Path
) -> None:
    address = tmp_path / "address"
    relay = ("subscriptions", "relay", subscription, "--to-file", address, "--once")
    assert jisui(*relay)[0] == 3
    address.write_text("amqp://127.0.0.1", "ascii")
    assert jisui(*relay)[0] == 2
