"""Through the doors: what must be witnessed fails at once without the witness, the rest later."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from httpx2 import Response

from adapters.simulation.serving import serving
from gateway.access.vocabulary import Operation, Role
from gateway.api.witnessed import UnknownOperation, places_of
from gateway.clock import SystemClock
from gateway.evidence.checkpoint_store import load_witnessed
from gateway.evidence.note_keys import key_text
from gateway.evidence.witnessing.app import create_witness
from gateway.evidence.witnessing.book import Book
from gateway.evidence.witnessing.policy import load_witnessed as load_policy
from gateway.evidence.witnessing.signing import Cosignatory
from gateway.keys import open_keys
from gateway.settings import load_settings
from gateway.wiring.evidence import signatory
from tests.evidence.test_witness import NAME, WITNESS_KEY
from tests.intake.stage import Stage, open_stage
from tests.intake.village import Village

HOUR = 3600.0


class Opened:
    """A stage whose log another office witnesses, and that office's door to close."""

    def __init__(self, stage: Stage, book: Book, office: AsyncExitStack) -> None:
        self.stage, self.book, self._office = stage, book, office

    async def close_office(self) -> None:
        await self._office.aclose()

    async def export(self) -> Response:
        return await self.stage.ask("GET", "/v1/problems/sheet", Role.COUNTY)

    async def look(self) -> Response:
        return await self.stage.ask("GET", "/v1/handovers", Role.COUNTY)

    async def exported(self) -> int:
        entries = await self.stage.entries()
        return sum(entry["action"] == "problem.exported" for entry in entries)


@pytest.fixture
async def opened(
    migrated_sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Opened]:
    async with AsyncExitStack() as stages, AsyncExitStack() as office:
        open_keys(tmp_path / "keys", create=True)
        log = signatory(
            load_settings(database_url=migrated_sqlite_url, keys_folder=tmp_path / "keys")
        )
        cosignatory = Cosignatory(NAME, WITNESS_KEY, SystemClock())
        book = Book(tmp_path / "witness.db", log.public())
        app = create_witness({log.origin: book}, cosignatory)
        url = await office.enter_async_context(serving(app))
        monkeypatch.setenv("JISUI_EVIDENCE__WITNESS_URL", url)
        monkeypatch.setenv("JISUI_EVIDENCE__WITNESS_KEY", key_text(cosignatory.public()))
        staged = open_stage(migrated_sqlite_url, tmp_path, Village())
        yield Opened(await stages.enter_async_context(staged), book, office)


async def test_an_export_is_answered_under_a_checkpoint_that_was_witnessed(opened: Opened) -> None:
    answer = await opened.export()
    assert answer.status_code == 200, answer.text
    assert await opened.exported() == 1
    async with opened.stage.ground.database.reading() as connection:
        witnessed = await load_witnessed(connection)
    assert witnessed is not None
    assert opened.book.size == witnessed.checkpoint.size == len(await opened.stage.entries())


async def test_without_the_witness_exports_fail_at_once_and_the_rest_hours_later(
    opened: Opened,
) -> None:
    assert (await opened.export()).status_code == 200
    await opened.close_office()
    opened.stage.clock.advance(2)
    refused = await opened.export()
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/unwitnessed")
    assert await opened.exported() == 1
    assert (await opened.look()).status_code == 200
    await opened.stage.work()  # a checkpoint is signed that waits for the witness
    opened.stage.clock.advance(3.9 * HOUR)
    assert (await opened.look()).status_code == 200
    opened.stage.clock.advance(0.2 * HOUR)
    stopped = await opened.look()
    assert (stopped.status_code, stopped.json()["type"]) == (503, "/problems/evidence_stopped")


async def test_every_operation_of_the_policy_has_its_place_and_none_is_unknown(
    opened: Opened,
) -> None:
    app = opened.stage.app
    for operation in load_policy():
        assert places_of(app, frozenset({operation})), operation
    with pytest.raises(UnknownOperation, match="no_such"):
        places_of(app, frozenset({Operation.PROBLEMS_EXPORT, "no_such.operation"}))
