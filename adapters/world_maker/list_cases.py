"""Children about whom nothing is asked: not reported, or wrong on the list itself."""

from adapters.world_maker.cast import Case, Cast
from adapters.world_maker.made import LISTED, WRONG_INPUT, Made
from contracts.citizen_number import check_character


def _not_reported(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    cells = cast.listed(child, 是否报到="否", 报到日期="", 未报到原因="随父母返乡就读")
    return (cast.made(child, LISTED, cast.preschool(child), listed=cells),)


def _not_said(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    cells = cast.listed(child, 是否报到="", 报到日期="")
    return (cast.made(child, LISTED, cast.preschool(child), listed=cells),)


def _wrong(**cells: str) -> Case:
    """A row with these cells wrong; nothing is asked about the child."""

    def case(cast: Cast) -> tuple[Made, ...]:
        child = cast.child()
        cells_as_typed = cast.listed(child, **cells)
        return (cast.made(child, WRONG_INPUT, cast.preschool(child), listed=cells_as_typed),)

    return case


def _wrong_check_character(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    cells = cast.listed(child, 身份证件号=_misspelt(child.document))
    return (cast.made(child, WRONG_INPUT, cast.preschool(child), listed=cells),)


def _wrong_number(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    cells = cast.listed(child, 学籍号=_misspelt(child.number))
    return (cast.made(child, WRONG_INPUT, cast.preschool(child), listed=cells),)


def _misspelt(number: str) -> str:
    right = check_character(number[-18:-1])
    return number[:-1] + ("1" if right == "0" else "0")


def _sex_differs(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    cells = cast.listed(child, 性别="女" if child.sex == "男" else "男")
    return (cast.made(child, WRONG_INPUT, cast.preschool(child), listed=cells),)


def _number_destroyed(cast: Cast) -> tuple[Made, ...]:
    """The document as a numeric cell: the sheet keeps fifteen digits of eighteen."""
    child = cast.child()
    while not child.document.isdigit():
        child = cast.child()
    cells = cast.listed(child, 身份证件号=int(child.document))
    return (cast.made(child, WRONG_INPUT, cast.preschool(child), listed=cells),)


ESSENTIAL: tuple[Case, ...] = (
    _not_reported,
    _not_said,
    _wrong_check_character,
    _wrong(姓名=""),
    _wrong(年级="二年级"),
    _number_destroyed,
)
FURTHER: tuple[Case, ...] = (
    _wrong_number,
    _sex_differs,
    _wrong(出生日期="2019-13-01"),
    _wrong(性别="不详"),
)
