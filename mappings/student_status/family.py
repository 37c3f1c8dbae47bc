"""The register's nested answers as flat text: the guardian among the family, the rest by name."""

from collections.abc import Iterator, Mapping

from mappings.rules import identifier
from mappings.tables import Forbidden

FAMILY = "jtcy"
_YES = frozenset({"1", "是"})


def flat_texts(
    fields: Mapping[str, object], forbidden: Forbidden
) -> tuple[dict[str, str], tuple[str, ...]]:
    """A student's fields as text, the first guardian's as `jtcy[].…`; and what is left behind.

    Nested blocks other than the family are left behind and named: what they hold is not ours.
    """
    texts: dict[str, str] = {}
    left: list[str] = []
    for name, value in fields.items():
        if isinstance(value, Mapping | list | tuple):
            left += [name] if name != FAMILY else []
        elif value is not None:
            texts[name] = _text(value)
    for member in _members(fields):
        left += [f"{FAMILY}[].{name}" for name in member if name in forbidden and member[name]]
    for guardian in _guardians(fields):
        texts |= {f"{FAMILY}[].{name}": _text(value) for name, value in guardian.items() if value}
        break
    return {name: text for name, text in texts.items() if name not in left}, _once(left)


def guardian_documents(fields: Mapping[str, object]) -> tuple[str, ...]:
    """The document numbers of everybody the register lists as a guardian."""
    numbers = (identifier(_text(member.get("sfzjh") or "")) for member in _guardians(fields))
    return tuple(number for number in numbers if number)


def _guardians(fields: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    return (member for member in _members(fields) if _text(member.get("sfjhrm", "")) in _YES)


def _members(fields: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    family = fields.get(FAMILY)
    members = family if isinstance(family, list | tuple) else ()
    return (member for member in members if isinstance(member, Mapping))


def _text(value: object) -> str:
    return "1" if value is True else "0" if value is False else str(value)


def _once(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
