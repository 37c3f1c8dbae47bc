import json
from pathlib import Path
from typing import Any

import pytest

from contracts.records import CanonicalRecord, Document, Identity, Provenance
from mappings import Crosswalks
from mappings.tables import ROOT


def examples(mapping: str, ending: str) -> list[Path]:
    return sorted((ROOT / mapping / "examples").glob(f"*.{ending}.json"))


def content(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def canonical(path: Path) -> Any:
    return content(path.with_name(path.name.split(".")[0] + ".canonical.json"))


def told(identity: Identity) -> dict[str, Any]:
    document = identity.document
    return {
        "name": identity.name,
        "sex": identity.sex,
        "born_on": identity.born_on and identity.born_on.isoformat(),
        "document": document and [document.kind, document.label, document.number],
        "number": identity.number,
        "guardian_documents": list(identity.guardian_documents),
    }


def shown(record: CanonicalRecord) -> dict[str, Any]:
    return {
        "identity": told(record.identity),
        "fields": dict(record.fields),
        "extension": dict(record.extension),
        "unmapped": [[u.field, u.code_system, u.value] for u in record.unmapped],
        "dropped": list(record.dropped),
    }


def record_of(shape: Any, provenance: Provenance) -> CanonicalRecord:
    identity = shape["identity"]
    return CanonicalRecord(
        identity=Identity(
            name=identity["name"],
            sex=identity["sex"],
            born_on=None,
            document=Document(*identity["document"]) if identity["document"] else None,
            number=identity["number"],
        ),
        fields=shape["fields"],
        extension={},
        provenance=provenance,
    )


def test_every_mapping_has_examples() -> None:
    assert len(examples("preschool", "source")) >= 5
    assert len(examples("student_status", "source")) >= 5
    assert len(examples("admission_list", "source")) >= 2
    assert len(examples("national_template", "row")) >= 4


@pytest.mark.parametrize("path", examples("preschool", "source"), ids=lambda path: path.stem)
def test_a_preschool_row_reads_as_its_example_says(
    crosswalks: Crosswalks, provenance: Provenance, path: Path
) -> None:
    source = content(path)
    record = crosswalks.preschool.read(
        source["cells"], number=source["number"], provenance=provenance
    )

    assert shown(record) == canonical(path)


@pytest.mark.parametrize("path", examples("student_status", "source"), ids=lambda path: path.stem)
def test_a_student_reads_as_its_example_says(
    crosswalks: Crosswalks, provenance: Provenance, path: Path
) -> None:
    record = crosswalks.student_status.read(content(path), provenance=provenance)

    assert shown(record) == canonical(path)


@pytest.mark.parametrize("path", examples("student_status", "source"), ids=lambda path: path.stem)
def test_a_preschool_example_writes_as_the_student_of_the_same_name(
    crosswalks: Crosswalks, provenance: Provenance, path: Path
) -> None:
    source = ROOT / "preschool" / "examples" / path.name
    if not source.exists():
        return
    row = content(source)
    record = crosswalks.preschool.read(row["cells"], number=row["number"], provenance=provenance)

    assert crosswalks.student_status.write(record, number=row["number"]).fields == content(path)


@pytest.mark.parametrize("path", examples("admission_list", "source"), ids=lambda path: path.stem)
def test_an_admission_row_reads_as_its_example_says(crosswalks: Crosswalks, path: Path) -> None:
    assert told(crosswalks.admission_list.identity(content(path))) == canonical(path)


@pytest.mark.parametrize("path", examples("national_template", "row"), ids=lambda path: path.stem)
def test_a_template_row_is_written_as_its_example_says(
    crosswalks: Crosswalks, provenance: Provenance, path: Path
) -> None:
    shape = canonical(path)
    record = record_of(shape, provenance)
    expected = content(path)

    cells = crosswalks.national_template.row(
        record, school=expected["学校标识码"], number=expected["学籍接续标识"]
    )
    row = dict(zip(crosswalks.national_template.columns, cells, strict=True))

    born_on = expected.pop("出生日期")
    assert born_on == shape["identity"]["born_on"].replace("-", "")
    assert {name: cell for name, cell in row.items() if cell} == expected
