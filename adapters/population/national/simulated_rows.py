"""What the simulated population base says of one row asked about."""

from collections.abc import Mapping

from adapters.population.national.contract import BASE, Service
from adapters.population.national.simulated_answer import AnsweredRow
from adapters.population.national.simulated_question import AskedRow
from adapters.population.register import PopulationRegister
from contracts import citizen_number

_CHINA = "156"


def answer_row(register: PopulationRegister, service: Service, row: AskedRow) -> AnsweredRow:
    """The row under the place it was asked in; a number that can be nobody's is its error."""
    place = {"no": row.place, "code": "", "msg": ""}
    if not citizen_number.well_formed(row.number) or not row.name:
        return AnsweredRow({**place, "code": "-60", "msg": "条件错误"}, {})
    bearers = register.bearers(row.number)
    named = [person for person in bearers if person["XM"] == row.name]
    bearer: Mapping[str, str] = (named or list(bearers) or [{}])[0]
    # Of nobody it says neither whether he lives nor how he is called.
    compared = {
        "GMSFHM": row.number,
        "GMSFHM_PPDDM": "1" if bearers else "0",
        "SWBS": (bearer.get("SWBS") or "0") if bearers else "",
        "XM": row.name,
        "XM_PPDDM": ("1" if named else "0") if bearers else "",
    }
    return AnsweredRow(place, compared | (_described(bearer) if service == BASE else {}))


def _described(bearer: Mapping[str, str]) -> dict[str, str]:
    return {
        "XBDM": bearer.get("XBDM", ""),
        "MZDM": bearer.get("MZDM", ""),
        "CSRQ": bearer.get("CSRQ", "").replace("-", ""),
        "CSD_GJHDQDM": _CHINA if bearer else "",
        "CSD_SSXQDM": bearer.get("GMSFHM", "")[:6],
    }
