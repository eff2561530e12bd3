"""The tables of audits: released with a migration, and so never edited."""

from __future__ import annotations

from eqcbatch.domain.model import RowAnswer

_ANSWERS = ", ".join(f"'{answer}'" for answer in RowAnswer)

# A row of the index that is asked: the id it had when it was drawn, its name's lookup key and query, and
# whether the stored name of its company contradicts it; then what EQC's answer said, and which company it
# told. failed_in: the session of the last round without an answer.
AUDIT_TABLES = f"""
CREATE TABLE audits (
    id INTEGER PRIMARY KEY,
    drawn_at TEXT NOT NULL,
    place TEXT NOT NULL,
    rows INTEGER NOT NULL,
    seed INTEGER NOT NULL
);
CREATE TABLE audit_strata (
    audit_id INTEGER NOT NULL REFERENCES audits (id),
    stratum INTEGER NOT NULL,
    verdicts TEXT NOT NULL,
    sources TEXT NOT NULL,
    rows INTEGER NOT NULL CHECK (rows > 0),
    PRIMARY KEY (audit_id, stratum)
) WITHOUT ROWID;
CREATE TABLE audit_samples (
    id INTEGER PRIMARY KEY,
    audit_id INTEGER NOT NULL REFERENCES audits (id),
    stratum INTEGER NOT NULL,
    lookup_type TEXT NOT NULL,
    lookup_key TEXT NOT NULL,
    company_id TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    contradicted INTEGER NOT NULL CHECK (contradicted IN (0, 1)),
    answer TEXT CHECK (answer IN ({_ANSWERS})),
    found_id TEXT,
    found_name TEXT,
    found_code TEXT,
    found_status TEXT,
    found_former_names TEXT NOT NULL DEFAULT '[]',
    attempts INTEGER NOT NULL DEFAULT 0,
    failed_in INTEGER REFERENCES sessions (id),
    answered_at TEXT,
    CHECK ((answer IS NULL) = (answered_at IS NULL)),
    CHECK ((found_id IS NOT NULL) = (coalesce(answer, '') IN ('right', 'wrong', 'held')))
);
CREATE UNIQUE INDEX audit_samples_once ON audit_samples (audit_id, lookup_type, lookup_key);
CREATE INDEX audit_samples_to_ask ON audit_samples (audit_id, id) WHERE answer IS NULL;
ALTER TABLE requests ADD COLUMN sample_id INTEGER REFERENCES audit_samples (id);
CREATE INDEX requests_of_samples ON requests (sample_id) WHERE sample_id IS NOT NULL
"""
