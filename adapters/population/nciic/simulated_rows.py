"""The simulated NCIIC service, looking up: what it says of one row, from the register it holds."""

from adapters.population.nciic.simulated_answer import AnsweredRow, Items
from adapters.population.nciic.simulated_question import AskedRow
from adapters.population.register import PopulationRegister

NOT_ON_FILE = "服务结果:库中无此号，请到户籍所在地进行核实"


def answer_row(register: PopulationRegister, row: AskedRow) -> AnsweredRow:
    """What the service answers to one row.

    Former names and numbers count for nothing, and nobody is said to be dead: this service
    compares what is valid today.
    """
    return AnsweredRow(row.place, row.number, row.name, _items(register, row))


def _items(register: PopulationRegister, row: AskedRow) -> Items:
    if row.area is None:
        return row_error("业务发生地属性缺失", "")
    if not row.number:
        return row_error("必录项缺失", "公民身份号码")
    if not row.name:
        return row_error("必录项缺失", "姓名")
    names = {person["XM"] for person in register.bearers(row.number)}
    if not names:
        return row_error(NOT_ON_FILE, "")
    agrees = "一致" if row.name in names else "不一致"
    return (
        (("gmsfhm", ""), ("result_gmsfhm", "一致")),
        (("xm", ""), ("result_xm", agrees)),
    )


def row_error(text: str, column: str) -> Items:
    """The two items of a row that could not be answered."""
    return ((("errormesage", text),), (("errormesagecol", column),))
