"""The ledger's tables, as append-only migrations (docs/reference.md#the-ledger).

A migration is never edited once released: an older ledger upgrades on opening, a newer one is refused.
The CHECK constraints make the impossible impossible: a name is in one state, with what that state needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from eqcbatch.domain.model import Held
from eqcbatch.domain.names import written_form
from eqcbatch.ledger.audit_tables import AUDIT_TABLES
from eqcbatch.ledger.decision_tables import DECISIONS, REASONS
from eqcbatch.ledger.detail_tables import DETAILS
from eqcbatch.ledger.first_tables import FIRST_TABLES
from eqcbatch.ledger.life_tables import BACKFLOW, LATER_LIFE, LIFE, REVERIFY
from eqcbatch.ledger.queue_tables import QUEUED
from eqcbatch.ledger.row_evidence import ROW_EVIDENCE
from eqcbatch.ledger.score_tables import SCORE
from eqcbatch.ledger.second_tables import SECOND
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
    db.execute(QUEUED)
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
    for statement in DETAILS.split(";\n"):
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
def m017_later_life(db: Database) -> None:
    """What others keep in the index against a decision, and what was found of a company before.

    overruled: as it was seen last. reverified.before: as JSON, so that a finding in doubt gives way to it.
    """
    for statement in LATER_LIFE.split(";\n"):
        db.execute(statement)


@migrations()
def m018_row_evidence(db: Database) -> None:
    """What stands in the rows of names beside them; of names: judged_with, what of it they were judged with.

    column_name: "" where it is no column's. value: a text, or an id. judged_with: as JSON, NULL for nothing.
    """
    for statement in ROW_EVIDENCE.split(";\n"):
        db.execute(statement)


@migrations()
def m019_backflow(db: Database) -> None:
    """Backflow is written where nothing stands: that nothing stood there before needs no column."""
    for statement in BACKFLOW.split(";\n"):
        db.execute(statement)


@migrations()
def m020_score(db: Database) -> None:
    """What a score was fitted to, and which accepted names people have confirmed as controls.

    control_draw: one row, by which controls are drawn. score_fits.weights: as JSON, the newest row counts.
    """
    for statement in SCORE.split(";\n"):
        db.execute(statement)


@migrations()
def m021_second_questions(db: Database) -> None:
    """The second questions that are asked for names, which requests ask them, and what they brought.

    attempts, failed_in: rounds in vain, and in which session the last one was. settled: whether its answer
    decided the name. candidates.second: the kind of the question, NULL where the first one brought it.
    """
    for statement in SECOND.split(";\n"):
        db.execute(statement)


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
