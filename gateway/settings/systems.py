"""The systems we ask: where they are, when they are open, and how much they were agreed to bear."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from gateway.settings.kinds import Address, AreaPrefix, AtLeastOne, LocalTime, Part, Seconds

Dialect = Literal["nciic", "national", "zhejiang"]
POPULATION_NAME = re.compile(r"population_[a-z0-9_]{1,20}")


class Opening(Part):
    """Hours on some days of the week, 1 is Monday; closing no later than opening: on the morrow."""

    days: Annotated[frozenset[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1)]
    opens: LocalTime
    closes: LocalTime


class Agreed(Part):
    """So many calls a second, hour or day in Asia/Shanghai, or while a contract runs."""

    calls: AtLeastOne
    per: Literal["second", "hour", "day", "contract"]
    begins: AwareDatetime | None = None
    ends: AwareDatetime | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "Agreed":
        if self.per != "contract" and (self.begins or self.ends):
            raise ValueError("only a contract begins and ends")
        if self.begins and self.ends and self.ends <= self.begins:
            raise ValueError("a contract ends after it begins")
        return self


class System(Part):
    """A system we ask; without an address it is not connected."""

    url: Address = ""
    seconds: Seconds = 10.0
    at_once: AtLeastOne = 16
    batch_limit: AtLeastOne = 100
    hours: tuple[Opening, ...] = ()
    closed_on_holidays: bool = False
    quota: tuple[Agreed, ...] = ()


class Population(System):
    """A population register: its dialect, the areas it serves, and what its keeper agreed with us.

    The licence is a file of one line; `credentials_file` holds what else was issued to us and
    `registered_file` what was registered of us there, both as TOML texts. Unit and business are
    those of `verification` where they are not given.
    """

    dialect: Dialect = "nciic"
    areas: tuple[AreaPrefix, ...] = ()
    batch_limit: AtLeastOne = 5
    licence_file: Path | None = None
    credentials_file: Path | None = None
    registered_file: Path | None = None
    unit: Annotated[str, Field(max_length=20)] = ""
    business: Annotated[str, Field(max_length=20)] = ""


_OF_POPULATION_ONLY = frozenset(Population.model_fields) - frozenset(System.model_fields)


class Systems(Part):
    """The systems by name; any further registered system takes the same keys.

    Beside the default population register there may be further ones, `population_NAME`, each for
    areas of its own.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Population] = Field(init=False)

    preschool: System = System()
    student_status: System = System()
    population: Population = Population()

    def named(self) -> Mapping[str, System]:
        """Every configured system under its name."""
        known = {name: getattr(self, name) for name in type(self).model_fields}
        return known | (self.__pydantic_extra__ or {})

    def populations(self) -> Mapping[str, Population]:
        """The population registers by name, the default first."""
        further = (self.__pydantic_extra__ or {}).items()
        return {"population": self.population} | {
            name: system for name, system in further if POPULATION_NAME.fullmatch(name)
        }

    @model_validator(mode="after")
    def _each_with_its_own_keys(self) -> "Systems":
        for name, system in (self.__pydantic_extra__ or {}).items():
            strange = system.model_fields_set & _OF_POPULATION_ONLY
            if strange and not POPULATION_NAME.fullmatch(name):
                raise ValueError(f"{name} is no population register: {', '.join(sorted(strange))}")
        claimed = [area for system in self.populations().values() for area in system.areas]
        if twice := sorted({area for area in claimed if claimed.count(area) > 1}):
            raise ValueError(f"areas of two population registers: {', '.join(twice)}")
        if self.population.areas:
            raise ValueError("population serves all that no other does: it takes no areas")
        return self
