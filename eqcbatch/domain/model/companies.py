"""What EQC says of a company, as it crosses the borders between rooms on its way to enterprise.base_info."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CompanyFacts:
    """What one answer says of a company, as far as enterprise.base_info has a column for it.

    The fields are named as those columns. company_former_name: several, comma-separated, as EQC writes them.
    """

    company_full_name: str | None = None
    unite_code: str | None = None
    type: str | None = None
    _score: float | None = None
    rank_score: float | None = None
    company_former_name: str | None = None
    le_rep: str | None = None
    est_date: str | None = None
    province: str | None = None
    registered_status: str | None = None
    organization_code: str | None = None
    company_en_name: str | None = None
    reg_cap: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class CompanyInfo:
    """A company on its way to enterprise.base_info.

    search_key_word: what was searched for when EQC offered it. raw_data, raw_business_info,
    raw_biz_label: what search, findDepart and findLabels answered, as JSON text. api_fetched_at: UTC
    ISO-8601. None where EQC said nothing: it overwrites nothing.
    """

    company_id: str
    search_key_word: str | None
    facts: CompanyFacts
    raw_data: str | None
    raw_business_info: str | None
    raw_biz_label: str | None
    api_fetched_at: str
