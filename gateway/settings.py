"""The one configuration: a TOML file, `JISUI_…` in the environment above it, secrets from files.

A value given in code wins over the environment, the environment over a file in the secrets folder,
that over the configuration file, and this over the defaults. `docker/jisui.toml` holds
every key with its default and its meaning.
"""

import os
import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from contracts.errors import JisuiError

PREFIX = "JISUI_"
NESTED = "__"
CONFIG_FILE = "JISUI_CONFIG"
SECRETS_FOLDER = "JISUI_SECRETS_DIR"

Seconds = Annotated[float, Field(gt=0, le=600)]
AtLeastOne = Annotated[int, Field(ge=1)]
# No user information in an address: addresses are logged.
Address = Annotated[str, StringConstraints(pattern=r"\A(https?://[^\s/@?#]+(/[^\s@?#]*)?)?\z")]
DatabaseAddress = Annotated[
    str, StringConstraints(pattern=r"\A(sqlite\+aiosqlite:///|postgresql\+asyncpg://)\S+\z")
]
RedisAddress = Annotated[str, StringConstraints(pattern=r"\A(rediss?|unix)://\S+\z")]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
CountyApproval = Literal["off", "batch", "each"]
Dialect = Literal["nciic", "national", "zhejiang"]
# The leading digits of a GB/T 2260 code: a province, a city, a county.
AreaPrefix = Annotated[str, StringConstraints(pattern=r"\A[1-9][0-9]([0-9]{2}){0,2}\z")]
POPULATION_NAME = re.compile(r"population_[a-z0-9_]{1,20}")


def _without_zone(at: time) -> time:
    if at.tzinfo is not None:
        raise ValueError("hours are those of Asia/Shanghai and name no time zone")
    return at


LocalTime = Annotated[time, AfterValidator(_without_zone)]


class InvalidSettings(JisuiError):
    """The configuration cannot be used; the text names keys and never values."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Listen(_Part):
    """Where the gateway answers."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080


class Opening(_Part):
    """Hours on some days of the week, 1 is Monday; closing no later than opening: on the morrow."""

    days: Annotated[frozenset[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1)]
    opens: LocalTime
    closes: LocalTime


class Agreed(_Part):
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


class System(_Part):
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


class Systems(_Part):
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


class Verification(_Part):
    """Asking the police side."""

    patience_seconds: Annotated[float, Field(ge=0, le=600)] = 30.0
    # What the register prints on its own record of who asked: at most twenty characters.
    unit: Annotated[str, Field(min_length=1, max_length=20)] = "学籍管理中心"
    business: Annotated[str, Field(min_length=1, max_length=20)] = "学籍注册核验"
    # How long a match may be told again without asking; 0 for never.
    positive_hours: Annotated[float, Field(ge=0, le=168)] = 4.0
    # How long a single query is kept; then its claim and its answer are destroyed.
    kept_days: Annotated[int, Field(ge=1, le=3660)] = 30


class Weight(_Part):
    """An institution's share of a register beside others; who is not named has the weight 1."""

    institution: Annotated[str, Field(min_length=1, max_length=32)]
    weight: Annotated[float, Field(gt=0, le=1000)]


class Batches(_Part):
    """Verification batches: what may be handed in at once, how institutions share a register."""

    body_bytes: AtLeastOne = 256 * 1024 * 1024
    rows: Annotated[int, Field(ge=1, le=1_000_000)] = 1_000_000
    # How long rows and answers are kept; then they are destroyed, counts and evidence stay.
    kept_days: Annotated[int, Field(ge=1, le=3660)] = 90
    weights: tuple[Weight, ...] = ()


class Problems(_Part):
    """Problem records (问题学籍)."""

    # How long what was decided opens nothing anew: a semester.
    quiet_days: Annotated[int, Field(ge=0, le=3660)] = 183
    # How often a number that is not on file is asked about again.
    recheck_days: Annotated[int, Field(ge=1, le=365)] = 7


class Periodic(_Part):
    """Periodic verification (定期核验), once a semester."""

    # Within how many working days schools sign the rosters of their classes.
    roster_days: Annotated[int, Field(ge=1, le=250)] = 20
    # After how many days a temporary number (L) counts as old.
    temporary_days: Annotated[int, Field(ge=1, le=3660)] = 365
    # How long rosters are kept after their round has closed.
    kept_days: Annotated[int, Field(ge=1, le=3660)] = 365


class Scanning(_Part):
    """More distinct children than this in one window look like scanning, by signal."""

    children: AtLeastOne
    same_birth: AtLeastOne
    neighbours: AtLeastOne
    off_hours: AtLeastOne
    misses: AtLeastOne


class EnrolmentQueries(_Part):
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


