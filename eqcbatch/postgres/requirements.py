"""What eqcbatch asks of each table, and what of that a table does not offer. Pure.

The doctor tells it beforehand; whoever writes stops at the first of it, and names the column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from eqcbatch.postgres.column_types import FRACTION, MOMENT, TEXT, WHOLE, Kind, TableShape


@dataclass(frozen=True, slots=True)
class TableNeeds:
    """What the statements of this room ask of one table.

    purpose: what fails without it. columns: without which it fails, and of what kind each must be. others:
    of docs/domain.md section 4, without which it works all the same. inserted, updated: what is written of
    them. privileges: without which it fails. unique_key: what ON CONFLICT rests on.
    """

    name: str
    purpose: str
    columns: Mapping[str, Kind]
    others: frozenset[str]
    inserted: frozenset[str]
    updated: frozenset[str]
    privileges: frozenset[str]
    unique_key: frozenset[str] = frozenset()

    @property
    def table(self) -> str:
        """The table with its schema."""
        return f"enterprise.{self.name}"


ENRICHMENT_INDEX = TableNeeds(
    "enrichment_index",
    "every lookup and every flush",
    {
        "lookup_key": TEXT,
        "lookup_type": TEXT,
        "company_id": TEXT,
        "confidence": FRACTION,
        "source": TEXT,
        "source_domain": TEXT,
        "updated_at": MOMENT,
    },
    frozenset(("id", "hit_count", "last_hit_at", "source_table", "created_at")),
    frozenset(("lookup_key", "lookup_type", "company_id", "confidence", "source", "source_domain")),
    frozenset(("company_id", "confidence", "source", "source_domain", "updated_at")),
    frozenset(("SELECT", "INSERT", "UPDATE")),
    frozenset(("lookup_key", "lookup_type")),
)
_COMPANY_COLUMNS = frozenset(
    (
        *("search_key_word", "company_full_name", "unite_code", "type", "_score", "rank_score"),
        *("company_former_name", "le_rep", "est_date", "province", "registered_status"),
        *("organization_code", "company_en_name", "reg_cap", "name", "data_source"),
        *("raw_data", "raw_business_info", "raw_biz_label", "api_fetched_at", "updated_at"),
    )
)
BASE_INFO = TableNeeds(
    "base_info",
    "`drain --details deferred`",
    {"company_id": TEXT},
    _COMPANY_COLUMNS,
    _COMPANY_COLUMNS | {"company_id"},
    frozenset(),  # a column that cannot be written is left out
    frozenset(("SELECT", "INSERT", "UPDATE")),
    frozenset(("company_id",)),
)
ENRICHMENT_REQUESTS = TableNeeds(
    "enrichment_requests",
    "`plan --queue`",
    {
        "id": WHOLE,
        "raw_name": TEXT,
        "normalized_name": TEXT,
        "status": TEXT,
        "attempts": WHOLE,
        "last_error": TEXT,
        "resolved_company_id": TEXT,
        "created_at": MOMENT,
        "updated_at": MOMENT,
    },
    frozenset(("temp_id",)),
    frozenset(),
    frozenset(("status", "attempts", "last_error", "resolved_company_id", "updated_at")),
    frozenset(("SELECT", "UPDATE")),
)


def obstacles(needs: TableNeeds, shape: TableShape) -> Iterator[str]:
    """Why eqcbatch cannot write to a table of this shape, each reason with the column's name."""
    columns = shape.columns
    if missing := needs.columns.keys() - columns.keys():
        yield f"{needs.table} lacks {', '.join(sorted(missing))}"
    for name, kind in needs.columns.items():
        column = columns.get(name)
        if column is None:
            continue
        if not column.is_of(kind):
            yield f"{needs.table}.{name} is of the type {column.type}, where eqcbatch needs {kind.says}"
        elif column.generated and name in needs.updated | needs.unique_key:
            yield f"{needs.table}.{name} is generated, where eqcbatch writes it"
    if needs.inserted and not shape.filled_by_trigger:
        for name, column in columns.items():
            if column.not_null and not column.filled and name not in needs.inserted:
                yield f"{needs.table}.{name} takes no null, has no default, and eqcbatch does not write it"
