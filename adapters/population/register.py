"""A simulated population register: who stands in it, whatever dialect asks."""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.world import Row


class PopulationRegister:
    """Every row of the world's population; two people may bear one number, as in life."""

    def __init__(self, people: tuple[Row, ...]) -> None:
        self._people = [dict(person) for person in people]
        self._bearers = _bearers(self._people)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (dict(person) for person in self._people)

    def bearers(self, number: str) -> tuple[Mapping[str, str], ...]:
        """The rows of those who bear a number today; former numbers count for nothing."""
        return tuple(self._bearers.get(number, ()))

    def edit(self, find: Mapping[str, Any], to: Mapping[str, Any]) -> int:
        """Change the people found; say how many they were."""
        found = [
            person
            for person in self._people
            if all(person.get(column) == value for column, value in find.items())
        ]
        for person in found:
            person.update(to)
        self._bearers = _bearers(self._people)
        return len(found)


def _bearers(people: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    bearers: dict[str, list[dict[str, str]]] = {}
    for person in people:
        bearers.setdefault(person["GMSFHM"], []).append(person)
    return bearers
