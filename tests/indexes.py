"""The index for tests: rows put into enterprise.enrichment_index and read back past our own code."""

from __future__ import annotations

from typing import Any

import psycopg

Row = tuple[str, str, str, float]  # lookup_key, lookup_type, company_id, confidence


def seed(url: str, *rows: Row, source: str = "manual") -> None:
    """Put rows into the index, as another system did a year ago."""
    with psycopg.connect(url) as connection:
        connection.cursor().executemany(
            """INSERT INTO enterprise.enrichment_index
                   (lookup_key, lookup_type, company_id, confidence, source, updated_at)
               VALUES (%s, %s, %s, %s, %s, now() - interval '1 year')""",
            [(*row, source) for row in rows],
        )


def select(url: str, question: str) -> list[Any]:
    """Rows of a question; of one column, the bare values."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(question.encode()).fetchall()
    return [row[0] if len(row) == 1 else row for row in rows]


def execute(url: str, *statements: str) -> None:
    """Change something on the server."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def standing(url: str) -> dict[str, tuple[str, float, str]]:
    """What the index has under the customer names: id, confidence, source."""
    return {
        key: (company, float(confidence), source)
        for key, company, confidence, source in select(
            url,
            """SELECT lookup_key, company_id, confidence, source FROM enterprise.enrichment_index
               WHERE lookup_type = 'customer_name'""",
        )
    }


def snapshot(url: str) -> list[Any]:
    """Every row with its physical version: any write changes it."""
    return select(url, "SELECT xmin::text, i::text FROM enterprise.enrichment_index i ORDER BY id")


def hits(url: str) -> dict[tuple[str, str], int]:
    """The hit counts of the rows that were hit."""
    return {
        (key, kind): count
        for key, kind, count in select(
            url,
            """SELECT lookup_key, lookup_type, hit_count FROM enterprise.enrichment_index
               WHERE hit_count > 0 OR last_hit_at IS NOT NULL""",
        )
    }
