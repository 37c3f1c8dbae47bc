"""The main job as one command: from a folder of invented children to one JSON object."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from adapters import world as worlds
from adapters.population.nciic.adapter import PATH
from adapters.registry import SYSTEMS
from adapters.simulation.serving import serving
from adapters.world_maker import Expected
from tests.cli.conftest import Ended, MadeWorld
from tests.cli.terminal import Terminal, alive, children_of, result, until

ONCE = ("demo", "--once", "--json", "--world")
MEMBERS = {"counts", "handovers", "evidence"}


def promised(expected: tuple[Expected, ...]) -> list[dict[str, Any]]:
    return [asdict(row) | {"problems": list(row.problems)} for row in expected]


def first(made: MadeWorld) -> tuple[str, tuple[Expected, ...]]:
    school = min(school for school, rows in made[1].items() if rows)
    return school, made[1][school]


def test_two_runs_at_once_each_end_as_the_world_promises(
    terminal: Terminal, varied_world: MadeWorld
) -> None:
    folder, _ = varied_world
    dumps = [terminal.folder / name for name in ("one", "other")]
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(terminal.run, *ONCE, folder, "--dump", dump) for dump in dumps]
    for dump, run in zip(dumps, runs, strict=True):
        done = run.result()
        assert (done.returncode, done.stderr) == (0, "")
        assert_as_promised(result(done), first(varied_world)[1])
        assert_dumped(dump, result(done))
    assert list(terminal.temporary.iterdir()) == []


def assert_as_promised(found: dict[str, Any], expected: tuple[Expected, ...]) -> None:
    assert found.keys() == MEMBERS
    assert found["handovers"] == promised(expected)
    assert sum(found["counts"].values()) == len(expected)
    assert found["counts"]["held:not_graduated"] == len(
        [row for row in expected if row.reason == "not_graduated"]
    )
    assert found["evidence"]["size"] > len(expected)
    assert len(bytes.fromhex(found["evidence"]["root"])) == 32


def assert_dumped(folder: Path, found: dict[str, Any]) -> None:
    """What was carried stands in both registers, under the number that was said."""
    held = {path.stem: json.loads(path.read_text("utf-8")) for path in folder.iterdir()}
    assert held.keys() == {"preschool", "student_status", "population"}
    assert all(each.keys() == {"records", "requests"} for each in held.values())
    numbers = {row["number"] for row in found["handovers"] if row["state"] == "carried"}
    for system in ("preschool", "student_status"):
        text = json.dumps(held[system]["records"], ensure_ascii=False)
        assert all(number in text for number in numbers)
    assert held["population"]["requests"]


@pytest.fixture
async def elsewhere(plain_world: MadeWorld) -> AsyncIterator[dict[str, str]]:
    """The plain world's systems, each under a path of its own on another server."""
    world = worlds.load(plain_world[0])
    async with AsyncExitStack() as up:
        yield {
            system.name: await up.enter_async_context(
                serving(Starlette(routes=[Mount("/agency/test", app=system.simulate(world))]))
            )
            + "/agency/test"
            for system in SYSTEMS
            if system.name != "enrolment_platform"
        }


async def test_other_systems_take_the_simulators_places_under_their_paths(
    terminal: Terminal, plain_world: MadeWorld, elsewhere: dict[str, str]
) -> None:
    urls = elsewhere | {"population": elsewhere["population"] + PATH}
    replaced = [word for name, url in urls.items() for word in ("--system", f"{name}={url}")]
    # The simulators' own world is empty of this school's children: only the others know them.
    folder = only_the_lists(plain_world[0], terminal.folder / "world")
    process = await in_a_thread(terminal, *ONCE, folder, *replaced, "--dump", "dump")
    assert process.returncode == 0, process.stderr
    assert {row["state"] for row in result(process)["handovers"]} == {"carried"}
    assert all(row["problems"] == [] for row in result(process)["handovers"])
    # A simulator's own pages are looked for on the host, which has none there.
    population = json.loads((terminal.folder / "dump" / "population.json").read_text("utf-8"))
    assert population == {"records": [], "requests": []}


def only_the_lists(world: Path, copy: Path) -> Path:
    (copy / "admissions").mkdir(parents=True)
    for path in (world / "admissions").iterdir():
        (copy / "admissions" / path.name).write_bytes(path.read_bytes())
    (copy / "schools.csv").write_bytes((world / "schools.csv").read_bytes())
    return copy


