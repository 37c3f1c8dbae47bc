"""Verification: queries and batches, problem records, rounds, and what public security may ask."""

from datetime import time
from typing import Annotated

from pydantic import Field

from gateway.settings.kinds import AtLeastOne, LocalTime, Part


class Verification(Part):
    """Asking the police side."""

    patience_seconds: Annotated[float, Field(ge=0, le=600)] = 30.0
    # What the register prints on its own record of who asked: at most twenty characters.
    unit: Annotated[str, Field(min_length=1, max_length=20)] = "学籍管理中心"
    business: Annotated[str, Field(min_length=1, max_length=20)] = "学籍注册核验"
    # How long a match may be told again without asking; 0 for never.
    positive_hours: Annotated[float, Field(ge=0, le=168)] = 4.0
    # How long a single query is kept; then its claim and its answer are destroyed.
    kept_days: Annotated[int, Field(ge=1, le=3660)] = 30


class Weight(Part):
    """An institution's share of a register beside others; who is not named has the weight 1."""

    institution: Annotated[str, Field(min_length=1, max_length=32)]
    weight: Annotated[float, Field(gt=0, le=1000)]


class Batches(Part):
    """Verification batches: what may be handed in at once, how institutions share a register."""

    body_bytes: AtLeastOne = 256 * 1024 * 1024
    rows: Annotated[int, Field(ge=1, le=1_000_000)] = 1_000_000
    # How long rows and answers are kept; then they are destroyed, counts and evidence stay.
    kept_days: Annotated[int, Field(ge=1, le=3660)] = 90
    weights: tuple[Weight, ...] = ()


class Problems(Part):
    """Problem records (问题学籍)."""

    # How long what was decided opens nothing anew: a semester.
    quiet_days: Annotated[int, Field(ge=0, le=3660)] = 183
    # How often a number that is not on file is asked about again.
    recheck_days: Annotated[int, Field(ge=1, le=365)] = 7


class Periodic(Part):
    """Periodic verification (定期核验), once a semester."""

    # Within how many working days schools sign the rosters of their classes.
    roster_days: Annotated[int, Field(ge=1, le=250)] = 20
    # After how many days a temporary number (L) counts as old.
    temporary_days: Annotated[int, Field(ge=1, le=3660)] = 365
    # How long rosters are kept after their round has closed.
    kept_days: Annotated[int, Field(ge=1, le=3660)] = 365


class Scanning(Part):
    """More distinct children than this in one window look like scanning, by signal."""

    children: AtLeastOne
    same_birth: AtLeastOne
    neighbours: AtLeastOne
    off_hours: AtLeastOne
    misses: AtLeastOne


class EnrolmentQueries(Part):
    """What public security may ask, how fast, and what looks like scanning."""

    queries_per_minute: AtLeastOne = 60
    urgent_children: AtLeastOne = 5
    paper_hours: Annotated[float, Field(gt=0, le=720)] = 24.0
    window_hours: Annotated[float, Field(gt=0, le=720)] = 24.0
    # Office hours on working days, by the clock of Asia/Shanghai.
    opens: LocalTime = time(8)
    closes: LocalTime = time(18)
    officer: Scanning = Scanning(
        children=2000, same_birth=6, neighbours=6, off_hours=20, misses=600
    )
    unit: Scanning = Scanning(
        children=10_000, same_birth=30, neighbours=30, off_hours=100, misses=3000
    )
