"""The ledger's tables, as append-only migrations (docs/reference.md#the-ledger).

A migration is never edited once released: an older ledger upgrades on opening, a newer one is refused.
The CHECK constraints make the impossible impossible: a name is in one state, with what that state needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from eqcbatch.domain.model import Held, QueueStatus
from eqcbatch.domain.names import written_form
from eqcbatch.ledger.audit_tables import AUDIT_TABLES
from eqcbatch.ledger.decision_tables import DECISIONS, REASONS
from eqcbatch.ledger.evidence_tables import EVIDENCE
from eqcbatch.ledger.first_tables import FIRST_TABLES, one_of
from eqcbatch.ledger.life_tables import LIFE, REVERIFY
from eqcbatch.ledger.source_tables import SOURCES
from eqcbatch.ledger.sqlite import Database, Migrations

migrations = Migrations("eqcbatch")


@migrations()
def m001_ledger(db: Database) -> None:
    """The ledger as it was first laid."""
    for statement in FIRST_TABLES.split(";\n"):
        db.execute(statement)


@migrations()
def m002_unnamed(db: Database) -> None:
    """Rows without a name that are known by their plan code or their own id."""
    db.execute(
        """CREATE TABLE unnamed (
            run_id INTEGER NOT NULL REFERENCES runs (id),
            plan_code TEXT,
            known_id TEXT,
            rows INTEGER NOT NULL CHECK (rows > 0),
            weight REAL NOT NULL,
            company_id TEXT,
            source TEXT NOT NULL
        )"""
    )
    db.execute("CREATE INDEX unnamed_by_run ON unnamed (run_id)")


@migrations()
def m003_query_form(db: Database) -> None:
    """The query as it compares with official names, so that one answer can serve several names."""
    db.execute("ALTER TABLE names ADD COLUMN query_form TEXT NOT NULL DEFAULT ''")
    db.conn.create_function("written_form", 1, written_form, deterministic=True)
    db.execute("UPDATE names SET query_form = written_form(query)")
    db.execute("CREATE INDEX names_to_harvest ON names (query_form) WHERE state = 'pending' AND rows > 0")


@migrations()
def m004_queue(db: Database) -> None:
    """The requests that were taken from a queue, and what it was told of them.

    stamp, status, company_id, error: what the queue's row is known to hold of ours; stamp NULL: nothing yet.
    next_stamp: of a write whose commit nobody saw. lost_at: when the row was found written by somebody else.
    due: whether its name changed since it was last looked at: whatever room of the ledger changes a name
    need not know of the queue.
    """
    db.execute(
        f"""CREATE TABLE queued (
            queue TEXT NOT NULL,
            request_id INTEGER NOT NULL,
            raw TEXT NOT NULL,
            lookup_key TEXT NOT NULL,
            stamp TEXT,
            status TEXT CHECK (status IN ({one_of(QueueStatus)})),
            company_id TEXT,
            error TEXT,
            next_stamp TEXT,
            noted_at TEXT NOT NULL,
            lost_at TEXT,
            due INTEGER NOT NULL CHECK (due IN (0, 1)),
            PRIMARY KEY (queue, request_id),
            CHECK ((stamp IS NULL) = (status IS NULL)),
            CHECK (stamp IS NOT NULL OR next_stamp IS NOT NULL)
        ) WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX queued_due ON queued (queue, request_id) WHERE due = 1")
    db.execute("CREATE INDEX queued_by_name ON queued (lookup_key)")
    db.execute(
        """CREATE TRIGGER queued_name_changed
           AFTER UPDATE OF state, reason, company_id, held, not_before, flushed_at, flush_error ON names
           BEGIN
               UPDATE queued SET due = 1 WHERE lookup_key = NEW.lookup_key AND lost_at IS NULL;
           END"""
    )


