"""Children held up by what the registers say of them: every hold a world can bring about."""

from dataclasses import replace

from adapters.world_maker.cast import Case, Cast, on_file
from adapters.world_maker.made import ListCells, Made, held, missing
from adapters.world_maker.people import OTHER, PASSPORT, Child
from adapters.world_maker.registers import primary_row

_FAR_AWAY = "2099-12-31"  # so that a world does not change with the day it is used on
_LONG_PAST = "2025-08-31"


def _by_status(reason: str, status: str, **cells: str) -> Case:
    """A preschool record that cannot be pulled as it stands."""

    def case(cast: Cast) -> tuple[Made, ...]:
        child = cast.child()
        number = cells.get("学籍号", child.number) or None
        row = {**cast.preschool(child, status), **cells}
        listed = cast.listed(child) if number else cast.listed(child, 学籍号="")
        return (cast.made(child, held(reason, "exact", number), row, listed=listed),)

    return case


def _kindergarten_closed(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    row = cast.preschool(child, "在园", cast.places.closed)
    return (cast.made(child, held("not_graduated", "exact", child.number), row),)


def _kindergarten_merged(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    row = cast.preschool(child, "在园", cast.places.merged)
    return (cast.made(child, held("not_graduated", "exact", child.number), row),)


def _advanced_elsewhere(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    row = cast.preschool(child, "升学", 升入学校标识码=cast.places.elsewhere.code)
    return (cast.made(child, held("claimed_elsewhere", "exact", child.number), row),)


def _elsewhere(reason: str, status: str, approval: str) -> Case:
    """A live primary record under the same number at another school."""

    def case(cast: Cast) -> tuple[Made, ...]:
        child = cast.child()
        primary = [primary_row(child, cast.places.elsewhere, status, approval)]
        outcome = held(reason, "exact", child.number)
        return (cast.made(child, outcome, cast.preschool(child), primary=primary),)

    return case


def _other_number_here(cast: Cast) -> tuple[Made, ...]:
    """The school made a new record under a second number."""
    child = cast.child()
    second = replace(child, number=cast.inventor.temporary_number(child))
    outcome = held("already_enrolled", "exact", child.number)
    primary = [primary_row(second, cast.here)]
    return (cast.made(child, outcome, cast.preschool(child), primary=primary),)


def _two_records(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    first, second = cast.places.kindergartens[:2]
    again = cast.preschool(child, at=second, 学籍号=cast.inventor.temporary_number(child))
    rows = (cast.preschool(child, at=first), again)
    # With a number on the list the search would stop at that number's record.
    cells = cast.listed(child, 学籍号="")
    return (cast.made(child, held("duplicate_preschool", "many"), *rows, listed=cells),)


def _birth_date_differs(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    day = f"{child.born_on.year}-{child.born_on.month}-{child.born_on.day % 28 + 1}"
    row = cast.preschool(child, 出生日期=day)
    return (cast.made(child, held("to_confirm", "probable"), row),)


def _document_replaced(cast: Cast) -> tuple[Made, ...]:
    """The preschool record still has the old citizen number; the list gives no student number."""
    child = cast.child("汉族")
    renewed = replace(child, document=cast.inventor.citizen_number(child.born_on, child.sex))
    return _replaced(cast, child, renewed, "possible", "")


def _document_replaced_number_known(cast: Cast) -> tuple[Made, ...]:
    child = cast.child("汉族")
    renewed = replace(child, document=cast.inventor.citizen_number(child.born_on, child.sex))
    return _replaced(cast, child, renewed, "probable", child.number)


def _replaced(cast: Cast, old: Child, renewed: Child, grade: str, number: str) -> tuple[Made, ...]:
    cells = cast.listed(renewed, 学籍号=number, 监护人证件号="")
    population = on_file(old, renewed)
    outcome = held("to_confirm", grade)
    return (cast.made(renewed, outcome, cast.preschool(old), listed=cells, population=population),)


def _passport_name_differs(cast: Cast) -> tuple[Made, ...]:
    child = cast.child("汉族")
    document = f"E{cast.inventor.random.randrange(10**8):08d}"
    child = replace(child, document_type=PASSPORT, document=document)
    row = cast.preschool(child, 姓名=child.name[0] + "小" + child.name[-1])
    return (cast.made(child, held("to_confirm", "probable"), row),)


def _found_by_guardian(cast: Cast) -> tuple[Made, ...]:
    """No document, no number, the birth date mistyped: only the guardian's document leads to it."""
    child = cast.inventor.without_document()
    day = f"{child.born_on.year}-{child.born_on.month}-{child.born_on.day % 28 + 1}"
    cells = cast.listed(child, 学籍号="", 监护人证件号=child.guardian_document)
    row = cast.preschool(child, 出生日期=day)
    return (cast.made(child, held("to_confirm", "possible"), row, listed=cells),)


def _without_document(cast: Cast) -> tuple[Made, ...]:
    """Neither document nor number: name, sex and birth date alone are never enough."""
    child = cast.inventor.without_document()
    cells = cast.listed(child, 学籍号="", 监护人证件号="")
    return (cast.made(child, held("to_confirm", "possible"), cast.preschool(child), listed=cells),)


def _namesakes(cast: Cast) -> tuple[Made, ...]:
    """Listed without document, and two kindergarten children bear the name."""
    child = cast.child("汉族")
    other = cast.inventor.namesake(child)
    cells = _anonymous(cast, child)
    rows = (cast.preschool(child), cast.preschool(other))
    population = on_file(child, other)
    outcome = held("ambiguous", "many")
    return (cast.made(child, outcome, *rows, listed=cells, population=population),)


def _indistinguishable_rows(cast: Cast) -> tuple[Made, ...]:
    """Two rows of one list that nothing tells apart stay two rows."""
    child = cast.child("汉族")
    other = cast.inventor.namesake(child)
    return tuple(
        cast.made(one, held("ambiguous", "many"), cast.preschool(one), listed=_anonymous(cast, one))
        for one in (child, other)
    )


def _twins_without_documents(cast: Cast) -> tuple[Made, ...]:
    child = cast.inventor.without_document()
    twin = replace(
        cast.inventor.twin(child),
        document="",
        number=cast.inventor.number_without_document(child),
    )
    return tuple(
        cast.made(
            one,
            held("ambiguous", "many"),
            cast.preschool(one),
            listed=cast.listed(one, 学籍号="", 监护人证件号=one.guardian_document),
        )
        for one in (child, twin)
    )


def _anonymous(cast: Cast, child: Child) -> ListCells:
    """The child's row with everything left out that tells it from a namesake."""
    return cast.listed(child, 身份证件类型=OTHER, 身份证件号="", 学籍号="", 监护人证件号="")


def _never_in_preschool(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    return (cast.made(child, missing(), listed=cast.listed(child, 学籍号="")),)


def _nowhere_on_file(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    cells = cast.listed(child, 学籍号="")
    return (cast.made(child, missing("NOT_ON_FILE"), listed=cells, population=()),)


def _no_document_no_record(cast: Cast) -> tuple[Made, ...]:
    child = cast.inventor.without_document()
    return (cast.made(child, missing(), listed=cast.listed(child, 学籍号="")),)


def _residence_permit(area: str, overseas: str) -> Case:
    """港澳台居民居住证: its type has no counterpart in the primary register's table."""

    def case(cast: Cast) -> tuple[Made, ...]:
        child = cast.child("汉族")
        child = replace(
            child,
            document_type="港澳台居民居住证",
            document=cast.inventor.permit_number(child, area),
            number=cast.inventor.number_without_document(child),
            overseas=overseas,
        )
        return (
            cast.made(child, held("unmapped_code", "exact", child.number), cast.preschool(child)),
        )

    return case


def _unlisted_ethnic_label(cast: Cast) -> tuple[Made, ...]:
    child = replace(cast.child("藏族"), ethnic_group="夏尔巴人")
    return (cast.made(child, held("unmapped_code", "exact", child.number), cast.preschool(child)),)


ESSENTIAL: tuple[Case, ...] = (
    _by_status("not_graduated", "在园"),
    _kindergarten_closed,
    _by_status("deferred", "缓学留园", 缓学批准文号="虚教缓〔2026〕12号", 缓学截止日期=_FAR_AWAY),
    _by_status("in_transfer", "转园中"),
    _by_status("preschool_pending", "待核准", 学籍号=""),
    _by_status("preschool_pending", "问题学籍"),
    _by_status("preschool_cancelled", "注销"),
    _advanced_elsewhere,
    _elsewhere("claimed_elsewhere", "在读", "待核准"),
    _elsewhere("already_enrolled", "在读", "已核准"),
    _other_number_here,
    _two_records,
    _birth_date_differs,
    _document_replaced,
    _found_by_guardian,
    _namesakes,
    _twins_without_documents,
    _indistinguishable_rows,
    _never_in_preschool,
    _residence_permit("81", "香港同胞"),
    _residence_permit("82", "澳门同胞"),
    _residence_permit("83", "台湾同胞"),
    _unlisted_ethnic_label,
)
FURTHER: tuple[Case, ...] = (
    _kindergarten_merged,
    _by_status(
        "not_graduated", "缓学留园", 缓学批准文号="虚教缓〔2024〕3号", 缓学截止日期=_LONG_PAST
    ),
    _elsewhere("already_enrolled", "休学", "已核准"),
    _document_replaced_number_known,
    _passport_name_differs,
    _without_document,
    _nowhere_on_file,
    _no_document_no_record,
)
