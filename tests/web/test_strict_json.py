import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.web.problems import Kind, Problem
from gateway.web.strict_json import MAX_DEPTH, read_json

REFUSED = {
    b'{"a": NaN}': "not_a_number",
    b'{"a": [Infinity]}': "not_a_number",
    b"-Infinity": "not_a_number",
    b'{"a": 1, "a": 2}': "duplicate_key",
    b'{"b": {"a": 1, "\\u0061": 2}}': "duplicate_key",
    b'{"a": "\\u0000"}': "nul",
    b'{"a": "\\ud800"}': "lone_surrogate",
    b'{"\\udfff": 1}': "lone_surrogate",
    b'["\\ude00\\ud83d"]': "lone_surrogate",
    b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1): "too_deep",
    b'{"a":' * 40 + b"1" + b"}" * 40: "too_deep",
    b"[" * 200_000: "too_deep",
    b"1" * 41: "long_number",
    b"0." + b"1" * 40: "long_number",
    b"1e999": "long_number",
    b'\xef\xbb\xbf{"a": 1}': "byte_order_mark",
    '{"a": "姓名"}'.encode("gb18030"): "encoding",
    b'{"a": "\xed\xa0\x80"}': "encoding",
    '{"a": 1}'.encode("utf-16"): "encoding",
    '{"a": 1}'.encode("utf-16-be"): "syntax",
    b"": "syntax",
    b'{"a": 1} {"b": 2}': "syntax",
    b"{'a': 1}": "syntax",
    b'{"a": 01}': "syntax",
    b'{"a": "\t"}': "syntax",
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.items(), ids=lambda value: str(value)[:30])
def test_what_can_be_read_in_two_ways_is_refused_for_its_reason(content: bytes, reason: str):
    with pytest.raises(Problem) as refused:
        read_json(content)
    assert refused.value.kind is Kind.JSON_REFUSED
    assert [fault.code for fault in refused.value.faults] == [reason]


def test_the_deepest_nesting_and_the_longest_number_allowed_are_read():
    assert read_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert read_json(b"1" * 40) == int("1" * 40)
    assert read_json(b'"\\ud83d\\ude00"') == "\U0001f600"


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values, st.booleans())
def test_plain_json_is_read_as_it_was_meant(value: Any, ascii_only: bool):
    content = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert read_json(content) == value
