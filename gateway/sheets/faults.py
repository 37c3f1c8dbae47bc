"""What can be wrong with a list or a cell, in Chinese and English; never with a cell's value."""

from dataclasses import dataclass

from contracts.errors import JisuiError


@dataclass(frozen=True, slots=True)
class CellFault:
    """One thing wrong with one cell: the column, why, and what the clerk should do."""

    column: str
    reason: str
    message_zh: str
    message_en: str
    remedy_zh: str
    remedy_en: str


class ListRefused(JisuiError):
    """The whole file is refused and nothing of it may be kept.

    `line` counts from 1 in the file (in JSON: the row's place), `column` is a canonical heading or
    the column's letter; both are None where the fault lies in no single place.
    """

    def __init__(self, reason: str, *, line: int | None = None, column: str | None = None) -> None:
        """Name the reason, and the place in the file where there is one."""
        place = f" line {line}" if line else ""
        super().__init__(f"list refused: {reason}{place}")
        self.reason = reason
        self.line = line
        self.column = column
        texts = _REFUSALS[reason]
        self.message_zh, self.message_en, self.remedy_zh, self.remedy_en = texts


def fault(column: str, reason: str) -> CellFault:
    """The fault of that reason in that column, with its texts."""
    return CellFault(column, reason, *_CELL_FAULTS[reason])


_Texts = tuple[str, str, str, str]  # message zh, message en, remedy zh, remedy en

_SEE_BOOKLET = "请对照户口簿核对，改后重传。"
_SEE_BOOKLET_EN = "Check it against the household booklet, correct it and hand it in again."

_CELL_FAULTS: dict[str, _Texts] = {
    "number_destroyed": (
        "号码以数值格式保存，末几位已丢失，无法还原。",
        "The number was stored as a numeric value and has lost its last digits.",
        "请把该列设为文本格式，重新录入号码后重传。",
        "Format the column as text, type the number again and hand it in again.",
    ),
    "forbidden_character": (
        "含有控制字符、不可见字符或乱码，未采用。",
        "It contains control, invisible or broken characters and was not taken over.",
        "请清除该单元格，手工重新录入后重传。",
        "Clear the cell, type it again by hand and hand it in again.",
    ),
    "missing_name": (
        "没有填写姓名。",
        "The name is missing.",
        "请填写户口簿上的姓名后重传。",
        "Enter the name as in the household booklet and hand it in again.",
    ),
    "unknown_sex": (
        "性别没有填写，或不是“男”“女”。",
        "The sex is missing or is neither 男 nor 女.",
        "请填写“男”或“女”后重传。",
        "Enter 男 or 女 and hand it in again.",
    ),
    "unreadable_birth_date": (
        "出生日期没有填写或无法识别。",
        "The birth date is missing or cannot be read.",
        "请按“2020-01-31”的格式填写后重传。",
        "Enter it like 2020-01-31 and hand it in again.",
    ),
    "document_length": (
        "居民身份证号应为18位。",
        "A resident identity number has eighteen characters.",
        _SEE_BOOKLET,
        _SEE_BOOKLET_EN,
    ),
    "document_check_character": (
        "居民身份证号的校验位不对，可能有错字。",
        "The check character of the resident identity number is wrong.",
        _SEE_BOOKLET,
        _SEE_BOOKLET_EN,
    ),
    "document_date": (
        "居民身份证号中的出生日期不存在。",
        "The birth date inside the resident identity number does not exist.",
        _SEE_BOOKLET,
        _SEE_BOOKLET_EN,
    ),
    "birth_date_differs": (
        "出生日期与居民身份证号不一致。",
        "The birth date differs from the one in the resident identity number.",
        _SEE_BOOKLET,
        _SEE_BOOKLET_EN,
    ),
    "sex_differs": (
        "性别与居民身份证号不一致。",
        "The sex differs from the one in the resident identity number.",
        _SEE_BOOKLET,
        _SEE_BOOKLET_EN,
    ),
    "number_check_character": (
        "学籍号的校验位不对，可能有错字。",
        "The check character of the student number is wrong.",
        "请核对学籍号，或留空后重传。",
        "Check the student number, or leave it blank, and hand it in again.",
    ),
    "other_grade": (
        "不是一年级新生，不办理接续。",
        "Not a grade-one entrant; only those are carried over.",
        "请移出本名单，按其他年级建籍的规定办理。",
        "Take the row off this list and follow the rules for other grades.",
    ),
    "unknown_reported": (
        "“是否报到”只能填“是”“否”或留空。",
        "Reported must be 是, 否 or blank.",
        "请改为“是”“否”或留空后重传。",
        "Change it to 是, 否 or blank and hand it in again.",
    ),
    "unreadable_reported_date": (
        "报到日期无法识别，未采用。",
        "The day of reporting cannot be read and was not taken over.",
        "请按“2026-09-01”的格式填写。",
        "Enter it like 2026-09-01.",
    ),
}

