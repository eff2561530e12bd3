"""What EQC says on the wire: the JSON of docs/domain.md section 2, made from companies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from eqcbatch.simulate import chance
from eqcbatch.simulate.registry import Company, Offer

JSON_TYPE = "application/json;charset=UTF-8"
HTML_TYPE = "text/html;charset=UTF-8"
LOGIN_PAGE = "<!DOCTYPE html><html><head><title>登录</title></head><body>请重新登录</body></html>"
INDUSTRIES = ("制造业", "批发和零售业", "建筑业", "软件和信息技术服务业", "交通运输业")
ALWAYS_THERE = {"companyId", "companyFullName", "type", "_score"}


class Delivery(Enum):
    """How an answer leaves the server."""

    WHOLE = auto()
    DRIP = auto()  # the head at once, then a byte every so often
    STALL = auto()  # nothing at all, for as long as the client waits
    RESET = auto()  # the connection is cut instead


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer.

    headers: beyond the usual ones. claimed_length: a Content-Length that is not the body's, None
    for the true one.
    """

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)
    claimed_length: int | None = None
    delivery: Delivery = Delivery.WHOLE


def as_json(
    content: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Answer:
    """Answer with a JSON object."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Answer(status, text.encode("utf-8", "replace"), headers=headers or {})


def as_page(text: str) -> Answer:
    """Answer with an HTML page and 200, as a login page comes."""
    return Answer(200, text.encode(), HTML_TYPE)


def search(offers: Sequence[Offer], key: str) -> dict[str, Any]:
    """Write the answer to a search; no match is an empty list, for some names null."""
    if not offers and chance.fraction("null list", key) < 0.25:
        return {"list": None}
    return {"list": [_item(offer) for offer in offers]}


def search_all(offers: Sequence[Offer], page: int, size: int) -> dict[str, Any]:
    """Write one page of the light search; pages count from 1."""
    shown = offers[(page - 1) * size : page * size]
    return {
        "list": [_item(offer) for offer in shown],
        "currentPage": page,
        "pageSize": size,
        "total": len(offers),
    }


def business_info(company: Company) -> dict[str, Any]:
    """Write the answer to findDepart; the spelling of its keys varies from company to company."""
    draw = chance.dice("business", company.company_id)
    info = {
        "companyId": _id(company),
        draw.choice(("companyFullName", "company_name", "companyName")): company.official_name,
        draw.choice(("unite_code", "uniteCode", "credit_code", "creditCode")): company.unite_code,
        "registerCaptial": _capital(company),
        "registered_date": company.established,
        "registered_status": company.status,
        "legal_person_name": company.legal_person,
        "company_former_name": _former_names(company),
        "address": f"{company.province}{company.city}市人民路{draw.randint(1, 999)}号",
        "industry_name": draw.choice(INDUSTRIES),
        "business_scope": draw.choice((None, "一般项目：技术服务、技术开发、技术咨询。")),
    }
    return {"businessInfodto": info}


def labels(company: Company) -> dict[str, Any]:
    """Write the answer to findLabels: a null companyId, and a 地区分类 row shifted by one level."""
    draw = chance.dice("labels", company.company_id)
    trade = _levels(_id(company), draw.choice(INDUSTRIES), "其他", None, None)
    sort = _levels(None, "企业规模", draw.choice(("大型", "中型", "小型")), None, None)
    place = _levels(None, "地区分类", "中国", company.province, company.city)
    return {
        "labels": [
            {"type": "行业分类", "labels": [trade, sort]},
            {"type": "地区分类", "labels": [place, {**trade, "lv1Name": company.province}]},
        ]
    }


def _item(offer: Offer) -> dict[str, Any]:
    """Write one item of a search; some of its fields are null or missing, always the same."""
    company = offer.company
    item = {**_identity(offer), **_particulars(company)}
    draw = chance.dice("gaps", company.company_id)
    for name in [name for name in item if name not in ALWAYS_THERE]:
        luck = draw.random()
        if luck < 0.03:
            del item[name]
        elif luck < 0.08:
            item[name] = None
    return item


def _identity(offer: Offer) -> dict[str, Any]:
    company = offer.company
    return {
        "companyId": _id(company),
        "companyFullName": company.official_name,
        "unite_code": company.unite_code,
        "type": offer.match_type.value,
        "_score": offer.score,
        "rank_score": round(offer.score / 10, 4),
        "company_short_name": _short_name(company),
        "company_former_name": _former_names(company),
    }


def _particulars(company: Company) -> dict[str, Any]:
    status = {
        chance.dice("status", company.company_id).choice(
            ("registeredStatus", "registered_status")
        ): company.status
    }
    return {
        "coname": company.official_name,
        "name": company.legal_person,
        "company_en_name": f"Company {company.company_id} Co., Ltd.",
        "le_rep": company.legal_person,
        "reg_cap": company.capital,
        "est_date": company.established,
        "province": company.province,
        "organization_code": f"{company.unite_code[8:16]}-{company.unite_code[16:17]}",
        "is_normal": int(company.status in ("存续", "在业")),
        "is_list": 0,
        **status,
    }


def _capital(company: Company) -> str:
    return company.capital if isinstance(company.capital, str) else f"{company.capital:.2f}万元"


def _id(company: Company) -> int | str:
    """Write the id as EQC does: now as a number, now as text (text where it is no number)."""
    text = company.company_id
    plain = text.isascii() and text.isdigit() and not text.startswith("0")
    return int(text) if plain and chance.number("id", text) % 2 else text


def _short_name(company: Company) -> str | None:
    return company.official_name[:4] if company.short_name is None else company.short_name or None


def _former_names(company: Company) -> str | None:
    comma = ",，"[chance.number("comma", company.company_id) % 2]
    return comma.join(company.former_names) or None


def _levels(company_id: int | str | None, *names: str | None) -> dict[str, Any]:
    return {
        "companyId": company_id,
        **{f"lv{level}Name": name for level, name in enumerate(names, 1)},
    }
