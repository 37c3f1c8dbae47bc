"""The intake, as a province lets its schools do it."""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, model_validator

from gateway.settings.kinds import Part

CountyApproval = Literal["off", "batch", "each"]


class Span(Part):
    """A time in which something is open: from `opens` until just before `closes`."""

    opens: AwareDatetime
    closes: AwareDatetime

    @model_validator(mode="after")
    def _in_order(self) -> "Span":
        if self.closes <= self.opens:
            raise ValueError("a window closes after it opens")
        return self


class Windows(Part):
    """When each operation is open; an empty list means always."""

    carry: tuple[Span, ...] = ()
    reverse: tuple[Span, ...] = ()
    approve: tuple[Span, ...] = ()


class Intake(Part):
    """How a province lets its schools take children in."""

    automatic_acceptance: bool = False
    county_approval: CountyApproval = "off"
    reporting_deadline: date | None = None
    windows: Windows = Windows()
    holidays_file: Path | None = None
    crosswalks: Path | None = None
