"""What EQC says of one company: pure readers of findDepart's answer and of an item of a search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from eqcbatch.domain.model.companies import CompanyFacts
from eqcbatch.eqc.responses import company_id_of, number_of, text_of

# How businessInfodto spells what a column of base_info holds (docs/domain.md section 2), the usual way first.
_BUSINESS_KEYS = {
    "company_full_name": ("companyFullName", "company_name", "companyName"),
    "unite_code": ("unite_code", "uniteCode", "credit_code", "creditCode"),
    "company_former_name": ("company_former_name",),
    "le_rep": ("legal_person_name", "le_rep"),
    "est_date": ("registered_date", "est_date"),
    "province": ("province",),
    "registered_status": ("registered_status", "registeredStatus"),
    "organization_code": ("organization_code",),
    "company_en_name": ("company_en_name",),
    "reg_cap": ("registerCaptial", "reg_cap"),
}
_ITEM_KEYS = {field.name: (field.name,) for field in fields(CompanyFacts)} | {
    "company_full_name": ("companyFullName",),
    "registered_status": ("registeredStatus", "registered_status"),
}


def read_business_info(content: Mapping[str, Any]) -> CompanyFacts:
    """What a usable answer of findDepart says; values that are no scalars are dropped."""
    return _read(content.get("businessInfodto"), _BUSINESS_KEYS)


def read_search_item(content: Mapping[str, Any], company_id: str) -> CompanyFacts:
    """What a usable search answer says of one of its companies; nothing where it does not offer it."""
    items = content.get("list")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and company_id_of(item.get("companyId")) == company_id:
            return _read(item, _ITEM_KEYS)
    return CompanyFacts()


def merged_facts(first: CompanyFacts, second: CompanyFacts) -> CompanyFacts:
    """The first facts, with the second where the first say nothing."""
    found = {}
    for field in fields(CompanyFacts):
        value = getattr(first, field.name)
        found[field.name] = getattr(second, field.name) if value is None else value
    return CompanyFacts(**found)


def _name_of(value: Any) -> str | None:
    """A text with a letter: `-` and `12345` are nobody's name."""
    name = text_of(value)
    return name if name and any(map(str.isalpha, name)) else None


_READERS = {"company_full_name": _name_of, "_score": number_of, "rank_score": number_of}


def _read(source: Any, keys: Mapping[str, tuple[str, ...]]) -> CompanyFacts:
    if not isinstance(source, dict):
        return CompanyFacts()
    found: dict[str, Any] = {}
    for column, spellings in keys.items():
        read = _READERS.get(column, text_of)
        said = (read(source.get(spelling)) for spelling in spellings)
        found[column] = next((value for value in said if value is not None), None)
    return CompanyFacts(**found)
