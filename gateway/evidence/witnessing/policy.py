"""The witnessing policy: a reviewed table of the operations that wait for the witness."""

import csv
from importlib.resources import files


def load_witnessed() -> frozenset[str]:
    """The operations that are acknowledged only under a checkpoint the witness signed."""
    text = files("gateway.evidence.witnessing").joinpath("policy.csv").read_text("utf-8")
    return frozenset(row["operation"] for row in csv.DictReader(text.splitlines()))
