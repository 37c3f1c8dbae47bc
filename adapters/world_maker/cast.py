"""What a case is made with: children to come, places to put them, and rows to write."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from adapters.world_maker.made import ListCells, Made, Outcome, Row
from adapters.world_maker.people import BOOKLET, CITIZEN, Child, Inventor
from adapters.world_maker.places import Place, Places
from adapters.world_maker.registers import list_cells, population_row, preschool_row


@dataclass(frozen=True, slots=True)
class Cast:
    """One school's share of a world: who is invented, where, and the day of reporting."""

    inventor: Inventor
    places: Places
    here: Place
    reported_on: date

    def child(self, ethnic_group: str | None = None) -> Child:
        """The next child."""
        return self.inventor.child(ethnic_group)

    def listed(self, child: Child, **cells: str | int) -> ListCells:
        """The child's row on this school's list, with these cells instead of the usual ones."""
        return {**list_cells(self.inventor, child, self.reported_on), **cells}

    def preschool(
        self, child: Child, status: str = "毕业", at: Place | None = None, **cells: str
    ) -> Row:
        """The child's record at a kindergarten, with these cells instead of the usual ones."""
        kindergarten = at or self.inventor.random.choice(self.places.kindergartens)
        return {**preschool_row(self.inventor, child, kindergarten, status), **cells}

    def made(
        self,
        child: Child,
        outcome: Outcome,
        *preschool: Row,
        listed: ListCells | None = None,
        primary: Sequence[Row] = (),
        population: Sequence[Row] | None = None,
    ) -> Made:
        """The child with these records; on file with the police where it has a citizen number."""
        return Made(
            listed=self.listed(child) if listed is None else listed,
            outcome=outcome,
            preschool=preschool,
            primary=tuple(primary),
            population=tuple(on_file(child) if population is None else population),
        )


Case = Callable[[Cast], tuple[Made, ...]]


def on_file(*children: Child) -> tuple[Row, ...]:
    """The population register's lines for those of the children who have a citizen number."""
    kinds = (CITIZEN, BOOKLET)
    return tuple(
        population_row(child)
        for child in children
        if child.document_type in kinds and child.document.startswith("99")
    )
