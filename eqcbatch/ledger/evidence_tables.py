"""The tables of what stands beside names, and of second questions, as a migration lays them: never edited."""

from __future__ import annotations

EVIDENCE = """
CREATE TABLE row_evidence (
    lookup_key TEXT NOT NULL REFERENCES names (lookup_key),
    run_id INTEGER NOT NULL REFERENCES runs (id),
    kind TEXT NOT NULL CHECK (kind IN ('column', 'plan_code', 'rows')),
    column_name TEXT NOT NULL,
    value TEXT NOT NULL,
    rows INTEGER NOT NULL CHECK (rows > 0),
    PRIMARY KEY (lookup_key, run_id, kind, column_name, value)
) WITHOUT ROWID;
CREATE INDEX row_evidence_by_run ON row_evidence (run_id);
ALTER TABLE names ADD COLUMN judged_with TEXT;
CREATE TABLE second_questions (
    id INTEGER PRIMARY KEY,
    lookup_key TEXT NOT NULL REFERENCES names (lookup_key),
    kind TEXT NOT NULL CHECK (kind IN ('simplified', 'plan_name', 'with_place', 'without_bracket',
                                       'without_place')),
    query TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    failed_in INTEGER REFERENCES sessions (id),
    answered_at TEXT,
    answer_sha256 TEXT,
    settled INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0, 1)),
    UNIQUE (lookup_key, kind),
    CHECK (settled = 0 OR answered_at IS NOT NULL)
);
ALTER TABLE requests ADD COLUMN second_id INTEGER REFERENCES second_questions (id);
CREATE INDEX requests_of_second_questions ON requests (second_id, outcome) WHERE second_id IS NOT NULL;
ALTER TABLE candidates ADD COLUMN second TEXT
"""
