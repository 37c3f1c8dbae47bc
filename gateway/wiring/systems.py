"""The systems we ask, each through its adapter over a client of its own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tomllib import TOMLDecodeError, loads
from urllib.parse import urlsplit

from adapters import registry
from adapters.dialects import Agreement, Surroundings, open_population
from adapters.transport import Client, open_client
from contracts.capabilities import Asker
from gateway.intake.steps.asking import PRESCHOOL, STUDENT_STATUS, Registers
from gateway.settings import InvalidSettings
from gateway.settings.systems import POPULATION_NAME, Population, System
from gateway.verification.dialects import Dialect, Dialects
from gateway.wiring.ground import Ground


@dataclass(frozen=True, slots=True)
class Systems:
    """The adapters."""

    preschool: registry.PreschoolSystem
    student_status: registry.StudentStatusSystem
    population: Dialects


@asynccontextmanager
async def open_systems(ground: Ground) -> AsyncIterator[Systems]:
    """Adapters over open clients; closes the clients at the end."""
    systems = ground.settings.systems
    require_known(systems.named())
    async with AsyncExitStack() as clients:
        preschool = await clients.enter_async_context(_client(systems.preschool))
        students = await clients.enter_async_context(_client(systems.student_status))
        dialects = [
            _dialect(ground, name, system, await clients.enter_async_context(_client(system)))
            for name, system in systems.populations().items()
        ]
        yield Systems(
            registry.open_preschool(preschool, ground.crosswalks),
            registry.open_student_status(students, ground.crosswalks),
            Dialects(dialects[0], dialects[1:]),
        )


def require_known(named: Mapping[str, System]) -> None:
    """Return where every configured system is a registered one; else raise `InvalidSettings`."""
    registered = {system.name for system in registry.SYSTEMS}
    unknown = sorted(
        name for name in named.keys() - registered if not POPULATION_NAME.fullmatch(name)
    )
    if unknown:
        names = ", ".join(f"systems.{name}" for name in unknown)
        raise InvalidSettings(
            f"没有这个系统 · no such system: {names} (there are: {', '.join(sorted(registered))})"
        )


def wire_registers(ground: Ground, systems: Systems) -> Registers:
    """The two education registers as intake asks them."""
    return Registers(
        ground.database,
        ground.sealer,
        ground.clock,
        ground.calls,
        systems.preschool,
        systems.student_status,
        {PRESCHOOL: systems.preschool, STUDENT_STATUS: systems.student_status},
    )


def _client(system: System) -> Client:
    return open_client(system.url, seconds=system.seconds)


def _dialect(ground: Ground, name: str, system: Population, client: Client) -> Dialect:
    verification = ground.settings.verification
    agreement = Agreement(
        system=name,
        # An address that names a path is the service's own; a bare host has it in the usual place.
        address=system.url if urlsplit(system.url).path.strip("/") else "",
        batch_limit=system.batch_limit,
        licence=_licence(name, system),
        credentials=_texts(name, "credentials_file", system),
        registered=_texts(name, "registered_file", system),
    )
    try:
        register = open_population(system.dialect, client, agreement, _surroundings(ground))
    except ValueError as error:  # what it says names the key's meaning and quotes nothing
        raise InvalidSettings(f"systems.{name}: {error}") from None
    terms = Asker(system.unit or verification.unit, "", system.business or verification.business)
    return Dialect(name, register, terms, system.areas)


def _surroundings(ground: Ground) -> Surroundings:
    return Surroundings(ground.secrets, ground.clock.now)


def _licence(name: str, system: Population) -> str:
    """The first line of the licence file, byte for byte; blank for a dialect without licences."""
    if system.dialect != "nciic":
        return ""
    content = _read(f"systems.{name}.licence_file", system.licence_file)
    return content.split("\n")[0].rstrip("\r")


def _texts(name: str, key: str, system: Population) -> dict[str, str]:
    """The texts in one of a register's files, by the names its dialect gives them."""
    if system.dialect == "nciic":
        return {}
    named = f"systems.{name}.{key}"
    try:
        texts = loads(_read(named, getattr(system, key)))
    except TOMLDecodeError:  # its text quotes what is written there
        raise InvalidSettings(f"{named} is no TOML") from None
    if not all(isinstance(text, str) for text in texts.values()):
        raise InvalidSettings(f"{named} holds texts only")
    return texts


def _read(key: str, file: Path | None) -> str:
    if file is None:
        raise InvalidSettings(f"{key} is not set")
    try:
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettings(f"{key} cannot be read ({type(error).__name__})") from None
