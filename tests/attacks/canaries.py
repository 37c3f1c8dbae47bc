"""Children whose every trace can be told: names, numbers and guardians found nowhere else."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.intake.village import Child, Village, person

WORD = "金丝雀"  # stands in every text about them, whoever wrote it
_STATUSES = ("毕业", "毕业", "离园", "在园", "待核准")


def canaries(village: Village) -> list[Child]:
    """Children of several ends in the village's registers, each text about them marked."""
    children = [replace(person(60 + i), name=f"{WORD}{i}号") for i in range(len(_STATUSES))]
    for child, status in zip(children, _STATUSES, strict=True):
        village.record(
            child,
            status,
            现住址=f"{WORD}路九号",
            监护人姓名=f"{WORD}监护人",
            监护人身份证号码=person(90).document,
        )
        village.known(child, name="" if child.serial % 2 else f"{WORD}别名")
    village.pupil(replace(person(70), name=f"{WORD}在读"))
    return children


def forms(children: list[Child]) -> dict[str, bytes]:
    """Every form in which a canary could lie somewhere, by what it is."""
    told = {"word": WORD}
    told |= {f"document {child.serial}": child.document for child in children}
    told |= {"guardian": person(90).document, "pupil": person(70).document}
    return {f"{what}, {how}": form for what, text in told.items() for how, form in _forms(text)}


def _forms(text: str) -> Iterator[tuple[str, bytes]]:
    yield "utf-8", text.encode()
    yield "utf-16", text.encode("utf-16-le")
    yield "hex", text.encode().hex().encode()
    if not text.isascii():
        yield "gb18030", text.encode("gb18030")
        yield "json", text.encode("ascii", "backslashreplace")
        yield "python", repr(text.encode())[2:-1].encode()
        yield "url", "".join(f"%{byte:02X}" for byte in text.encode()).encode()


def seen_in(content: bytes, wanted: dict[str, bytes]) -> list[str]:
    """Which canaries the content holds, in which form."""
    return [what for what, form in wanted.items() if form in content]


def seen_under(folder: Path, wanted: dict[str, bytes]) -> dict[str, list[str]]:
    """Every file below the folder that holds a canary, and which."""
    files = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    found = {file.name: seen_in(content, wanted) for file, content in files.items()}
    return {name: seen for name, seen in found.items() if seen}
