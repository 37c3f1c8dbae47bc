"""How a child's row reads in each register and on a school's list."""

from datetime import date

from adapters.world_maker.made import ListCells, Row
from adapters.world_maker.names import DOT
from adapters.world_maker.people import CITIZEN, Child, Inventor
from adapters.world_maker.places import Place

_CHINA = "中国"
_ETHNIC_CODES = {
    "汉族": "01", "蒙古族": "02", "回族": "03", "藏族": "04", "维吾尔族": "05", "苗族": "06",
    "彝族": "07", "壮族": "08", "布依族": "09", "朝鲜族": "10", "满族": "11", "土家族": "15",
    "哈萨克族": "17", "傣族": "18", "柯尔克孜族": "29", "穿青人": "81",
}  # fmt: skip


def list_cells(inventor: Inventor, child: Child, reported_on: date) -> ListCells:
    """The child's row on the admission list, dates and optional columns as schools fill them in."""
    random = inventor.random
    return {
        "姓名": child.name,
        "性别": child.sex,
        "出生日期": _as_typed(inventor, child.born_on),
        "身份证件类型": child.document_type,
        "身份证件号": child.document,
        "学籍号": child.number if random.random() < 0.4 else "",
        "是否报到": "是",
        "报到日期": _as_typed(inventor, reported_on),
        "年级": random.choice(("", "一年级", "小学一年级", "1")),
        "未报到原因": "",
        "监护人证件号": child.guardian_document if random.random() < 0.3 else "",
    }


def preschool_row(inventor: Inventor, child: Child, kindergarten: Place, status: str) -> Row:
    """The child's record in the preschool register, labels as it exports them."""
    return {
        "机构标识码": kindergarten.code,
        "学籍号": child.number,
        "学籍状态": status,
        "姓名": child.name,
        "性别": child.sex,
        "出生日期": _unpadded(child.born_on),
        "身份证类型": child.document_type,
        "身份证号码": child.document,
        "监护人姓名": child.guardian,
        "监护人身份证件类型": CITIZEN,
        "监护人身份证件号码": child.guardian_document,
        **_particulars(inventor, child),
        **(_origin(inventor, child) if child.nationality == _CHINA else {}),
    }


def _particulars(inventor: Inventor, child: Child) -> Row:
    random = inventor.random
    return {
        "血型": random.choice(("A血型", "B血型", "O血型", "AB血型", "未知血型", "未知血型")),
        "国籍/地区": child.nationality,
        "港澳台侨外": child.overseas,
        "现住址": f"{child.home.label}虚构路{random.randrange(1, 400)}号",
        "入园日期": _unpadded(date(child.born_on.year + 3, 9, 1)),
        "就读方式": "走读" if random.random() < 0.97 else "住校",
        "健康状况": random.choices(("健康或良好", "一般或较弱", "有慢性病"), (95, 4, 1))[0],
        "是否残疾幼儿": "否",
        "是否孤儿": "否",
    }


def _origin(inventor: Inventor, child: Child) -> Row:
    """What only children of Chinese nationality fill in."""
    random = inventor.random
    rural = random.random() < 0.4
    return {
        "民族": child.ethnic_group,
        "出生所在地": f"'{child.home.code}",  # the register exports codes with an apostrophe
        "籍贯": child.home.label,
        "户口性质": "农业户口" if rural else "非农业户口",
        "非农业户口类型": "" if rural else random.choice(("城市", "县城", "乡镇")),
        "户口所在地": f"'{child.home.code}",
        "是否独生子女": random.choice(("是", "否")),
        "是否留守儿童": "非留守儿童" if random.random() < 0.95 else "单亲留守儿童",
        "是否进城务工人员子女": "否" if random.random() < 0.8 else "是",
    }


def primary_row(child: Child, school: Place, status: str = "在读", approval: str = "已核准") -> Row:
    """The child's record in the primary and secondary register."""
    return {
        "学校标识码": school.code,
        "学籍号": child.number,
        "姓名": child.name,
        "性别": child.sex,
        "出生日期": child.born_on.isoformat(),
        "身份证件类型": child.document_type,
        "身份证件号": child.document,
        "学籍状态": status,
        "年级": "一年级",
        "审核状态": approval,
    }


def population_row(child: Child, *, name: str | None = None, deceased: bool = False) -> Row:
    """The child's line in the population register, which writes the dot as U+00B7."""
    return {
        "GMSFHM": child.document,
        "XM": name or child.name,
        "XBDM": "1" if child.sex == "男" else "2",
        "CSRQ": f"{child.born_on:%Y%m%d}",
        "MZDM": _ETHNIC_CODES.get(child.ethnic_group, "97"),
        "SWBS": "1" if deceased else "0",
    }


def dotted(name: str, dot: str) -> str:
    """The name with another dot."""
    return name.replace(DOT, dot)


def _unpadded(day: date) -> str:
    return f"{day.year}-{day.month}-{day.day}"


def _as_typed(inventor: Inventor, day: date) -> str | date:
    forms: tuple[str | date, ...] = (
        day,
        day.isoformat(),
        f"{day:%Y%m%d}",
        _unpadded(day),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
    )
    return inventor.random.choice(forms)
