"""An invented town of residents, known to the police register unless they are said not to be."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.citizen_number import check_character
from contracts.outcomes import Outcome
from tests.intake.village import Village

_FIRST_BIRTHDAY = date(2019, 9, 1)


@dataclass(frozen=True)
class Resident:
    """One resident; one serial is always the same person."""

    serial: int
    name: str
    number: str

    def row(self, **cells: str) -> dict[str, str]:
        """The resident on a sheet."""
        return {"序号": str(self.serial), "姓名": self.name, "身份证件号": self.number} | cells


def resident(serial: int) -> Resident:
    """A resident with a number that holds."""
    day, order = divmod(serial, 900)
    born_on = _FIRST_BIRTHDAY + timedelta(days=day)
    digits = f"999999{born_on:%Y%m%d}{order:03}"
    return Resident(serial, f"虚构{serial}", digits + check_character(digits))


def residents(first: int, last: int) -> list[Resident]:
    """The residents of these serials, both included."""
    return [resident(serial) for serial in range(first, last + 1)]


def settle(village: Village, people: Iterable[Resident], **cells: str) -> None:
    """Have the police register know them, cells changed as given."""
    for one in people:
        known = {"GMSFHM": one.number, "XM": one.name, "XBDM": "1", "SWBS": "0"}
        day = {"CSRQ": one.number[6:14], "MZDM": "01"}
        village.population.append(known | day | cells)


def truth(village: Village, one: Resident) -> Outcome:
    """What the register says of a resident, read from the world itself."""
    names = {row["XM"] for row in village.population if row["GMSFHM"] == one.number}
    if not names:
        return Outcome.NOT_ON_FILE
    return Outcome.MATCH if one.name in names else Outcome.NAME_MISMATCH


def csv_of(people: Iterable[Resident]) -> str:
    """A sheet of them as CSV."""
    lines = [f"{one.serial},{one.name},{one.number}" for one in people]
    return "\r\n".join(["序号,姓名,身份证件号", *lines, ""])
