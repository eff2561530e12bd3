"""What eqcbatch needs of the tables in schema `enterprise` (DOMAIN section 4), and what it does without."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableNeeds:
    """What the statements of this room ask of one table.

    purpose: what fails without it. columns: without which it fails; others: of DOMAIN section 4, without
    which it works all the same. privileges: likewise. unique_key: what ON CONFLICT rests on.
    """

    name: str
    purpose: str
    columns: frozenset[str]
    others: frozenset[str]
    privileges: frozenset[str]
    unique_key: frozenset[str] = frozenset()


ENRICHMENT_INDEX = TableNeeds(
    "enrichment_index",
    "every lookup and every flush",
    frozenset(
        [
            "lookup_key",
            "lookup_type",
            "company_id",
            "confidence",
            "source",
            "source_domain",
            "hit_count",
            "last_hit_at",
            "updated_at",
        ]
    ),
    frozenset(["id", "source_table", "created_at"]),
    frozenset(("SELECT", "INSERT", "UPDATE")),
    frozenset(("lookup_key", "lookup_type")),
)
BASE_INFO = TableNeeds(
    "base_info",
    "`drain --details deferred`",
    frozenset(("company_id",)),
    frozenset(
        [
            "search_key_word",
            "company_full_name",
            "unite_code",
            "type",
            "_score",
            "rank_score",
            "company_former_name",
            "le_rep",
            "est_date",
            "province",
            "registered_status",
            "organization_code",
            "company_en_name",
            "reg_cap",
            "name",
            "data_source",
            "raw_data",
            "raw_business_info",
            "raw_biz_label",
            "api_fetched_at",
            "updated_at",
        ]
    ),
    frozenset(("SELECT", "INSERT", "UPDATE")),
    frozenset(("company_id",)),
)
ENRICHMENT_REQUESTS = TableNeeds(
    "enrichment_requests",
    "`plan --queue`",
    frozenset(
        [
            "id",
            "raw_name",
            "normalized_name",
            "status",
            "attempts",
            "last_error",
            "resolved_company_id",
            "created_at",
            "updated_at",
        ]
    ),
    frozenset(("temp_id",)),
    frozenset(("SELECT", "UPDATE")),
)
