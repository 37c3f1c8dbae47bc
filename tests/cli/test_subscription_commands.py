"""`jisui subscriptions`: what an operator types, what is printed, and how it ends."""

import json
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import Ended

Ask = Callable[..., tuple[int, Any]]
ADD = ("add", "--name", "a province", "--area", "330000")


@pytest.fixture
def ask(
    jisui: Callable[..., Ended], migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> Ask:
    """`jisui subscriptions …` on a store of its own: exit code, and the JSON it printed, if any."""
    monkeypatch.setenv("JISUI_DATABASE_URL", migrated_sqlite_url)
    monkeypatch.setenv("JISUI_KEYS_FOLDER", "keys")

    def run(*words: object) -> tuple[int, Any]:
        code, out, _ = jisui("subscriptions", *words, "--json")
        return code, json.loads(out) if out else None

    return run


def test_a_grant_prints_the_secret_once(ask: Ask) -> None:
    code, granted = ask(*ADD, "--events", "suspended,resumed", "--batch", 50)
    assert code == 0
    assert granted["secret"].startswith("whsec_")
    assert (granted["areas"], granted["institution"]) == (["33"], "330000")
    assert (granted["events"], granted["batch"]) == (["suspended", "resumed"], 50)
    _, shown = ask("show", granted["subscription_id"])
    _, listed = ask("list")
    assert granted["secret"] not in json.dumps([shown, listed])
    assert shown["public_key"] == granted["public_key"]
    assert [found["subscription_id"] for found in listed["subscriptions"]] == [
        granted["subscription_id"]
    ]


def test_a_push_needs_an_address_and_more_than_thin_an_approval(ask: Ask) -> None:
    assert ask(*ADD, "--mode", "push") == (2, None)
    assert ask(*ADD, "--fields", "register") == (2, None)
    url = ("--url", "https://province.example/in", "--allow-network", "10.1.0.0/16")
    code, granted = ask(
        *ADD, "--mode", "push", *url, "--fields", "register", "--approval", "浙教〔2026〕1号"
    )
    assert (code, granted["networks"]) == (0, ["10.1.0.0/16"])


def test_it_is_suspended_and_goes_on_only_when_somebody_chose_and_said_yes(ask: Ask) -> None:
    _, granted = ask(*ADD)
    found = granted["subscription_id"]
    assert ask("suspend", found, "--reason", "moving")[0] == 0
    assert ask("show", found)[1]["state"] == "suspended"
    for words in (["--jump"], ["--yes"], ["--jump", "--replay-all", "--yes"]):
        assert ask("resume", found, *words) == (2, None)
    assert ask("resume", found, "--jump", "--yes")[1]["waiting"] == 0
    assert ask("show", found)[1]["state"] == "active"


def test_a_secret_is_rotated_and_terms_are_changed_by_order(ask: Ask) -> None:
    _, granted = ask(*ADD)
    found = granted["subscription_id"]
    code, rotated = ask("rotate", found, "--overlap-hours", 24)
    assert code == 0
    assert rotated["secret"] != granted["secret"]
    assert ask("rotate", found, "--signing-key")[1]["public_key"] != granted["public_key"]
    assert len(ask("change", found, "--area", "33,44")[1]["order"]) == 32
    assert ask("change", found, "--area", "33%") == (2, None)


def test_what_does_not_exist_or_was_stopped_is_refused(ask: Ask) -> None:
    _, granted = ask(*ADD)
    found = granted["subscription_id"]
    assert ask("show", "0" * 32) == (2, None)
    assert ask("replay", found, "--from", 1, "--to", 5, "--yes") == (2, None)
    assert ask("stop", found) == (2, None)
    assert ask("stop", found, "--yes")[0] == 0
    assert ask("suspend", found) == (2, None)


def test_what_was_set_aside_is_listed_with_its_reason(
    ask: Ask, jisui: Callable[..., Ended], migrated_sqlite_url: str
) -> None:
    _, granted = ask(*ADD)
    found = granted["subscription_id"]
    assert ask("aside", found) == (0, {"subscription_id": found, "asides": []})
    with sqlite3.connect(migrated_sqlite_url.partition("///")[2]) as store:
        for number, front, reason in ((4, 1, "400"), (9, 0, "")):
            row = (found, number, "somebody", front, 3 * front, None, reason, 0)
            store.execute(
                "INSERT INTO push_asides (subscription_id, number, person_id, front, attempts,"
                " next_at, reason, since) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
    store.close()
    first, second = ask("aside", found)[1]["asides"]
    assert (first["number"], first["reason"], first["attempts"]) == (4, "400", 3)
    assert (second["number"], second["front"]) == (9, False)
    _, out, _ = jisui("subscriptions", "aside", found)
    assert out.splitlines()[0].startswith("4  400  3 ")
    assert ask("aside", "0" * 32)[0] == 2
