"""The terms a simulated system keeps: opening hours, quotas, an account paid in advance."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

GOOD = "good"
_OFFICE_TIME = ZoneInfo("Asia/Shanghai")
_WINDOWS = {"per_second": "%Y%m%d%H%M%S", "per_hour": "%Y%m%d%H", "per_day": "%Y%m%d"}


class Refusal(StrEnum):
    """Why a call is not let in, whatever words the system has for it."""

    CLOSED = "closed"
    UNPAID = "unpaid"
    TOO_FAST = "per_second"
    HOUR_SPENT = "per_hour"
    DAY_SPENT = "per_day"


class UnknownStanding(ValueError):
    """The terms name a standing that this simulator does not have."""


class OpeningHours(BaseModel):
    """Open on these days (1 is Monday) from `opens` until just before `closes`, office time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: frozenset[int] = frozenset(range(1, 8))
    opens: time
    closes: time

    def include(self, at: datetime) -> bool:
        """Whether the system is open at this instant; hours may run over midnight."""
        local = at.astimezone(_OFFICE_TIME)
        clock = local.time()
        if self.opens < self.closes:
            return local.isoweekday() in self.days and self.opens <= clock < self.closes
        if clock >= self.opens:
            return local.isoweekday() in self.days
        # The small hours belong to the day before.
        return clock < self.closes and (local.isoweekday() - 2) % 7 + 1 in self.days


class Agreement(BaseModel):
    """What was agreed; None is without limit. Quotas count calls, the balance pays for rows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hours: OpeningHours | None = None
    per_second: int | None = Field(default=None, ge=0)
    per_hour: int | None = Field(default=None, ge=0)
    per_day: int | None = Field(default=None, ge=0)
    balance: int | None = Field(default=None, ge=0)
    standing: str = GOOD


class Terms:
    """The agreement in force, and what was used of it by the simulator's own clock."""

    def __init__(self, agreement: Agreement | None = None, standings: Collection[str] = ()) -> None:
        """Let in as agreed; `standings` are the states of an account beside a good one."""
        self._standings = frozenset({GOOD, *standings})
        self._agreed = Agreement()
        self._used: Counter[tuple[str, str]] = Counter()
        self.settle(agreement or Agreement())

    @property
    def standing(self) -> str:
        """The state of the account: `good`, or one of the system's own."""
        return self._agreed.standing

    def settle(self, agreement: Agreement) -> None:
        """Change what the agreement names and leave the rest; raise `UnknownStanding`."""
        if agreement.standing not in self._standings:
            raise UnknownStanding(f"unknown standing: {agreement.standing}")
        named = {name: getattr(agreement, name) for name in agreement.model_fields_set}
        self._agreed = self._agreed.model_copy(update=named)

    def admit(self, at: datetime, rows: int = 1) -> Refusal | None:
        """Let a call in and charge it, or say why not; a call refused uses nothing up."""
        windows = _windows(at)
        refusal = self._refusal(at, rows, windows)
        if refusal is None:
            self._charge(rows, windows)
        return refusal

    def show(self) -> dict[str, Any]:
        """The agreement as it stands, with what is left of the balance."""
        return self._agreed.model_dump(mode="json")

    def _refusal(self, at: datetime, rows: int, windows: dict[str, str]) -> Refusal | None:
        if self._agreed.hours is not None and not self._agreed.hours.include(at):
            return Refusal.CLOSED
        for name, window in windows.items():
            limit = getattr(self._agreed, name)
            if limit is not None and self._used[name, window] >= limit:
                return Refusal(name)
        if self._agreed.balance is not None and self._agreed.balance < rows:
            return Refusal.UNPAID
        return None

    def _charge(self, rows: int, windows: dict[str, str]) -> None:
        # Only windows that were entered last are kept, so that a long life does not grow.
        self._used = Counter({key: self._used[key] + 1 for key in windows.items()})
        if self._agreed.balance is not None:
            left = {"balance": self._agreed.balance - rows}
            self._agreed = self._agreed.model_copy(update=left)


def _windows(at: datetime) -> dict[str, str]:
    local = at.astimezone(_OFFICE_TIME)
    return {name: local.strftime(pattern) for name, pattern in _WINDOWS.items()}
