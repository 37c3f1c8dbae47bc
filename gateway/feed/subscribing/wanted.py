"""What an operator asks for, and whether it can be granted as it stands."""

import re
from dataclasses import dataclass
from ipaddress import ip_network

from contracts.errors import JisuiError
from contracts.events import Event, Stage
from gateway.feed.pushing.addresses import parse_address
from gateway.feed.subscribing.field_policies import FieldPolicies
from gateway.feed.subscribing.terms import Mode, Terms
from gateway.masking import holds_a_personal_number

BATCH_LIMIT = 1000
_TEXT_LIMIT = 100
_INSTITUTION = re.compile(r"[0-9A-Z]{2,12}")
_AREA = re.compile(r"[1-9][0-9](?:[0-9]{2}){0,2}")


class NotGranted(JisuiError):
    """What was asked for cannot be granted; the text says why."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A subscription somebody asks for."""

    name: str
    institution: str
    terms: Terms
    mode: Mode = Mode.PULL
    batch: int = 100
    url: str = ""
    networks: tuple[str, ...] = ()


def require_sound(wanted: Wanted, policies: FieldPolicies) -> None:
    """Return where it can be granted; raise `NotGranted`, or `ForbiddenAddress` for its address."""
    _require(_is_a_text(wanted.name), "名称 · name")
    _require(_INSTITUTION.fullmatch(wanted.institution) is not None, "机构代码 · institution")
    _require(1 <= wanted.batch <= BATCH_LIMIT, f"每批 1 至 {BATCH_LIMIT} · batch")
    _require(bool(wanted.url) == (wanted.mode is not Mode.PULL), "推送须有地址 · push needs a url")
    if wanted.url:
        parse_address(wanted.url)
    for network in wanted.networks:
        _require(_is_a_network(network), "网段 · allowed network")
    require_sound_terms(wanted.terms, policies)


def require_sound_terms(terms: Terms, policies: FieldPolicies) -> None:
    """Return where the terms can be agreed to; raise `NotGranted`."""
    areas = [area for area in terms.areas if _AREA.fullmatch(area)]
    _require(bool(areas) and len(areas) == len(terms.areas), "行政区划 · area")
    _require(bool(terms.stages) and set(terms.stages) <= set(Stage), "学段 · stages")
    _require(set(terms.events) <= set(Event), "异动类别 · events")
    policy = policies.get(terms.field_policy)
    if policy is None:
        raise NotGranted("不能授予 · not granted: 字段策略 · field policy")
    approved = _is_a_text(terms.approval) if terms.approval else policy.thin
    _require(approved, "字段策略须有批准文号 · these fields need an approval")


def _require(sound: bool, what: str) -> None:
    if not sound:
        raise NotGranted(f"不能授予 · not granted: {what}")


def _is_a_text(text: str) -> bool:
    fits = bool(text.strip()) and len(text) <= _TEXT_LIMIT and text.isprintable()
    return fits and not holds_a_personal_number(text)


def _is_a_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True
