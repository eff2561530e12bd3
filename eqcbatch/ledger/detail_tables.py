"""The columns and tables of company details, as a migration lays them: never edited."""

from __future__ import annotations

# A company without weight is one that no name needs any more. failed_in: the session of the last
# failed round. A detail is due until it is settled (its _at is set), for three rounds at most.
MOST_ROUNDS = 3  # of a detail; the index companies_to_ask is for these: another number needs a migration
DETAILS_DUE = f"""weight IS NOT NULL AND (business_info_at IS NULL AND business_info_attempts < {MOST_ROUNDS}
                                         OR labels_at IS NULL AND labels_attempts < {MOST_ROUNDS})"""
FORMER_NAMES_DUE = """company_id IS NOT NULL AND (company_id IS NOT flushed_company_id
                                                 OR confidence IS NOT flushed_confidence)"""
COMPANIES_DUE = "flushed_at IS NULL AND (business_info_at IS NOT NULL OR labels_at IS NOT NULL)"

DETAILS = f"""
ALTER TABLE companies ADD COLUMN weight REAL;
ALTER TABLE companies ADD COLUMN confidence REAL CHECK (confidence BETWEEN 0 AND 1);
ALTER TABLE companies ADD COLUMN former_names TEXT NOT NULL DEFAULT '[]';
ALTER TABLE companies ADD COLUMN search_keyword TEXT;
ALTER TABLE companies ADD COLUMN search_answer TEXT;
ALTER TABLE companies ADD COLUMN business_info_attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE companies ADD COLUMN business_info_failed_in INTEGER REFERENCES sessions (id);
ALTER TABLE companies ADD COLUMN labels_attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE companies ADD COLUMN labels_failed_in INTEGER REFERENCES sessions (id);
ALTER TABLE companies ADD COLUMN flush_error TEXT;
ALTER TABLE requests ADD COLUMN company_id TEXT REFERENCES companies (company_id);
CREATE INDEX companies_to_ask ON companies (weight DESC, company_id) WHERE {DETAILS_DUE};
CREATE INDEX companies_to_flush ON companies (company_id) WHERE {COMPANIES_DUE};
CREATE INDEX candidates_by_company ON candidates (company_id);
CREATE INDEX names_by_company ON names (company_id) WHERE state = 'resolved' AND held IS NULL AND rows > 0;
CREATE TABLE former_names (
    lookup_key TEXT NOT NULL PRIMARY KEY,
    company_id TEXT,
    confidence REAL CHECK (confidence BETWEEN 0 AND 1),
    flushed_company_id TEXT,
    flushed_confidence REAL,
    flush_error TEXT,
    CHECK ((company_id IS NULL) = (confidence IS NULL)),
    CHECK ((flushed_company_id IS NULL) = (flushed_confidence IS NULL))
) WITHOUT ROWID;
CREATE INDEX former_names_to_flush ON former_names (lookup_key) WHERE {FORMER_NAMES_DUE}
"""
