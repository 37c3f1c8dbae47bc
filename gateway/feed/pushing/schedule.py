"""When a delivery that failed is tried again."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

_FILE = Path(__file__).parent / "schedule.csv"
_JITTER = 0.1
_LONGEST_ASKED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The waits after the first failure, the second, and so on; the last one repeats."""

    waits: tuple[float, ...]

    @property
    def attempts(self) -> int:
        """How many attempts there are before the last wait repeats."""
        return len(self.waits) + 1

    def next_at(
        self, failures: int, now: datetime, chance: float, asked: datetime | None
    ) -> datetime:
        """The time of the next attempt after so many failures in a row.

        It moves by up to a tenth either way as `chance`, from 0 up to 1, has it; later where the
        subscriber `asked` for a later time, at most by a day.
        """
        seconds = self.waits[min(failures, len(self.waits)) - 1]
        planned = now + timedelta(seconds=seconds * (1 - _JITTER + 2 * _JITTER * chance))
        if asked is None:
            return planned
        return max(planned, min(asked, now + _LONGEST_ASKED))


def load_schedule(file: Path = _FILE) -> Schedule:
    """The shipped schedule; raise `ValueError` where its rows are not numbered in order."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, strict=True))
    if [row["failures"] for row in rows] != [str(place + 1) for place in range(len(rows))]:
        raise ValueError(f"{file.name}: failures count 1, 2, 3…")
    return Schedule(tuple(float(row["seconds"]) for row in rows))


def asked_time(headers: Sequence[tuple[str, str]], now: datetime) -> datetime | None:
    """When `Retry-After` wants us back, be it seconds or a date; None where it says nothing."""
    said = [value.strip() for name, value in headers if name.lower() == "retry-after"]
    if len(said) != 1:
        return None
    if said[0].isascii() and said[0].isdigit():
        return now + timedelta(seconds=min(int(said[0][:9]), _LONGEST_ASKED.total_seconds()))
    try:
        asked = parsedate_to_datetime(said[0])
    except (ValueError, OverflowError):
        return None
    return asked if asked.tzinfo else asked.replace(tzinfo=UTC)
