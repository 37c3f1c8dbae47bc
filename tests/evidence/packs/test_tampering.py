"""Whoever has the database and the log's own key cannot bend what a witness has signed.

`JISUI_TAMPERINGS` says how many of each kind are tried, `JISUI_TAMPERED_ENTRIES` on how many.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from gateway.evidence.packs.verify import Report, verify
from tests.evidence.packs.ledger import (
    PINNED,
    MemoryTree,
    entry,
    signed_note,
    tree_of,
    write_copy,
    write_pack,
)

TRIALS = int(os.environ.get("JISUI_TAMPERINGS", "8"))
SIZE = int(os.environ.get("JISUI_TAMPERED_ENTRIES", "120"))


@dataclass
class Left:
    """What the tampering leaves behind, and where a verifier must see it."""

    entries: list[tuple[int, bytes]]
    changed: list[int] = field(default_factory=list)
    missing: list[tuple[int, int]] = field(default_factory=list)
    tail: tuple[int, int] | None = None
    inserted_after: list[int] = field(default_factory=list)


def edited(entries: list[bytes], random: Random) -> Left:
    at = random.randrange(len(entries))
    spot = random.randrange(2, len(entries[at]))
    byte = bytes([entries[at][spot] ^ 1 << random.randrange(5)])
    canonical = entries[at][:spot] + byte + entries[at][spot + 1 :]
    return Left(numbered([*entries[:at], canonical, *entries[at + 1 :]]), changed=[at + 1])


def replaced(entries: list[bytes], random: Random) -> Left:
    places = sorted(random.sample(range(len(entries)), 3))
    changed = [entry(10_000 + at) if at in places else each for at, each in enumerate(entries)]
    return Left(numbered(changed), changed=[at + 1 for at in places])


def emptied(entries: list[bytes], random: Random) -> Left:
    at = random.randrange(len(entries))
    return Left(numbered([*entries[:at], b"", *entries[at + 1 :]]), changed=[at + 1])


def holed(entries: list[bytes], random: Random) -> Left:
    first, end = span(entries, random)
    kept = [(number, each) for number, each in numbered(entries) if not first <= number < end]
    return Left(kept, missing=[(first, end - 1)])


def closed_up(entries: list[bytes], random: Random) -> Left:
    first, end = span(entries, random)
    kept = numbered([*entries[: first - 1], *entries[end - 1 :]])
    return Left(kept, missing=[(first, end - 1)])


def backdated(entries: list[bytes], random: Random) -> Left:
    at = random.randrange(1, len(entries))
    grown = [*entries[:at], entry(20_000 + at), *entries[at:]]
    return Left(numbered(grown), inserted_after=[at])


def doubled(entries: list[bytes], random: Random) -> Left:
    source, at = sorted(random.sample(range(1, len(entries)), 2))
    return Left(numbered([*entries[:at], entries[source - 1], *entries[at:]]), inserted_after=[at])


def swapped(entries: list[bytes], random: Random) -> Left:
    left, right = sorted(random.sample(range(len(entries)), 2))
    return _exchanged(entries, left, right)


def swapped_beside(entries: list[bytes], random: Random) -> Left:
    left = random.randrange(len(entries) - 1)
    return _exchanged(entries, left, left + 1)


def cut_off(entries: list[bytes], random: Random) -> Left:
    kept = random.randrange(1, len(entries))
    return Left(numbered(entries[:kept]), tail=(kept + 1, len(entries)))


def forked(entries: list[bytes], random: Random) -> Left:
    since = random.randrange(1, len(entries))
    other = [*entries[:since], *(entry(30_000 + at) for at in range(since, len(entries)))]
    return Left(numbered(other), changed=list(range(since + 1, len(entries) + 1)))


def edited_and_cut_off(entries: list[bytes], random: Random) -> Left:
    at, kept = sorted(random.sample(range(1, len(entries)), 2))
    left = edited(entries[:at], random)
    left.entries += numbered(entries)[at:kept]
    left.tail = (kept + 1, len(entries))
    return left


ATTACKS: list[Callable[[list[bytes], Random], Left]] = [
    edited,
    replaced,
    emptied,
    holed,
    closed_up,
    backdated,
    doubled,
    swapped,
    swapped_beside,
    cut_off,
    forked,
    edited_and_cut_off,
]


@pytest.fixture(scope="module")
def genuine() -> tuple[list[bytes], MemoryTree, bytes]:
    entries = [entry(place) for place in range(SIZE)]
    tree = tree_of(entries)
    return entries, tree, signed_note(tree)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_what_was_done_to_the_store_is_located_by_the_checkpoint_alone(
    attack: Callable[[list[bytes], Random], Left],
    genuine: tuple[list[bytes], MemoryTree, bytes],
    tmp_path: Path,
) -> None:
    entries, tree, note = genuine
    for seed in range(TRIALS):
        left = attack(entries, Random(seed))
        report = verify(write_pack(tmp_path / "pack.zip", left.entries, tree, note), PINNED)
        assert located(report) == expected(left), seed
        assert (report.passed, report.signed) == (False, True)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_what_was_rewritten_and_signed_anew_is_located_with_the_witnesss_copy(
    attack: Callable[[list[bytes], Random], Left],
    genuine: tuple[list[bytes], MemoryTree, bytes],
    tmp_path: Path,
) -> None:
    entries, tree, note = genuine
    copy = write_copy(tmp_path / "copy", tree, note)
    for seed in range(TRIALS):
        left = attack(entries, Random(seed))
        rewritten = tree_of([canonical for _, canonical in left.entries])
        closed = numbered([canonical for _, canonical in left.entries])
        forged = signed_note(rewritten, witnessed_at=None)
        forged += note.splitlines(keepends=True)[-1]  # the witness's signature, off another text
        pack = write_pack(tmp_path / "pack.zip", closed, rewritten, forged)
        report = verify(pack, PINNED, copy)
        assert located(report) == expected(left), seed
        assert (report.passed, report.signed) == (False, False)


def test_a_store_put_back_to_an_older_genuine_checkpoint_lacks_its_tail(
    genuine: tuple[list[bytes], MemoryTree, bytes], tmp_path: Path
) -> None:
    entries, tree, note = genuine
    copy = write_copy(tmp_path / "copy", tree, note)
    for seed in range(TRIALS):
        kept = Random(seed).randrange(1, SIZE)
        older = tree_of(entries[:kept])
        pack = write_pack(
            tmp_path / "pack.zip", numbered(entries[:kept]), older, signed_note(older)
        )
        report = verify(pack, PINNED, copy)
        assert located(report) == ([], [], (kept + 1, SIZE), []), seed
        assert not report.passed


def test_an_untouched_log_never_raises_an_alarm(
    genuine: tuple[list[bytes], MemoryTree, bytes], tmp_path: Path
) -> None:
    entries, tree, note = genuine
    copy = write_copy(tmp_path / "copy", tree, note)
    for seed in range(2 * TRIALS):
        random = Random(seed)
        positions = sorted(random.sample(range(1, SIZE + 1), random.randrange(1, SIZE)))
        chosen = [(number, entries[number - 1]) for number in positions]
        pack = write_pack(tmp_path / "pack.zip", chosen, tree, note, positions)
        witness = copy if seed % 2 else None
        assert verify(pack, PINNED, witness).passed, seed


def located(report: Report) -> tuple[object, ...]:
    return report.changed, report.missing, report.tail, report.inserted_after


def expected(left: Left) -> tuple[object, ...]:
    missing, tail = list(left.missing), left.tail
    if missing and missing[-1][1] == SIZE:
        tail = missing.pop()
    return left.changed, missing, tail, left.inserted_after


def numbered(entries: list[bytes]) -> list[tuple[int, bytes]]:
    return list(enumerate(entries, 1))


def span(entries: list[bytes], random: Random) -> tuple[int, int]:
    first = random.randrange(1, len(entries))
    return first, min(first + random.randrange(1, 5), len(entries) + 1)


def _exchanged(entries: list[bytes], left: int, right: int) -> Left:
    other = list(entries)
    other[left], other[right] = other[right], other[left]
    return Left(numbered(other), changed=[left + 1, right + 1])
