"""What commands print: one JSON object for programs, or a text for people."""

import json
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

AsJson = Annotated[
    bool, typer.Option("--json", help="只输出一个 JSON 对象 · print one JSON object")
]


def print_result(facts: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    """The facts for a program, or the text for people, on standard output."""
    shown = json.dumps(facts, ensure_ascii=False) if as_json else text
    # A terminal that cannot show a rare character shows its code instead.
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(shown.encode(encoding, "backslashreplace").decode(encoding) + "\n")
