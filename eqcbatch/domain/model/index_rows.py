"""Rows of the index and of base_info as an audit reads them: all there are, whoever wrote them."""

from __future__ import annotations

from typing import NamedTuple


class IndexRow(NamedTuple):
    """A row of the index. lookup_type: in the words of the index, which has more than a plan looks up."""

    lookup_type: str
    lookup_key: str
    company_id: str
    confidence: float
    source: str
    source_domain: str | None = None


class StoredCompany(NamedTuple):
    """What base_info has of a company. former_names: several, as EQC writes them."""

    company_id: str
    official_name: str | None
    unite_code: str | None
    registered_status: str | None
    former_names: str | None
