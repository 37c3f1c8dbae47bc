"""What a single query through the gateway adds to the same call made directly with zeep.

    python -m benchmarks.single_query [--queries 400] [--a-second 20] [--latency-ms 20]

The gateway, its worker and the simulated register are processes of their own, on a new SQLite store
with full sync. At each tick one person is asked about twice, directly and through the gateway, in
turn the one or the other first, so that both meet the same minute of the machine. No person comes
twice, so that no answer is a remembered one. Exit code 0: both goals met; 1: one missed.
"""

import argparse
import asyncio
import csv
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

import httpx
import zeep
from zeep.transports import Transport

from adapters.population.nciic.adapter import PATH
from adapters.population.nciic.contract import BINDING
from adapters.population.nciic.licence import DEMO_LICENCE
from benchmarks.machine import describe_machine
from benchmarks.processes import Running, jisui
from contracts.citizen_number import check_character
from gateway.access.vocabulary import Role
from gateway.demo.stage import ASKED, Stage, demo_token
from gateway.migrations import migrate
from gateway.settings import load_settings
from gateway.wiring.ground import open_ground

SCHOOL, AREA = "9999990100", "999999"
RESULTS = Path(__file__).parent / "results"
WARMING = 20  # queries that only warm connections and compiled statements
GOAL_P50_MS, GOAL_P99_MS = 10.0, 30.0
TOKEN_SECONDS = 400.0  # a token is good for ten minutes

Ask = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Added:
    """Milliseconds of a call, directly and through the gateway."""

    queries: int
    a_second: float
    direct_p50: float
    direct_p99: float
    gateway_p50: float
    gateway_p99: float
    gateway_cpu_ms: float  # of the process that answers HTTP, a query

    @property
    def met(self) -> bool:
        """Whether the gateway adds no more than agreed."""
        added = (self.gateway_p50 - self.direct_p50, self.gateway_p99 - self.direct_p99)
        return added[0] <= GOAL_P50_MS and added[1] <= GOAL_P99_MS


