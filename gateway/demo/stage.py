"""The demonstration's stage: where things are kept, what is configured, who may ask."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.population.nciic.licence import DEMO_LICENCE
from adapters.world import World
from contracts.errors import JisuiError
from gateway.demo.subscriber import COLLECT_SECONDS, Subscriber

if TYPE_CHECKING:  # the store behind it costs a second to import, and most need none of it
    from gateway.access.demo import DemoCaller
    from gateway.access.vocabulary import Role
    from gateway.wiring.ground import Ground

STORE = "jisui.db"
CONFIGURATION = "jisui.toml"
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
    licence: Path | None = None
    subscriber: Subscriber | None = None

    @property
    def store_file(self) -> Path:
        """The store."""
        return self.folder / STORE

    @property
    def list_file(self) -> Path:
        """The school's admission list."""
        return self.world / "admissions" / f"{self.school}.xlsx"

    def configure(self, urls: Mapping[str, str], port: int) -> Path:
        """The configuration file of the gateway's processes, written."""
        asked = {name: self.replaced.get(name, urls[name]) for name in ASKED}
        lines = [
            f"database_url = {_text(f'sqlite+aiosqlite:///{self.store_file}')}",
            f"keys_folder = {_text(self.folder / 'keys')}",
            'log_level = "WARNING"',
            f"collect_seconds = {COLLECT_SECONDS if self.subscriber else 5.0}",
            f"listen.port = {port}",
            f"intake.automatic_acceptance = {str(self.automatic_acceptance).lower()}",
            *(f"systems.{name}.url = {_text(url)}" for name, url in asked.items()),
            f"systems.population.licence_file = {_text(self._licence_file())}",
        ]
        if port:  # whoever proves itself names the address it asks
            lines.insert(0, f"public_url = {_text(f'http://127.0.0.1:{port}')}")
        file = self.folder / CONFIGURATION
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return file

    def _licence_file(self) -> Path:
        if self.licence is not None:
            return self.licence.resolve()
        file = self.folder / "licence"
        file.write_text(DEMO_LICENCE, encoding="utf-8")
        return file


def _text(value: object) -> str:
    return json.dumps(str(value), ensure_ascii=False)


def kept_folder(home: Path, world: Path, shipped: Path) -> Path:
    """Where the demonstration on this world is kept: each world has a store of its own."""
    if world.resolve() == shipped.resolve():
        return home / "demo"
    place = hashlib.sha256(os.fsencode(world.resolve())).hexdigest()[:8]
    return home / "worlds" / f"{world.resolve().name}-{place}"


def choose_school(world: World, school: str | None) -> str:
    """The school asked for, or the first admission list's by name; raise `BrokenStage`."""
    codes = [code for code in sorted(world.admissions) if not code.startswith("~")]
    if not codes:
        raise BrokenStage(
            "世界中没有录取名单（admissions/学校标识码.xlsx）"
            " · the world has no admission list (admissions/CODE.xlsx)"
        )
    if school is not None and school not in codes:
        raise BrokenStage(
            f"世界中没有学校 {school} 的录取名单"
            f" · the world has no admission list for school {school}; it has {', '.join(codes)}"
        )
    return school or codes[0]


def parse_replacements(options: list[str]) -> dict[str, str]:
    """`--system NAME=URL` options by name; raise `BrokenStage` for an unknown one."""
    replaced = {}
    for option in options:
        name, separator, url = option.partition("=")
        if not separator or name not in ASKED or not url.startswith(("http://", "https://")):
            raise BrokenStage(f"--system 的写法 · takes NAME=URL, NAME one of {', '.join(ASKED)}")
        replaced[name] = url
    return replaced


async def demo_caller(ground: "Ground", role: "Role", institution: str, area: str) -> "DemoCaller":
    """A new demo caller in this role."""
    from gateway.access.demo import register_demo_caller

    return await register_demo_caller(
        ground.database,
        ground.log,
        ground.clock,
        ground.identifiers,
        role=role,
        institution=institution,
        area=area,
    )


async def demo_token(ground: "Ground", role: "Role", institution: str, area: str) -> str:
    """A bearer token for a new demo caller in this role."""
    from gateway.wiring.access import wire_access

    demo = await demo_caller(ground, role, institution, area)
    return wire_access(ground).grant_token(demo.client_id).token


def demo_area(schools: Mapping[str, Mapping[str, str]], school: str) -> str:
    """The area of the school's county as the world's list of schools says."""
    row = schools.get(school)
    if row is None:
        return school[:6]
    return (row.get("主管教育行政部门代码") or row["行政区划"])[:6]
