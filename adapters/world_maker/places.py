"""Where the invented children live, and the invented kindergartens and schools they go to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Home:
    """A county as GB/T 2260 numbers it, and how a form names it."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Place:
    """One kindergarten or school of `schools.csv`."""

    code: str
    name: str
    kind: str
    region: str
    authority: str = ""
    status: str = "正常"
    merged_into: str = ""


@dataclass(frozen=True, slots=True)
class Places:
    """All institutions of a world; `elsewhere` is a primary school whose list is not handed in."""

    schools: tuple[Place, ...]
    elsewhere: Place
    kindergartens: tuple[Place, ...]
    closed: Place
    merged: Place

    def all(self) -> tuple[Place, ...]:
        """Every institution, kindergartens first."""
        return (*self.kindergartens, self.closed, self.merged, *self.schools, self.elsewhere)


HOMES = tuple(
    Home(code, label)
    for code, label in (
        ("330106", "浙江省杭州市"), ("330102", "浙江省杭州市"), ("330109", "浙江省杭州市"),
        ("110108", "北京市"), ("120101", "天津市"), ("130102", "河北省石家庄市"),
        ("140105", "山西省太原市"), ("150102", "内蒙古自治区呼和浩特市"),
        ("210102", "辽宁省沈阳市"), ("220102", "吉林省长春市"), ("230102", "黑龙江省哈尔滨市"),
        ("310115", "上海市"), ("320505", "江苏省苏州市"), ("340102", "安徽省合肥市"),
        ("350203", "福建省厦门市"), ("360102", "江西省南昌市"), ("370203", "山东省青岛市"),
        ("410102", "河南省郑州市"), ("420106", "湖北省武汉市"), ("430102", "湖南省长沙市"),
        ("440305", "广东省深圳市"), ("450102", "广西壮族自治区南宁市"), ("460105", "海南省海口市"),
        ("500103", "重庆市"), ("510107", "四川省成都市"), ("513437", "四川省凉山彝族自治州"),
        ("520102", "贵州省贵阳市"), ("522601", "贵州省黔东南苗族侗族自治州"),
        ("532901", "云南省大理白族自治州"), ("540102", "西藏自治区拉萨市"),
        ("610102", "陕西省西安市"), ("622901", "甘肃省临夏回族自治州"), ("630102", "青海省西宁市"),
        ("640104", "宁夏回族自治区银川市"), ("650102", "新疆维吾尔自治区乌鲁木齐市"),
        ("653101", "新疆维吾尔自治区喀什地区"), ("654002", "新疆维吾尔自治区伊犁哈萨克自治州"),
        ("659001", "新疆生产建设兵团第八师"),
    )
)  # fmt: skip
_COUNTY = "330106"
_CORPS = ("659001", "660800000000")  # its schools answer to the Corps, not to the county


def invent_places(schools: int, children: int) -> Places:
    """As many primary schools with lists as asked for, and kindergartens for that many children."""
    count = max(6, children // 120)
    kindergartens = tuple(_kindergarten(number) for number in range(1, count + 1))
    closed, merged = _kindergarten(count + 1), _kindergarten(count + 2)
    return Places(
        schools=tuple(_school(number) for number in range(1, schools + 1)),
        elsewhere=Place("3990009001", "虚构外区小学", "小学", "330102"),
        kindergartens=kindergartens,
        closed=Place(closed.code, closed.name, closed.kind, closed.region, status="停办"),
        merged=Place(
            merged.code,
            merged.name,
            merged.kind,
            merged.region,
            status="合并",
            merged_into=kindergartens[0].code,
        ),
    )


def _school(number: int) -> Place:
    kind = "九年一贯制学校" if number % 2 == 0 else "小学"
    authority = "330100000000" if number % 2 == 0 else ""  # a municipal school
    return Place(f"399000{number:04d}", f"虚构第{number}小学", kind, _COUNTY, authority)


def _kindergarten(number: int) -> Place:
    """Two of three stand in the schools' county, the others all over the country."""
    region = HOMES[number * 5 % len(HOMES)].code if number % 3 == 0 else _COUNTY
    authority = _CORPS[1] if region == _CORPS[0] else ""
    return Place(f"19900{number:05d}", f"虚构第{number}幼儿园", "幼儿园", region, authority)
