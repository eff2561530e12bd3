"""The tables of people's decisions, as a migration lays them: once released, never edited."""

from __future__ import annotations

DECISIONS = """
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY,
    lookup_key TEXT NOT NULL REFERENCES names (lookup_key),
    choice TEXT NOT NULL CHECK (choice IN ('company', 'none', 'reopen')),
    decided_at TEXT,
    decided_by TEXT,
    origin TEXT,
    forced INTEGER NOT NULL DEFAULT 0 CHECK (forced IN (0, 1)),
    before TEXT,
    after TEXT NOT NULL
);
CREATE INDEX decisions_by_name ON decisions (lookup_key, id);
ALTER TABLE names ADD COLUMN index_source TEXT;
ALTER TABLE occurrences ADD COLUMN index_source TEXT;
ALTER TABLE unnamed ADD COLUMN index_source TEXT;
UPDATE names SET reason = 'no_company'
    WHERE state = 'failed' AND reason = 'not_found' AND verdict = 'manual';
INSERT INTO decisions (lookup_key, choice, decided_at, after)
    SELECT lookup_key, iif(state = 'failed', 'none', 'company'), decided_at,
           iif(state = 'failed', json_object('state', state, 'reason', reason, 'verdict', verdict),
               json_object('state', state, 'company_id', company_id, 'official_name', official_name,
                           'confidence', confidence, 'verdict', verdict, 'source', source))
    FROM names WHERE verdict = 'manual'
"""
REASONS = (
    *("not_found", "timeout", "server_error", "network", "bad_response", "refused", "invalid"),
    "no_company",
)
