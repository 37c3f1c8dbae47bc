"""What domain experts and `./check` look at: faults of the tables, and a mapping as a page."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from contracts import code_systems
from contracts.code_systems import BrokenTable, CodeSystem
from mappings.compiling import loader
from mappings.crosswalks import codes_folder, load_edition
from mappings.loss import CROSSWALKS, grown, load_agreed, losses
from mappings.rules import LISTING, TABLED
from mappings.tables import (
    ROOT,
    CodeRow,
    FieldRow,
    Obligation,
    Outline,
    load_canonical,
    load_codes,
    load_fields,
    load_outline,
)

Systems = Callable[[str], CodeSystem]

NEEDED = ("name", "sex", "born_on", "document_kind", "document_label", "document_number", "number")

# The preschool form has no column for the number: it comes with the record.
_GIVEN = {"preschool": {"number"}}


def check_all(root: Path = ROOT) -> list[str]:
    """Everything that is wrong with code systems, crosswalks and the agreed loss; empty: nothing.

    Checked: known rules, every source code decided once, every demanded canonical field fed,
    every target code in its code system under its own label, loss not grown.
    """
    try:
        return list(_problems(root))
    except BrokenTable as error:
        return [str(error)]


def show(mapping: str, root: Path = ROOT) -> str:
    """A mapping as a Markdown page for a meeting; raise `KeyError` for one that is not there."""
    names = [name for folder, name in CROSSWALKS if folder == mapping]
    if not names:
        raise KeyError(mapping)
    folder = root / mapping
    outline = load_outline(folder / "mapping.toml")
    parts = [f"# {outline.title}", _table(("", ""), list(outline.details.items()))]
    for name in names:
        rows = load_fields(folder / f"{name}.csv").rows
        parts += [f"## {name}", _fields_table(rows)]
    for name in _code_tables(folder):
        parts += [f"## {name}", _codes_table(load_codes(folder / f"{name}.csv"))]
    return "\n\n".join(parts) + "\n"


def _problems(root: Path) -> Iterator[str]:
    load_edition(root)  # raises for unknown rules, missing tables, codes decided twice
    systems = loader(codes_folder(root))
    canonical = load_canonical(root / "canonical.csv")
    for name in code_systems.names(codes_folder(root)):
        yield from code_systems.check(systems(name))
    for name, system in canonical.items():
        if system and system not in code_systems.names(codes_folder(root)):
            yield f"canonical.csv: {name} names an unknown code system"
    for folder, name in CROSSWALKS:
        yield from _crosswalk_problems(root / folder, name, canonical, systems)
    yield from grown(load_agreed(root), losses(root))


def _crosswalk_problems(
    folder: Path, name: str, canonical: Mapping[str, str], systems: Systems
) -> Iterator[str]:
    place = f"{folder.name}/{name}.csv"
    outline = load_outline(folder / "mapping.toml")
    rows = load_fields(folder / f"{name}.csv").rows
    yield from _unknown_names(place, name, rows, canonical)
    for row in rows:
        if row.rule in TABLED:
            yield from _code_problems(folder, row.codes, outline, systems)
        if row.rule in LISTING and row.target in canonical and row.codes != canonical[row.target]:
            yield f"{place}: {row.target} belongs to {canonical[row.target]}, not {row.codes}"
    if name == "read":
        fed = {row.target for row in rows} | _GIVEN.get(folder.name, set())
        yield from (f"{place}: nothing feeds {need}" for need in NEEDED if need not in fed)


def _unknown_names(
    place: str, name: str, rows: Sequence[FieldRow], canonical: Mapping[str, str]
) -> Iterator[str]:
    if name == "columns":
        return
    sides = [n for row in rows for n in ((row.target,) if name == "read" else row.sources)]
    yield from (f"{place}: {n} is no canonical field" for n in sides if n and n not in canonical)
    targets = [row.target for row in rows if row.target]
    yield from (f"{place}: {t} is fed twice" for t in set(targets) if targets.count(t) > 1)
    if name == "write":
        undecided = [n for n in canonical if n not in sides]
        yield from (f"{place}: {n} is not decided about" for n in undecided)


def _code_problems(folder: Path, codes: str, outline: Outline, systems: Systems) -> Iterator[str]:
    system = systems(outline.code_systems[codes])
    for row in load_codes(folder / f"{codes}.csv"):
        if row.target and row.target not in system:
            yield f"{folder.name}/{codes}.csv: {row.target} is no code of {system.name}"
        elif row.target and row.target_label != system.label(row.target):
            yield f"{folder.name}/{codes}.csv: {row.target} has another label in {system.name}"


def _code_tables(folder: Path) -> list[str]:
    crosswalks = {f"{name}.csv" for _, name in CROSSWALKS}
    return sorted(path.stem for path in folder.glob("*.csv") if path.name not in crosswalks)


def _fields_table(rows: Sequence[FieldRow]) -> str:
    head = ("target", "source", "rule", "codes", "required", "justification")
    return _table(
        head,
        [
            (r.target, " + ".join(r.sources), r.rule, r.codes, _said(r), r.justification)
            for r in rows
        ],
    )


def _said(row: FieldRow) -> str:
    return "" if row.required is Obligation.NO else row.required


def _codes_table(rows: Sequence[CodeRow]) -> str:
    head = ("source", "relation", "target", "label", "justification")
    return _table(
        head,
        [(r.source, r.relation, r.target, r.target_label, r.justification) for r in rows],
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|")
