"""The NCIIC dialect: `nciicCheck` in the words of its WSDL, five rows a call, over our client."""

import logging
from collections.abc import Sequence

from adapters.population.claims import carried_unchanged, check_sendable
from adapters.population.nciic.answers import read_verdicts
from adapters.population.nciic.conditions import write_conditions
from adapters.population.nciic.contract import CHECK, SYSTEM, load_schemas
from adapters.population.nciic.envelope import read_envelope
from adapters.population.nciic.message import HEADERS, load_message
from adapters.transport import Client, post
from contracts.capabilities import Asker, Claim, Reply, Verdict
from contracts.errors import TooMany

PATH = "/nciic_ws/services/NciicServices"


class Nciic:
    """Holds claims against the population register by `nciicCheck`."""

    def __init__(
        self,
        client: Client,
        *,
        address: str = PATH,
        licence: str,
        batch_limit: int = 5,
        system: str = SYSTEM,
    ) -> None:
        """Ask at the address, a path of the client's or whole; the one in the WSDL is wrong.

        Failures carry the name `system`: there may be several registers that speak this.
        """
        if not licence or not carried_unchanged(licence):
            raise ValueError("the licence must be one line without control characters")
        _quieten()
        self.batch_limit = batch_limit
        self._system = system
        self._client = client
        self._address = address
        self._message = load_message(licence)
        self._schemas = load_schemas()

    async def check(
        self, claims: Sequence[Claim], asker: Asker, *, trace_id: str
    ) -> Reply[tuple[Verdict, ...]]:
        """A verdict for each claim; those not worth sending are judged here and not sent."""
        if len(claims) > self.batch_limit:
            raise TooMany(self._system, CHECK, "batch limit")

        async def ask(asked: tuple[Claim, ...]) -> Reply[tuple[Verdict, ...]]:
            return await self._ask(asked, asker, trace_id)

        return await check_sendable(claims, carried_unchanged, ask)

    async def _ask(
        self, asked: tuple[Claim, ...], asker: Asker, trace_id: str
    ) -> Reply[tuple[Verdict, ...]]:
        question = self._message.fill(write_conditions(asked, asker, self._system))
        answer = await post(
            self._client,
            self._address,
            question,
            system=self._system,
            operation=CHECK,
            headers={**HEADERS, "X-Road-Id": trace_id},
        )
        document = read_envelope(answer, self._schemas.envelope, self._system)
        verdicts = read_verdicts(document, asked, self._schemas.answer, self._system)
        return Reply(verdicts, question, answer.body)


def _quieten() -> None:
    # The HTTP client writes each request's line at INFO.
    for name in ("httpx2", "httpcore2", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
