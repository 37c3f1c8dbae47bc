"""The platform's contract as it lies in the package: its services, schemas and match codes."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from contracts.errors import SystemFailure

SYSTEM = "population"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ASKED_IN = "http://webservice.com/"
ANSWERED_IN = "http://webservice.com"  # without the slash: a client bound to one misses the other
XML, JSON = "text/xml", "application/json"
SUCCESS, PARTIAL = "10", "11"

_FOLDER = Path(__file__).parents[3] / "contracts" / "national_platform"


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the population base: its operation, its code, the schema of its answers."""

    operation: str
    code: str
    schema: str


CHECK = Service("GK_GXFW_SFHC", "s_1200000900000_2109", "check-answer")  # 身份核查
BASE = Service("GK_JZCX_RKJCXXCX", "s_1200000900000_2108", "base-answer")  # 人口基准信息查询


@dataclass(frozen=True, slots=True)
class Party:
    """Who is asked for what, as failures name it."""

    system: str
    operation: str

    def failure(
        self, kind: type[SystemFailure], code: str, retry_after: float | None = None
    ) -> SystemFailure:
        """The failure of this kind, with the system's own code."""
        return kind(self.system, self.operation, code, retry_after=retry_after)


def load_schema(name: str) -> etree.XMLSchema:
    """One schema of the contract, by its file's name."""
    return etree.XMLSchema(file=str(_FOLDER / f"{name}.xsd"))


def load_match_codes() -> Mapping[str, bool]:
    """What the codes of `GMSFHM_PPDDM` and `XM_PPDDM` say; one not listed says nothing."""
    with (_FOLDER / "match-codes.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["agrees"] == "yes" for row in csv.DictReader(file)}
