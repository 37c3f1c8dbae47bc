"""What one call of the population register costs: our adapter beside bare zeep.

    python -m benchmarks.population_call [CALLS] [ROUNDS]

Rounds take turns on the same simulator, which is a process of its own, sixteen calls in flight;
told is processor time of the asking process. Bare zeep believes whatever comes: no schema, no
bounds.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from statistics import median
from xml.sax.saxutils import escape

import zeep
from lxml import etree
from zeep.proxy import AsyncServiceProxy
from zeep.transports import AsyncTransport

from adapters.population.nciic.adapter import PATH, Nciic
from adapters.population.nciic.contract import BINDING, load_wsdl
from adapters.population.nciic.licence import DEMO_LICENCE
from adapters.transport import open_client
from contracts import citizen_number
from contracts.capabilities import Asker, Claim

IN_FLIGHT = 16
ROWS = 5
Ask = Callable[[tuple[Claim, ...]], Awaitable[list[str]]]

_SIMULATOR = """
import asyncio
from adapters.population.nciic.simulator import create
from adapters.simulation.serving import serving
from adapters.world import World
from benchmarks.population_call import claim

async def main():
    claims = [claim(number) for number in range(1, 500, 2)]
    people = tuple({"GMSFHM": one.citizen_number, "XM": one.name} for one in claims)
    async with serving(create(World((), (), (), people, {}))) as url:
        print(url, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def claim(number: int) -> Claim:
    """An invented person; those of odd numbers stand in the register."""
    digits = f"99999920180101{number:03d}"
    return Claim(digits + citizen_number.check_character(digits), f"测试{number}")


def write_bare(claims: tuple[Claim, ...]) -> str:
    """The conditions as a script would write them."""
    rows = "".join(
        f'<ROW FSD="999999" YWLX="学籍"><GMSFHM>{escape(one.citizen_number)}</GMSFHM>'
        f"<XM>{escape(one.name)}</XM></ROW>"
        for one in claims
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ROWS><INFO><SBM>软件公司</SBM></INFO>'
        f"<ROW><GMSFHM>公民身份号码</GMSFHM><XM>姓名</XM></ROW>{rows}</ROWS>"
    )


@asynccontextmanager
async def bare_zeep(url: str) -> AsyncIterator[Ask]:
    """The client and transport zeep brings along; answers are read by paths and believed."""
    transport = AsyncTransport()
    soap = zeep.AsyncClient(load_wsdl(), transport=transport)
    service = AsyncServiceProxy(soap, soap.wsdl.bindings[BINDING], address=url + PATH)

    async def ask(claims: tuple[Claim, ...]) -> list[str]:
        out = await service.nciicCheck(inLicense=DEMO_LICENCE, inConditions=write_bare(claims))
        rows = etree.fromstring(out.encode()).findall("ROW")
        return [row.findtext("OUTPUT/ITEM/result_xm") or "" for row in rows]

    yield ask
    await transport.aclose()


@asynccontextmanager
async def ours(url: str) -> AsyncIterator[Ask]:
    """The adapter, with all it checks."""
    asker = Asker("软件公司", "999999", "学籍")
    async with open_client(url) as client:
        nciic = Nciic(client, licence=DEMO_LICENCE)

        async def ask(claims: tuple[Claim, ...]) -> list[str]:
            verdicts = (await nciic.check(claims, asker, trace_id="t")).value
            said = {"MATCH": "一致", "NOT_ON_FILE": ""}
            return [said[verdict.outcome.value] for verdict in verdicts]

        yield ask


async def measure(ask: Ask, calls: int) -> tuple[float, float]:
    """Processor microseconds and wall microseconds a call, sixteen in flight."""
    left = iter(range(calls))
    claims = [tuple(claim(5 * group + row) for row in range(ROWS)) for group in range(100)]

    async def work() -> None:
        for number in left:
            said = await ask(claims[number % 100])
            assert said == ["一致" if (number + row) % 2 else "" for row in range(ROWS)]

    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
    return (
        (time.process_time() - cpu) / calls * 1e6,
        (time.perf_counter() - wall) / calls * 1e6,
    )


async def compare(url: str, calls: int, rounds: int) -> dict[str, dict[str, float]]:
    """The medians of both, and how ours stands to the bare one."""
    taken: dict[str, list[tuple[float, float]]] = {"bare zeep": [], "adapter": []}
    async with bare_zeep(url) as bare, ours(url) as adapter:
        for ask in (bare, adapter):
            await measure(ask, IN_FLIGHT)
        for _ in range(rounds):
            taken["bare zeep"].append(await measure(bare, calls))
            taken["adapter"].append(await measure(adapter, calls))
    told: dict[str, dict[str, float]] = {
        name: {
            "cpu_us": round(median(cpu for cpu, _ in figures)),
            "wall_us": round(median(wall for _, wall in figures)),
        }
        for name, figures in taken.items()
    }
    ratio = told["adapter"]["cpu_us"] / told["bare zeep"]["cpu_us"]
    return {**told, "ratio": {"cpu": round(ratio, 2)}}


def main(calls: int = 400, rounds: int = 5) -> None:
    """Print the figures."""
    simulator = subprocess.Popen(
        [sys.executable, "-c", _SIMULATOR], stdout=subprocess.PIPE, text=True
    )
    assert simulator.stdout is not None  # it was asked for
    try:
        url = simulator.stdout.readline().strip()
        print(json.dumps(asyncio.run(compare(url, calls, rounds)), indent=1))
    finally:
        simulator.terminate()
        simulator.wait()
        simulator.stdout.close()


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
