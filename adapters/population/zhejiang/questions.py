"""The question: which claims may be sent, and the form that asks about one person."""

import json
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlencode

from contracts import citizen_number
from contracts.capabilities import Asker, Claim
from contracts.names import for_police
from contracts.outcomes import Outcome

FORM = "application/x-www-form-urlencoded"
LONGEST_NAME = 270


@dataclass(frozen=True, slots=True)
class Ground:
    """The legal ground of every question, as it was registered with the platform."""

    matter: str  # 权力事项
    sub_matter: str = ""
    project: str = ""


def as_sent(claim: Claim) -> Claim:
    """The claim as the register writes it: an upper-case X, the interpunct as U+00B7."""
    return Claim(claim.citizen_number.upper(), for_police(claim.name))


def refusal(claim: Claim) -> Outcome | None:
    """Why the claim is not worth sending, or None: each question counts and shows a child."""
    if not citizen_number.well_formed(claim.citizen_number):
        return Outcome.INVALID_CLAIM
    if citizen_number.is_residence_permit(claim.citizen_number):
        return Outcome.NOT_APPLICABLE
    if not claim.name.strip() or len(claim.name) > LONGEST_NAME or not _printable(claim.name):
        return Outcome.INVALID_CLAIM
    return None


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


def _printable(text: str) -> bool:
    return not any(
        unicodedata.category(character) in ("Cc", "Cs") or character in "\ufffe\uffff"
        for character in text
    )
