"""Auditors fetch checkpoint, tiles and proofs, and with them alone know what the log holds."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.access.vocabulary import Role
from gateway.evidence.checkpoints import parse_checkpoint
from gateway.evidence.hashing import SHA256
from gateway.evidence.note_keys import verify_signed
from gateway.evidence.notes import parse_note
from gateway.evidence.proofs import verify_consistency, verify_inclusion
from gateway.evidence.tile_address import parse_tile
from gateway.evidence.tile_files import tile_path
from gateway.wiring.evidence import signatory
from tests.evidence.trees import defined_root
from tests.intake.stage import Stage, open_stage
from tests.intake.village import Village

PATH = "/v1/evidence"


@pytest.fixture
async def stage(migrated_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(migrated_sqlite_url, tmp_path, Village()) as stage:
        yield stage


async def fetch(stage: Stage, what: str, status: int = 200) -> bytes:
    answer = await stage.ask("GET", f"{PATH}/{what}", Role.AUDITOR)
    assert answer.status_code == status, answer.text
    return answer.content


async def test_an_auditor_knows_the_log_from_what_it_is_told(stage: Stage) -> None:
    await fetch(stage, "checkpoint", 404)  # nothing was signed yet
    for _ in range(2):
        await stage.work()
        stage.clock.advance(60)
    note = parse_note(await fetch(stage, "checkpoint"))
    verify_signed(note, signatory(stage.ground.settings).public())
    checkpoint = parse_checkpoint(note.text)
    size = checkpoint.size
    assert size > 1
    tile = await fetch(stage, f"tile/0/000.p/{size}")
    hashes = [tile[at : at + 32] for at in range(0, len(tile), 32)]
    assert defined_root(SHA256, hashes) == checkpoint.root
    for position in (1, size):
        told = (await stage.ask("GET", f"{PATH}/entries/{position}/proof", Role.AUDITOR)).json()
        proof = [bytes.fromhex(step) for step in told["proof"]]
        assert told["leaf"] == hashes[position - 1].hex()
        leaf = bytes.fromhex(told["leaf"])
        verify_inclusion(SHA256, leaf, told["index"], told["size"], proof, checkpoint.root)
    told = (await stage.ask("GET", f"{PATH}/growth?old_size=1", Role.AUDITOR)).json()
    proof = [bytes.fromhex(step) for step in told["proof"]]
    verify_consistency(SHA256, 1, size, proof, bytes.fromhex(told["old_root"]), checkpoint.root)
    assert bytes.fromhex(told["old_root"]) == hashes[0]


async def test_what_the_log_does_not_have_is_not_found(stage: Stage) -> None:
    await stage.work()
    size = parse_checkpoint(parse_note(await fetch(stage, "checkpoint")).text).size
    for absent in (
        f"tile/0/000.p/{size + 1}",
        "tile/0/000",
        "tile/1/000.p/1",
        "tile/0/%2E%2E/%2E%2E/checkpoint",
        "tile/checkpoint",
        f"entries/{size + 1}/proof",
        f"growth?old_size=1&size={size + 1}",
        f"growth?old_size={size + 1}",
    ):
        await fetch(stage, absent, 404)
    await fetch(stage, "entries/0/proof", 422)
    await fetch(stage, "growth?old_size=0", 422)


@pytest.mark.parametrize("number", [0, 67, 999, 1000, 1234067, 10**9])
@pytest.mark.parametrize("width", [1, 12, 255, 256])
def test_every_address_of_a_tile_reads_back(number: int, width: int) -> None:
    address = tile_path(2, number, width).removeprefix("tile/")
    assert parse_tile(address) == (2, number, width)


@pytest.mark.parametrize(
    "address",
    [
        *("", "0/0", "00/000", "8/000", "0/x000/001", "0/000.p/0", "0/000.p/256", "0/000.p/01"),
        *("0/000/", "0/000.p/1\n", "0/٠٠٠", "0//000", "x001/000", "0/1000"),
    ],
)
def test_what_is_no_address_of_a_tile_is_none(address: str) -> None:
    assert parse_tile(address) is None
