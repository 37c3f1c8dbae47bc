"""Children whose record is carried, plain ones and all the unusual ones that must not stop it."""

from dataclasses import replace

from adapters.world_maker.cast import Case, Cast
from adapters.world_maker.made import Made, carried
from adapters.world_maker.names import DOT_VARIANTS, RARE_CHARACTERS, invent_long_name
from adapters.world_maker.people import BOOKLET, PASSPORT, Child
from adapters.world_maker.registers import dotted, population_row, primary_row

_FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９x")


def plain(cast: Cast) -> tuple[Made, ...]:
    """Finished kindergarten, document in order: nine of ten children."""
    child = cast.child()
    random = cast.inventor.random
    if random.random() < 0.12:
        child = replace(child, number=cast.inventor.temporary_number(child))
    listed = cast.listed(child)
    if random.random() < 0.1:
        listed = {**listed, "身份证件类型": BOOKLET}
    status = "离园" if random.random() < 0.05 else "毕业"
    return (cast.made(child, carried(child.number), cast.preschool(child, status), listed=listed),)


def _carried(cast: Cast, child: Child, **listed: str) -> tuple[Made, ...]:
    cells = cast.listed(child, **listed)
    return (cast.made(child, carried(child.number), cast.preschool(child), listed=cells),)


def _left(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    return (cast.made(child, carried(child.number), cast.preschool(child, "离园")),)


def _temporary_number(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    return _carried(cast, replace(child, number=cast.inventor.temporary_number(child)))


def _number_without_document(cast: Cast) -> tuple[Made, ...]:
    child = cast.inventor.without_document()
    return _carried(cast, child, 学籍号=child.number)


def _number_without_document_unchecked(cast: Cast) -> tuple[Made, ...]:
    child = cast.inventor.without_document(checked=False)
    return _carried(cast, child, 学籍号=child.number)


def _number_older_than_document(cast: Cast) -> tuple[Made, ...]:
    """The citizen number was corrected and the student number stayed: G and document differ."""
    child = cast.child()
    return _carried(
        cast, replace(child, document=cast.inventor.citizen_number(child.born_on, child.sex))
    )


def _passport(cast: Cast) -> tuple[Made, ...]:
    """A foreign child, written in capitals by one side; leaves blank what only Chinese fill in."""
    child = cast.child()
    child = replace(
        child,
        name="ANNA MARIA SCHMIDT" if child.sex == "女" else "JONAS SCHMIDT",
        document_type=PASSPORT,
        document=f"C{cast.inventor.random.randrange(10**8):08d}",
        number=cast.inventor.number_without_document(child),
        nationality="德国",
        overseas="外国人",
    )
    return _carried(cast, child, 姓名=child.name.title())


def _permit_as_identity_card(cast: Cast) -> tuple[Made, ...]:
    """A residence permit's number under 居民身份证: its check character is right."""
    child = cast.child()
    permit = cast.inventor.permit_number(child, "81")
    return _carried(cast, replace(child, document=permit, number=f"G{permit}", overseas="香港同胞"))


def _taiwan_pass(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    child = replace(
        child,
        document_type="台湾居民来往大陆通行证",
        document=f"{cast.inventor.random.randrange(10**8):08d}",
        number=cast.inventor.number_without_document(child),
        overseas="台湾同胞",
    )
    return _carried(cast, child)


def _rare_name(character: str) -> Case:
    def case(cast: Cast) -> tuple[Made, ...]:
        child = cast.child("汉族")
        return _carried(cast, replace(child, name=child.name + character))

    return case


def _dots(on_list: str, in_register: str) -> Case:
    def case(cast: Cast) -> tuple[Made, ...]:
        child = cast.child("维吾尔族")
        row = cast.preschool(child, 姓名=dotted(child.name, in_register))
        cells = cast.listed(child, 姓名=dotted(child.name, on_list))
        return (cast.made(child, carried(child.number), row, listed=cells),)

    return case


def _long_name(cast: Cast) -> tuple[Made, ...]:
    child = cast.child("维吾尔族")
    return _carried(cast, replace(child, name=invent_long_name(cast.inventor.random)))


def _twins(cast: Cast) -> tuple[Made, ...]:
    """Twins with documents: one number apart, and each matched by its own."""
    child = cast.child("汉族")
    return (*_carried(cast, child), *_carried(cast, cast.inventor.twin(child)))


def _namesakes(cast: Cast) -> tuple[Made, ...]:
    child = cast.child("汉族")
    return (*_carried(cast, child), *_carried(cast, cast.inventor.namesake(child)))


def _moved(cast: Cast) -> tuple[Made, ...]:
    """A move finished late: the first kindergarten's record has ended, the second one's stands."""
    child = cast.child()
    first, second = cast.places.kindergartens[:2]
    rows = (cast.preschool(child, "离园", first), cast.preschool(child, "毕业", second))
    return (cast.made(child, carried(child.number), *rows),)


def _cancelled_before(cast: Cast) -> tuple[Made, ...]:
    """A wrong record was cancelled; the right one stands under another number."""
    child = cast.child()
    wrong = cast.preschool(child, "注销", 学籍号=cast.inventor.temporary_number(child))
    return (cast.made(child, carried(child.number), wrong, cast.preschool(child)),)


def _transferred_out(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    primary = [primary_row(child, cast.places.elsewhere, "转出")]
    return (cast.made(child, carried(child.number), cast.preschool(child), primary=primary),)


def _here_already(cast: Cast) -> tuple[Made, ...]:
    """The primary record is made, the preschool one not closed yet."""
    child = cast.child()
    primary = [primary_row(child, cast.here, approval="待核准")]
    return (cast.made(child, carried(child.number), cast.preschool(child), primary=primary),)


def _finished_already(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    row = cast.preschool(child, "升学", 升入学校标识码=cast.here.code)
    primary = [primary_row(child, cast.here)]
    return (cast.made(child, carried(child.number), row, primary=primary),)


def _other_name_on_file(cast: Cast) -> tuple[Made, ...]:
    child = cast.child("汉族")
    outcome = carried(child.number, "NAME_MISMATCH")
    population = [population_row(child, name=child.name[0] + "某")]
    return (cast.made(child, outcome, cast.preschool(child), population=population),)


def _not_on_file(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    outcome = carried(child.number, "NOT_ON_FILE")
    return (cast.made(child, outcome, cast.preschool(child), population=()),)


def _death_mark(cast: Cast) -> tuple[Made, ...]:
    """Marked as deceased, which the NCIIC dialect does not tell: there the child is carried."""
    child = cast.child()
    population = [population_row(child, deceased=True)]
    return (cast.made(child, carried(child.number), cast.preschool(child), population=population),)


def _typed_in_full_width(cast: Cast) -> tuple[Made, ...]:
    child = cast.child()
    return _carried(cast, child, 身份证件号=child.document.translate(_FULL_WIDTH))


def _old_local_number(cast: Cast) -> tuple[Made, ...]:
    """The list names a sixteen-digit local number: an alias, no fault."""
    child = cast.child()
    return _carried(cast, child, 学籍号=f"1901{cast.inventor.random.randrange(10**12):012d}")


def _own_ethnic_label(cast: Cast) -> tuple[Made, ...]:
    return _carried(cast, replace(cast.child("汉族"), ethnic_group="穿青人"))


ESSENTIAL: tuple[Case, ...] = (
    _left,
    _temporary_number,
    _number_without_document,
    _number_older_than_document,
    _passport,
    _permit_as_identity_card,
    _rare_name(RARE_CHARACTERS[0]),
    _dots(DOT_VARIANTS[0], DOT_VARIANTS[2]),
    _long_name,
    _twins,
    _moved,
    _here_already,
    _other_name_on_file,
    _not_on_file,
)
FURTHER: tuple[Case, ...] = (
    *(_rare_name(character) for character in RARE_CHARACTERS[1:]),
    *(_dots(dot, "\u00b7") for dot in DOT_VARIANTS),
    _namesakes,
    _number_without_document_unchecked,
    _taiwan_pass,
    _cancelled_before,
    _transferred_out,
    _finished_already,
    _death_mark,
    _typed_in_full_width,
    _old_local_number,
    _own_ethnic_label,
)
