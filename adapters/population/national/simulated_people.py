"""The people of a world as the simulated population base knows them."""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.population.register import PopulationRegister
from adapters.world import Row

_CHINA = "156"


class People:
    """A register's people by their numbers; two may bear one number, as in life."""

    def __init__(self, people: tuple[Row, ...]) -> None:
        self._register = PopulationRegister(people)
        self._bearers = _by_number(self._register)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self._register)

    def edit(self, find: Mapping[str, Any], to: Mapping[str, Any]) -> int:
        """Change the people found; say how many they were."""
        changed = self._register.edit(find, to)
        self._bearers = _by_number(self._register)
        return changed

    def compared(self, number: str, name: str) -> dict[str, str]:
        """The nodes of an identity check; of nobody it says neither life nor death."""
        bearer, named = self._bearer(number, name)
        return {
            "GMSFHM": number,
            "GMSFHM_PPDDM": "1" if bearer else "0",
            "SWBS": (bearer.get("SWBS") or "0") if bearer else "",
            "XM": name,
            "XM_PPDDM": ("1" if named else "0") if bearer else "",
        }

    def described(self, number: str, name: str) -> dict[str, str]:
        """The nodes of a base record: those of the check, and who the bearer is."""
        bearer, _ = self._bearer(number, name)
        about = {"XBDM": bearer.get("XBDM", ""), "MZDM": bearer.get("MZDM", "")}
        about |= {"CSRQ": bearer.get("CSRQ", "").replace("-", "")}
        about |= {"CSD_GJHDQDM": _CHINA if bearer else "", "CSD_SSXQDM": number[:6]}
        return self.compared(number, name) | about

    def _bearer(self, number: str, name: str) -> tuple[Mapping[str, str], bool]:
        bearers = self._bearers.get(number, [])
        named = [person for person in bearers if person["XM"] == name]
        return (named or bearers or [{}])[0], bool(named)


def _by_number(people: PopulationRegister) -> dict[str, list[dict[str, Any]]]:
    by_number: dict[str, list[dict[str, Any]]] = {}
    for person in people:
        by_number.setdefault(person["GMSFHM"], []).append(person)
    return by_number
