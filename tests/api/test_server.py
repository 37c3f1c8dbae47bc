"""The server as a process of its own, on a real socket."""

import asyncio
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import httpx2 as httpx
import pytest

from gateway.api.server import PortBusy, listen

PROGRAM = Path(__file__).with_name("serving.py")
ROOT = PROGRAM.parents[2]
SOON = 60.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


async def start(port: int) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), str(port), cwd=ROOT, stdout=PIPE, stderr=PIPE
    )


async def until_open(port: int) -> None:
    for _ in range(1200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        await writer.wait_closed()
        return
    pytest.fail("the server did not open its port")


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
async def test_a_stopped_server_finishes_what_is_under_way_and_then_closes(stop: signal.Signals):
    port = free_port()
    server = await start(port)
    await until_open(port)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", timeout=SOON, verify=False
    ) as client:
        asked = asyncio.create_task(client.get("/slow"))
        assert server.stdout
        assert await server.stdout.readline() == b"asked\n"
        server.send_signal(stop)
        answer = await asked
    assert answer.json() == "done"
    assert "server" not in answer.headers
    written, errors = await asyncio.wait_for(server.communicate(), SOON)
    assert (server.returncode, written) == (0, b"closed\n"), errors.decode()


async def test_a_busy_port_ends_the_program_with_a_clear_word():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = await start(taken.getsockname()[1])
        _, errors = await asyncio.wait_for(server.communicate(), SOON)
    assert server.returncode == 1
    assert "已被占用" in errors.decode()
    assert "Traceback" not in errors.decode()


def test_a_busy_port_is_named_with_its_address():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortBusy, match=str(port)):
            listen("127.0.0.1", port)
