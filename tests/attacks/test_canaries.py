"""Nothing about a child lies where it does not belong: canaries through a whole installation."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import openpyxl
import pytest

from gateway.access.vocabulary import Role
from gateway.intake.lists import JSON
from tests.attacks.canaries import WORD, canaries, forms, seen_in, seen_under
from tests.attacks.installation import Installation, installed
from tests.attacks.strangers import Place
from tests.intake.village import SCHOOL, Child, Village, person

# Where these children belong: the simulated registers' own files.
_WORLD = {"preschool.csv", "primary.csv", "population.csv"}
_FAULTS = {
    "preschool": ({"kind": "truncated", "nth": 1}, {"kind": "html_200", "nth": 3}),
    "student_status": ({"kind": "truncated", "nth": 2}, {"kind": "http_500", "nth": 4}),
    "population": ({"kind": "truncated", "nth": 1},),
}


@dataclass(frozen=True)
class Aviary:
    """The installation with its canaries."""

    up: Installation
    children: list[Child]

    @property
    def wanted(self) -> dict[str, bytes]:
        return forms(self.children)

    async def ask(
        self, method: str, path: str, role: Role = Role.CLERK, **more: Any
    ) -> httpx.Response:
        headers = await self.up.strangers.headers(role, Place.OWN, "enrolment")
        headers |= more.pop("headers", {})
        return await self.up.door.request(method, path, headers=headers, **more)


@pytest.fixture
async def aviary(tmp_path: Path) -> AsyncIterator[Aviary]:
    village = Village()
    children = canaries(village)
    async with installed(tmp_path, village.world) as up:
        async with httpx.AsyncClient() as outside:
            for system, faults in _FAULTS.items():
                await outside.post(
                    f"{up.systems[system]}/_simulator/faults", json={"script": faults}
                )
        yield Aviary(up, children)


async def test_a_canary_shows_only_to_its_school_and_in_the_registers(aviary: Aviary):
    up, wanted = aviary.up, aviary.wanted
    intake_id = await handed_in(aviary)
    await settled(aviary, intake_id)
    await belongs(aviary, intake_id)
    for answer in await complaints(aviary, intake_id):
        assert answer.status_code >= 400
        told = answer.content + repr(answer.headers.raw).encode()
        assert seen_in(told, wanted) == [], answer.request.url.path
    for path in ("/metrics", "/readyz", "/openapi.json", f"/v1/intakes/{intake_id}"):
        assert seen_in((await aviary.ask("GET", path)).content, wanted) == [], path
    for process in up.processes:
        arguments = up.of_process(process, "cmdline") + up.of_process(process, "environ")
        assert seen_in(arguments.encode(), wanted) == []
    assert (up.folder / "jisui.db-wal").stat().st_size > 0
    assert set(seen_under(up.folder, wanted)) == _WORLD
    await up.stop("work")
    await up.stop("serve")
    assert set(seen_under(up.folder, wanted)) == _WORLD
    assert list((up.folder / "tmp").iterdir()) == []
    assert (up.folder / "logs" / "serve.log").stat().st_size > 0


async def handed_in(aviary: Aviary) -> str:
    """The list, as a careless clerk fills it in, in the county's name."""
    extra = {
        "未报到原因": f"{WORD}随母迁居",
        "监护人证件号": person(90).document,
        "父亲职务": f"{WORD}局长",
        "备注": f"{WORD}的备注",
    }
    rows = [child.row(**extra) for child in aviary.children]
    wrong = aviary.children[0]
    rows.append({**wrong.row(**extra), "序号": wrong.document, "性别": "?", "身份证件号": ""})
    content = json.dumps({"rows": rows}, ensure_ascii=False).encode()
    answer = await aviary.ask(
        "POST",
        f"/v1/intakes?school={SCHOOL}",
        Role.COUNTY,
        content=content,
        headers={"Content-Type": JSON},
    )
    assert answer.status_code == 202, answer.text
    intake_id: str = answer.json()["intake_id"]
    return intake_id


async def settled(aviary: Aviary, intake_id: str) -> None:
    async with asyncio.timeout(90):
        # Another process works; it can only be asked.
        while not (await aviary.ask("GET", f"/v1/intakes/{intake_id}")).json()["settled"]:
            await asyncio.sleep(0.3)


async def belongs(aviary: Aviary, intake_id: str) -> None:
    """The school itself is told: else the searches above would prove nothing."""
    rows = await aviary.ask("GET", f"/v1/intakes/{intake_id}/rows")
    assert aviary.children[0].number in rows.text
    sheet = await aviary.ask("GET", f"/v1/intakes/{intake_id}/result-sheet")
    book = openpyxl.load_workbook(io.BytesIO(sheet.content))
    assert WORD in "".join(str(cell.value) for cell in book["结果"]["B"])
    number = {"number": aviary.children[0].number}
    chain = await aviary.ask("POST", "/v1/numbers/resolve", json=number)
    assert chain.json()["current"] == aviary.children[0].number


async def complaints(aviary: Aviary, intake_id: str) -> list[httpx.Response]:
    """Answers to requests that put children where they do not belong."""
    child = aviary.children[0]
    body = {"number": child.number, WORD: child.document, "name": [child.name]}
    confirmation = f"/v1/intakes/{intake_id}/confirmation"
    listing = f"/v1/intakes?school={SCHOOL}"
    broken = json.dumps({"rows": [{"姓名": [child.name]}]}, ensure_ascii=False).encode()
    json_body = {"Content-Type": JSON}
    return [
        await aviary.ask("POST", "/v1/numbers/resolve", json=body),
        await aviary.ask("POST", "/v1/numbers/resolve", json={"number": [child.name]}),
        await aviary.ask("POST", "/v1/numbers/resolve", json={"number": person(70).number}),
        await aviary.ask("POST", "/v1/numbers/resolve", content=f'{{"{child.name}'.encode()),
        await aviary.ask("POST", confirmation, Role.COUNTY, json={"reference": child.document}),
        await aviary.ask("POST", listing, content=broken, headers=json_body),
        await aviary.ask("POST", listing, content=child.name.encode(), headers=json_body),
        await aviary.ask("POST", listing, content=b"x", headers={"Content-Type": child.document}),
        await aviary.ask("POST", f"/v1/intakes?school={child.document}"),
        await aviary.ask("GET", f"/v1/intakes/{child.document}"),
        await aviary.ask("GET", f"/v1/{child.name}/{child.document}"),
        await aviary.ask("GET", f"/v1/handovers?state={child.name}&{child.document}=1"),
        await aviary.ask("GET", "/v1/handovers", headers={"X-Road-Issue": child.document}),
        await aviary.ask("GET", "/v1/x", headers={"X-Road-Id": child.number}),
        await aviary.ask("GET", "/v1/x", headers={"X-Road-Client": f"CN/{child.document}"}),
        await aviary.ask("GET", "/v1/handovers", headers={"Authorization": child.document}),
    ]
