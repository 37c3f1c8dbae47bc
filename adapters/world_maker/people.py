"""Invents children, each told apart from every other by name, number and guardian."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from adapters.world_maker.names import invent_name
from adapters.world_maker.places import HOMES, Home
from contracts.citizen_number import check_character

CITIZEN = "居民身份证"
BOOKLET = "户口簿"
OTHER = "其他"
PASSPORT = "护照"

_FIRST_BIRTHDAY = date(2019, 9, 1)
_BIRTHDAYS = 366
_LAST_SERIAL = 999
_AREAS = ("999999", "990000")  # allocated to nobody
# Label and GB/T 3304 code, by how often they are drawn.
_ETHNIC_GROUPS = (
    ("汉族", 880), ("壮族", 14), ("回族", 16), ("满族", 12), ("维吾尔族", 16), ("苗族", 10),
    ("彝族", 9), ("土家族", 8), ("藏族", 8), ("蒙古族", 8), ("布依族", 4), ("哈萨克族", 5),
    ("朝鲜族", 4), ("柯尔克孜族", 3), ("傣族", 3),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Child:
    """One invented child as every register would know it, were all of them right."""

    name: str = field(repr=False)
    sex: str
    born_on: date = field(repr=False)
    document_type: str
    document: str = field(repr=False)
    number: str = field(repr=False)
    ethnic_group: str
    home: Home
    guardian: str = field(repr=False)
    guardian_document: str = field(repr=False)
    nationality: str = "中国"
    overseas: str = "非港澳台侨"


class Inventor:
    """Invents children from one source of randomness; the same seed gives the same children."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self._serials: dict[tuple[str, date], int] = {}
        self._persons: set[tuple[str, str, date]] = set()
        self._numbers: set[str] = set()

    def child(self, ethnic_group: str | None = None) -> Child:
        """A child with a citizen number and the formal number made of it."""
        sex = self.random.choice("男女")
        born_on = self.birthday()
        group = ethnic_group or self._ethnic_group()
        name = self._name(sex, born_on, group)
        document = self.citizen_number(born_on, sex)
        return Child(
            name=name,
            sex=sex,
            born_on=born_on,
            document_type=CITIZEN,
            document=document,
            number=f"G{document}",
            ethnic_group=group,
            home=self.random.choice(HOMES),
            guardian=name[0] + self.random.choice("建国秀英志强桂兰海燕"),
            guardian_document=self._guardian_document(),
        )

    def birthday(self) -> date:
        """A day on which entrants of the year are born."""
        return _FIRST_BIRTHDAY + timedelta(days=self.random.randrange(_BIRTHDAYS))

    def citizen_number(self, born_on: date, sex: str) -> str:
        """The next free citizen number of an area that is allocated to nobody."""
        area = self.random.choice(_AREAS)
        serial = self._serials.get((area + sex, born_on), 1 if sex == "男" else 2)
        if serial > _LAST_SERIAL:
            raise ValueError("more children than numbers for their birthday")
        self._serials[area + sex, born_on] = serial + 2
        digits = f"{area}{born_on:%Y%m%d}{serial:03d}"
        return digits + check_character(digits)

    def temporary_number(self, child: Child) -> str:
        """A temporary number: area of the kindergarten, birth date, four random digits."""
        return self._unused(lambda: f"L990000{child.born_on:%Y%m%d}{self._digits(4)}")

    def number_without_document(self, child: Child, *, checked: bool = True) -> str:
        """A formal number for a child without document; misspelt where not `checked`."""

        def draw() -> str:
            digits = f"990000{child.born_on:%Y%m%d}{self._digits(3)}"
            right = check_character(digits)
            return f"J{digits}{right if checked else '1' if right == '0' else '0'}"

        return self._unused(draw)

    def permit_number(self, child: Child, area: str) -> str:
        """A residence permit's number: 81, 82 or 83, laid out as a citizen number."""

        def draw() -> str:
            odd = int(child.sex == "男")
            serial = self.random.randrange(odd, 1000, 2)
            digits = f"{area}0000{child.born_on:%Y%m%d}{serial:03d}"
            return digits + check_character(digits)

        return self._unused(draw)

    def without_document(self, *, checked: bool = True) -> Child:
        """A child who has no usable document yet."""
        child = self.child()
        number = self.number_without_document(child, checked=checked)
        return replace(child, document_type=OTHER, document="", number=number)

    def twin(self, child: Child) -> Child:
        """The child's twin: one character and the next number apart."""
        name = child.name
        while name == child.name or (name, child.sex, child.born_on) in self._persons:
            name = child.name[:-1] + self.random.choice("安宁乐文清远言景知和")
        self._persons.add((name, child.sex, child.born_on))
        document = self.citizen_number(child.born_on, child.sex)
        return replace(child, name=name, document=document, number=f"G{document}")

    def namesake(self, child: Child) -> Child:
        """Another child of the same name, sex and birth date, of other parents."""
        document = self.citizen_number(child.born_on, child.sex)
        return replace(
            child,
            document=document,
            number=f"G{document}",
            guardian_document=self._guardian_document(),
        )

    def _name(self, sex: str, born_on: date, ethnic_group: str) -> str:
        while True:
            name = invent_name(self.random, sex, ethnic_group)
            if (name, sex, born_on) not in self._persons:
                self._persons.add((name, sex, born_on))
                return name

    def _ethnic_group(self) -> str:
        groups, weights = zip(*_ETHNIC_GROUPS, strict=True)
        return str(self.random.choices(groups, weights)[0])

    def _guardian_document(self) -> str:
        born_on = date(1984, 1, 1) + timedelta(days=self.random.randrange(4000))
        return self.citizen_number(born_on, self.random.choice("男女"))

    def _digits(self, count: int) -> str:
        return f"{self.random.randrange(10**count):0{count}d}"

    def _unused(self, draw: Callable[[], str]) -> str:
        while (number := draw()) in self._numbers:
            pass
        self._numbers.add(number)
        return number
