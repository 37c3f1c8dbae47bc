"""One row of a batch as it is kept, and where its answer stands; as JSON, a chunk at a time."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from contracts.capabilities import Claim
from contracts.outcomes import Outcome
from gateway.sealing import DataKey

ROWS_A_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was handed in: its place in the file, its 序号, and whom it is about."""

    line: int
    label: str
    name: str = field(repr=False)
    number: str = field(repr=False)

    @property
    def claim(self) -> Claim:
        """What is asked about it."""
        return Claim(citizen_number=self.number, name=self.name)


@dataclass(frozen=True, slots=True)
class Pending:
    """Still to be asked, after so many attempts."""

    attempts: int = 0


@dataclass(frozen=True, slots=True)
class SameAs:
    """The same claim as an earlier row: the answer to that one (counted from 1) is its answer."""

    ordinal: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a row; `call_id` names the exchange, empty where nobody was asked."""

    outcome: Outcome
    code: str = ""
    call_id: str = ""
    as_of: str = ""


Standing = Pending | SameAs | Answer


def place_of(ordinal: int) -> int:
    """The chunk a row of the batch is in; both count from 1."""
    return (ordinal - 1) // ROWS_A_CHUNK + 1


def seal_rows(rows: Sequence[Row], key: DataKey, work_id: str) -> bytes:
    """The rows, readable with the batch's key and as this chunk only."""
    told = [[row.line, row.label, row.name, row.number] for row in rows]
    return key.seal(json.dumps(told, ensure_ascii=False).encode(), f"rows {work_id}")


def open_rows(sealed: bytes, key: DataKey, work_id: str) -> list[Row]:
    """The rows sealed by `seal_rows`."""
    return [Row(*told) for told in json.loads(key.open(sealed, f"rows {work_id}"))]


def seal_standings(standings: Sequence[Standing], key: DataKey, work_id: str) -> bytes:
    """Where each row's answer stands, sealed."""
    told = json.dumps([_told(standing) for standing in standings]).encode()
    return key.seal(told, f"answers {work_id}")


def open_standings(sealed: bytes, key: DataKey, work_id: str) -> list[Standing]:
    """The standings sealed by `seal_standings`."""
    return [_standing(told) for told in json.loads(key.open(sealed, f"answers {work_id}"))]


def count(standings: Iterable[Standing]) -> dict[str, int]:
    """How many rows have which outcome; rows that repeat another have none of their own."""
    answers = (one.outcome.value for one in standings if isinstance(one, Answer))
    return dict(Counter(answers))


def _told(standing: Standing) -> int | list[int] | list[str]:
    if isinstance(standing, Pending):
        return standing.attempts
    if isinstance(standing, SameAs):
        return [standing.ordinal]
    return [standing.outcome.value, standing.code, standing.call_id, standing.as_of]


def _standing(told: int | list[int] | list[str]) -> Standing:
    if isinstance(told, int):
        return Pending(told)
    if len(told) == 1:
        return SameAs(int(told[0]))
    outcome, code, call_id, as_of = map(str, told)
    return Answer(Outcome(outcome), code, call_id, as_of)
