"""`jisui witness`: the witness of logs kept elsewhere; needs no store and none of their keys."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.endings import NoEnvironment, run

Folder = Annotated[Path, typer.Option(help="见证方的文件夹 · folder of the witness's own")]
Name = Annotated[str, typer.Option(help="见证方名称，不含空格 · the witness's name, no spaces")]


def witness(
    folder: Folder,
    name: Name,
    log_key: Annotated[
        list[str],
        typer.Option(
            metavar="KEY",
            help="被见证日志的验证公钥，可多个 · public key of a log, as"
            " `jisui evidence checkpoint` shows it; may be repeated",
        ),
    ],
    host: Annotated[str, typer.Option(help="监听地址 · address to listen at")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口 · port")] = 8790,
) -> None:
    """启动见证服务，由另一单位运行 · Witness logs kept by another office.

    只收叶哈希，不见内容；就绪时输出一行 JSON · Sees hashes only; one line of JSON says when it is
    ready.
    """
    from gateway.evidence.note_keys import parse_key
    from gateway.keys import KeysMissing
    from gateway.processes.witnessing import witness as sign_on

    logs = [parse_key(text) for text in log_key]
    try:
        run(sign_on(folder, name, logs, host, port))
    except KeysMissing as error:
        raise NoEnvironment(f"密钥不可用 · a key cannot be read: {error}") from None
    except OSError as error:
        kind = type(error).__name__
        raise NoEnvironment(f"磁盘不可用 · the disk cannot be used ({kind})") from None
