"""Every known trap of JSON refuses the list, with a reason and no exception but ours."""

import pytest

from gateway.intake.lists import JSON, ListRefused, read_list

_ROW = '"姓名":"张三","性别":"男","出生日期":"2018-01-01","证件类型":"护照","证件号":"1"'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[{%s,\"x\":NaN}]", "json_number"),
        ("[{%s,\"x\":Infinity}]", "json_number"),
        ("[{%s,\"x\":-Infinity}]", "json_number"),
        ("[{%s,\"x\":1e400}]", "json_number"),
        ("[{%s,\"x\":" + "9" * 5000 + "}]", "json_number"),
        ("[{%s,\"x\":1." + "9" * 5000 + "}]", "json_number"),
        ("[{%s,\"姓名\":\"李四\"}]", "json_duplicate_key"),
        ("{\"rows\":[],\"rows\":[{%s}]}", "json_duplicate_key"),
        ("[{%s,\"x\":\"\\ud800\"}]", "json_surrogate"),
        ("[{%s,\"\\udc00\":1}]", "json_surrogate"),
        ("[{%s,\"x\":[1]}]", "json_shape"),
        ("[{%s,\"x\":{}}]", "json_shape"),
        ("[[1,2]]", "json_shape"),
        ("[1]", "json_shape"),
        ("{\"rows\":{%s}}", "json_shape"),
        ("null", "json_shape"),
        ("[" * 100_000, "broken_json"),
        ("[{\"x\":" * 50_000, "broken_json"),
        ("[{%s}] x", "broken_json"),
        ("\ufeff[{%s}]", "broken_json"),
        ("[{%s,}]", "broken_json"),
    ],
)  # fmt: skip
def test_a_trap_is_refused(content: str, reason: str) -> None:
    with pytest.raises(ListRefused) as refused:
        read_list(content.replace("%s", _ROW).encode(), JSON)
    assert refused.value.reason == reason


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-32-be"])
def test_json_is_utf8_or_nothing(encoding: str) -> None:
    with pytest.raises(ListRefused) as refused:
        read_list(f"[{{{_ROW}}}]".encode(encoding), JSON)
    assert refused.value.reason == "broken_json"


def test_a_paired_surrogate_is_one_character() -> None:
    content = "[{%s}]".replace("%s", _ROW.replace("张三", "\\ud842\\udfb7"))
    assert next(read_list(content.encode(), JSON).rows).cells["姓名"] == "𠮷"
