"""What a world promises of its children follows from the pure rules, found on another way."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from adapters import world as worlds
from adapters.world_maker import Expected
from contracts.names import fold, for_police
from contracts.records import Identity, PreschoolRecord, PrimaryRecord, Provenance
from gateway.intake.lists import XLSX, ListRow, check_row, read_list, reported
from gateway.intake.rules.precedence import Findings, decide, stand
from gateway.people.matching import Finding, candidates, conclude
from mappings import Crosswalks
from tests.worlds.conftest import MadeWorld

_TODAY = date(2026, 9, 3)
_READ = Provenance("test", datetime(2026, 9, 3, tzinfo=UTC))


@dataclass(frozen=True)
class Registers:
    crosswalks: Crosswalks
    preschool: Sequence[PreschoolRecord]
    primary: Sequence[PrimaryRecord]
    population: dict[str, str]


def test_every_promised_outcome_follows_from_the_rules(small_world: MadeWorld) -> None:
    folder, promised = small_world
    world = worlds.load(folder)
    registers = open_registers(world)
    for school, expected in promised.items():
        assert tuple(follow(registers, school, world.admissions[school])) == expected


def follow(registers: Registers, school: str, path: Path) -> Iterator[Expected]:
    rows = list(read_list(path.read_bytes(), XLSX).rows)
    identities = [registers.crosswalks.admission_list.identity(row.cells) for row in rows]
    for row, identity in zip(rows, identities, strict=True):
        alike = sum(_person(other) == _person(identity) for other in identities) > 1
        yield outcome(registers, school, row, identity, undistinguished=alike)


def outcome(
    registers: Registers, school: str, row: ListRow, identity: Identity, *, undistinguished: bool
) -> Expected:
    if check_row(row, identity):
        return Expected(row.row, "held", "data_error", None, None, ())
    if not reported(row.cells):
        return Expected(row.row, "listed", None, None, None, ())
    finding = search(identity, registers.preschool)
    exact = finding.exact.record if finding.exact else None
    number = exact.child.identity.number if exact else None
    step = decide(findings(registers, school, identity, finding, number, undistinguished))
    assert step is not None
    states = {"hold": "held", "find_nothing": "create_new"}
    state = states.get(step.event.value, "carried")
    verified = exact.child.identity if exact else identity
    problems = verdict(registers.population, verified)
    return Expected(row.row, state, step.hold, number, finding.grade, problems)


def search(identity: Identity, records: Sequence[PreschoolRecord]) -> Finding:
    """By number, by document, by person, by guardian; an exact match ends it."""
    seen: list[PreschoolRecord] = []
    for step in (_by_number, _by_document, _by_person, _by_guardian):
        seen += [record for record in records if step(identity, record.child.identity)]
        finding = conclude(candidates(identity, seen))
        if finding.grade == "exact" or finding.several_exact:
            return finding
    return conclude(candidates(identity, seen))


def findings(
    registers: Registers,
    school: str,
    identity: Identity,
    finding: Finding,
    number: str | None,
    undistinguished: bool,
) -> Findings:
    known = [
        record
        for record in registers.primary
        if _by_document(identity, record.child.identity)
        or record.child.identity.number in {number, identity.number} - {None}
    ]
    return Findings(
        school=school,
        today=_TODAY,
        standing=stand(known, school, number or identity.number, lambda text: text),
        open_elsewhere=False,
        finding=finding,
        undistinguished=undistinguished,
        chosen=None,
        verdict_due=False,
        deceased=False,
        unmapped=_has_unmapped(registers, finding),
        window_open=True,
    )


def _has_unmapped(registers: Registers, finding: Finding) -> bool:
    if finding.exact is None:
        return False
    child = finding.exact.record.child
    number = child.identity.number
    return number is not None and bool(
        registers.crosswalks.student_status.write(child, number=number).unmapped
    )


def verdict(population: dict[str, str], identity: Identity) -> tuple[str, ...]:
    document = identity.document
    if document is None or document.kind != "1" or not document.number.startswith("99"):
        return ()
    on_file = population.get(document.number)
    if on_file is None:
        return ("NOT_ON_FILE",)
    return () if on_file == for_police(identity.name) else ("NAME_MISMATCH",)


def open_registers(world: worlds.World) -> Registers:
    crosswalks = Crosswalks()
    return Registers(
        crosswalks,
        tuple(preschool_records(crosswalks, world.preschool)),
        tuple(primary_records(crosswalks, world.primary)),
        {row["GMSFHM"]: row["XM"] for row in world.population},
    )


def preschool_records(
    crosswalks: Crosswalks, rows: Iterable[worlds.Row]
) -> Iterator[PreschoolRecord]:
    for place, row in enumerate(rows):
        until = row["缓学截止日期"]
        yield PreschoolRecord(
            record_id=str(place),
            institution=row["机构标识码"],
            status=crosswalks.preschool.status(row["学籍状态"]),
            child=crosswalks.preschool.read(row, number=row["学籍号"] or None, provenance=_READ),
            advanced_to=row["升入学校标识码"] or None,
            deferred_until=date.fromisoformat(until) if until else None,
        )


def primary_records(crosswalks: Crosswalks, rows: Iterable[worlds.Row]) -> Iterator[PrimaryRecord]:
    for place, row in enumerate(rows):
        as_listed = crosswalks.admission_list.identity(row)
        child = crosswalks.preschool.read(row, number=as_listed.number, provenance=_READ)
        yield PrimaryRecord(
            record_id=str(place),
            school=row["学校标识码"],
            status_label=row["学籍状态"],
            live=bool(crosswalks.student_status.live(row["学籍状态"])),
            approved=row["审核状态"] == "已核准",
            child=child,
        )


def _person(identity: Identity) -> object:
    told_apart = identity.document or identity.number
    return object() if told_apart else (identity.name, identity.sex, identity.born_on)


def _by_number(ours: Identity, theirs: Identity) -> bool:
    return ours.number is not None and ours.number == theirs.number


def _by_document(ours: Identity, theirs: Identity) -> bool:
    both = ours.document is not None and theirs.document is not None
    return both and ours.document.same_as(theirs.document)  # type: ignore[union-attr,arg-type]


def _by_person(ours: Identity, theirs: Identity) -> bool:
    return (fold(ours.name), ours.sex, ours.born_on) == (
        fold(theirs.name),
        theirs.sex,
        theirs.born_on,
    )


def _by_guardian(ours: Identity, theirs: Identity) -> bool:
    return bool(set(ours.guardian_documents) & set(theirs.guardian_documents))
