"""What Postgres held at any moment of a recorded run, told by triggers; and a database put back to it.

Its own disk is not what is tried here: it keeps what it committed.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import psycopg

Table = list[tuple[Any, ...]]
_TABLES = {"enrichment_index": "id", "base_info": "company_id"}
_WATCH = """
CREATE TABLE history (
    serial bigint GENERATED ALWAYS AS IDENTITY, at double precision, place text, key text, row jsonb);
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO history (at, place, key, row) VALUES (
        extract(epoch FROM clock_timestamp()), TG_TABLE_NAME,
        to_jsonb(coalesce(NEW, OLD)) ->> TG_ARGV[0], to_jsonb(NEW));
    RETURN NULL;
END $$"""
# Deferred: it runs as the transaction commits.
_TRIGGER = """
CREATE CONSTRAINT TRIGGER noted AFTER INSERT OR UPDATE OR DELETE ON enterprise.{table}
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_change('{key}')"""
_STANDING = """
DELETE FROM enterprise.{table};
INSERT INTO enterprise.{table} SELECT kept.* FROM (
    SELECT DISTINCT ON (key) row FROM history WHERE place = '{table}' AND at <= {at} ORDER BY key, serial DESC
) AS last, jsonb_populate_record(NULL::enterprise.{table}, last.row) AS kept WHERE last.row IS NOT NULL;"""
_HISTORY = "SELECT at, place, key, row FROM history ORDER BY serial"
_INDEX = """SELECT lookup_key, lookup_type, company_id, confidence, source, source_domain
            FROM enterprise.enrichment_index ORDER BY lookup_key, lookup_type"""
_BASE_INFO = """SELECT (to_jsonb(b) - 'api_fetched_at' - 'updated_at')::text
                FROM enterprise.base_info b ORDER BY company_id"""


class PostgresHistory:
    """A database whose two tables can be put back to where they stood at any moment."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._execute(_WATCH)
        for table, key in _TABLES.items():
            self._execute(_TRIGGER.format(table=table, key=key))
        self._noted: Table = []

    def learn(self) -> None:
        """Take in what has happened so far; what happens from now on is forgotten by `put_back`."""
        self._noted = self._rows(_HISTORY)

    def put_back(self, at: float) -> None:
        """Let the tables hold what was committed at a moment."""
        last = self._noted[-1][0] if self._noted else 0.0
        putting = "".join(_STANDING.format(table=table, at=at) for table in _TABLES)
        self._execute(
            f"BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM history WHERE at > {last};"
            f"{putting} COMMIT"
        )

    def begin_anew(self, rows: Table) -> None:
        """Let the index hold these rows alone, as eqcbatch wrote them: key, id, confidence."""
        self._execute("DELETE FROM enterprise.enrichment_index")
        with self._connection.cursor() as cursor:
            cursor.executemany(
                """INSERT INTO enterprise.enrichment_index
                       (lookup_key, lookup_type, company_id, confidence, source, source_domain)
                   VALUES (%s, 'customer_name', %s, %s, 'eqc_api', 'eqcbatch')""",
                rows,
            )

    def flushed(self, at: float) -> set[tuple[str, str]]:
        """The customer names that were in the index at a moment, with their ids."""
        known: dict[str, Any] = {}
        for _, place, key, row in self._noted[: bisect_right(self._noted, at, key=lambda noted: noted[0])]:
            if place == "enrichment_index":
                known[key] = row
        return {(row["lookup_key"], row["company_id"]) for row in known.values() if row}

    def rows(self) -> list[Table]:
        """All that stands in both tables."""
        return [self._rows(_INDEX), self._rows(_BASE_INFO)]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _execute(self, statement: str) -> None:
        self._connection.execute(statement.encode())

    def _rows(self, question: str) -> Table:
        return self._connection.execute(question.encode()).fetchall()
