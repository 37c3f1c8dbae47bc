"""A unit at its terminal with no register at the other end: what is known is told beforehand."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx2 as httpx

from contracts.capabilities import Change
from contracts.citizen_number import check_character
from contracts.records import CanonicalRecord, Document, Identity, PrimaryRecord, Provenance
from gateway.access.vocabulary import Role
from gateway.clock import VirtualClock
from gateway.keys import open_keys
from gateway.settings import load_settings
from gateway.wiring.doors import wire_app
from gateway.wiring.enrolment_queries import wire_learning
from gateway.wiring.ground import open_ground
from gateway.wiring.systems import open_systems
from gateway.wiring.work import wire_worker
from tests.intake.stage import START, Stage
from tests.intake.village import RIVAL, Child
from tests.verification.enrolment_queries.conftest import Bureau


@asynccontextmanager
async def open_quiet(
    url: str, folder: Path, clock: VirtualClock | None = None, **terms: Any
) -> AsyncIterator[Bureau]:
    """The bureau over a migrated store; opened twice on one store it is two processes."""
    clock = clock or VirtualClock(START)
    licence = folder / "licence"
    licence.write_text("nobody is asked", "ascii")
    if not (folder / "keys").exists():
        open_keys(folder / "keys", create=True)
    settings = load_settings(
        database_url=url,
        keys_folder=folder / "keys",
        enrolment_queries=terms,
        systems={"population": {"licence_file": licence}},
    )
    async with AsyncExitStack() as opened:
        ground = await opened.enter_async_context(open_ground(settings, clock))
        systems = await opened.enter_async_context(open_systems(ground))
        app = wire_app(ground, systems)
        transport = httpx.ASGITransport(app)
        door = httpx.AsyncClient(transport=transport, base_url="http://gateway", verify=False)
        await opened.enter_async_context(door)
        worker = wire_worker(ground, systems)
        yield Bureau(Stage(ground, systems, worker, clock, {}, app, door, door))


async def learn(bureau: Bureau, children: Sequence[Child], school: str = RIVAL) -> None:
    """Let the student register's feed have told of these pupils."""
    changes = [_told(serial, one, school) for serial, one in enumerate(children, 1)]
    ground = bureau.stage.ground
    async with ground.database.transaction() as connection:
        await wire_learning(ground).students(connection, changes)


def stranger(region: str, born_on: str, order: int) -> Child:
    """An invented child of whom nobody knows anything; `born_on` is written YYYYMMDD."""
    digits = f"{region}{born_on}{order:03d}"
    number = digits + check_character(digits)
    return Child(order, "虚构人", "男" if order % 2 else "女", born_on, number, f"G{number}")


async def release(bureau: Bureau, stop_id: str, user: str = "operator.sun") -> httpx.Response:
    """The operator's answer to whoever is stopped."""
    path = f"/v1/enrolment-stops/{stop_id}/release"
    return await bureau.stage.ask("POST", path, Role.OPERATOR, json={"reason": "核实"}, user=user)


async def stops(bureau: Bureau, *, standing: bool = True) -> list[dict[str, Any]]:
    """The list of stops as the operator sees it."""
    path = f"/v1/enrolment-stops?standing={str(standing).lower()}"
    answer = await bureau.stage.ask("GET", path, Role.OPERATOR)
    listed: list[dict[str, Any]] = answer.json()["stops"]
    return listed


def _told(serial: int, one: Child, school: str) -> Change[PrimaryRecord]:
    sex = "1" if one.sex == "男" else "2"
    document = Document("1", "居民身份证", one.document)
    born_on = date.fromisoformat(one.born_on)
    child = CanonicalRecord(
        identity=Identity(one.name, sex, born_on, document, one.number),
        fields={"enrolled_in": "202609"},
        extension={},
        provenance=Provenance("student_status", START),
    )
    record = PrimaryRecord(f"{school}-{one.serial}", school, "在读", True, True, child)
    return Change(serial, "updated", START, record)
