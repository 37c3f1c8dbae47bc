"""The population registers we may ask, and which of them is asked for whom."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from contracts.capabilities import Asker, IdentityCheck
from contracts.errors import JisuiError


class UnknownDialect(JisuiError):
    """No population register is configured under this name."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One population register: its name, how it is asked, in whose name, and for which areas.

    `areas` are leading digits of GB/T 2260 codes; the default register has none and serves all
    that no other does. `terms` are those of our agreement with it, still without an area.
    """

    system: str
    register: IdentityCheck = field(repr=False)
    terms: Asker
    areas: tuple[str, ...] = ()

    def asker(self, area: str) -> Asker:
        """On whose behalf the register is asked for somebody in this area."""
        return replace(self.terms, area=area)


class Dialects:
    """Every register by its name and by area: the longest prefix decides, else the default."""

    def __init__(self, default: Dialect, further: Iterable[Dialect] = ()) -> None:
        self.default = default
        self._named = {dialect.system: dialect for dialect in (default, *further)}
        claims = [(area, each) for each in self._named.values() for area in each.areas]
        self._by_length = sorted(claims, key=lambda claim: len(claim[0]), reverse=True)

    def __iter__(self) -> Iterator[Dialect]:
        """Every register, the default first."""
        return iter(self._named.values())

    def for_area(self, area: str) -> Dialect:
        """The register that is asked for this area (GB/T 2260, six digits)."""
        claims = (dialect for prefix, dialect in self._by_length if area.startswith(prefix))
        return next(claims, self.default)

    def named(self, system: str) -> Dialect:
        """The register of this name; raise `UnknownDialect`."""
        if system not in self._named:
            raise UnknownDialect(system)
        return self._named[system]
