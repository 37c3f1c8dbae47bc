"""Each dialect can be tried by hand, with what the page about it says."""

import asyncio
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.dialects import Agreement, Surroundings, open_population
from adapters.population.nciic.licence import DEMO_LICENCE
from adapters.transport import open_client
from contracts.capabilities import Asker, Claim
from contracts.outcomes import Outcome
from gateway.clock import SystemClock
from gateway.processes import simulating
from gateway.shared.secrets import OwnSecrets

NUMBER = "999999202001010002"
_PAGE = (Path(__file__).parents[2] / "docs" / "population.md").read_text("utf-8")
_, *TOLD = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", _PAGE, re.DOTALL)]
AGREEMENTS = {
    "nciic": Agreement("population", licence=DEMO_LICENCE),
    "national": Agreement("population", credentials=TOLD[0], registered=TOLD[1]),
    "zhejiang": Agreement("population", credentials=TOLD[2], registered=TOLD[3]),
}


@pytest.mark.parametrize("dialect", sorted(AGREEMENTS))
async def test_a_simulated_register_speaks_the_dialect_it_was_told_to(
    dialect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = f"GMSFHM,XM,XBDM,CSRQ,MZDM,SWBS\n{NUMBER},虚构一,2,20200101,01,0\n"
    (tmp_path / "population.csv").write_text(row, "utf-8")
    said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    monkeypatch.setattr(simulating, "tell", said.put_nowait)
    monkeypatch.setattr(simulating, "stop_signal", asyncio.Event)
    running = asyncio.create_task(simulating.simulate(tmp_path, None, 0.0, dialect))
    urls = await said.get()
    clock = SystemClock()
    async with open_client(urls["population"], verify=False) as client:
        around = Surroundings(OwnSecrets(clock), lambda: datetime.now(UTC))
        register = open_population(dialect, client, AGREEMENTS[dialect], around)
        asker = Asker("软件公司", "330106", "学籍")
        replies = [
            await register.check([Claim(NUMBER, name)], asker, trace_id="t")
            for name in ("虚构一", "另名")
        ]
    said_of_each = [reply.value[0].outcome for reply in replies]
    assert said_of_each == [Outcome.MATCH, Outcome.NAME_MISMATCH]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
