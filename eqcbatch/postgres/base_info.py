"""enterprise.base_info: what EQC says of companies, upserted as sets; null never overwrites a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from eqcbatch.domain.model.companies import CompanyFacts, CompanyInfo
from eqcbatch.postgres.bounded import BoundedConnection
from eqcbatch.postgres.catalog import shape_to_write
from eqcbatch.postgres.column_types import Column
from eqcbatch.postgres.fitting import fit
from eqcbatch.postgres.refusals import Misfit, UpsertReport, by_halves, explained
from eqcbatch.postgres.requirements import BASE_INFO

TABLE = "enterprise.base_info"
DATA_SOURCE = "eqcbatch"
_FACTS = tuple(field.name for field in fields(CompanyFacts))
_OTHERS = tuple(field.name for field in fields(CompanyInfo) if field.name != "facts")
_COLUMNS = (*_OTHERS, *_FACTS, "data_source")
_SEPARATORS = {"company_former_name": ",，"}  # half a name would be another's

# Of the companies that the index has, the surest: known by just that name.
_OFFICIAL_NAME = """
SELECT b.company_full_name::text FROM enterprise.base_info b
JOIN enterprise.enrichment_index i ON i.company_id = b.company_id AND i.lookup_type = 'customer_name'
WHERE btrim(b.company_full_name) <> ''
ORDER BY i.lookup_key = b.company_full_name DESC, i.confidence DESC, i.hit_count DESC, i.id LIMIT 1"""


def official_name(connection: BoundedConnection) -> str | None:
    """The official name of a company that the index has, too: EQC is bound to find it; None without one."""
    with explained(TABLE):
        row = connection.execute(_OFFICIAL_NAME).fetchone()
    return str(row[0]).strip() if row else None


@dataclass(frozen=True, slots=True)
class _Row:
    """A company with what the columns take of it."""

    company: CompanyInfo
    values: dict[str, str | None]
    misfits: tuple[Misfit, ...]


class BaseInfo:
    """The table behind one connection, whatever types its columns have.

    A value that its column does not take is shortened or left out; its row is written all the same. A column
    that the table lacks, or that nobody may write, is left out.
    """

    def __init__(self, connection: BoundedConnection) -> None:
        self._connection = connection
        with explained(TABLE):
            columns = shape_to_write(connection, BASE_INFO, defaults=True).columns
        known = (columns[name] for name in _COLUMNS if name in columns)
        self._columns = tuple(column for column in known if not column.generated)
        self._statement = _upsert(self._columns, "updated_at" in columns)

    def upsert(self, companies: Sequence[CompanyInfo]) -> UpsertReport[CompanyInfo]:
        """Store companies, a batch in one transaction; doing it again changes nothing.

        A row that Postgres refuses for good is found by halving, and named with the reason.
        """
        with explained(TABLE):
            report = by_halves([self._fitted(one) for one in companies], self._upsert_batch, self._connection)
        return UpsertReport(
            tuple(row.company for row in report.stored),
            tuple((row.company, why) for row, why in report.refused),
            tuple((row.company, why) for row, why in report.waiting),
            tuple(misfit for row in report.stored for misfit in row.misfits),
        )

    def standing(self, company_ids: Sequence[str]) -> set[str]:
        """Those of these companies that stand there now."""
        with explained(TABLE), self._connection.transaction():
            rows = self._connection.execute(
                "SELECT company_id FROM enterprise.base_info WHERE company_id = ANY(%s)", [list(company_ids)]
            )
            return {company_id for (company_id,) in rows}

    def _upsert_batch(self, rows: Sequence[_Row]) -> UpsertReport[_Row]:
        columns = {column.name: [row.values[column.name] for row in rows] for column in self._columns}
        with self._connection.transaction():
            self._connection.execute(self._statement, columns)
        return UpsertReport(tuple(rows), ())

    def _fitted(self, company: CompanyInfo) -> _Row:
        values: dict[str, str | None] = {"company_id": company.company_id}  # an id is whole, or refused
        misfits = []
        for column in self._columns:
            said = _text(company, column.name)
            if said is None or column.name == "company_id":
                values.setdefault(column.name, said)
                continue
            fitted = fit(said, column, _SEPARATORS.get(column.name, ""))
            values[column.name] = fitted.value
            if fitted.problem:
                misfits.append(Misfit(column.name, fitted.problem, company.company_id, said))
        return _Row(company, values, tuple(misfits))


def _text(company: CompanyInfo, column: str) -> str | None:
    if column == "data_source":
        return DATA_SOURCE
    value = getattr(company.facts if column in _FACTS else company, column)
    return None if value is None else str(value)


def _upsert(columns: Sequence[Column], stamped: bool) -> bytes:
    """The statement for these columns; every value comes as text and is cast to its column's type."""
    names = [column.name for column in columns]
    told = [name for name in names if name != "company_id"]
    stamp = ", updated_at" if stamped else ""
    # json has no equality: as text, all types compare.
    changed = " OR ".join(
        f"b.{name}::text IS DISTINCT FROM coalesce(excluded.{name}, b.{name})::text" for name in told
    )
    return f"""
INSERT INTO enterprise.base_info AS b ({", ".join(names)}{stamp})
SELECT {", ".join(map(_value, columns))}{", now()" if stamp else ""}
FROM unnest({", ".join(f"%({name})s::text[]" for name in names)}) AS new ({", ".join(names)})
ON CONFLICT (company_id) DO UPDATE
SET {", ".join(f"{name} = coalesce(excluded.{name}, b.{name})" for name in told)}
    {", updated_at = now()" if stamp else ""}
WHERE {changed}""".encode()


def _value(column: Column) -> str:
    """A value of a new row. Where null is refused, what stands there or the default takes its place."""
    cast = f"new.{column.name}::{column.type}"
    if not column.not_null or column.name == "company_id":
        return cast
    standing = (
        f"(SELECT s.{column.name} FROM enterprise.base_info s WHERE s.company_id = new.company_id::text)"
    )
    default = f", {column.default}" if column.default else ""
    return f"coalesce({cast}, {standing}{default})".replace("%", "%%")
