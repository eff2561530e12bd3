"""What Postgres refuses is narrowed to the rows it concerns, whatever its code; the others leave (P5)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from eqcbatch.flush import FlushReport, flush
from eqcbatch.ledger import open_ledger
from eqcbatch.postgres import Postgres
from eqcbatch.postgres.refusals import Reach, reach
from tests.indexes import execute, standing
from tests.ledgers import ask, plan_names, resolve, verdict

NAMES = [f"第{number}公司" for number in range(30)]
BAD = NAMES[17]
GOOD = set(NAMES) - {BAD}
Flush = Callable[..., FlushReport]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger with thirty results to flush."""
    path = tmp_path / "l.sqlite"
    plan_names(path, *NAMES)
    for number, name in enumerate(NAMES):
        resolve(path, name, verdict(f"6000000{number:02}", 1.0))
    return path


@pytest.fixture
def flush_to(path: Path) -> Flush:
    """Flush the ledger, as the command does."""

    def flush_it(url: str) -> FlushReport:
        with open_ledger(path) as ledger:
            return flush(ledger, Postgres(url), refused=True)

    return flush_it


def flush_errors(path: Path) -> dict[str, str]:
    return dict(ask(path, "SELECT lookup_key, flush_error FROM names WHERE flush_error IS NOT NULL"))


def veto(url: str, code: str, where: str = f"NEW.lookup_key = '{BAD}'") -> None:
    """Have a trigger raise this code for some rows."""
    execute(
        url,
        f"""CREATE FUNCTION veto() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN IF {where} THEN RAISE EXCEPTION 'not this one' USING errcode = '{code}'; END IF;
               RETURN NEW; END $$""",
        """CREATE TRIGGER veto BEFORE INSERT OR UPDATE ON enterprise.enrichment_index
           FOR EACH ROW EXECUTE FUNCTION veto()""",
    )


@pytest.mark.parametrize(
    "code",
    ["P0001", "23514", "22023", "55000", "42501", "42P01", "0A000", "54000", "XX000", "ZZ001"],
)
def test_p5_one_refused_row_blocks_no_other_whatever_its_code(
    path: Path, flush_to: Flush, database_url: str, code: str
) -> None:
    """The row is noted with its reason and there is nothing to be retried; alone, it is refused again."""
    veto(database_url, code)
    for _ in range(2):
        assert flush_to(database_url).trouble is None
        assert (GOOD, {BAD: "not this one"}) == (set(standing(database_url)), flush_errors(path))


@pytest.mark.parametrize("code", ["08006", "08P01", "25006", "26000", "28000", "3D000", "57P01", "57P05"])
def test_p5_a_code_of_the_connection_that_lives_on_blocks_no_other(
    path: Path, flush_to: Flush, database_url: str, code: str
) -> None:
    """A trigger may raise what it likes: what counts is whether the connection is there."""
    veto(database_url, code)
    assert flush_to(database_url).trouble is None
    assert (GOOD, {BAD: "not this one"}) == (set(standing(database_url)), flush_errors(path))


@pytest.mark.parametrize("code", ["ZZ001", "42501", "57P01"])
@pytest.mark.parametrize("good", [NAMES[-1:], NAMES[10:]], ids=["last", "later"])
def test_p5_many_refused_rows_block_no_other_wherever_they_stand(
    path: Path, flush_to: Flush, database_url: str, code: str, good: list[str]
) -> None:
    """However many come first, the others are stored, and each is noted with the reason."""
    kept = ", ".join(f"'{name}'" for name in good)
    veto(database_url, code, f"NEW.lookup_key NOT IN ({kept})")
    assert flush_to(database_url).trouble is None
    assert set(good) == set(standing(database_url))
    assert dict.fromkeys(set(NAMES) - set(good), "not this one") == flush_errors(path)


