"""The page in a pack: what it is and how anybody verifies it, for people."""

from datetime import datetime
from html import escape
from importlib.resources import files
from string import Template
from zoneinfo import ZoneInfo

from gateway.evidence.checkpoints import UNWITNESSED, Checkpoint

_LOCAL = ZoneInfo("Asia/Shanghai")
_CHOSEN_BY = {"range": "按条目编号", "case": "按案号", "child": "按儿童"}


def page_text(checkpoint: Checkpoint, chosen_by: str, count: int, made_at: datetime) -> str:
    """The page, in Chinese, of a pack with so many entries of the log at this checkpoint."""
    witnessed = "否" if UNWITNESSED in checkpoint.extensions else "是，签名在 checkpoint 文件内"
    return Template(files(__package__).joinpath("page.html").read_text("utf-8")).substitute(
        log=escape(checkpoint.origin),
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        count=count,
        chosen_by=_CHOSEN_BY[chosen_by],
        made_at=f"{made_at.astimezone(_LOCAL):%Y-%m-%d %H:%M:%S}",
        witnessed=witnessed,
    )
