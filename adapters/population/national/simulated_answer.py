"""The simulated platform, speaking: rows, heads, envelopes, and its own refusals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

from starlette.responses import JSONResponse, Response

from adapters.population.national.contract import ANSWERED_IN, SUCCESS
from adapters.population.national.question import BEIJING

CLOSED = "全国人口库目前只支持工作时间段的查询，请在早上9:00到下午5:00之间操作"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_MESSAGES = {SUCCESS: "接口调用成功", "11": "部分成功"}


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """One row of an answer: its attributes, and its nodes in their order."""

    attributes: Mapping[str, str]
    nodes: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer before it is written: to which question, when, how it ended, and its rows."""

    question_id: str
    at: datetime
    rows: tuple[AnsweredRow, ...] = field(default=(), repr=False)
    code: str = SUCCESS
    message: str = ""


def write_package(answered: Answered) -> str:
    """The document; its head names the question under FFQQBH, as the real one does."""
    head = {
        "FFQQBH": answered.question_id,
        "FSSJ": answered.at.astimezone(BEIJING).strftime("%Y%m%d%H%M%S"),
        "FHDM": answered.code,
        "FHMS": answered.message or _MESSAGES.get(answered.code, "接口调用失败"),
    }
    rows = "".join(map(_row, answered.rows))
    return (
        f"{_DECLARATION}\r\n<PACKAGE><PACKAGEHEAD>{_nodes(head.items())}</PACKAGEHEAD>"
        f"<DATA>{rows}</DATA></PACKAGE>"
    )


def write_envelope(operation: str, document: str) -> Response:
    """The answer holding a document, escaped inside `out`."""
    return enclose(operation, escape(document, quote=False))


def enclose(operation: str, out: str, namespace: str = ANSWERED_IN) -> Response:
    """The answer holding an `out` whose content is written as it stands."""
    tag = f"ns1:{operation}Response"
    return soap(f'<{tag} xmlns:ns1="{namespace}"><ns1:out>{out}</ns1:out></{tag}>')


def refuse_envelope(code: str, text: str = "fault") -> Response:
    """A SOAP fault, on the Client's or the Server's account."""
    said = f"<faultcode>soap:{escape(code)}</faultcode><faultstring>{escape(text)}</faultstring>"
    return soap(f"<soap:Fault>{said}</soap:Fault>", 500)


def soap(body: str, status: int = 200) -> Response:
    """An envelope around a body as it stands."""
    envelope = (
        f'{_DECLARATION}<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    )
    return Response(envelope.encode(), status_code=status, media_type="text/xml;charset=UTF-8")


def refuse_platform() -> Response:
    """The platform's own refusal: it never says why, and `data` is no object any more."""
    return JSONResponse({"code": "-1", "data": "", "message": "接口调用失败"})


def _row(row: AnsweredRow) -> str:
    attributes = "".join(f' {name}="{escape(text)}"' for name, text in row.attributes.items())
    return f"<RECORD{attributes}>{_nodes(row.nodes.items())}</RECORD>"


def _nodes(nodes: Iterable[tuple[str, str]]) -> str:
    return "".join(f"<{tag}>{escape(text, quote=False)}</{tag}>" for tag, text in nodes)