def people(count: int) -> list[tuple[str, str]]:
    """So many invented people: number and name."""
    invented = []
    for serial in range(count):
        born_on = date(2020, 1, 1) + timedelta(days=serial // 500)
        digits = f"{AREA}{born_on:%Y%m%d}{2 * (serial % 500):03d}"
        invented.append((digits + check_character(digits), f"虚构{serial}"))
    return invented


def invent(world: Path, residents: Sequence[tuple[str, str]]) -> None:
    """A world whose population register knows these people."""
    world.mkdir()
    with (world / "population.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["GMSFHM", "XM", "XBDM", "CSRQ", "MZDM", "SWBS"])
        rows.writerows([n, name, "2", n[6:14], "01", "0"] for n, name in residents)


def directly(url: str) -> Ask:
    """Asks as a script with zeep does."""
    soap = zeep.Client(f"{url}{PATH}?wsdl", transport=Transport(timeout=10))
    service = soap.create_service(BINDING, f"{url}{PATH}")

    def ask(number: str, name: str) -> None:
        conditions = (
            '<?xml version="1.0" encoding="UTF-8"?><ROWS><INFO><SBM>软件公司</SBM></INFO>'
            "<ROW><GMSFHM>公民身份号码</GMSFHM><XM>姓名</XM></ROW>"
            f'<ROW FSD="{AREA}" YWLX="学籍"><GMSFHM>{number}</GMSFHM>'
            f"<XM>{escape(name)}</XM></ROW></ROWS>"
        )
        answer = service.nciicCheck(inLicense=DEMO_LICENCE, inConditions=conditions)
        assert answer.count("<result_xm>一致</result_xm>") == 1

    return ask


def through_the_gateway(url: str, token: str) -> Ask:
    """Asks as a school's system does."""
    client = httpx.Client(
        base_url=url,
        timeout=30,
        headers={
            "Authorization": f"Bearer {token}",
            "Jisui-Purpose": "enrolment",
            "X-Road-Issue": "benchmark",
            "X-Road-UserId": "clerk",
            "Prefer": "wait=10",
        },
    )

    def ask(number: str, name: str) -> None:
        told = {"document": {"number": number}, "name": name}
        answer = client.post("/v1/verifications", json=told)
        assert answer.status_code == 200, answer.text
        assert answer.json()["outcome"] == "MATCH"

    return ask


def compare(
    direct: Ask, gateway: Ask, asked: Sequence[tuple[str, str]], a_second: float
) -> tuple[list[float], list[float]]:
    """Milliseconds of each call, directly and through the gateway, at a steady pace."""
    taken: dict[Ask, list[float]] = {direct: [], gateway: []}
    began = time.perf_counter()
    for tick, person in enumerate(asked):
        time.sleep(max(0.0, began + tick / a_second - time.perf_counter()))
        for ask in (direct, gateway) if tick % 2 else (gateway, direct):
            started = time.perf_counter()
            ask(*person)
            taken[ask].append((time.perf_counter() - started) * 1000)
    return taken[direct][WARMING:], taken[gateway][WARMING:]


def measure(wanted: argparse.Namespace, folder: Path) -> Added:
    """The whole comparison in a folder of its own."""
    world, log = folder / "world", folder / "processes.log"
    residents = people(wanted.queries + WARMING)
    invent(world, residents)
    with ExitStack() as running:
        simulating = ["simulate", "--world", str(world), "--latency-ms", str(wanted.latency_ms)]
        simulators: Running = running.enter_context(jisui(simulating, log))
        (folder / "store").mkdir()
        stage = Stage(folder / "store", world, SCHOOL, automatic_acceptance=False, replaced={})
        urls = {name: simulators.said[name] for name in ASKED}
        configuration = stage.configure(urls, port=0)
        token = asyncio.run(_token(configuration))
        gateway = running.enter_context(jisui(["serve"], log, configuration))
        running.enter_context(jisui(["work"], log, configuration))
        asks = directly(urls["population"]), through_the_gateway(gateway.said["url"], token)
        spent = gateway.cpu_seconds()
        direct, through = compare(*asks, residents, wanted.a_second)
        spent = gateway.cpu_seconds() - spent
    return Added(
        wanted.queries,
        wanted.a_second,
        *(round(each, 2) for each in (*_percentiles(direct), *_percentiles(through))),
        round(spent / len(residents) * 1000, 2),
    )


async def _token(configuration: Path) -> str:
    async with open_ground(load_settings(configuration)) as ground:
        await migrate(ground.database)
        return await demo_token(ground, Role.CLERK, SCHOOL, AREA)


def _percentiles(taken: Sequence[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return cuts[49], cuts[98]


def main() -> int:
    """Measure, say what was found, keep it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--a-second", type=float, default=20.0)
    parser.add_argument("--latency-ms", type=float, default=20.0)
    wanted = parser.parse_args()
    if wanted.queries / wanted.a_second > TOKEN_SECONDS:
        parser.error("a token does not live that long: fewer queries, or more a second")
    with tempfile.TemporaryDirectory(prefix="jisui-single-") as folder:
        added = measure(wanted, Path(folder))
    print(f"directly            p50 {added.direct_p50:7.2f} ms   p99 {added.direct_p99:7.2f} ms")
    print(f"through the gateway p50 {added.gateway_p50:7.2f} ms   p99 {added.gateway_p99:7.2f} ms")
    p50, p99 = added.gateway_p50 - added.direct_p50, added.gateway_p99 - added.direct_p99
    print(f"added               p50 {p50:7.2f} ms   p99 {p99:7.2f} ms   goal: 10 and 30")
    print(f"processor time of the gateway, a query: {added.gateway_cpu_ms:.2f} ms")
    kept = {"at": datetime.now(UTC).isoformat(), "machine": describe_machine(), **asdict(added)}
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"single-query-{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    file.write_text(json.dumps(kept, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return 0 if added.met else 1


if __name__ == "__main__":
    sys.exit(main())