def test_p5_the_search_for_rows_to_blame_ends(
    path: Path, flush_to: Flush, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not found in time waits, and is said to; the halves that were stored stay so."""
    ticking = SimpleNamespace(monotonic=itertools.count().__next__)
    monkeypatch.setattr("eqcbatch.postgres.refusals.SYSTEM_CLOCK", ticking)
    monkeypatch.setattr("eqcbatch.postgres.refusals.SEARCH_S", 2)
    veto(database_url, "ZZ001")
    sent = flush_to(database_url)
    assert (None, 0, 30) == (sent.trouble, sent.results.refused, sent.results.stored + sent.results.waiting)
    assert sent.results.stored > 15, "the halves before stay"
    assert BAD not in standing(database_url)
    assert "not this one" == sent.results.waits_for


@pytest.mark.parametrize("code", ["53100", "57014", "58030", "40001", "40P01", "55P03"])
def test_p5_what_may_pass_is_tried_again_and_blocks_no_other(
    path: Path, flush_to: Flush, database_url: str, code: str
) -> None:
    """Nothing is noted against a row for which there was no room just now."""
    veto(database_url, code)
    sent = flush_to(database_url)
    assert (None, 1, "not this one") == (sent.trouble, sent.results.waiting, sent.results.waits_for)
    assert (GOOD, {}) == (set(standing(database_url)), flush_errors(path))
    assert flush_to(database_url).trouble is not None
    execute(database_url, "DROP TRIGGER veto ON enterprise.enrichment_index")
    assert (None, 1) == ((again := flush_to(database_url)).trouble, again.results.stored)


@pytest.mark.parametrize("code", ["53100", "42501", "XX000", "57P01", "ZZ001"])
def test_what_every_row_meets_is_noted_against_none(
    path: Path, flush_to: Flush, database_url: str, code: str
) -> None:
    """A full disk, or a table of a trigger that we may not write, is told once, and tried again."""
    veto(database_url, code, "true")
    assert "not this one" in str(flush_to(database_url).trouble)
    assert ({}, {}) == (standing(database_url), flush_errors(path))


def test_p5_a_policy_for_rows_keeps_out_its_rows_alone(
    path: Path, flush_to: Flush, database_url: str
) -> None:
    """Where one name's row is another team's, the other names are stored all the same."""
    execute(
        database_url,
        "DROP ROLE IF EXISTS limited",
        "CREATE ROLE limited LOGIN",
        "GRANT USAGE ON SCHEMA enterprise TO limited",
        "GRANT SELECT, INSERT, UPDATE ON enterprise.enrichment_index TO limited",
        f"""INSERT INTO enterprise.enrichment_index
                (lookup_key, lookup_type, company_id, confidence, source, source_domain)
            VALUES ('{BAD}', 'customer_name', 'theirs', 0.5, 'manual', 'team')""",
        "ALTER TABLE enterprise.enrichment_index ENABLE ROW LEVEL SECURITY",
        """CREATE POLICY ours ON enterprise.enrichment_index TO limited
           USING (source_domain = 'eqcbatch') WITH CHECK (source_domain = 'eqcbatch')""",
    )
    url = database_url.replace("//postgres:", "//limited:")
    try:
        for _ in range(2):
            assert flush_to(url).trouble is None
            assert [BAD] == list(flush_errors(path))
        assert "theirs" == standing(database_url)[BAD][0]
        assert set(NAMES) == set(standing(database_url))
    finally:
        execute(database_url, "DROP OWNED BY limited", "DROP ROLE limited")


def test_p5_a_row_that_another_program_holds_blocks_no_other(
    path: Path, flush_to: Flush, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits by itself, with nothing noted against it, until it is let go."""
    monkeypatch.setattr("eqcbatch.postgres.bounded.LOCK_TIMEOUT_S", 0.1)
    with psycopg.connect(database_url) as holder:
        holder.execute(
            """INSERT INTO enterprise.enrichment_index (lookup_key, lookup_type, company_id, source)
               VALUES (%s, 'customer_name', '1', 'manual')""",
            [BAD],
        )
        assert flush_to(database_url).trouble is None
        assert (GOOD, {}) == (set(standing(database_url)), flush_errors(path))
        holder.rollback()
    assert 1 == flush_to(database_url).results.stored


@pytest.mark.parametrize(
    ("error", "concerns"),
    [
        (psycopg.errors.NumericValueOutOfRange(), Reach.ROWS),
        (psycopg.errors.CheckViolation(), Reach.ROWS),
        (psycopg.errors.RaiseException(), Reach.ROWS),
        (psycopg.DataError("what it cannot send"), Reach.ROWS),
        (psycopg.errors.DiskFull(), Reach.PASSING),
        (psycopg.errors.QueryCanceled(), Reach.PASSING),
        (psycopg.errors.IoError(), Reach.PASSING),
        (psycopg.errors.LockNotAvailable(), Reach.PASSING),
        (psycopg.errors.DeadlockDetected(), Reach.PASSING),
        (psycopg.errors.AdminShutdown(), Reach.UNCLEAR),
        (psycopg.errors.ReadOnlySqlTransaction(), Reach.UNCLEAR),
        (psycopg.errors.InvalidSqlStatementName(), Reach.UNCLEAR),
        (psycopg.OperationalError("no code"), Reach.UNCLEAR),
        (psycopg.errors.InsufficientPrivilege(), Reach.UNCLEAR),
        (psycopg.errors.InternalError_(), Reach.UNCLEAR),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, psycopg.Error) else one.name,
)
def test_a_code_says_what_an_error_concerns(error: psycopg.Error, concerns: Reach) -> None:
    """The table of `reach`, row by row."""
    assert concerns is reach(error)
