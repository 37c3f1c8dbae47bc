"""A register's directory of institutions, from a world's list of schools."""

from collections.abc import Iterable, Mapping

from pydantic import Field
from starlette.responses import Response

from adapters.simulation.answers import Asked, accept
from adapters.simulation.operations import Call


class Codes(Asked):
    """The institutions asked for, by their ten digits."""

    codes: list[str] = Field(min_length=1, max_length=1000)


class Institutions:
    """Answers which of the institutions asked for there are."""

    def __init__(self, schools: Iterable[Mapping[str, str]]) -> None:
        self._by_code = {school["机构标识码"]: dict(school) for school in schools}

    def answer(self, asked: Codes, call: Call) -> Response:
        """The known ones, each once, in the order asked."""
        known = [code for code in dict.fromkeys(asked.codes) if code in self._by_code]
        return accept(call, {"institutions": [self._by_code[code] for code in known]})

    def within(self, area: str) -> frozenset[str]:
        """The institutions of an area, by the leading digits of the area in charge of them."""
        return frozenset(
            code
            for code, school in self._by_code.items()
            if (school.get("主管教育行政部门代码") or school["行政区划"]).startswith(area)
        )

    def __contains__(self, code: str) -> bool:
        """Whether there is an institution of this code."""
        return code in self._by_code
