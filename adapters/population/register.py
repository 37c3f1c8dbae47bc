"""A simulated population register: what it says of the people of a world."""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.population.simulated_answer import AnsweredRow, Items
from adapters.population.simulated_question import AskedRow
from adapters.world import Row

NOT_ON_FILE = "服务结果:库中无此号，请到户籍所在地进行核实"


class PopulationRegister:
    """Every row of the world's population; two people may bear one number, as in life."""

    def __init__(self, people: tuple[Row, ...]) -> None:
        self._people = [dict(person) for person in people]
        self._names = _names(self._people)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (dict(person) for person in self._people)

    def answer(self, row: AskedRow) -> AnsweredRow:
        """What the service answers to one row.

        Former names and numbers count for nothing, and nobody is said to be dead: this service
        compares what is valid today.
        """
        return AnsweredRow(row.place, row.number, row.name, self._items(row))

    def edit(self, find: Mapping[str, Any], to: Mapping[str, Any]) -> int:
        """Change the people found; say how many they were."""
        found = [
            person
            for person in self._people
            if all(person.get(column) == value for column, value in find.items())
        ]
        for person in found:
            person.update(to)
        self._names = _names(self._people)
        return len(found)

    def _items(self, row: AskedRow) -> Items:
        if row.area is None:
            return _row_error("业务发生地属性缺失", "")
        if not row.number:
            return _row_error("必录项缺失", "公民身份号码")
        if not row.name:
            return _row_error("必录项缺失", "姓名")
        names = self._names.get(row.number)
        if names is None:
            return _row_error(NOT_ON_FILE, "")
        agrees = "一致" if row.name in names else "不一致"
        return (
            (("gmsfhm", ""), ("result_gmsfhm", "一致")),
            (("xm", ""), ("result_xm", agrees)),
        )


def _row_error(text: str, column: str) -> Items:
    return ((("errormesage", text),), (("errormesagecol", column),))


def _names(people: list[dict[str, str]]) -> dict[str, frozenset[str]]:
    names: dict[str, set[str]] = {}
    for person in people:
        names.setdefault(person["GMSFHM"], set()).add(person["XM"])
    return {number: frozenset(of_number) for number, of_number in names.items()}
