"""When a batch will be over, by pace, quota and opening hours."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import pytest

from gateway.calls.hours import ALWAYS, Hours, Span
from gateway.verification.batches.estimating import Terms, estimate

NOW = datetime(2026, 9, 3, 2, tzinfo=UTC)  # Thursday, ten in the morning in Beijing
OFFICE = Hours((Span(frozenset({1, 2, 3, 4, 5}), time(8), time(18)),))


@dataclass(frozen=True)
class Left:
    limit: int
    spent: int = 0


def in_beijing(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 9, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("calls", "terms", "end"),
    [
        (0, Terms(None, {}, ALWAYS), NOW),
        (600, Terms(10.0, {}, ALWAYS), NOW + timedelta(minutes=1)),
        (600, Terms(None, {}, ALWAYS), None),
        (600, Terms(None, {"second": Left(10)}, ALWAYS), NOW + timedelta(minutes=1)),
        (600, Terms(50.0, {"second": Left(10)}, ALWAYS), NOW + timedelta(minutes=1)),
        (3600, Terms(50.0, {"hour": Left(3600)}, ALWAYS), NOW + timedelta(hours=1)),
        (3600, Terms(1.0, {}, OFFICE), in_beijing(3, 11)),
        (9 * 3600, Terms(1.0, {}, OFFICE), in_beijing(4, 9)),  # eight hours are left today
        (20 * 3600, Terms(1.0, {}, OFFICE), in_beijing(7, 10)),  # Monday
        (7_200, Terms(1.0, {"day": Left(3600)}, ALWAYS), in_beijing(4, 1)),
        (7_200, Terms(1.0, {"day": Left(5000, 3160)}, ALWAYS), in_beijing(5, 0, 6)),
        (7_200, Terms(1.0, {"contract": Left(7_000)}, ALWAYS), None),
    ],
)
def test_the_end_is_where_pace_quota_and_hours_put_it(
    calls: int, terms: Terms, end: datetime | None
) -> None:
    assert estimate(calls, terms, NOW) == end