async def in_a_thread(terminal: Terminal, *arguments: object) -> Any:
    return await asyncio.to_thread(terminal.run, *arguments)


def test_when_the_time_is_over_the_same_object_comes_with_1(
    terminal: Terminal, plain_world: MadeWorld
) -> None:
    school, expected = max(plain_world[1].items(), key=lambda pair: pair[0])
    # Settings of an installation on the same machine are none of the demonstration's.
    elsewhere = {"JISUI_DATABASE_URL": "nonsense", "JISUI_CONFIG": "nowhere", "JISUI_TOKEN": "x"}
    busy = Terminal(terminal.folder, elsewhere)
    # Nobody answers there: the children wait for the police side, longer than they are given.
    silent = ("--system", "population=http://127.0.0.1:9")
    done = busy.run(*ONCE, plain_world[0], "--school", school, "--timeout", 0, *silent)
    assert done.returncode == 1, done.stderr
    found = result(done)
    assert found.keys() == MEMBERS
    assert [row["row"] for row in found["handovers"]] == [row.row for row in expected]
    assert {row["state"] for row in found["handovers"]} <= {"searching", "accepted", "carried"}


def test_without_automatic_acceptance_matches_wait_to_be_confirmed(
    terminal: Terminal, plain_world: MadeWorld
) -> None:
    done = terminal.run("demo", "--once", "--world", plain_world[0], "--no-auto-accept")
    assert done.returncode == 0, done.stderr
    assert "已匹配待确认" in done.stdout
    assert "学籍主管领导确认" in done.stdout
    assert "http" not in done.stdout


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)],
)
def test_a_signal_ends_everything_that_was_started(
    terminal: Terminal, plain_world: MadeWorld, number: int, code: int
) -> None:
    with terminal.started(*ONCE, plain_world[0]) as process:
        started = wait_for_children(process.pid)
        process.send_signal(number)
        printed, _ = process.communicate(timeout=60)
        assert (process.returncode, printed) == (code, "")
        until(lambda: not any(alive(pid) for pid in started))
    if number != signal.SIGKILL:
        assert list(terminal.temporary.iterdir()) == []


def wait_for_children(pid: int) -> list[int]:
    until(lambda: len(children_of(pid)) == 3)
    return children_of(pid)


def test_a_process_that_dies_ends_the_run_with_3(
    terminal: Terminal, plain_world: MadeWorld
) -> None:
    with terminal.started(*ONCE, plain_world[0]) as process:
        victim, *others = wait_for_children(process.pid)
        os.kill(victim, signal.SIGKILL)
        printed, said = process.communicate(timeout=60)
        assert (process.returncode, printed) == (3, "")
        assert "simulate" in said
        assert not any(alive(pid) for pid in others)
    assert list(terminal.temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("preschool.csv", "机构标识码\n3", "preschool.csv, line 1, column 学籍号"),
        ("population.csv", b"\xff\n", "population.csv, line 1"),
        ("schools.csv", None, "admissions"),
    ],
)
def test_a_world_that_cannot_be_read_is_told(
    jisui: Callable[..., Ended], tmp_path: Path, file: str, content: str | bytes | None, words: str
) -> None:
    world = tmp_path / "world"
    world.mkdir()
    if content is not None:
        (world / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    ended: Ended = jisui(*ONCE, world)
    assert ended[:2] == (2, "")
    assert words in ended[2]


@pytest.mark.parametrize(
    "arguments",
    [
        ("demo", "--once", "--world", "nowhere"),
        ("demo", "--json"),
        ("demo", "--dump", "somewhere"),
        ("demo", "--once", "--system", "population"),
        ("demo", "--once", "--system", "elsewhere=http://127.0.0.1:9"),
        ("demo", "--once", "--system", "population=ftp://127.0.0.1:9"),
        ("demo", "--once", "--licence", "nowhere"),
    ],
)
def test_wrong_use_ends_with_2_and_prints_nothing(
    jisui: Callable[..., Ended], arguments: tuple[str, ...]
) -> None:
    ended: Ended = jisui(*arguments)
    assert ended[:2] == (2, "")
    assert ended[2]


def test_a_school_without_a_list_is_refused_with_those_that_have_one(
    jisui: Callable[..., Ended], plain_world: MadeWorld
) -> None:
    ended: Ended = jisui(*ONCE, plain_world[0], "--school", "3999999999")
    assert ended[:2] == (2, "")
    assert first(plain_world)[0] in ended[2]
