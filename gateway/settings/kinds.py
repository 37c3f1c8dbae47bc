"""Kinds of values that several parts of the configuration take, and what a part is."""

from datetime import time
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

Seconds = Annotated[float, Field(gt=0, le=600)]
AtLeastOne = Annotated[int, Field(ge=1)]
# No user information in an address: addresses are logged.
Address = Annotated[str, StringConstraints(pattern=r"\A(https?://[^\s/@?#]+(/[^\s@?#]*)?)?\z")]
# The leading digits of a GB/T 2260 code: a province, a city, a county.
AreaPrefix = Annotated[str, StringConstraints(pattern=r"\A[1-9][0-9]([0-9]{2}){0,2}\z")]


def _without_zone(at: time) -> time:
    if at.tzinfo is not None:
        raise ValueError("hours are those of Asia/Shanghai and name no time zone")
    return at


LocalTime = Annotated[time, AfterValidator(_without_zone)]


class Part(BaseModel):
    """A table of the configuration: unchangeable, without unknown keys, silent about values."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