@migrations()
def m005_revert(db: Database) -> None:
    """What a session flushed can be taken back: which one it was, and what stood in the index before."""
    _widen(db, "held", Held)
    db.execute("ALTER TABLE names ADD COLUMN flushed_session INTEGER REFERENCES sessions (id)")
    db.execute("ALTER TABLE names ADD COLUMN index_before TEXT")
    db.execute("UPDATE names SET index_before = 'null' WHERE flushed_company_id IS NOT NULL")
    db.execute(
        """CREATE INDEX names_to_take_back ON names (lookup_key)
           WHERE flushed_at IS NULL AND flushed_company_id IS NOT NULL"""
    )


def _widen(db: Database, column: str, words: Iterable[str]) -> None:
    """Let a column of `names` hold these words, which SQLite can only do by making the table anew."""
    (table,) = db.execute("SELECT sql FROM sqlite_master WHERE name = 'names'").fetchone()
    others = db.execute(
        "SELECT sql FROM sqlite_master WHERE type <> 'table' AND tbl_name = 'names'"
    ).fetchall()
    listed = ", ".join(f"'{word}'" for word in words)
    wider = re.sub(rf"{column} IN \([^)]*\)", f"{column} IN ({listed})", table)
    db.execute(re.sub('CREATE TABLE "?names"?', "CREATE TABLE wider_names", wider, count=1))
    db.execute("INSERT INTO wider_names SELECT * FROM names")
    db.execute("DROP TABLE names")
    db.execute("ALTER TABLE wider_names RENAME TO names")
    for (index_or_trigger,) in others:
        if index_or_trigger:
            db.execute(index_or_trigger)


@migrations()
def m006_details(db: Database) -> None:
    """What is asked of companies: each detail with its rounds, and the search answer that offered it."""
    for statement in _M006.split(";\n"):
        db.execute(statement)


@migrations()
def m007_covered_rows(db: Database) -> None:
    """The rows that a key of their own covers are found without looking at all."""
    db.execute("CREATE INDEX occurrences_covered ON occurrences (lookup_key) WHERE source IS NOT NULL")


@migrations()
def m008_never_asked(db: Database) -> None:
    """The names that nobody asks are counted without looking at all that are cached."""
    db.execute(
        """CREATE INDEX names_never_asked ON names (rows)
           WHERE state = 'cached' AND company_id IS NULL AND confidence IS NOT NULL"""
    )


@migrations()
def m009_losses(db: Database) -> None:
    """What Postgres lost of what was flushed, each time that was found."""
    db.execute("CREATE TABLE losses (found_at TEXT NOT NULL, what TEXT NOT NULL, lost INTEGER NOT NULL)")


@migrations()
def m010_long_life(db: Database) -> None:
    """A report of a year reads indexes, not tables: what it counts stands in them."""
    for statement in _M010.split(";\n"):
        db.execute(statement)


@migrations()
def m011_sources(db: Database) -> None:
    """A source may have a name, and what it weighs by is known.

    name: the source's, else NULL. reading: which file, sheet and columns were read, or which query or queue.
    weighed_by: the column of its weights, NULL where these are its rows. weight: of all its names. scale:
    what a weight counts for in `names`.
    """
    for statement in SOURCES.split(";\n"):
        db.execute(statement)


@migrations()
def m012_decisions(db: Database) -> None:
    """What people decide of names, and that none is a decision; whose row of the index covers what.

    decided_at, decided_by, origin, before: NULL where a version before did not keep it. before, after: how
    the name stood, as JSON of its columns. index_source: who wrote the row of the index that covers.
    """
    _widen(db, "reason", REASONS)
    for statement in DECISIONS.split(";\n"):
        db.execute(statement)


@migrations()
def m013_audits(db: Database) -> None:
    """The samples of the index that audits ask, and which of them a request was sent for."""
    for statement in AUDIT_TABLES.split(";\n"):
        db.execute(statement)


