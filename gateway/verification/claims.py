"""Which identities can be held against the population register, and which are wrong already."""

from contracts import citizen_number
from contracts.capabilities import Claim
from contracts.outcomes import Outcome
from contracts.records import Identity

_CITIZEN_DOCUMENTS = frozenset({"1"})  # JY/T 1001 SFZJLX: 居民身份证, and a 户口簿 that carries one


def claim_of(identity: Identity) -> Claim | Outcome:
    """The claim to send, or the outcome that needs no asking.

    `NOT_APPLICABLE` where there is no citizen number to ask about: no document, a passport, a
    residence permit (81, 82, 83). `INVALID_CLAIM` where the number contradicts itself or the
    child's birth date or sex: what is wrong already is put right before anybody is asked.
    """
    document = identity.document
    if document is None or document.kind not in _CITIZEN_DOCUMENTS:
        return Outcome.NOT_APPLICABLE
    number = document.number
    if citizen_number.is_residence_permit(number):
        return Outcome.NOT_APPLICABLE
    if not identity.name or not citizen_number.well_formed(number):
        return Outcome.INVALID_CLAIM
    if _contradicts(identity, number):
        return Outcome.INVALID_CLAIM
    return Claim(citizen_number=number, name=identity.name)


def _contradicts(identity: Identity, number: str) -> bool:
    born_on, sex = citizen_number.born_on(number), citizen_number.sex(number)
    if identity.born_on is not None and identity.born_on != born_on:
        return True
    return identity.sex in ("1", "2") and identity.sex != sex
