"""The tables of where ids come from and what becomes of them, as a migration lays them: never edited."""

from __future__ import annotations

LIFE = """
CREATE TABLE rulebooks (
    id INTEGER PRIMARY KEY,
    version TEXT NOT NULL,
    rule_set INTEGER NOT NULL,
    confidences TEXT NOT NULL,
    minimum REAL NOT NULL,
    UNIQUE (version, rule_set, confidences, minimum)
);
ALTER TABLE sessions ADD COLUMN rulebook INTEGER REFERENCES rulebooks (id);
ALTER TABLE sessions ADD COLUMN settings TEXT;
ALTER TABLE requests ADD COLUMN parameter TEXT;
ALTER TABLE requests ADD COLUMN answer_sha256 TEXT;
ALTER TABLE names ADD COLUMN rulebook INTEGER REFERENCES rulebooks (id);
ALTER TABLE names ADD COLUMN decided_in INTEGER REFERENCES sessions (id);
ALTER TABLE names ADD COLUMN answer_sha256 TEXT;
ALTER TABLE names ADD COLUMN written_as TEXT;
ALTER TABLE names ADD COLUMN change_seen_at TEXT;
CREATE TABLE reverified (
    company_id TEXT NOT NULL PRIMARY KEY,
    asked_at TEXT NOT NULL,
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    finding TEXT NOT NULL CHECK (finding IN ('unchanged', 'renamed', 'deregistered', 'merged', 'vanished')),
    found_at TEXT NOT NULL,
    name_before TEXT,
    official_name TEXT,
    registered_status TEXT,
    heir_id TEXT,
    heir_name TEXT,
    by_id_sha256 TEXT,
    by_name_sha256 TEXT,
    CHECK ((finding = 'merged') = (heir_id IS NOT NULL))
) WITHOUT ROWID;
CREATE INDEX reverified_changed ON reverified (finding, found_at) WHERE finding <> 'unchanged';
CREATE TABLE backflow (
    lookup_key TEXT NOT NULL PRIMARY KEY REFERENCES names (lookup_key),
    origin TEXT NOT NULL CHECK (origin IN ('column', 'override')),
    company_id TEXT,
    vouched_by TEXT NOT NULL,
    vouched_at TEXT NOT NULL,
    flushed_company_id TEXT,
    flush_error TEXT,
    index_before TEXT
) WITHOUT ROWID
"""

# Of names with an id that counts; and the details that companies were asked for.
DECIDED = "state IN ('cached', 'resolved') AND held IS NULL AND rows > 0 AND company_id IS NOT NULL"
OF_COMPANY = "company_id IS NOT NULL"
REVERIFY = f"""
CREATE INDEX names_decided ON names (company_id, decided_at) WHERE {DECIDED};
CREATE INDEX requests_by_company ON requests (company_id, endpoint, outcome, started_at) WHERE {OF_COMPANY}
"""

# Rows of the index that others keep against a person's decision, as they were seen last; and what was found
# of a company before, as JSON of these columns.
LATER_LIFE = """
CREATE TABLE overruled (
    lookup_key TEXT NOT NULL PRIMARY KEY REFERENCES names (lookup_key),
    seen_at TEXT NOT NULL,
    company_id TEXT NOT NULL,
    confidence REAL NOT NULL,
    source TEXT NOT NULL,
    source_domain TEXT
) WITHOUT ROWID;
ALTER TABLE reverified ADD COLUMN before TEXT
"""

BACKFLOW = """
ALTER TABLE backflow RENAME TO former_backflow;
CREATE TABLE backflow (
    lookup_key TEXT NOT NULL PRIMARY KEY REFERENCES names (lookup_key),
    origin TEXT NOT NULL CHECK (origin IN ('column', 'override')),
    company_id TEXT,
    vouched_by TEXT NOT NULL,
    vouched_at TEXT NOT NULL,
    flushed_company_id TEXT,
    flush_error TEXT
) WITHOUT ROWID;
INSERT INTO backflow
    SELECT lookup_key, origin, company_id, vouched_by, vouched_at, flushed_company_id, flush_error
    FROM former_backflow;
DROP TABLE former_backflow
"""
