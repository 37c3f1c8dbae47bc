"""Persons as they are compared: however an identifier is typed, it is the same person."""

import unicodedata


def person(name: str) -> str:
    """A person's identifier, folded; empty where nobody was named."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
