"""The people of a world as the simulated platform's register knows them."""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.world import Row

AGREES, DIFFERS = "1", "0"


class People:
    """Every row of the world's population; two people may bear one number, as in life."""

    def __init__(self, people: tuple[Row, ...]) -> None:
        self._people = [dict(person) for person in people]
        self._by_number = _by_number(self._people)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (dict(person) for person in self._people)

    def say(self, number: str, name: str) -> dict[str, str]:
        """The row about this number and name; of nobody it says neither life nor death."""
        bearers = self._by_number.get(number, [])
        named = [person for person in bearers if person["XM"] == name]
        dead = (named or bearers)[0].get("SWBS", "") or "0" if bearers else ""
        return {
            "gmsfhm": number,
            "xm": name,
            "gmsfhmPpddm": AGREES if bearers else DIFFERS,
            "xmPpddm": AGREES if named else DIFFERS,
            "swbs": dead,
        }

    def edit(self, find: Mapping[str, Any], to: Mapping[str, Any]) -> int:
        """Change the people found; say how many they were."""
        found = [
            person
            for person in self._people
            if all(person.get(column) == value for column, value in find.items())
        ]
        for person in found:
            person.update(to)
        self._by_number = _by_number(self._people)
        return len(found)


def _by_number(people: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    by_number: dict[str, list[dict[str, str]]] = {}
    for person in people:
        by_number.setdefault(person["GMSFHM"], []).append(person)
    return by_number