@migrations()
def m014_life(db: Database) -> None:
    """Where ids come from and what becomes of them: judged by which rules, asked again, vouched for.

    rulebooks: what verdicts are made by. requests.parameter: what was asked, where neither its name nor its
    company says so; answer_sha256: of the archived body. Of names: decided_in: the session that judged last;
    written_as: how the sources wrote the name then, as JSON, NULL where just as it is asked; change_seen_at:
    the finding that a person has seen. reverified: what EQC says of a company that it was asked of again.
    backflow: ids that a person vouches for, on their way to the index.
    """
    for statement in LIFE.split(";\n"):
        db.execute(statement)


@migrations()
def m015_short_name(db: Database) -> None:
    """What EQC says a company is called for short; of answers that were stored before, nobody knows."""
    db.execute("ALTER TABLE candidates ADD COLUMN short_name TEXT")


@migrations()
def m016_reverify(db: Database) -> None:
    """The companies that names are decided for, and when each was tried, are found without looking at all."""
    for statement in REVERIFY.split(";\n"):
        db.execute(statement)


@migrations()
def m018_evidence(db: Database) -> None:
    """What stands in the rows of names beside them, and the second questions that are asked for names.

    column_name: "" where it is no column's. value: a text, or an id. Of names: judged_with: the evidence that
    they were judged with, as JSON, NULL for none. attempts, failed_in: rounds in vain, and in which session
    the last one was. settled: whether its answer decided the name. second: the kind of the second question
    that brought a candidate, NULL where the first one did.
    """
    for statement in EVIDENCE.split(";\n"):
        db.execute(statement)


# A company without weight is one that no name needs any more. failed_in: the session of the last
# failed round. A detail is due until it is settled (its _at is set), for three rounds at most.
MOST_ROUNDS = 3  # of a detail; the index companies_to_ask is for these: another number needs a migration
DETAILS_DUE = f"""weight IS NOT NULL AND (business_info_at IS NULL AND business_info_attempts < {MOST_ROUNDS}
                                         OR labels_at IS NULL AND labels_attempts < {MOST_ROUNDS})"""
FORMER_NAMES_DUE = """company_id IS NOT NULL AND (company_id IS NOT flushed_company_id
                                                 OR confidence IS NOT flushed_confidence)"""
COMPANIES_DUE = "flushed_at IS NULL AND (business_info_at IS NOT NULL OR labels_at IS NOT NULL)"

_M006 = f"""
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

# What a year's ledger holds many of, and reports, drains and flushes want few of or count: each by an index.
# A released migration and the statements that name its indexes both hold these texts: they never change.
SETTLED = "state IN ('resolved', 'failed') AND reason IS NOT 'invalid'"
DUE_AGAIN = "state = 'failed' AND not_before IS NOT NULL AND rows > 0"
HARVESTED = "state = 'resolved' AND source = 'harvest'"
REFUSED = "state = 'resolved' AND flush_error IS NOT NULL"
FLUSHED = "flushed_at IS NOT NULL AND state = 'resolved' AND held IS NULL"

_M010 = f"""
DROP INDEX names_by_state;
CREATE INDEX names_by_state ON names (state, reason, held, rows, weight, decided_at, flushed_at,
    flushed_session, company_id, confidence);
CREATE INDEX names_settled ON names (query_form, source) WHERE {SETTLED};
CREATE INDEX names_due_again ON names (not_before, decided_at) WHERE {DUE_AGAIN};
CREATE INDEX names_harvested ON names (lookup_key) WHERE {HARVESTED};
CREATE INDEX names_refused ON names (flush_error) WHERE {REFUSED};
CREATE INDEX names_flushed ON names (flushed_at) WHERE {FLUSHED};
DROP INDEX requests_by_session;
CREATE INDEX requests_by_session ON requests (session_id, endpoint, outcome, elapsed_ms);
DROP INDEX requests_by_name;
CREATE INDEX requests_by_name ON requests (lookup_key, endpoint, outcome, session_id)
"""
