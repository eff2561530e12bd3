"""enterprise.enrichment_index: one batch lookup for a plan, one set-based upsert for a batch of results."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from typing import Any

import psycopg

from eqcbatch.domain.id_look import IdLength
from eqcbatch.domain.model import (
    BACKFLOW,
    SOURCE_DOMAIN,
    IndexKey,
    Known,
    LookupType,
    PriorRow,
    Result,
    Written,
)
from eqcbatch.postgres.bounded import LOOKUP_S, BoundedConnection
from eqcbatch.postgres.catalog import shape_to_write
from eqcbatch.postgres.column_types import Column, TableShape
from eqcbatch.postgres.lookup import NO_ID, Wanted, id_lengths, look_up
from eqcbatch.postgres.refusals import UpsertReport, by_halves, drawing_ids, explained
from eqcbatch.postgres.requirements import ENRICHMENT_INDEX

TABLE = "enterprise.enrichment_index"

_COUNT_HITS = """
UPDATE enterprise.enrichment_index AS i SET hit_count = i.hit_count + 1, last_hit_at = now()
FROM unnest(%(keys)s::text[], %(types)s::text[]) AS used (lookup_key, lookup_type)
WHERE i.lookup_key = used.lookup_key AND i.lookup_type = used.lookup_type"""

# In binary (%()b), as the arrays of a batch cost a third so.
_RESULTS = """unnest(%(keys)b::text[], %(ids)b::text[], %(confidences)b::float8[]::numeric[],
            %(sources)b::text[]) AS result (lookup_key, company_id, confidence, source)"""

# A reviewer confirms what a ledger of ours wrote by EQC: the word is stored, so that no ledger takes it back.
_CONFIRMS = """(i.source = 'eqc_api' AND i.source_domain = %(domain)s
   AND (new.source, new.company_id, round(new.confidence::numeric, 2))
       = ('manual', i.company_id, i.confidence))"""

# Where the upsert will write, and where our very result stands; the rows are locked, so that it stays true.
_BEFORE = f"""
SELECT result.lookup_key, i.company_id, i.confidence, i.source, i.source_domain
FROM {_RESULTS}
LEFT JOIN (SELECT * FROM enterprise.enrichment_index
           WHERE lookup_type = 'customer_name' AND lookup_key = ANY(%(keys)b)
           ORDER BY lookup_key FOR UPDATE) AS i USING (lookup_key)
WHERE i.company_id IS NULL OR round(result.confidence, 2) > i.confidence OR {NO_ID}
   OR {_CONFIRMS.replace("new.", "result.")}
   OR i.source_domain = %(domain)s AND (i.company_id, i.confidence, i.source)
      IS NOT DISTINCT FROM (result.company_id, round(result.confidence, 2), result.source)
   OR (result.lookup_key = ANY(%(corrected)s) AND (i.company_id, i.confidence, i.source)
       IS DISTINCT FROM (result.company_id, round(result.confidence, 2), result.source))"""

_UPSERT = f"""
INSERT INTO enterprise.enrichment_index AS i
    (lookup_key, lookup_type, company_id, confidence, source, source_domain)
SELECT result.lookup_key, 'customer_name', result.company_id, result.confidence, result.source, %(domain)s
FROM {_RESULTS}
ON CONFLICT (lookup_key, lookup_type) DO UPDATE
SET company_id = excluded.company_id, confidence = excluded.confidence, source = excluded.source,
    source_domain = excluded.source_domain, updated_at = now()
WHERE excluded.confidence > i.confidence OR {NO_ID} OR {_CONFIRMS.replace("new.", "excluded.")}
RETURNING i.lookup_key, i.company_id, i.confidence"""

# What we flushed (docs/decisions/0019), and nobody else confirmed since: that would be `manual`, too.
_AS_WRITTEN = """i.lookup_type = 'customer_name' AND i.lookup_key = written.lookup_key
  AND i.company_id = written.company_id AND i.confidence = round(written.confidence, 2)
  AND (i.source = 'eqc_api'
       OR i.source = 'manual' AND i.source_domain = %(domain)s AND written.by_a_person)"""

_CORRECT = f"""
UPDATE enterprise.enrichment_index AS i
SET company_id = written.new_id, confidence = written.new_confidence, source = written.new_source,
    source_domain = %(domain)s, updated_at = now()
FROM unnest(%(keys)s::text[], %(old_ids)s::text[], %(old_confidences)s::numeric[],
            %(by_persons)s::bool[], %(ids)s::text[], %(confidences)s::numeric[], %(sources)s::text[])
    AS written (lookup_key, company_id, confidence, by_a_person, new_id, new_confidence, new_source)
