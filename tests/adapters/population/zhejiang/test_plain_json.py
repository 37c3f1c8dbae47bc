"""Foreign JSON: what two parsers could read differently is not read at all."""

import pytest

from adapters.population.zhejiang.plain_json import DEPTH, LIMIT, parse_json, parse_text
from contracts.errors import Unreadable

REFUSED = [
    b"",
    b"{",
    b"<html></html>",
    b'{"a": 1} {}',
    b'{"a": 1, "a": 1}',
    b'{"a": {"b": 1, "b": 2}}',
    b'[{"a": 1, "\\u0061": 2}]',
    b"NaN",
    b'{"a": Infinity}',
    b"[-Infinity]",
    b"1e999999999",
    b"[-1e400]",
    b"9" * 5000,
    b'\xef\xbb\xbf{"a": 1}',
    '{"a": "甲"}'.encode("gb18030"),
    '{"a": 1}'.encode("utf-16"),
    b'{"a": "\x00"}',
    b"{'a': 1}",
    b'{"a": 1,}',
    b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1),
    b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    b'"' + b"a" * LIMIT + b'"',
]


@pytest.mark.parametrize("content", REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_plain_json_is_unreadable_and_quotes_nothing(content: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_json(content, system="population", operation="check")
    assert str(caught.value).startswith("population check: Unreadable json")
    assert len(str(caught.value)) < 60
    assert caught.value.__cause__ is None


def test_plain_json_is_read_whole_up_to_its_bounds() -> None:
    nested = "[" * DEPTH + "]" * DEPTH
    assert parse_text(nested, system="population", operation="check") is not None
    fitting = b'"' + b"a" * (LIMIT - 2) + b'"'
    assert len(parse_json(fitting, system="population", operation="check")) == LIMIT - 2
    text = '{"甲": [1, 1.5, null, true, "\\ud842\\udfb7"]}'
    read = parse_json(text.encode(), system="population", operation="check")
    assert read == {"甲": [1, 1.5, None, True, "\U00020bb7"]}
