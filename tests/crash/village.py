"""Children of different fates, enough to pass every step of a carry-over."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.crash.invariants import Row
from tests.intake.village import SCHOOL, Child, Village, person


@dataclass(frozen=True)
class Listed:
    """A village, the list of its children, and what must become of each."""

    village: Village
    rows: list[dict[str, str]]
    expected: Mapping[str, Row]


def list_children(plain: int) -> Listed:
    """Six children with a story of their own, and so many plain ones."""
    village = Village()
    told = [
        _temporary(village, 1),
        _in_kindergarten(village, 2),
        _stranger(3),
        _entered_already(village, 4),
        _marked_already(village, 5),
        _other_name(village, 6),
        *(_plain(village, serial) for serial in range(7, 7 + plain)),
    ]
    rows = [child.row() for child, _ in told]
    return Listed(village, rows, {str(child.serial): row for child, row in told})


def _plain(village: Village, serial: int) -> tuple[Child, Row]:
    child = village.child(serial)
    return child, Row("carried", child.number, "exact", ())


def _temporary(village: Village, serial: int) -> tuple[Child, Row]:
    number = f"L{person(serial).document}"
    return village.child(serial, 学籍号=number), Row("carried", number, "exact", ())


def _in_kindergarten(village: Village, serial: int) -> tuple[Child, Row]:
    child = village.child(serial, "在园")
    return child, Row("held:not_graduated", child.number, "exact", ())


def _stranger(serial: int) -> tuple[Child, Row]:
    return person(serial), Row("create_new", None, "none", ("NOT_ON_FILE",))


def _entered_already(village: Village, serial: int) -> tuple[Child, Row]:
    """Entered by the school itself under the same number: only the closing is left."""
    child = village.child(serial)
    village.pupil(child, SCHOOL, 审核状态="待核准")
    return child, Row("carried", child.number, "exact", ())


def _marked_already(village: Village, serial: int) -> tuple[Child, Row]:
    """Marked 升学 for this school: only the creation is left."""
    child = village.child(serial, "升学", 升入学校标识码=SCHOOL)
    return child, Row("carried", child.number, "exact", ())


def _other_name(village: Village, serial: int) -> tuple[Child, Row]:
    child = person(serial)
    village.record(child)
    village.known(child, name="旁人")
    return child, Row("carried", child.number, "exact", ("NAME_MISMATCH",))