class Span(_Part):
    """A time in which something is open: from `opens` until just before `closes`."""

    opens: AwareDatetime
    closes: AwareDatetime

    @model_validator(mode="after")
    def _in_order(self) -> "Span":
        if self.closes <= self.opens:
            raise ValueError("a window closes after it opens")
        return self


class Windows(_Part):
    """When each operation is open; an empty list means always."""

    carry: tuple[Span, ...] = ()
    reverse: tuple[Span, ...] = ()
    approve: tuple[Span, ...] = ()


class Intake(_Part):
    """How a province lets its schools take children in."""

    automatic_acceptance: bool = False
    county_approval: CountyApproval = "off"
    reporting_deadline: date | None = None
    windows: Windows = Windows()
    holidays_file: Path | None = None
    crosswalks: Path | None = None


class Push(_Part):
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


class ExpectedAsking(_Part):
    """On these days (1 is Monday), from one hour until before another: asked this often."""

    days: Annotated[frozenset[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1)]
    from_hour: Annotated[int, Field(ge=0, le=23)]
    to_hour: Annotated[int, Field(ge=1, le=24)]
    minutes: Annotated[float, Field(ge=1, le=100_000)]


class Silence(_Part):
    """When an operator is called because of a subscriber."""

    expected: tuple[ExpectedAsking, ...] = ()
    minutes: Annotated[float, Field(ge=1, le=100_000)] = 60.0
    holiday_minutes: Annotated[float, Field(ge=1, le=100_000)] = 1440.0
    oldest_minutes: Annotated[float, Field(ge=1, le=100_000)] = 1440.0


class Limits(_Part):
    """What a caller may send."""

    body_bytes: AtLeastOne = 32 * 1024 * 1024
    rows: AtLeastOne = 20_000
    cell_bytes: AtLeastOne = 4 * 1024


class Settings(BaseSettings):
    """Everything that can be set, checked once and never changed."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTED,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    database_url: DatabaseAddress = Field("sqlite+aiosqlite:///var/jisui.db", repr=False)
    redis_url: RedisAddress | None = Field(None, repr=False)
    public_url: Address = "http://127.0.0.1:8080"
    log_level: LogLevel = "INFO"
    keys_folder: Path = Path("var/keys")
    evidence_log: Annotated[str, Field(min_length=1)] = "jisui"
    collect_seconds: Annotated[float, Field(gt=0, le=3600)] = 10.0
    listen: Listen = Listen()
    systems: Systems = Systems()
    verification: Verification = Verification()
    batches: Batches = Batches()
    problems: Problems = Problems()
    periodic: Periodic = Periodic()
    enrolment_queries: EnrolmentQueries = EnrolmentQueries()
    intake: Intake = Intake()
    push: Push = Push()
    silence: Silence = Silence()
    limits: Limits = Limits()

    @property
    def embedded(self) -> bool:
        """Whether everything lives on one host, in one SQLite file."""
        return self.database_url.startswith("sqlite")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The sources, the strongest first."""
        file = TomlConfigSettingsSource(settings_cls)
        return init_settings, env_settings, file_secret_settings, file


def load_settings(file: Path | None = None, **given: Any) -> Settings:
    """The settings of this process, or `InvalidSettings` naming each key that is wrong.

    Without `file`, the one that `JISUI_CONFIG` names; `JISUI_SECRETS_DIR` names the folder of
    secrets, one file a key (`jisui_database_url`, `jisui_redis_url`).
    """
    named = os.environ.get(CONFIG_FILE)
    path = file or (Path(named) if named else None)
    if path is not None and not path.is_file():
        raise InvalidSettings(f"there is no configuration file {path}")
    refuse_unknown(os.environ)

    class Loaded(Settings):
        model_config = SettingsConfigDict(
            toml_file=path, secrets_dir=os.environ.get(SECRETS_FOLDER), title="Settings"
        )

    try:
        return Loaded(**given)
    except ValidationError as error:
        raise InvalidSettings(_faults(error)) from None
    except (SettingsError, TOMLDecodeError) as error:
        raise InvalidSettings(str(error)) from None  # the cause would show what was written


def forget_environment() -> None:
    """Drop every setting from the environment: only what is given from here on counts."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]


def refuse_unknown(environment: Iterable[str]) -> None:
    """Raise `InvalidSettings` for a name in the environment that would silently do nothing."""
    unknown = [name for name in environment if _is_unknown(name)]
    if unknown:
        raise InvalidSettings(f"unknown in the environment: {', '.join(sorted(unknown))}")


def _is_unknown(name: str) -> bool:
    if not name.startswith(PREFIX) or name in (CONFIG_FILE, SECRETS_FOLDER):
        return False
    first, *_ = name.removeprefix(PREFIX).lower().split(NESTED)
    return first not in Settings.model_fields


def _faults(error: ValidationError) -> str:
    """Each wrong key with what is wrong about it; what was written there may be a secret."""
    faults = error.errors(include_input=False, include_context=False, include_url=False)
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
