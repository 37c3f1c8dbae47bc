"""The systems we ask, each through its adapter over a client of its own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from adapters import registry
from adapters.transport import Client, open_client
from contracts.capabilities import IdentityCheck
from gateway.intake.steps.asking import PRESCHOOL, STUDENT_STATUS, Registers
from gateway.settings import InvalidSettings, Population, System
from gateway.wiring.ground import Ground


@dataclass(frozen=True, slots=True)
class Systems:
    """The adapters."""

    preschool: registry.PreschoolSystem
    student_status: registry.StudentStatusSystem
    population: IdentityCheck


@asynccontextmanager
async def open_systems(ground: Ground) -> AsyncIterator[Systems]:
    """Adapters over open clients; closes the clients at the end."""
    systems = ground.settings.systems
    require_known(systems.named())
    async with AsyncExitStack() as clients:
        preschool = await clients.enter_async_context(_client(systems.preschool))
        students = await clients.enter_async_context(_client(systems.student_status))
        population = await clients.enter_async_context(_client(systems.population))
        yield Systems(
            registry.open_preschool(preschool, ground.crosswalks),
            registry.open_student_status(students, ground.crosswalks),
            _population(population, systems.population),
        )


def require_known(named: Mapping[str, System]) -> None:
    """Return where every configured system is a registered one; else raise `InvalidSettings`."""
    registered = {system.name for system in registry.SYSTEMS}
    unknown = sorted(named.keys() - registered)
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


def _population(client: Client, system: Population) -> IdentityCheck:
    # An address that names a path is the service's own; a bare host has it in the usual place.
    named = urlsplit(system.url).path.strip("/")
    try:
        return registry.open_population(
            client,
            licence=_licence(system),
            batch_limit=system.batch_limit,
            address=system.url if named else "",
        )
    except ValueError as error:  # what it says names the key's meaning and quotes nothing
        raise InvalidSettings(f"systems.population: {error}") from None


def _licence(system: Population) -> str:
    """The first line of the licence file, byte for byte."""
    if system.licence_file is None:
        raise InvalidSettings("systems.population.licence_file is not set")
    try:
        return system.licence_file.read_bytes().split(b"\n")[0].rstrip(b"\r").decode()
    except (OSError, UnicodeDecodeError) as error:
        kind = type(error).__name__
        raise InvalidSettings(f"systems.population.licence_file cannot be read ({kind})") from None