WHERE {_AS_WRITTEN}
  AND (i.company_id, i.confidence, i.source)
      IS DISTINCT FROM (written.new_id, round(written.new_confidence, 2), written.new_source)"""

_DELETE = f"""
DELETE FROM enterprise.enrichment_index AS i
USING unnest(%(keys)s::text[], %(ids)s::text[], %(confidences)s::numeric[], %(by_persons)s::bool[])
    AS written (lookup_key, company_id, confidence, by_a_person)
WHERE {_AS_WRITTEN} AND i.source_domain = %(domain)s"""

_RESTORE = f"""
UPDATE enterprise.enrichment_index AS i
SET company_id = written.old_id, confidence = written.old_confidence, source = written.old_source,
    source_domain = written.old_domain, updated_at = now()
FROM unnest(%(keys)s::text[], %(ids)s::text[], %(confidences)s::numeric[], %(by_persons)s::bool[],
            %(old_ids)s::text[], %(old_confidences)s::numeric[], %(old_sources)s::text[],
            %(old_domains)s::text[])
    AS written (lookup_key, company_id, confidence, by_a_person,
                old_id, old_confidence, old_source, old_domain)
WHERE {_AS_WRITTEN} AND i.source_domain = %(domain)s"""

_STANDING = """
SELECT lookup_key, company_id, confidence, source, source_domain FROM enterprise.enrichment_index
WHERE lookup_type = %(type)s AND lookup_key = ANY(%(keys)s)"""

# A sign that the database's encoding lacks.
_NOT_HELD = (psycopg.errors.UntranslatableCharacter, psycopg.errors.CharacterNotInRepertoire)

NoteBefore = Callable[[Iterable[tuple[Result, "PriorRow | None"]]], None]


class Enrichment:
    """The index behind one connection."""

    def __init__(self, connection: BoundedConnection) -> None:
        self._connection = connection
        self._shape: TableShape | None = None

    def look_up(self, wanted: Wanted) -> dict[IndexKey, Known]:
        """What the index knows under these keys, in one batch however many they are.

        Ids that are no ids are ignored. A key that the database's encoding cannot hold is not known.
        """
        with explained(TABLE), self._connection.taking_up_to(LOOKUP_S):
            try:
                with self._connection.transaction():
                    return look_up(self._connection, wanted)
            except _NOT_HELD:
                with self._connection.transaction():
                    return look_up(self._connection, wanted, sending=False)

    def count_hits(self, keys: Collection[IndexKey]) -> None:
        """Raise the hit count of the rows that answered a plan, in a table that counts."""
        with (
            explained(TABLE),
            suppress(psycopg.errors.UndefinedColumn),
            self._connection.taking_up_to(LOOKUP_S),
            self._connection.transaction(),
        ):
            self._connection.execute(_COUNT_HITS, _columns(sorted(keys)))

    def id_lengths(self) -> list[IdLength]:
        """How long the ids of all rows are."""
        with explained(TABLE), self._connection.taking_up_to(LOOKUP_S), self._connection.transaction():
            return id_lengths(self._connection)

    def standing(self, kind: LookupType, keys: Sequence[str]) -> dict[str, PriorRow]:
        """What stands under these keys of one type now, by one statement."""
        with explained(TABLE), self._connection.transaction():
            rows = self._connection.execute(_STANDING, {"type": str(kind), "keys": list(keys)})
            return {key: PriorRow(one, float(sure), *whose) for key, one, sure, *whose in rows}

    def upsert(self, results: Sequence[Result], note_before: NoteBefore) -> UpsertReport[Result]:
        """Store results by the upsert rule of docs/domain.md section 4; doing it again changes nothing.

        note_before: told, before the transaction commits, what stands where results will be written.
        A result that comes instead of one we flushed replaces it first, where that stands as we wrote it.
        A batch is one transaction. A row that Postgres refuses for good is found by halving, and named
        with the reason; so is a conflict: another id that stands there with no less confidence.
        """
        with explained(TABLE):
            self._shape = self._shape or shape_to_write(self._connection, ENRICHMENT_INDEX)
            good, refused = parted_by_length(results, self._shape.columns)
            report = by_halves(good, lambda batch: self._upsert_batch(batch, note_before), self._connection)
            return replace(report, refused=refused + report.refused)

    def take_back(self, written: Sequence[Written]) -> int:
        """Let rows that stand as we wrote them be as they were before, in one transaction; how many did."""
        gone = [row for row in written if row.before is None]
        with explained(TABLE, "UPDATE and DELETE"), self._connection.transaction():
            deleted = self._connection.execute(_DELETE, _written_columns(gone)).rowcount
            return deleted + self._restore([(row, row.before) for row in written if row.before])

    def _restore(self, written: Sequence[tuple[Written, PriorRow]]) -> int:
        before = {
            "old_ids": [prior.company_id for _, prior in written],
            "old_confidences": [prior.confidence for _, prior in written],
            "old_sources": [prior.source for _, prior in written],
            "old_domains": [prior.source_domain for _, prior in written],
        }
        return self._connection.execute(
            _RESTORE, before | _written_columns([row for row, _ in written])
        ).rowcount

    def _upsert_batch(self, results: Sequence[Result], note_before: NoteBefore) -> UpsertReport[Result]:
        with drawing_ids(TABLE), self._connection.transaction():
            before = self._before(results)
            self._correct(results)
            with _sent_ahead(self._connection):
                upsert = self._connection.execute(_UPSERT, _result_columns(results))
                note_before(before)  # while Postgres writes
            standing = {key: (found, confidence) for key, found, confidence in upsert}
            if others := [result.lookup_key for result in results if result.lookup_key not in standing]:
                wanted = {"type": str(LookupType.CUSTOMER_NAME), "keys": others}
                rows = self._connection.execute(_STANDING, wanted).fetchall()
                standing |= {key: (found, confidence) for key, found, confidence, *_ in rows}
        return compared(results, standing)

    def _before(self, results: Collection[Result]) -> list[tuple[Result, PriorRow | None]]:
        by_key = {result.lookup_key: result for result in results}
        corrected = [result.lookup_key for result in results if result.instead_of]
        columns = _result_columns(by_key.values()) | {"corrected": corrected}
        rows = self._connection.execute(_BEFORE, columns)
        return [
            (result := by_key[key], _prior(result, company_id, confidence, *whose) if company_id else None)
            for key, company_id, confidence, *whose in rows
        ]

    def _correct(self, results: Iterable[Result]) -> None:
        corrected = [result for result in results if result.instead_of]
        written = [result.instead_of for result in corrected if result.instead_of]
        if written:
            self._connection.execute(
                _CORRECT,
                {
                    **_result_columns(corrected),
                    "old_ids": [row.company_id for row in written],
                    "old_confidences": [row.confidence for row in written],
                    "by_persons": [row.by_a_person for row in written],
                },
            )


def parted_by_length(
    results: Iterable[Result], columns: Mapping[str, Column]
) -> tuple[list[Result], tuple[tuple[Result, str], ...]]:
    """Those that the columns are long enough for, and the others with the reason: neither is ever cut."""
    good: list[Result] = []
    refused: list[tuple[Result, str]] = []
    for result in results:
        for name, text in (("lookup_key", result.lookup_key), ("company_id", result.company_id)):
            length = columns[name].length
            if length is not None and len(text) > length:
                refused.append((result, f"{len(text)} characters, where {TABLE}.{name} takes {length}"))
                break
        else:
            good.append(result)
    return good, tuple(refused)


def compared(results: Iterable[Result], standing: dict[str, tuple[str, float]]) -> UpsertReport[Result]:
    """What became of results, by the ids and confidences that stand under their keys now."""
    stored: list[Result] = []
    refused: list[tuple[Result, str]] = []
    for result in results:
        company_id, confidence = standing.get(result.lookup_key, (None, None))
        if company_id == result.company_id:
            stored.append(result)
        elif company_id is None:
            refused.append((result, "the index did not keep it"))
        else:
            refused.append((result, f"conflict: the index has {company_id} with confidence {confidence}"))
    return UpsertReport(tuple(stored), tuple(refused))


def _prior(result: Result, company_id: str, confidence: float, source: str, domain: str | None) -> PriorRow:
    """What stands where a result will be written; of a row of our own, with what stood there before it."""
    prior, ours = PriorRow(company_id, float(confidence), source, domain), result.instead_of
    if (source, domain) == (BACKFLOW, SOURCE_DOMAIN):
        return replace(prior, ours=True)  # it is written where nothing stands
    if ours and ours.noted and ours.stands_as(prior):
        return replace(prior, ours=True, first=ours.first)
    return prior


def _sent_ahead(connection: BoundedConnection) -> AbstractContextManager[object]:
    """Statements do not wait for their results before the end of the block, where libpq can (from 14 on)."""
    return connection.pipeline() if psycopg.capabilities.has_pipeline() else nullcontext()


def _columns(keys: Sequence[IndexKey]) -> dict[str, list[str]]:
    return {"types": [str(kind) for kind, _ in keys], "keys": [key for _, key in keys]}


def _result_columns(results: Collection[Result]) -> dict[str, Any]:
    return {
        "keys": [result.lookup_key for result in results],
        "ids": [result.company_id for result in results],
        "confidences": [result.confidence for result in results],
        "sources": [result.index_source for result in results],
        "domain": SOURCE_DOMAIN,
    }


def _written_columns(written: Sequence[Written]) -> dict[str, Any]:
    return {
        "keys": [row.lookup_key for row in written],
        "ids": [row.company_id for row in written],
        "confidences": [row.confidence for row in written],
        "by_persons": [row.by_a_person for row in written],
        "domain": SOURCE_DOMAIN,
    }
