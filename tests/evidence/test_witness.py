"""The witness signs a log that grew, and nothing else, whatever it is told and after any crash."""

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete
from starlette.types import ASGIApp

from adapters.transport import AsgiTransport, open_client
from gateway.clock import VirtualClock
from gateway.database import open_database
from gateway.evidence.checkpoint_store import waiting_since
from gateway.evidence.checkpoints import parse_checkpoint
from gateway.evidence.hashing import SHA256
from gateway.evidence.laying import Forked, RolledBack
from gateway.evidence.note_keys import verify_cosigned, verify_signed
from gateway.evidence.notes import InvalidNote, parse_note
from gateway.evidence.signing import Signatory
from gateway.evidence.tables import checkpoints, entries
from gateway.evidence.witnessing.app import create_witness
from gateway.evidence.witnessing.asking import Witness
from gateway.evidence.witnessing.book import AnotherSize, Book, NotGrown
from gateway.evidence.witnessing.growth import MOST_LEAVES, Growth, growth_bytes, parse_growth
from gateway.evidence.witnessing.signing import Cosignatory
from tests.evidence.logs import KEY, NOW, ORIGIN, Installation
from tests.evidence.trees import defined_root, leaf_hashes

NAME = "witness.example"
WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
HASHES = leaf_hashes(SHA256, 40)


