"""The message that asks: written by zeep once, by the WSDL, and filled in for every call."""

import logging
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import zeep
from lxml import etree

from adapters.population.nciic.contract import BINDING, CHECK, load_wsdl, strict_settings

HEADERS = {"SOAPAction": '""', "Content-Type": "text/xml; charset=utf-8"}
_LICENCE, _CONDITIONS = "place-of-the-licence", "place-of-the-conditions"


@dataclass(frozen=True, slots=True)
class Message:
    """The message of one licence, with a place left for the conditions."""

    before: str = field(repr=False)
    after: str = field(repr=False)

    def fill(self, conditions: str) -> bytes:
        """The bytes to send; the conditions are text for XML to carry, not yet escaped."""
        return f"{self.before}{escape(conditions)}{self.after}".encode()


def load_message(licence: str) -> Message:
    """The message as zeep writes it for this licence.

    Writing it anew for each call takes zeep longer than all else that a question costs.
    """
    written = etree.tostring(_written(), encoding="unicode").replace(_LICENCE, escape(licence))
    before, found, after = written.rpartition(_CONDITIONS)
    assert found
    return Message(f'<?xml version="1.0" encoding="utf-8"?>\n{before}', after)


def _written() -> etree._Element:
    # zeep writes whole envelopes at DEBUG; the licence must not stand there.
    logging.getLogger("zeep").setLevel(logging.CRITICAL)
    client = zeep.Client(load_wsdl(), settings=strict_settings())
    # The address is no part of the message, and the one in the WSDL is wrong.
    service = client.create_service(BINDING, "https://register.invalid/")
    message = client.create_message(service, CHECK, inLicense=_LICENCE, inConditions=_CONDITIONS)
    assert isinstance(message, etree._Element)
    return message
