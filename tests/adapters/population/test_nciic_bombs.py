"""Answers that would swell to a gibibyte: given up at once, in little memory."""

import asyncio
import json
import subprocess
import sys
import zlib

import pytest
from starlette.responses import Response

from adapters.population.nciic.simulated_packing import PACKINGS
from adapters.population.nciic.simulator import create
from adapters.simulation.serving import serving
from adapters.world import World

# The asking process is one of its own, so that its memory is nobody else's.
ASK = """
import asyncio, json, sys, time
from adapters.population.nciic.adapter import Nciic
from adapters.population.nciic.licence import DEMO_LICENCE
from adapters.transport import open_client
from contracts.capabilities import Asker, Claim
from contracts.errors import Unreadable

async def main(url, *kinds):
    async with open_client(url) as client:
        nciic = Nciic(client, licence=DEMO_LICENCE)
        for kind in kinds:
            await client.post("/_simulator/faults", json={"script": [{"kind": kind}]})
            code, seconds = await ask(nciic)
            print(json.dumps({"code": code, "seconds": seconds, "mebibytes": peak()}))

def peak():
    # Not getrusage: what a process was forked from counts there.
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1024

async def ask(nciic):
    # Processor time: a neighbour's work on this machine is no fault of ours.
    claim, started = Claim("999999201801010014", "测试甲"), time.process_time()
    try:
        await nciic.check([claim], Asker("厅", "999999", "学籍"), trace_id="t")
        code = "believed"
    except Unreadable as failure:
        code = failure.code
    return code, time.process_time() - started

asyncio.run(main(*sys.argv[1:]))
"""
BOMBS = {
    "gzip_bomb": "content-encoding",
    "deflate_bomb": "content-encoding",
    "nested_bomb": "content-encoding",
    "unlabelled_bomb": "xml too long",
    "endless": "too long",
}


async def test_a_bomb_is_given_up_within_a_second_and_150_mebibytes() -> None:
    async with serving(create(World((), (), (), (), {}))) as url:
        run = [sys.executable, "-c", ASK, url, *BOMBS]
        done = await asyncio.to_thread(subprocess.run, run, capture_output=True, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["code"] for each in told] == list(BOMBS.values())
    assert max(each["seconds"] for each in told) <= 1.0
    assert max(each["mebibytes"] for each in told) <= 150


@pytest.mark.parametrize(("kind", "form"), [("gzip_bomb", 31), ("deflate_bomb", 15)])
def test_a_bomb_is_one(kind: str, form: int) -> None:
    body = bytes(PACKINGS[kind](Response()).body)
    assert len(body) < 2 * 1024 * 1024
    swollen = len(zlib.decompressobj(form).decompress(body[: len(body) // 64]))
    assert swollen * 64 > 0.98 * 2**30


def test_every_packing_is_tried() -> None:
    assert set(PACKINGS) == {*BOMBS, "gzip"}
