"""A NATS server of our own, with JetStream in a folder of its own: from the wheel, else on PATH."""

import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.engines.account import Account, launch, open_folder
from tests.engines.postgres import EngineUnavailable, free_port

READY_SECONDS = 20
OURSELVES = Account(None, None)


@dataclass(frozen=True)
class NatsServer:
    """A running server."""

    url: str
    process: subprocess.Popen[bytes]
    folder: Path

    def kill(self) -> None:
        """End the server as a power cut would, but for what the kernel still holds."""
        self.process.kill()
        self.process.wait(timeout=READY_SECONDS)

    def stop(self) -> None:
        """End the server and remove its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def nats_sources() -> Iterator[Path]:
    """Where the program may be: the wheel lays it beside Python's own."""
    beside = Path(sys.executable).parent / "nats-server"
    if beside.is_file():
        yield beside
    if (found := shutil.which("nats-server")) is not None:
        yield Path(found)


def start_nats() -> NatsServer:
    """The first server that starts."""
    refusals = []
    for program in nats_sources():
        folder = open_folder(OURSELVES)
        try:
            return serve(program, folder, free_port(), secrets.token_hex(16))
        except (OSError, EngineUnavailable) as error:
            shutil.rmtree(folder, ignore_errors=True)
            refusals.append(f"{program}: {error}")
    raise EngineUnavailable(f"NATS cannot be started: {'; '.join(refusals) or 'no program'}")


def serve(program: Path, folder: Path, port: int, token: str) -> NatsServer:
    """A server over what the folder holds, ready when this returns."""
    log, settings = folder / "log", folder / "nats.conf"
    settings.write_text(
        f'listen: "127.0.0.1:{port}"\nauthorization {{ token: "{token}" }}\n'
        f'jetstream {{ store_dir: "{folder / "store"}", sync_interval: always }}\n',
        "utf-8",
    )
    with log.open("ab") as output:
        command = [str(program), "-c", str(settings)]
        process = launch(command, OURSELVES, folder, output=output, stop=signal.SIGKILL)
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if _answers(port):
            return NatsServer(f"nats://{token}@127.0.0.1:{port}", process, folder)
        time.sleep(0.02)
    process.kill()
    process.wait()
    raise EngineUnavailable(log.read_text(errors="replace").strip()[-300:])


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            return connection.recv(64).startswith(b"INFO ")
    except OSError:
        return False
