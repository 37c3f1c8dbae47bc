"""Why an environment could not be made, in words that say what helps."""

REMEDIES = (
    ("No space left on device", "磁盘已满 · the disk is full: free about 700 MB and run again"),
    (
        "DO NOT MATCH THE HASHES",
        "软件包与哈希不符，未安装 · a package differs from its recorded hash and was not installed",
    ),
    (
        "Permission denied",
        "没有写权限 · no permission to write into the project's folder",
    ),
    (
        "Read-only file system",
        "文件系统只读 · the project's folder cannot be written to",
    ),
    (
        "No matching distribution found",
        "软件包索引中没有所需的包，或索引无法访问 · pip's package index does not have a package, "
        "or cannot be reached (pip's own settings apply: pip.conf, PIP_INDEX_URL)",
    ),
    (
        "Connection",
        "无法访问软件包索引 · pip cannot reach its package index "
        "(pip's own settings apply: pip.conf, PIP_INDEX_URL, PIP_PROXY)",
    ),
)
NO_VENV = (
    "缺少 venv 模块 · this Python lacks venv or ensurepip "
    "(Debian: apt install python3-venv; then run again)"
)


class NotReady(Exception):
    """There is no environment; the text says why and what helps."""


def remedy(output: str) -> str:
    """What to do about the first known sign of trouble in a program's output."""
    for sign, words in REMEDIES:
        if sign in output:
            return words
    return "环境准备失败 · the environment could not be made"
