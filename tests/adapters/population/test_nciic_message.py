"""The message that asks, held against what zeep writes for the same call."""

import pytest
import zeep
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from zeep.transports import Transport

from adapters.population.claims import carried_unchanged
from adapters.population.nciic.contract import BINDING, load_wsdl, strict_settings
from adapters.population.nciic.message import HEADERS, load_message
from adapters.population.nciic.simulator import DEMO_LICENCE

SOAP = zeep.Client(load_wsdl(), settings=strict_settings())
SERVICE = SOAP.create_service(BINDING, "https://register.invalid/")
TEXT = st.text(min_size=1).filter(carried_unchanged)


@settings(max_examples=30)  # each loads the WSDL anew
@given(TEXT | st.just(DEMO_LICENCE), TEXT)
def test_the_message_is_the_one_zeep_writes(licence: str, conditions: str) -> None:
    written = SOAP.create_message(SERVICE, "nciicCheck", inLicense=licence, inConditions=conditions)
    ours = etree.fromstring(load_message(licence).fill(conditions))
    assert etree.tostring(ours, method="c14n") == etree.tostring(written, method="c14n")


def test_the_message_never_shows_its_licence() -> None:
    assert repr(load_message(DEMO_LICENCE)) == "Message()"


class Sent(Exception):
    """What zeep hands over to be sent."""


class Kept(Transport):
    """Sends nothing."""

    def post_xml(self, address: str, envelope: etree._Element, headers: dict[str, str]) -> None:
        raise Sent(headers)


def test_the_headers_are_those_zeep_sends() -> None:
    client = zeep.Client(load_wsdl(), transport=Kept())
    service = client.create_service(BINDING, "https://register.invalid/")
    with pytest.raises(Sent) as sent:
        service.nciicCheck(inLicense="licence", inConditions="conditions")
    assert sent.value.args == (HEADERS,)
