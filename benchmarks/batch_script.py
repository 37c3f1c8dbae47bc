"""What somebody would write to verify a sheet: a zeep loop, or zeep under asyncio.gather.

Nothing is kept: no log, no store, no retry, no resuming; an answer is counted and forgotten. Runs
by itself, so that its imports and its processor time are nobody else's:

    python -m benchmarks.batch_script loop|gather URL SHEET ROWS AT_ONCE
"""

import asyncio
import csv
import json
import sys
import time
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from xml.sax.saxutils import escape

import zeep
from lxml import etree
from zeep.proxy import AsyncServiceProxy
from zeep.transports import AsyncTransport

from adapters.population.nciic.adapter import PATH
from adapters.population.nciic.contract import BINDING, load_wsdl
from adapters.population.nciic.licence import DEMO_LICENCE

ROWS_A_CALL = 5
Row = tuple[str, str]


def groups_of(sheet: Path, rows: int) -> list[list[Row]]:
    """The first rows of the sheet, five by five: name and number."""
    with sheet.open(encoding="utf-8", newline="") as file:
        read = [(row["姓名"], row["身份证件号"]) for row in islice(csv.DictReader(file), rows)]
    return [read[start : start + ROWS_A_CALL] for start in range(0, len(read), ROWS_A_CALL)]


def conditions(group: Iterable[Row]) -> str:
    """The inner document of a call."""
    rows = "".join(
        f'<ROW FSD="999999" YWLX="学籍"><GMSFHM>{escape(number)}</GMSFHM>'
        f"<XM>{escape(name)}</XM></ROW>"
        for name, number in group
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ROWS><INFO><SBM>软件公司</SBM></INFO>'
        f"<ROW><GMSFHM>公民身份号码</GMSFHM><XM>姓名</XM></ROW>{rows}</ROWS>"
    )


def matches(answer: str) -> int:
    """How many rows of an answer match."""
    found = etree.fromstring(answer.encode()).findall("ROW")
    return sum(row.findtext("OUTPUT/ITEM/result_xm") == "一致" for row in found)


def loop(url: str, groups: list[list[Row]], _at_once: int) -> int:
    """One call after the other."""
    service = zeep.Client(load_wsdl()).create_service(BINDING, url + PATH)
    return sum(
        matches(service.nciicCheck(inLicense=DEMO_LICENCE, inConditions=conditions(group)))
        for group in groups
    )


def gather(url: str, groups: list[list[Row]], at_once: int) -> int:
    """So many calls side by side."""
    return asyncio.run(_gather(url, groups, at_once))


async def _gather(url: str, groups: list[list[Row]], at_once: int) -> int:
    transport = AsyncTransport()
    soap = zeep.AsyncClient(load_wsdl(), transport=transport)
    service = AsyncServiceProxy(soap, soap.wsdl.bindings[BINDING], address=url + PATH)
    places = asyncio.Semaphore(at_once)

    async def ask(group: list[Row]) -> int:
        async with places:
            asked = conditions(group)
            return matches(await service.nciicCheck(inLicense=DEMO_LICENCE, inConditions=asked))

    try:
        return sum(await asyncio.gather(*(ask(group) for group in groups)))
    finally:
        await transport.aclose()


def main(how: str, url: str, sheet: str, rows: str, at_once: str) -> None:
    """Verify so many rows and print what it took."""
    groups = groups_of(Path(sheet), int(rows))
    wall, cpu = time.perf_counter(), time.process_time()
    matched = {"loop": loop, "gather": gather}[how](url, groups, int(at_once))
    taken = {
        "rows": sum(map(len, groups)),
        "matched": matched,
        "seconds": round(time.perf_counter() - wall, 3),
        "cpu_seconds": round(time.process_time() - cpu, 3),
    }
    print(json.dumps(taken))


if __name__ == "__main__":
    main(*sys.argv[1:])
