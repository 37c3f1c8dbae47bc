"""The question: which claims may be sent, and the form that asks about one person."""

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from contracts.capabilities import Asker, Claim

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Ground:
    """The legal ground of every question, as it was registered with the platform."""

    matter: str  # 权力事项
    sub_matter: str = ""
    project: str = ""


def write_question(claim: Claim, asker: Asker, ground: Ground) -> bytes:
    """The form that asks about one person, with the ground on which it is asked."""
    fields = {
        "gmsfhm": claim.citizen_number,
        "xm": claim.name,
        "additional": _additional(asker, ground),
    }
    return urlencode(fields).encode()


def _additional(asker: Asker, ground: Ground) -> str:
    said = {
        "powerMatters": ground.matter,
        "subPowerMatters": ground.sub_matter,
        "accesscardId": asker.person_number,
        "materialName": asker.business,
        "sponsorName": asker.unit,
        "sponsorCode": asker.unit_code,
        "projectId": ground.project,
    }
    return json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False)