_SAVE_AGAIN = "请用 Excel 或 WPS 另存为 .xlsx（不加密、不含宏）后重传。"
_SAVE_AGAIN_EN = "Save it again as .xlsx without password or macros and hand it in again."
_SPLIT = "请拆成几份名单分别上传。"
_SPLIT_EN = "Split it into several lists."
_JSON_AGAIN = "请修正生成该文件的程序。"
_JSON_AGAIN_EN = "Correct the program that wrote it."

_REFUSALS: dict[str, _Texts] = {
    "unsupported_type": (
        "只接受 .xlsx、.csv 或 JSON 名单。",
        "Only .xlsx, .csv and JSON lists are accepted.",
        _SAVE_AGAIN,
        _SAVE_AGAIN_EN,
    ),
    "body_too_large": ("文件超过大小限制。", "The file is too large.", _SPLIT, _SPLIT_EN),
    "too_many_rows": ("名单行数超过限制。", "The list has too many rows.", _SPLIT, _SPLIT_EN),
    "cell_too_long": (
        "单元格内容超过长度限制。",
        "A cell is too long.",
        "请缩短该单元格后重传。",
        "Shorten the cell and hand the list in again.",
    ),
    "no_heading": (
        "没有找到标题行。",
        "No row of column titles was found.",
        "请使用系统提供的名单模板，保留标题行。",
        "Use the list template and keep its row of titles.",
    ),
    "missing_column": (
        "缺少必需的列。",
        "A required column is missing.",
        "请补上该列后重传。",
        "Add the column and hand the list in again.",
    ),
    "duplicate_column": (
        "同一列出现了两次。",
        "A column appears twice.",
        "请只保留一列后重传。",
        "Keep one of them and hand the list in again.",
    ),
    "no_rows": (
        "名单中没有学生。",
        "The list holds no child.",
        "请填写学生后重传。",
        "Enter the children and hand the list in again.",
    ),
    "mixed_encoding": (
        "文件中混用了不同的编码，或编码无法识别。",
        "The file mixes encodings, or is in none that is known.",
        "请另存为“CSV UTF-8”或 .xlsx 后重传。",
        "Save it as CSV UTF-8 or .xlsx and hand it in again.",
    ),
    "broken_csv": (
        "CSV 引号不成对。",
        "A quotation mark of the CSV is never closed.",
        "请另存为 .xlsx 后重传。",
        "Save it as .xlsx and hand it in again.",
    ),
    "broken_workbook": (
        "表格文件已损坏、已加密，或不是 .xlsx。",
        "The workbook is damaged, encrypted, or no .xlsx.",
        _SAVE_AGAIN,
        _SAVE_AGAIN_EN,
    ),
    "oversized_workbook": (
        "表格解压后过大，或区域异常。",
        "The workbook is too large when unpacked, or its cells lie too far apart.",
        "请把名单复制到新的工作簿，只保留名单区域后重传。",
        "Copy the list alone into a new workbook and hand that in.",
    ),
    "broken_json": ("不是有效的 JSON。", "It is no valid JSON.", _JSON_AGAIN, _JSON_AGAIN_EN),
    "json_shape": (
        "JSON 应为行的数组，或含 rows 数组的对象，每个单元格为文本、数值、布尔值或 null。",
        "The JSON must be an array of rows, or an object with rows, of plain cells.",
        _JSON_AGAIN,
        _JSON_AGAIN_EN,
    ),
    "json_number": (
        "JSON 中有 NaN、Infinity 或过长的数。",
        "The JSON holds NaN, Infinity or an overlong number.",
        _JSON_AGAIN,
        _JSON_AGAIN_EN,
    ),
    "json_duplicate_key": (
        "JSON 的一行中同一个键出现了两次。",
        "A key appears twice in one object of the JSON.",
        _JSON_AGAIN,
        _JSON_AGAIN_EN,
    ),
    "json_surrogate": (
        "JSON 中有不成对的代理项字符。",
        "The JSON holds a lone surrogate.",
        _JSON_AGAIN,
        _JSON_AGAIN_EN,
    ),
}
