"""The table of second questions, as a migration lays it: never edited."""

from __future__ import annotations

SECOND = """
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
