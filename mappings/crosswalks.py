"""All crosswalks compiled, one edition at a time."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from contracts import code_systems
from mappings import admission_list, changes, national_template, preschool, student_status
from mappings.admission_list.mapping import AdmissionListMapping
from mappings.changes import ChangeMapping
from mappings.compiling import loader
from mappings.national_template.mapping import NationalTemplateMapping
from mappings.preschool.mapping import PreschoolMapping
from mappings.student_status.mapping import StudentStatusMapping
from mappings.tables import MAPPINGS, ROOT, load_canonical, load_forbidden


@dataclass(frozen=True)
class Edition:
    """The crosswalks as their files stood at one time."""

    digest: str
    preschool: PreschoolMapping
    student_status: StudentStatusMapping
    national_template: NationalTemplateMapping
    admission_list: AdmissionListMapping
    preschool_changes: ChangeMapping
    student_changes: ChangeMapping


class Crosswalks:
    """The current edition of all crosswalks; an operator may keep the tables elsewhere."""

    def __init__(self, root: Path | None = None) -> None:
        """Load the tables under `root` (those shipped with the package if None)."""
        self._root = root or ROOT
        self._current = load_edition(self._root)

    @property
    def edition(self) -> str:
        """The SHA-256 over every table in use, in hexadecimal."""
        return self._current.digest

    @property
    def preschool(self) -> PreschoolMapping:
        """The preschool form."""
        return self._current.preschool

    @property
    def student_status(self) -> StudentStatusMapping:
        """The primary and secondary register."""
        return self._current.student_status

    @property
    def national_template(self) -> NationalTemplateMapping:
        """The national import template."""
        return self._current.national_template

    @property
    def admission_list(self) -> AdmissionListMapping:
        """Admission lists."""
        return self._current.admission_list

    @property
    def preschool_changes(self) -> ChangeMapping:
        """The preschool register's words for what happened."""
        return self._current.preschool_changes

    @property
    def student_changes(self) -> ChangeMapping:
        """The primary and secondary register's codes of what happened."""
        return self._current.student_changes

    def refresh(self) -> bool:
        """Whether the files had changed and a new edition now stands, swapped as a whole.

        A broken table raises `BrokenTable` and leaves the old edition standing.
        """
        if digest(self._root) == self._current.digest:
            return False
        self._current = load_edition(self._root)
        return True


def load_edition(root: Path) -> Edition:
    """Every mapping under a folder of tables, or raise `BrokenTable`."""
    taken = digest(root)  # first: a change while loading then shows at the next refresh
    systems = loader(codes_folder(root))
    canonical = load_canonical(root / "canonical.csv")
    forbidden = load_forbidden(root / "forbidden.csv")
    students = student_status.mapping.load(
        root / "student_status", systems, canonical, forbidden, systems("gbt2260-region")
    )
    return Edition(
        digest=taken,
        preschool=preschool.mapping.load(root / "preschool", systems, canonical, forbidden),
        student_status=students,
        national_template=national_template.mapping.load(root / "national_template", students),
        admission_list=admission_list.mapping.load(root / "admission_list", systems, canonical),
        preschool_changes=changes.load(root / "preschool"),
        student_changes=changes.load(root / "student_status"),
    )


def codes_folder(root: Path) -> Path:
    """Where the code systems are: `codes/` beside the tables, else those shipped."""
    beside = root / "codes"
    return beside if beside.is_dir() else code_systems.FOLDER


def digest(root: Path) -> str:
    """The SHA-256 over every table file, names and bytes."""
    files = [root / "canonical.csv", root / "forbidden.csv"]
    for name in MAPPINGS:
        files += [*(root / name).glob("*.csv"), root / name / "mapping.toml"]
    files += codes_folder(root).glob("*.csv")
    summed = sha256()
    for path in sorted(file for file in files if file.is_file()):
        summed.update(f"{path.parent.name}/{path.name}\0".encode())
        summed.update(sha256(path.read_bytes()).digest())
    return summed.hexdigest()
