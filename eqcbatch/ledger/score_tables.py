"""The tables of a score and its controls, as a migration lays them: never edited."""

from __future__ import annotations

# Of names: an answer of EQC decided them, well enough for Postgres. The index is for this: it never changes.
ACCEPTED = "state = 'resolved' AND source IN ('eqc', 'harvest') AND held IS NULL"

SCORE = f"""
CREATE INDEX names_accepted ON names (lookup_key, company_id, rows) WHERE {ACCEPTED};
CREATE TABLE control_draw (
    seed TEXT NOT NULL,
    share REAL NOT NULL CHECK (share BETWEEN 0 AND 1)
);
INSERT INTO control_draw VALUES (lower(hex(randomblob(16))), 0.01);
CREATE TABLE controls (
    lookup_key TEXT NOT NULL PRIMARY KEY REFERENCES names (lookup_key),
    company_id TEXT NOT NULL,
    confirmed_at TEXT NOT NULL,
    confirmed_by TEXT NOT NULL,
    origin TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE score_fits (
    id INTEGER PRIMARY KEY,
    fitted_at TEXT NOT NULL,
    decisions INTEGER NOT NULL CHECK (decisions > 0),
    weights TEXT NOT NULL
)
"""
