"""The simulated NCIIC service, speaking: rows, errors, notices, envelopes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

from starlette.responses import Response

from adapters.population.nciic.contract import NAMESPACE

Items = tuple[tuple[tuple[str, str], ...], ...]

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_ERRORS = {
    "-10": "数据库连接失败",
    "-20": "写入日志失败",
    "-30": "预付费扣费失败，请检查帐户余额",
    "-31": "预付费用不足",
    "-40": "不是有效的XML 文件",
    "-41": "不是有效的XML 文件格式",
    "-42": "条件XML 文件解析异常",
    "-50": "服务不存在",
    "-51": "服务不是接口方式",
    "-52": "条件中节点与服务定义不一致",
    "-53": "您没有权限使用此服务",
    "-54": "提交的记录超过限制",
    "-55": "构造服务条件失败",
    "-56": "服务类别与调用的接口函数不符",
    "-60": "服务条件项节点缺失",
    "-64": "服务识别码信息不能为空（用户唯一识别码）",
    "-70": "用户不存在",
    "-71": "用户密码错误",
    "-72": "IP 地址受限",
    "-80": "授权文件格式错误",
    "-90": "系统故障，请与管理员联系",
}


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """One row of an answer: its place, the person it echoes, the nodes of each ITEM."""

    place: int
    number: str = field(repr=False)
    name: str = field(repr=False)
    items: Items = field(repr=False)


def write_rows(rows: Iterable[AnsweredRow]) -> str:
    """The document of answered rows."""
    return f"{_DECLARATION}<ROWS>{''.join(map(_row, rows))}</ROWS>"


def write_refusal(code: str) -> str:
    """The document of an error of the whole call; its `code` means nothing."""
    return (
        f'{_DECLARATION}<RESPONSE errorcode="{escape(code)}" code="0" countrows="1">'
        f"<ROWS>{_error(code)}</ROWS></RESPONSE>"
    )


def write_bare_refusal(code: str) -> str:
    """The same without its root, as some versions of the service send it."""
    return f"{_DECLARATION}<ROWS>{_error(code)}</ROWS>"


def write_notice(text: str) -> str:
    """The document of a notice of the web tier."""
    return (
        f'{_DECLARATION}<RESPONSE countrows="1">'
        f"<ROWS><ROW><Msg>{escape(text)}</Msg></ROW></ROWS></RESPONSE>"
    )


def write_envelope(document: str) -> Response:
    """The answer holding a document, escaped inside `out`."""
    return enclose(f"<out>{escape(document, quote=False)}</out>")


def enclose(out: str, namespace: str = NAMESPACE) -> Response:
    """The answer holding an `out` as it stands."""
    return _soap(f'<nciicCheckResponse xmlns="{namespace}">{out}</nciicCheckResponse>', 200)


def refuse_envelope(code: str) -> Response:
    """A SOAP fault, on the Client's or the Server's account."""
    fault = f"<faultcode>soap:{escape(code)}</faultcode><faultstring>fault</faultstring>"
    return _soap(f"<soap:Fault>{fault}</soap:Fault>", 500)


def _soap(body: str, status: int) -> Response:
    envelope = (
        f'{_DECLARATION}<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    )
    return Response(envelope.encode(), status_code=status, media_type="text/xml;charset=UTF-8")


def _row(row: AnsweredRow) -> str:
    items = "".join(f"<ITEM>{''.join(map(_node, item))}</ITEM>" for item in row.items)
    said = _node(("gmsfhm", row.number)) + _node(("xm", row.name))
    return f'<ROW no="{row.place}"><INPUT>{said}</INPUT><OUTPUT>{items}</OUTPUT></ROW>'


def _node(node: tuple[str, str]) -> str:
    tag, text = node
    return f"<{tag}>{escape(text, quote=False)}</{tag}>"


def _error(code: str) -> str:
    text = _ERRORS.get(code, "未知错误")
    return f"<ROW><ErrorCode>{escape(code)}</ErrorCode><ErrorMsg>{escape(text)}</ErrorMsg></ROW>"
