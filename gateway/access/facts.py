"""What a request says of itself, and whether it says enough, in a form fit to be kept for ever."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from gateway.access.refusals import HeaderMalformed, HeaderMissing
from gateway.access.vocabulary import ACTS_OF_A_PERSON, Operation, Purpose
from gateway.masking import holds_a_personal_number

PURPOSE_HEADER = "Jisui-Purpose"
CASE_HEADER = "X-Road-Issue"
USER_HEADER = "X-Road-UserId"

# X-Road's characters for identifiers, and % for what is percent-encoded (Chinese case numbers).
_IDENTIFIER = re.compile(r"[A-Za-z0-9'()+,\-.=?/:_%]{1,256}")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a request says of itself, as it was sent; blank where it says nothing."""

    token: str = field(repr=False)
    trace_id: str
    purpose: str = ""
    case: str = ""
    user: str = ""


def require_told(facts: Facts, operation: Operation, *, touches_a_child: bool) -> None:
    """Return where purpose, case and person are told as far as needed.

    Raises `HeaderMissing` or `HeaderMalformed`. A child is touched for a purpose in a case; an act
    of a person names the person.
    """
    needed = {USER_HEADER: facts.user} if operation in ACTS_OF_A_PERSON else {}
    if touches_a_child:
        needed |= {PURPOSE_HEADER: facts.purpose, CASE_HEADER: facts.case}
    if missing := [header for header, value in needed.items() if not value]:
        raise HeaderMissing(*missing)
    _require_well_formed(USER_HEADER, facts.user)
    _require_well_formed(CASE_HEADER, facts.case)
    if facts.purpose and facts.purpose not in set(Purpose):
        raise HeaderMalformed(PURPOSE_HEADER)


def _require_well_formed(header: str, value: str) -> None:
    if not value:
        return
    told = unquote(value) if _IDENTIFIER.fullmatch(value) else ""
    # Entries are kept for ever: a citizen number must not slip in as a user or a case.
    if not told.strip() or not told.isprintable() or holds_a_personal_number(told):
        raise HeaderMalformed(header)
    if "\ufffd" in told:  # not UTF-8 behind the percent signs
        raise HeaderMalformed(header)
