"""Everything that can be set. `docker/jisui.toml` holds each key with its default and meaning."""

from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from gateway.settings.evidence import Evidence
from gateway.settings.feed import Push, Silence, Streams
from gateway.settings.intake import Intake
from gateway.settings.kinds import Address, AtLeastOne, LocalTime, Part
from gateway.settings.systems import Systems
from gateway.settings.verification import (
    Batches,
    EnrolmentQueries,
    Periodic,
    Problems,
    Verification,
)

PREFIX = "JISUI_"
NESTED = "__"

DatabaseAddress = Annotated[
    str, StringConstraints(pattern=r"\A(sqlite\+aiosqlite:///|postgresql\+asyncpg://)\S+\z")
]
RedisAddress = Annotated[str, StringConstraints(pattern=r"\A(rediss?|unix)://\S+\z")]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class Listen(Part):
    """Where the gateway answers."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080


class Limits(Part):
    """What a caller may send."""

    body_bytes: AtLeastOne = 32 * 1024 * 1024
    rows: AtLeastOne = 20_000
    cell_bytes: AtLeastOne = 4 * 1024


class Access(Part):
    """Who may do what."""

    # A table like gateway/access/policy.csv; without it that one.
    policy_file: Path | None = None


class Looks(Part):
    """How many children a person may be shown before somebody else has to look into it."""

    window_hours: Annotated[float, Field(gt=0, le=720)] = 24.0
    # Office hours on working days, by the clock of Asia/Shanghai.
    opens: LocalTime = time(7)
    closes: LocalTime = time(20)
    # A table like gateway/access/looks/thresholds.csv; without it that one.
    thresholds_file: Path | None = None


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
    evidence: Evidence = Evidence()
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
    streams: Streams = Streams()
    silence: Silence = Silence()
    access: Access = Access()
    looks: Looks = Looks()
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
