"""What zeep takes for its transport: one call's post over our own bounded client."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from adapters.population.nciic.contract import CHECK, SYSTEM
from adapters.transport import Client, post


@dataclass(frozen=True, slots=True)
class Posted:
    """What zeep takes for a response, with the bytes that went out."""

    asked: bytes = field(repr=False)
    content: bytes = field(repr=False)
    status_code: int
    headers: Mapping[str, str]
    encoding: str = "utf-8"


class Wire:
    """One call's way out.

    Not zeep's AsyncTransport, which opens clients of its own, resets the headers of ours and logs
    whole envelopes; of a transport, zeep uses `post_xml` alone.
    """

    def __init__(self, client: Client, trace_id: str) -> None:
        self._client = client
        self._trace_id = trace_id

    async def post_xml(
        self, address: str, envelope: etree._Element, headers: Mapping[str, str]
    ) -> Posted:
        """The answer to an envelope, whatever its status, not yet read."""
        asked = etree.tostring(envelope, encoding="utf-8", xml_declaration=True)
        answer = await post(
            self._client,
            address,
            asked,
            system=SYSTEM,
            operation=CHECK,
            headers={**headers, "X-Road-Id": self._trace_id},
        )
        return Posted(asked, answer.body, answer.status, answer.headers)
