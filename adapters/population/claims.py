"""Which claims may be sent to a population register, and how a check sends no others.

Every dialect writes a claim as the registers do and judges by itself what is not worth sending:
each question costs money, counts against a quota and shows a child.
"""

import re
from collections.abc import Awaitable, Callable, Sequence

from contracts import citizen_number
from contracts.capabilities import Claim, Reply, Verdict
from contracts.names import for_police
from contracts.outcomes import Outcome

LONGEST_NAME = 270
NOT_SENT = "not sent"
_UNSENDABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

Ask = Callable[[tuple[Claim, ...]], Awaitable[Reply[tuple[Verdict, ...]]]]


async def check_sendable(
    claims: Sequence[Claim], sendable: Callable[[str], bool], ask: Ask
) -> Reply[tuple[Verdict, ...]]:
    """A verdict for each claim; `ask` is given each of those worth sending once, if any is."""
    written = [as_sent(claim) for claim in claims]
    judged = {
        claim: Verdict(outcome, NOT_SENT)
        for claim in written
        if (outcome := refusal(claim, sendable)) is not None
    }
    asked = tuple(dict.fromkeys(claim for claim in written if claim not in judged))
    reply = await ask(asked) if asked else Reply((), b"", b"")
    judged.update(zip(asked, reply.value, strict=True))
    return Reply(tuple(judged[claim] for claim in written), reply.asked, reply.answered)


def as_sent(claim: Claim) -> Claim:
    """The claim as the registers write it: an upper-case X, the interpunct as U+00B7."""
    return Claim(claim.citizen_number.upper(), for_police(claim.name))


def refusal(claim: Claim, sendable: Callable[[str], bool]) -> Outcome | None:
    """Why the claim is not worth sending, or None."""
    if not citizen_number.well_formed(claim.citizen_number):
        return Outcome.INVALID_CLAIM
    if citizen_number.is_residence_permit(claim.citizen_number):
        return Outcome.NOT_APPLICABLE
    if not claim.name.strip() or len(claim.name) > LONGEST_NAME or not sendable(claim.name):
        return Outcome.INVALID_CLAIM
    return None


def carried_unchanged(text: str) -> bool:
    """Whether XML and JSON can carry the text: no control characters, no half characters."""
    return _UNSENDABLE.search(text) is None
