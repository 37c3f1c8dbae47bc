"""The NCIIC dialect: `nciicCheck` through zeep, five rows a call, over our own client."""

import logging
from collections.abc import Sequence

import zeep
from lxml import etree
from zeep.proxy import AsyncServiceProxy

from adapters.population.nciic.answers import read_verdicts
from adapters.population.nciic.conditions import as_sent, refusal, sendable, write_conditions
from adapters.population.nciic.contract import (
    CHECK,
    SYSTEM,
    binding,
    load_schemas,
    load_wsdl,
    strict_settings,
)
from adapters.population.nciic.envelope import check_envelope
from adapters.population.nciic.wire import Posted, Wire
from adapters.transport import Client
from contracts.capabilities import Asker, Claim, Reply, Verdict
from contracts.errors import TooMany, Unreadable

PATH = "/nciic_ws/services/NciicServices"


class Nciic:
    """Holds claims against the population register by `nciicCheck`."""

    def __init__(
        self, client: Client, *, address: str = PATH, licence: str, batch_limit: int = 5
    ) -> None:
        """Ask at the address, a path of the client's or whole; the one in the WSDL is wrong."""
        if not licence or not sendable(licence):
            raise ValueError("the licence must be one line without control characters")
        _quieten()
        self.batch_limit = batch_limit
        self._client = client
        self._address = address
        self._licence = licence
        self._wsdl = load_wsdl()
        self._binding = binding(self._wsdl)
        self._schemas = load_schemas()

    async def check(
        self, claims: Sequence[Claim], asker: Asker, *, trace_id: str
    ) -> Reply[tuple[Verdict, ...]]:
        """A verdict for each claim; those not worth sending are judged here and not sent."""
        if len(claims) > self.batch_limit:
            raise TooMany(SYSTEM, CHECK, "batch limit")
        written = [as_sent(claim) for claim in claims]
        judged = {
            claim: Verdict(outcome, "not sent")
            for claim in written
            if (outcome := refusal(claim)) is not None
        }
        asked = tuple(dict.fromkeys(claim for claim in written if claim not in judged))
        reply = await self._ask(asked, asker, trace_id) if asked else Reply((), b"", b"")
        judged.update(zip(asked, reply.value, strict=True))
        return Reply(tuple(judged[claim] for claim in written), reply.asked, reply.answered)

    async def _ask(
        self, asked: tuple[Claim, ...], asker: Asker, trace_id: str
    ) -> Reply[tuple[Verdict, ...]]:
        conditions = write_conditions(asked, asker)
        soap = zeep.AsyncClient(
            self._wsdl, transport=Wire(self._client, trace_id), settings=strict_settings()
        )
        # Not create_service: it returns the proxy that never awaits.
        proxy = AsyncServiceProxy(soap, self._binding, address=self._address)
        posted: Posted = await proxy.nciicCheck(inLicense=self._licence, inConditions=conditions)
        check_envelope(posted.status_code, posted.headers, posted.content, self._schemas.envelope)
        document = self._convert(soap, posted)
        verdicts = read_verdicts(document, asked, self._schemas.answer)
        return Reply(verdicts, posted.asked, posted.content)

    def _convert(self, soap: zeep.AsyncClient, posted: Posted) -> str:
        try:
            out = self._binding.process_reply(soap, self._binding.get(CHECK), posted)
        # zeep's messages quote what was received.
        except (zeep.exceptions.Error, etree.LxmlError, ValueError):
            raise Unreadable(SYSTEM, CHECK, "zeep") from None
        # None is what zeep makes of nil, and would make of XML that nobody escaped.
        if not isinstance(out, str):
            raise Unreadable(SYSTEM, CHECK, "no answer")
        return out


def _quieten() -> None:
    # zeep writes whole envelopes at DEBUG and received values at ERROR; what goes wrong there
    # reaches us as an exception. The HTTP client writes each request's line at INFO.
    logging.getLogger("zeep").setLevel(logging.CRITICAL)
    for name in ("httpx2", "httpcore2", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
