"""Which identities can be held against the population register, and which are wrong already."""

from contracts import citizen_number
from contracts.capabilities import Claim
from contracts.names import for_police
from contracts.outcomes import Outcome
from contracts.records import Identity
from gateway.sealing import Sealer

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
    if contradicts_birth_date(identity, number) or contradicts_sex(identity, number):
        return Outcome.INVALID_CLAIM
    return Claim(citizen_number=number, name=identity.name)


def contradicts_birth_date(identity: Identity, number: str) -> bool:
    """Whether a birth date is told that is not the one this well-formed number carries."""
    return identity.born_on is not None and identity.born_on != citizen_number.born_on(number)


def contradicts_sex(identity: Identity, number: str) -> bool:
    """Whether a sex is told that is not the one this well-formed number carries."""
    return identity.sex in ("1", "2") and identity.sex != citizen_number.sex(number)


def index_claim(claim: Claim, sealer: Sealer) -> str:
    """The blind index of a claim as it is sent: the same number and name have the same one."""
    return sealer.index("claim", f"{claim.citizen_number}|{for_police(claim.name)}")


def index_question(identity: Identity, sealer: Sealer) -> str:
    """The blind index of what is to be verified; of the claim alone, where there is one.

    Where nothing is asked, it changes with everything the outcome was read from.
    """
    claim = claim_of(identity)
    if isinstance(claim, Claim):
        return index_claim(claim, sealer)
    document = identity.document
    told = (
        f"{document.kind or document.label}|{document.number}" if document else "",
        identity.name,
        identity.sex,
        str(identity.born_on),
    )
    return sealer.index("question", "|".join(told))
