"""An invented village: children in one line each, and the world of registers that know them.

village = Village()
ann = village.child(1)                      # 毕业, with a number, known to the police
ben = village.child(2, status="在园")
village.pupil(ann, school=ELSEWHERE)        # has a primary record somewhere
rows = [ann.row(), ben.row(是否报到="否")]

One serial (1 to 99) is always the same person.
"""

from dataclasses import dataclass, field

from adapters.world import Row, World
from contracts.citizen_number import check_character
from tests.adapters.small_world import CHILD

KINDERGARTEN, OTHER_KINDERGARTEN, CLOSED_KINDERGARTEN = "9999990001", "9999990002", "9999990003"
SCHOOL, RIVAL, ELSEWHERE = "9999990100", "9999990200", "9900010300"
COUNTY, OTHER_COUNTY, PROVINCE = "999999", "990001", "990000"


@dataclass(frozen=True)
class Child:
    """A child as the registers know it; a school's row may say something else."""

    serial: int
    name: str
    sex: str
    born_on: str
    document: str
    number: str

    def row(self, **cells: str) -> dict[str, str]:
        """The child on a school's list, reported, cells changed as given."""
        listed = {
            "序号": str(self.serial),
            "姓名": self.name,
            "性别": self.sex,
            "出生日期": self.born_on,
            "身份证件类型": "居民身份证",
            "身份证件号": self.document,
            "学籍号": "",
            "是否报到": "是",
            "报到日期": "2026-09-01",
        }
        return {**listed, **cells}


@dataclass
class Village:
    """What the registers hold; `world` is what the simulators are started from."""

    schools: list[Row] = field(default_factory=list)
    preschool: list[Row] = field(default_factory=list)
    primary: list[Row] = field(default_factory=list)
    population: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.schools += [
            _institution(KINDERGARTEN, "幼儿园", COUNTY),
            _institution(OTHER_KINDERGARTEN, "幼儿园", OTHER_COUNTY),
            _institution(CLOSED_KINDERGARTEN, "幼儿园", OTHER_COUNTY, 状态="停办"),
            _institution(SCHOOL, "小学", COUNTY),
            _institution(RIVAL, "小学", COUNTY),
            _institution(ELSEWHERE, "小学", OTHER_COUNTY),
        ]

    @property
    def world(self) -> World:
        """The village as the simulators read it."""
        rows = (self.schools, self.preschool, self.primary, self.population)
        return World(*map(tuple, rows), admissions={})

    def child(
        self, serial: int, status: str = "毕业", *, deceased: bool = False, **cells: str
    ) -> Child:
        """A child with a preschool record of this status, known to the police."""
        child = person(serial)
        self.record(child, status, **cells)
        self.known(child, deceased=deceased)
        return child

    def record(self, child: Child, status: str = "毕业", **cells: str) -> None:
        """A preschool record of the child, cells changed as given."""
        recorded = {
            "机构标识码": KINDERGARTEN,
            "学籍号": child.number,
            "学籍状态": status,
            "姓名": child.name,
            "性别": child.sex,
            "出生日期": child.born_on,
            "身份证号码": child.document,
        }
        self.preschool.append({**CHILD, **recorded, **cells})

    def known(self, child: Child, *, name: str = "", deceased: bool = False) -> None:
        """The child in the population register, under another name where one is given."""
        self.population.append(
            {
                "GMSFHM": child.document,
                "XM": name or child.name,
                "XBDM": "1" if child.sex == "男" else "2",
                "CSRQ": child.born_on.replace("-", ""),
                "MZDM": "01",
                "SWBS": "1" if deceased else "0",
            }
        )

    def pupil(self, child: Child, school: str = ELSEWHERE, **cells: str) -> None:
        """A primary record of the child, 在读 and 已核准 unless said otherwise."""
        enrolled = {
            "学校标识码": school,
            "学籍号": child.number,
            "姓名": child.name,
            "性别": child.sex,
            "出生日期": child.born_on,
            "身份证件类型": "居民身份证",
            "身份证件号": child.document,
            "学籍状态": "在读",
            "审核状态": "已核准",
        }
        self.primary.append({**enrolled, **cells})


def person(serial: int, name: str = "", sex: str = "男") -> Child:
    """An invented child; one serial is always the same child."""
    digits = f"99999920200101{serial:02d}{1 if sex == '男' else 2}"
    document = digits + check_character(digits)
    return Child(serial, name or f"虚构{serial}", sex, "2020-01-01", document, f"G{document}")


def _institution(code: str, kind: str, county: str, **cells: str) -> Row:
    row = {"机构标识码": code, "名称": f"虚构{kind}{code[-3:]}", "类型": kind, "行政区划": county}
    return row | {"主管教育行政部门代码": "", "状态": "正常"} | cells
