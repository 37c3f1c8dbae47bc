"""Looks through the tracked files for what must not be in them: addresses, paths, secrets."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

# Each pattern is written so that it does not match itself.
EVERYWHERE = {
    "a package registry": r"(?:files[.]pythonhosted|pypi[.](?:org|python)|registry[.]npmjs|"
    r"deb[.]debian[.]|(?:pypi|npm|mirrors?)[.][a-z]+[.](?:cn|com|edu)|"
    r"(?:ghcr|quay)[.]io/|docker[.]io/)",
    "a path of one machine": r"(?<![\w.}/-])/(?:work|root|home/[a-z]\w*|Users/\w+)/",
    "a private key": r"-{5}BEGIN (?:[A-Z]+ )*PRIVATE[ ]KEY-{5}",
    "an access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a password in an address": r"[a-z+]://[^\s/:@{}$<>\"']*:[^\s/:@{}$<>\"']+(?<!canary)(?<!PASSWORD)@",
}
REQUIREMENTS = {
    "an address": r"[a-z+]+://",
    "an index option": r"--(?:index-url|extra-index-url|find-links|trusted-host)",
}
LARGEST = 4_000_000


def tracked(root: Path) -> list[Path]:
    """The files under version control; outside of it there is nothing to look through."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False
    )
    paths = [root / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and path.stat().st_size <= LARGEST]


def find_leaks(root: Path, paths: Iterable[Path]) -> tuple[int, str]:
    """Exit code 1 and where they are, when there are any; the found text itself is not shown."""
    found = [
        f"{path.relative_to(root)}:{line}: {what}" for path in paths for line, what in _in(path)
    ]
    return (1 if found else 0), "\n".join(found)


def _in(path: Path) -> Iterator[tuple[int, str]]:
    text = path.read_bytes().decode("utf-8", errors="replace")
    patterns = EVERYWHERE | REQUIREMENTS if path.parent.name == "requirements" else EVERYWHERE
    for what, pattern in patterns.items():
        for match in re.finditer(pattern, text):
            yield text.count("\n", 0, match.start()) + 1, what