@pytest.fixture
async def log(migrated_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    database = open_database(migrated_sqlite_url)
    yield Installation(database, tmp_path / "evidence", VirtualClock(NOW))
    await database.close()


@pytest.fixture
def office(log: Installation, tmp_path: Path) -> "Office":
    return Office(log, tmp_path / "witness")


class Office:
    """The witness as a process that can be started again; `app` is what answers just now."""

    def __init__(self, log: Installation, folder: Path) -> None:
        self.folder = folder
        self.log = log
        self.cosignatory = Cosignatory(NAME, WITNESS_KEY, log.clock)
        self.app: ASGIApp
        self.start()

    def start(self) -> None:
        if hasattr(self, "book"):
            self.book.close()
        self.book = Book(self.folder / "log.db", self.log.signatory().public())
        self.app = create_witness({ORIGIN: self.book}, self.cosignatory)

    @asynccontextmanager
    async def asked(self) -> AsyncIterator[Witness]:
        """One process's connection to it."""
        async with open_client("http://witness", transport=AsgiTransport(self.app)) as client:
            yield Witness(client, self.cosignatory.public())


async def waits(log: Installation) -> datetime | None:
    async with log.database.reading() as connection:
        return await waiting_since(connection)


def told(hashes: list[bytes], old: int, key: Ed25519PrivateKey = KEY) -> Growth:
    """What a log with these leaves tells a witness that signed the first `old`."""
    signatory = Signatory(ORIGIN, key, SHA256, witnessed=True)
    checkpoint = signatory.checkpoint(len(hashes), defined_root(SHA256, hashes))
    return Growth(old, tuple(hashes[old:]), signatory.sign(checkpoint))


def test_a_growth_reads_back_and_nothing_else_is_one() -> None:
    for growth in (told(HASHES, 7), told(HASHES, 40), told([], 0)):
        written = growth_bytes(growth)
        assert parse_growth(written) == growth
        for spoilt in (
            b"",
            b"old 1\n",
            written[4:],
            written.replace(b"old ", b"old 0"),
            written[:-1],
        ):
            with pytest.raises(InvalidNote):
                parse_growth(spoilt)
    short = growth_bytes(told(HASHES, 39)).replace(b"=\n\n", b"\n\n", 1)
    with pytest.raises(InvalidNote):
        parse_growth(short)


async def test_a_round_is_signed_by_both_and_says_when(log: Installation, office: Office) -> None:
    async with office.asked() as witness:
        for count in (1, 4, 300):
            await log.append(count)
            log.clock.advance(60)
            kept = await log.lead(witness)
            note = parse_note(kept.note)
            verify_signed(note, log.signatory().public())
            assert verify_cosigned(note, witness.key) == log.clock.now().timestamp()
            assert kept.witnessed_at == log.clock.now()
            assert kept.checkpoint.extensions == ()
            assert office.book.note() == kept.note
    leaves = b"".join(log.folder.tree(305).leaves(0, 305))
    assert b"".join(office.book.leaves()) == leaves


async def test_what_a_crash_or_an_absence_left_is_told_in_parts(
    log: Installation, office: Office
) -> None:
    await log.append(MOST_LEAVES * 2 + 5)
    await log.lead()
    async with office.asked() as witness:
        kept = await log.lead(witness)
    assert office.book.size == kept.checkpoint.size == MOST_LEAVES * 2 + 5
    await log.append(1)
    async with office.asked() as another:  # a process that knows nothing of the sizes
        assert (await log.lead(another)).witnessed_at is not None


async def test_while_the_witness_is_away_checkpoints_wait_for_it(
    log: Installation, office: Office
) -> None:
    closed = open_client("http://127.0.0.1:9", seconds=1)  # nobody listens there
    async with closed, office.asked() as witness:
        away = Witness(closed, witness.key)
        assert (await away.alive(), await witness.alive()) == (False, True)
        began = log.clock.now()
        for _ in range(3):
            await log.append(1)
            assert (await log.lead(away)).witnessed_at is None
            log.clock.advance(60)
        assert await waits(log) == began
        assert (await log.lead(witness)).witnessed_at is not None  # and nothing was appended
        assert await waits(log) is None


async def test_who_is_no_log_of_ours_is_refused(log: Installation, office: Office) -> None:
    stranger = Ed25519PrivateKey.generate()
    async with open_client("http://witness", transport=AsgiTransport(office.app)) as client:
        for body, status in (
            (b"", 400),
            (b"x" * 600_000, 413),
            (growth_bytes(told(HASHES, 0, stranger)), 403),
            (growth_bytes(told(HASHES, 3)), 409),
        ):
            assert (await client.post("/add-leaves", content=body)).status_code == status
        other = Signatory("another-log", KEY, SHA256, witnessed=True)
        note = other.sign(other.checkpoint(0, SHA256.empty()))
        body = growth_bytes(Growth(0, (), note))
        assert (await client.post("/add-leaves", content=body)).status_code == 404
    assert office.book.note() is None


def test_a_fork_and_a_rollback_are_refused_and_a_fork_is_remembered(office: Office) -> None:
    book = office.book
    cosign = office.cosignatory.cosign
    cosign(book, told(HASHES[:20], 0))
    before = book.note()
    changed = [*HASHES[:10], SHA256.leaf(b"another"), *HASHES[11:]]
    forks = [
        (told(changed[:20], 20), NotGrown),  # another tree of the same size
        (told(changed, 20), NotGrown),  # one that grew from another
        (replace(told(HASHES, 20), leaves=told(changed[::-1], 20).leaves), NotGrown),
        (told(changed[:20], 0), NotGrown),
        (told(HASHES[:10], 0), AnotherSize),  # an older backup
    ]
    for growth, refusal in forks:
        with pytest.raises(refusal):
            cosign(book, growth)
        assert book.note() == before
    office.start()  # and it remembers after a restart
    book, proofs = office.book, [parse_note(note) for note in office.book.refused()]
    assert sorted(parse_checkpoint(proof.text).size for proof in proofs) == [20, 40, 40]
    for proof in proofs:
        verify_signed(proof, office.log.signatory().public())
    cosign(book, told(HASHES, 20))
    assert book.size == 40


def test_what_was_signed_is_there_after_a_crash_and_nothing_more(office: Office) -> None:
    office.cosignatory.cosign(office.book, told(HASHES[:20], 0))
    before = office.book.note()
    full = "CREATE TRIGGER full BEFORE INSERT ON signed BEGIN SELECT RAISE(ABORT, 'full'); END"
    office.book._store.execute(full)  # the disk takes the first row and not the second
    with pytest.raises(sqlite3.IntegrityError):
        office.cosignatory.cosign(office.book, told(HASHES, 20))
    office.start()
    assert (office.book.size, office.book.note()) == (20, before)
    assert b"".join(office.book.leaves()) == b"".join(HASHES[:20])


@pytest.mark.parametrize(
    "spoil",
    [
        "DELETE FROM leaves",
        "UPDATE leaves SET hashes = substr(hashes, 33)",
        "UPDATE signed SET peaks = zeroblob(length(peaks))",
    ],
)
def test_a_book_that_was_changed_is_not_opened(office: Office, spoil: str) -> None:
    office.cosignatory.cosign(office.book, told(HASHES, 0))
    office.start()
    office.book._store.execute(spoil)
    with pytest.raises(NotGrown):
        office.start()


async def test_a_store_that_lost_its_folder_as_well_is_known_to_the_witness(
    log: Installation, office: Office
) -> None:
    async with office.asked() as witness:
        await log.append(20)
        await log.lead(witness)
        async with log.database.transaction() as connection:
            await connection.execute(delete(entries).where(entries.c.position > 8))
            await connection.execute(delete(checkpoints))
        shutil.rmtree(log.path)
        with pytest.raises(RolledBack, match=r"8 entries and 20 were"):
            await log.lead(witness)
        await log.append(40)
        with pytest.raises(Forked):
            await log.lead(witness)


async def test_a_signature_of_another_key_is_no_witness(log: Installation, office: Office) -> None:
    await log.append(1)
    async with office.asked() as witness:
        another = Cosignatory(NAME, KEY, log.clock).public()
        kept = await log.lead(Witness(witness.client, another))
    assert kept.witnessed_at is None
    assert await waits(log) == log.clock.now()
