"""The demonstration that stays up: a newcomer's first quarter of an hour, and busy ports."""

import json
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

import pytest

from tests.cli.conftest import Ended, MadeWorld
from tests.cli.terminal import Terminal, alive, children_of, free_ports, result, until


@dataclass
class Shown:
    """A command that stays up, and the lines it has shown so far."""

    process: "Popen[str]"
    lines: list[str] = field(default_factory=list)

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def has(self, words: str) -> bool:
        assert self.process.poll() is None, self.lines
        return any(words in line for line in self.lines)


@contextmanager
def staying(terminal: Terminal, world: Path, ports: Sequence[int], *more: str) -> Iterator[Shown]:
    gateway, *systems = ports
    arguments = ("--port", gateway, "--ports", ",".join(map(str, systems)), "--store", "kept")
    with terminal.started("demo", "--world", world, *arguments, *more) as process:
        shown = Shown(process)
        reader = threading.Thread(target=shown.read)
        reader.start()
        try:
            until(lambda: shown.has("Ctrl-C"), seconds=90)
            yield shown
        finally:
            process.kill()
            reader.join()


def test_a_newcomer_sees_a_table_hands_in_another_list_and_goes_on_the_next_day(
    terminal: Terminal, plain_world: MadeWorld
) -> None:
    world, expected = plain_world
    school, other = sorted(expected)
    ports = free_ports(4)
    with staying(terminal, world, ports) as shown:
        assert shown.has("已接续")
        assert shown.has(f"http://127.0.0.1:{ports[0]}/docs")
        configured = Terminal(terminal.folder, {"JISUI_CONFIG": "kept/jisui.toml"})
        assert_another_list_is_carried(configured, world, other, ports[0])
        evidence = result(configured.run("evidence", "root", "--json"))
        end(shown)
    with staying(terminal, world, ports) as shown:
        assert shown.has("已接续")
        assert result(configured.run("evidence", "root", "--json"))["size"] > evidence["size"]
        assert_a_second_one_is_refused(terminal, world)
        end(shown)
    with staying(terminal, world, ports, "--fresh") as shown:
        assert result(configured.run("evidence", "root", "--json"))["size"] < evidence["size"]
        assert_nobody_survives_a_kill(shown)
    assert school != other


def assert_another_list_is_carried(terminal: Terminal, world: Path, school: str, port: int) -> None:
    # The county's word confirms the list as it hands it in.
    token = terminal.run("token", "--school", school, "--role", "county").stdout.strip()
    arguments = ("--school", school, "--gateway", f"http://127.0.0.1:{port}")
    file = world / "admissions" / f"{school}.xlsx"
    done = terminal.run(
        "intake", file, *arguments, "--token-file", "-", "--follow", "--json", given=token
    )
    assert done.returncode == 0, done.stderr
    assert result(done)["settled"] is True
    assert {row["state"] for row in result(done)["situations"]} == {"carried"}
    table = terminal.run("intake", file, *arguments, "--token", token)
    assert table.returncode == 0
    assert "已接续" in table.stdout
    stranger = terminal.run("intake", file, *arguments, "--token", "nobody", "--json")
    assert (stranger.returncode, stranger.stdout) == (2, "")
    assert "401" in stranger.stderr


def assert_a_second_one_is_refused(terminal: Terminal, world: Path) -> None:
    done = terminal.run("demo", "--world", world, "--store", "kept", "--fresh")
    assert (done.returncode, done.stdout) == (2, "")
    assert (terminal.folder / "kept" / "jisui.db").exists()


def end(shown: Shown) -> None:
    started = children_of(shown.process.pid)
    assert len(started) == 3
    shown.process.send_signal(signal.SIGINT)
    assert shown.process.wait(60) == 0
    assert not any(alive(pid) for pid in started)


def assert_nobody_survives_a_kill(shown: Shown) -> None:
    started = children_of(shown.process.pid)
    assert len(started) == 3
    shown.process.kill()
    until(lambda: not any(alive(pid) for pid in started))


def test_a_gateway_that_does_not_answer_ends_with_3(
    jisui: Callable[..., Ended], tmp_path: Path
) -> None:
    (tmp_path / "list.json").write_text(json.dumps({"rows": []}))
    [port] = free_ports(1)
    arguments = ("intake", "list.json", "--school", "3990000001", "--token", "t")
    ended = jisui(*arguments, "--gateway", f"http://127.0.0.1:{port}")
    assert ended[:2] == (3, "")
    assert str(port) in ended[2]


def test_without_a_token_nothing_is_handed_in(jisui: Callable[..., Ended], tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text(json.dumps({"rows": []}))
    for token in ((), ("--token-file", "nowhere")):
        ended = jisui("intake", "list.json", "--school", "3990000001", *token)
        assert ended[:2] == (2, "")
        assert "token" in ended[2]


@pytest.mark.parametrize("busy", range(4))
def test_a_busy_port_of_a_simulator_is_named(
    jisui: Callable[..., Ended], plain_world: MadeWorld, busy: int
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        ports = free_ports(4)
        ports[busy] = holder.getsockname()[1]
        listed = ",".join(map(str, ports))
        ended = jisui("simulate", "--world", plain_world[0], "--ports", listed)
    assert ended[:2] == (2, "")
    assert f"127.0.0.1:{ports[busy]}" in ended[2]


@pytest.mark.parametrize("busy", [0, 3])
def test_a_busy_port_ends_the_demonstration_before_it_began(
    terminal: Terminal, plain_world: MadeWorld, busy: int
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        ports = free_ports(4)
        ports[busy] = holder.getsockname()[1]
        gateway, *systems = map(str, ports)
        where = ("--port", gateway, "--ports", ",".join(systems), "--store", "kept")
        done = terminal.run("demo", "--world", plain_world[0], *where)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"127.0.0.1:{ports[busy]}" in done.stderr
