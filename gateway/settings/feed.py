"""The feed: where deliveries may go, and which silence calls an operator."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.settings.kinds import Part


class Push(Part):
    """Where deliveries may go, and how long one may fail."""

    # No host at all is named: then those that subscriptions name.
    hosts: tuple[Annotated[str, StringConstraints(pattern=r"\A[a-z0-9.:-]{1,253}\z")], ...] = ()
    ports: Annotated[tuple[Annotated[int, Field(ge=1, le=65535)], ...], Field(min_length=1)] = (
        443,
        8443,
    )
    # Certificates of further authorities, as PEM.
    authorities_file: Path | None = None
    attempt_seconds: Annotated[float, Field(ge=1, le=30)] = 15.0
    suspend_hours: Annotated[float, Field(gt=0, le=8760)] = 120.0
    # 0 for none.
    heartbeat_seconds: Annotated[float, Field(ge=0, le=3600)] = 60.0


class Streams(Part):
    """For how long a subscriber may read what it has read before."""

    # 0 for ever.
    kept_days: Annotated[int, Field(ge=0, le=36_500)] = 1095


class ExpectedAsking(Part):
    """On these days (1 is Monday), from one hour until before another: asked this often."""

    days: Annotated[frozenset[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1)]
    from_hour: Annotated[int, Field(ge=0, le=23)]
    to_hour: Annotated[int, Field(ge=1, le=24)]
    minutes: Annotated[float, Field(ge=1, le=100_000)]


class Silence(Part):
    """When an operator is called because of a subscriber."""

    expected: tuple[ExpectedAsking, ...] = ()
    minutes: Annotated[float, Field(ge=1, le=100_000)] = 60.0
    holiday_minutes: Annotated[float, Field(ge=1, le=100_000)] = 1440.0
    oldest_minutes: Annotated[float, Field(ge=1, le=100_000)] = 1440.0
