"""Rows of enterprise.enrichment_index that are written where nothing stands: only our own are ever changed.

They are former names, and ids that a person vouches for (backflow), each kind with its source.

Why: docs/decisions/0019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import psycopg

from eqcbatch.domain.model import SOURCE_DOMAIN, LookupType, Result, Written
from eqcbatch.postgres.bounded import BoundedConnection
from eqcbatch.postgres.catalog import shape_to_write
from eqcbatch.postgres.column_types import TableShape
from eqcbatch.postgres.enrichment_index import TABLE, compared, parted_by_length
from eqcbatch.postgres.refusals import UpsertReport, by_halves, drawing_ids, explained
from eqcbatch.postgres.requirements import ENRICHMENT_INDEX

_AS_WRITTEN = """i.lookup_type = %(type)s AND i.lookup_key = written.lookup_key
  AND i.company_id = written.company_id AND i.confidence = round(written.confidence, 2)
  AND i.source = %(source)s AND i.source_domain = %(domain)s"""

_CORRECT = f"""
UPDATE enterprise.enrichment_index AS i
SET company_id = written.new_id, confidence = written.new_confidence, updated_at = now()
FROM unnest(%(keys)s::text[], %(old_ids)s::text[], %(old_confidences)s::numeric[],
            %(ids)s::text[], %(confidences)s::numeric[])
    AS written (lookup_key, company_id, confidence, new_id, new_confidence)
WHERE {_AS_WRITTEN}"""

_INSERT = """
INSERT INTO enterprise.enrichment_index
    (lookup_key, lookup_type, company_id, confidence, source, source_domain)
SELECT new.lookup_key, %(type)s, new.company_id, new.confidence, %(source)s, %(domain)s
FROM unnest(%(keys)s::text[], %(ids)s::text[], %(confidences)s::numeric[])
    AS new (lookup_key, company_id, confidence)
ON CONFLICT (lookup_key, lookup_type) DO NOTHING"""

_DELETE = f"""
DELETE FROM enterprise.enrichment_index AS i
USING unnest(%(keys)s::text[], %(ids)s::text[], %(confidences)s::numeric[])
    AS written (lookup_key, company_id, confidence)
WHERE {_AS_WRITTEN}"""

_STANDING = """
SELECT lookup_key, company_id, confidence FROM enterprise.enrichment_index
WHERE lookup_type = %(type)s AND lookup_key = ANY(%(keys)s)"""

_CONSTRAINT = """
SELECT pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = 'enterprise.enrichment_index'::regclass AND conname = %s"""


class OwnRows:
    """Our own rows of one lookup type and one source behind one connection."""

    def __init__(self, connection: BoundedConnection, kind: LookupType, source: str) -> None:
        self._connection = connection
        self._whose = {"type": str(kind), "source": source, "domain": SOURCE_DOMAIN}
        self._shape: TableShape | None = None

    def write(self, results: Sequence[Result]) -> UpsertReport[Result]:
        """Store results where nothing stands yet, or what we wrote; doing it again changes nothing.

        A batch is one transaction. An index that knows no such type refuses all of them at once. A row that
        Postgres refuses for good is found by halving, and named with the reason; so is a conflict.
        """
        with explained(TABLE):
            self._shape = self._shape or shape_to_write(self._connection, ENRICHMENT_INDEX)
            good, refused = parted_by_length(results, self._shape.columns)
            report = by_halves(good, self._write_batch, self._connection, self._concerns_all)
            return replace(report, refused=refused + report.refused)

    def take_back(self, written: Sequence[Written]) -> int:
        """Delete the rows that stand as we wrote them, in one transaction; how many did."""
        with explained(TABLE, "DELETE"), self._connection.transaction():
            return self._connection.execute(_DELETE, self._columns(written)).rowcount

    def _write_batch(self, results: Sequence[Result]) -> UpsertReport[Result]:
        corrected = [(result, result.instead_of) for result in results if result.instead_of]
        before = {
            "old_ids": [written.company_id for _, written in corrected],
            "old_confidences": [written.confidence for _, written in corrected],
        }
        with drawing_ids(TABLE), self._connection.transaction():
            self._connection.execute(_CORRECT, before | self._columns([result for result, _ in corrected]))
            self._connection.execute(_INSERT, self._columns(results))
            rows = self._connection.execute(_STANDING, self._columns(results))
            return compared(results, {key: (company_id, confidence) for key, company_id, confidence in rows})

    def _concerns_all(self, error: psycopg.Error) -> bool:
        """Whether a CHECK on the lookup type is to blame, as older installations have it."""
        if not isinstance(error, psycopg.errors.CheckViolation):
            return False
        row = self._connection.execute(_CONSTRAINT, [error.diag.constraint_name]).fetchone()
        return row is not None and "lookup_type" in row[0]

    def _columns(self, rows: Sequence[Result] | Sequence[Written]) -> dict[str, Any]:
        return {
            "keys": [row.lookup_key for row in rows],
            "ids": [row.company_id for row in rows],
            "confidences": [row.confidence for row in rows],
            **self._whose,
        }
