"""A Kafka address says whom to connect to, whether over TLS, and as whom; nothing is guessed."""

import pytest

from gateway.feed.relays.kafka_address import kafka_options


@pytest.mark.parametrize(
    ("address", "servers", "protocol"),
    [
        ("kafka://one:9092", ["one:9092"], "PLAINTEXT"),
        ("kafka://one:9092,two:9093", ["one:9092", "two:9093"], "PLAINTEXT"),
        ("kafkas://one:9092", ["one:9092"], "SSL"),
        ("kafka://jisui:PASSWORD@one:9092", ["one:9092"], "SASL_PLAINTEXT"),
        ("kafkas://jisui:PASSWORD@one:9092,two:9092", ["one:9092", "two:9092"], "SASL_SSL"),
    ],
)
def test_an_address_says_where_and_how(address: str, servers: list[str], protocol: str) -> None:
    options = kafka_options(address)
    assert (options["bootstrap_servers"], options["security_protocol"]) == (servers, protocol)
    assert (options["ssl_context"] is not None) == protocol.endswith("SSL")
    assert ("sasl_mechanism" in options) == protocol.startswith("SASL")


def test_a_password_may_hold_any_character_and_is_never_sent_as_it_is() -> None:
    odd = "a%40b%3Ac%2F"
    options = kafka_options(f"kafkas://jisui:{odd}@one:9092")
    assert options["sasl_plain_password"] == "a@b:c/"
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
