"""What each action is to those who keep and account for evidence: a reviewed table."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from gateway.evidence.entry import Action


class KeepingClass(StrEnum):
    """For how long at least the particulars of an entry are kept."""

    OPERATION = "operation"
    PROVISION = "provision"  # something of a child was handed to somebody (PIPL 23)


@dataclass(frozen=True, slots=True)
class Account:
    """An action's class, and which kinds of a child's data it is about."""

    keeping: KeepingClass
    categories: tuple[str, ...]


@cache
def load_accounts() -> Mapping[str, Account]:
    """Every action by its name."""
    text = files(__package__).joinpath("classes.csv").read_text("utf-8")
    return {
        Action(row["action"]).value: Account(
            KeepingClass(row["class"]), tuple(row["categories"].split())
        )
        for row in csv.DictReader(text.splitlines())
    }
