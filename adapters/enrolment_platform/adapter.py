"""Speaks to the enrolment platform, which hands out the admission list of a school."""

from pydantic import Field

from adapters import transport, wire
from adapters.replies import Answered
from adapters.wire import Line, Request
from contracts.capabilities import Admission, Reply

SYSTEM = "enrolment_platform"


class Entrants(Answered):
    """A school's admission list, each entrant under the list's own column names."""

    school: str
    entrants: list[dict[str, str]] = Field(repr=False)


class EnrolmentPlatform:
    """The enrolment platform at the end of a client; `caller` is our name on its wire."""

    def __init__(self, client: transport.Client, *, caller: str = "CN/GOV/JISUI") -> None:
        self._line = Line(client, SYSTEM, caller)

    async def admissions(self, school: str, *, trace_id: str) -> Reply[tuple[Admission, ...]]:
        """The entrants of one school, in the platform's order."""
        body = wire.encode(self._line, "admissions", {"school": school})
        request = Request("admissions", "/v1/admissions", body, trace_id)
        reply = await wire.ask(self._line, request, Entrants)
        if reply.value.school != school:
            raise wire.outside(self._line, request, "answers")
        entrants = tuple(map(Admission, reply.value.entrants))
        return Reply(entrants, reply.asked, reply.answered)
