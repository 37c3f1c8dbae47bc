"""The demonstration's stage: where things are kept, what is configured, who may ask."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adapters.population.simulator import DEMO_LICENCE
from adapters.registry import SYSTEMS
from contracts.errors import JisuiError
from gateway.access.demo import register_demo_caller
from gateway.access.vocabulary import Role
from gateway.intake.areas import area_of
from gateway.settings import PREFIX
from gateway.wiring.ground import Ground, wire_access

STORE = "jisui.db"
ASKED = ("preschool", "student_status", "population")


class BrokenStage(JisuiError):
    """The world or an option does not allow a demonstration."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One demonstration: its folder, its world, its school, and systems put in others' places."""

    folder: Path
    world: Path
    school: str
    automatic_acceptance: bool
    replaced: Mapping[str, str]

    @property
    def list_file(self) -> Path:
        """The school's admission list."""
        return self.world / "admissions" / f"{self.school}.xlsx"

    def configure(self, urls: Mapping[str, str], port: int) -> Path:
        """The configuration file of the gateway's processes, written."""
        licence = self.folder / "licence"
        licence.write_text(DEMO_LICENCE, encoding="utf-8")
        asked = {name: self.replaced.get(name, urls[name]) for name in ASKED}
        lines = [
            f"database_url = {_text(f'sqlite+aiosqlite:///{self.folder / STORE}')}",
            f"keys_folder = {_text(self.folder / 'keys')}",
            'log_level = "WARNING"',
            "collect_seconds = 5.0",
            f"listen.port = {port}",
            f"intake.automatic_acceptance = {str(self.automatic_acceptance).lower()}",
            *(f"systems.{name}.url = {_text(url)}" for name, url in asked.items()),
            f"systems.population.licence_file = {_text(licence)}",
        ]
        file = self.folder / "jisui.toml"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return file


def _text(value: object) -> str:
    return json.dumps(str(value), ensure_ascii=False)


def forget_own_settings() -> None:
    """Drop every setting of ours from the environment: a demonstration has its own."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]


def choose_school(world: Path, school: str | None) -> str:
    """The school asked for, or the first admission list's by name; raise `BrokenStage`."""
    lists = sorted((world / "admissions").glob("*.xlsx"))
    codes = [file.stem for file in lists if not file.name.startswith("~")]
    if not codes:
        raise BrokenStage(f"no admission list in {world / 'admissions'}")
    if school is not None and school not in codes:
        raise BrokenStage(f"no admission list for school {school}")
    return school or codes[0]


def parse_replacements(options: list[str]) -> dict[str, str]:
    """`--system NAME=URL` options by name; raise `BrokenStage` for an unknown one."""
    replaced = {}
    for option in options:
        name, separator, url = option.partition("=")
        if not separator or name not in ASKED or not url.startswith(("http://", "https://")):
            raise BrokenStage(f"--system takes NAME=URL with NAME one of {', '.join(ASKED)}")
        replaced[name] = url
    return replaced


def fixed_ports() -> dict[str, int]:
    """The ports of the simulators in a demonstration that stays up."""
    return {system.name: system.port for system in SYSTEMS}


async def demo_token(ground: Ground, role: Role, institution: str, area: str) -> str:
    """A bearer token for a new demo caller in this role."""
    demo = await register_demo_caller(
        ground.database,
        ground.log,
        ground.clock,
        ground.identifiers,
        role=role,
        institution=institution,
        area=area,
    )
    return wire_access(ground).grant_token(demo.client_id).token


def demo_area(schools: Mapping[str, Mapping[str, str]], school: str) -> str:
    """The area of the school's county as the world's list of schools says."""
    row = schools.get(school)
    if row is None:
        return area_of(school, None)
    return (row.get("主管教育行政部门代码") or row["行政区划"])[:6]
