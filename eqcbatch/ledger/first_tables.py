"""The ledger as it was first laid: released, and so never edited."""

from __future__ import annotations

from eqcbatch.domain.model import Outcome, State, StrEnum


def one_of(members: type[StrEnum]) -> str:
    """The members as SQL lists them."""
    return ", ".join(f"'{member}'" for member in members)


FIRST_TABLES = f"""
CREATE TABLE names (
    lookup_key TEXT NOT NULL PRIMARY KEY CHECK (lookup_key <> ''),
    query TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ({one_of(State)})),
    reason TEXT CHECK (reason IN ('not_found', 'timeout', 'server_error', 'network', 'bad_response',
                                  'refused', 'invalid')),
    company_id TEXT,
    official_name TEXT,
    unite_code TEXT,
    match_type TEXT,
    confidence REAL CHECK (confidence BETWEEN 0 AND 1),
    verdict TEXT,
    held TEXT CHECK (held IN ('low_confidence', 'ambiguous', 'contradiction')),
    source TEXT,
    rows INTEGER NOT NULL DEFAULT 0 CHECK (rows >= 0),
    weight REAL NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    not_before TEXT,
    decided_at TEXT,
    flushed_at TEXT,
    flushed_company_id TEXT,
    flushed_confidence REAL,
    flush_error TEXT,
    CHECK ((state = 'failed') = (reason IS NOT NULL)),
    CHECK (state <> 'pending' OR (company_id IS NULL AND source IS NULL)),
    CHECK (state <> 'cached' OR source IS NOT NULL),
    CHECK (state <> 'resolved' OR (company_id IS NOT NULL AND confidence IS NOT NULL
                                   AND verdict IS NOT NULL AND source IS NOT NULL)),
    CHECK (held IS NULL OR state = 'resolved'),
    CHECK (flushed_at IS NULL OR (flushed_company_id IS NOT NULL AND flushed_confidence IS NOT NULL))
) WITHOUT ROWID;
CREATE INDEX names_to_ask ON names (weight DESC, lookup_key) WHERE state = 'pending' AND rows > 0;
CREATE INDEX names_to_flush ON names (lookup_key)
    WHERE state = 'resolved' AND held IS NULL AND flushed_at IS NULL;
CREATE INDEX names_by_state ON names (state, reason, held, rows);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    current INTEGER NOT NULL CHECK (current IN (0, 1)),
    rows INTEGER NOT NULL,
    blank_rows INTEGER NOT NULL,
    blank_covered INTEGER NOT NULL DEFAULT 0,
    distinct_raw INTEGER NOT NULL,
    distinct_names INTEGER NOT NULL,
    hits INTEGER NOT NULL,
    hit_rows INTEGER NOT NULL,
    planned_at TEXT NOT NULL,
    options TEXT NOT NULL
);
CREATE UNIQUE INDEX runs_current ON runs (source) WHERE current = 1;
CREATE TABLE occurrences (
    run_id INTEGER NOT NULL REFERENCES runs (id),
    lookup_key TEXT NOT NULL REFERENCES names (lookup_key),
    raw TEXT NOT NULL,
    plan_code TEXT,
    known_id TEXT,
    rows INTEGER NOT NULL CHECK (rows > 0),
    weight REAL NOT NULL,
    company_id TEXT,
    source TEXT
);
CREATE INDEX occurrences_by_name ON occurrences (lookup_key);
CREATE INDEX occurrences_by_run ON occurrences (run_id);
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    pid INTEGER NOT NULL,
    host TEXT NOT NULL,
    budget INTEGER,
    requests INTEGER NOT NULL DEFAULT 0,
    replays INTEGER NOT NULL DEFAULT 0,
    waiting_s REAL NOT NULL DEFAULT 0,
    processing_s REAL NOT NULL DEFAULT 0,
    exit_reason TEXT,
    CHECK ((ended_at IS NULL) = (exit_reason IS NULL))
);
CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    lookup_key TEXT REFERENCES names (lookup_key),
    endpoint TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    elapsed_ms REAL,
    http_status INTEGER,
    outcome TEXT NOT NULL DEFAULT 'in_flight' CHECK (outcome IN ({one_of(Outcome)})),
    CHECK ((outcome = 'in_flight') = (finished_at IS NULL))
);
CREATE INDEX requests_in_flight ON requests (id) WHERE outcome = 'in_flight';
CREATE INDEX requests_by_name ON requests (lookup_key);
CREATE INDEX requests_by_session ON requests (session_id);
CREATE TABLE candidates (
    lookup_key TEXT NOT NULL REFERENCES names (lookup_key),
    rank INTEGER NOT NULL,
    company_id TEXT NOT NULL,
    official_name TEXT,
    type TEXT,
    score REAL,
    unite_code TEXT,
    registered_status TEXT,
    former_names TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (lookup_key, rank)
) WITHOUT ROWID;
CREATE TABLE companies (
    company_id TEXT NOT NULL PRIMARY KEY,
    official_name TEXT,
    unite_code TEXT,
    business_info TEXT,
    business_info_at TEXT,
    labels TEXT,
    labels_at TEXT,
    flushed_at TEXT
) WITHOUT ROWID
"""
