"""Flush: confident results go to a real PostgreSQL, only then count as flushed, and twice changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eqcbatch.domain.model import Held, Reason
from eqcbatch.errors import LedgerUnusable, PostgresUnavailable
from eqcbatch.flush import Again, Sent, flush
from eqcbatch.ledger import open_ledger
from eqcbatch.postgres import Postgres
from tests.conftest import Ran, Run
from tests.drains import write_names
from tests.indexes import execute, seed, snapshot, standing
from tests.ledgers import ask, change, decide, dump, fail, plan_names, resolve, verdict

pytestmark = pytest.mark.every_schema

FLUSHED: dict[str, object] = {
    "flushed": 0,
    "refused": 0,
    "waiting": 0,
    "taken_back": 0,
    "former_names": 0,
    "companies": 0,
}
FLUSHED |= {"adjusted": 0, "lost": 0, "backflow": 0, "backflow_refused": 0, "overruled": []}
NOWHERE = "postgresql://user:hunter2@127.0.0.1:1/name"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger with a name in every state: 甲, 乙, 丙 are resolved and confident."""
    path = tmp_path / "l.sqlite"
    plan_names(path, *"甲乙丙丁戊己戌庚", "")
    for number, raw in enumerate("甲乙丙", 1):
        resolve(path, raw, verdict(f"60000000{number}", (7 + number) / 10))
    for held, raw in zip(Held, "丁戊己戌", strict=True):
        resolve(path, raw, verdict("600000009", 1.0, held))
    return path


def flush_once(path: Path, url: str, *, refused: bool = False) -> Sent:
    """What became of the results."""
    with open_ledger(path) as ledger:
        report = flush(ledger, Postgres(url), refused=refused)
    if report.trouble:
        raise report.trouble
    return report.results


def flushed(path: Path) -> dict[str, tuple[str, float]]:
    """What the ledger says Postgres holds."""
    rows = ask(
        path,
        "SELECT lookup_key, flushed_company_id, flushed_confidence FROM names WHERE flushed_at IS NOT NULL",
    )
    return {key: (company, confidence) for key, company, confidence in rows}


def flush_errors(path: Path) -> dict[str, str]:
    return dict(ask(path, "SELECT lookup_key, flush_error FROM names WHERE flush_error IS NOT NULL"))


ALL_THREE = {
    "甲": ("600000001", 0.8, "eqc_api"),
    "乙": ("600000002", 0.9, "eqc_api"),
    "丙": ("600000003", 1.0, "eqc_api"),
}


def test_only_what_is_resolved_confident_and_unheld_is_flushed(
    path: Path, database_url: str, eqcbatch: Run
) -> None:
    """Held, pending, failed and cached names stay where they are; retired results go like any other."""
    seed(database_url, ("辛", "customer_name", "600000008", 1.0))
    plan_names(path, "甲", "庚", "辛", "壬", postgres=Postgres(database_url))
    fail(path, "壬", Reason.NOT_FOUND)
    cached = standing(database_url)

    ran = eqcbatch("flush", "--ledger", path, "--json", EQCBATCH_DATABASE_URL=database_url)

    assert (0, FLUSHED | {"flushed": 3}) == (ran.code, json.loads(ran.out))
    assert ALL_THREE | cached == standing(database_url)
    assert {key: (company, confidence) for key, (company, confidence, _) in ALL_THREE.items()} == flushed(
        path
    )


def test_a_harvested_and_a_manual_decision_keep_their_source(path: Path, database_url: str) -> None:
    """In the index `harvest` is eqc_api and `manual` is manual."""
    change(
        path,
        "UPDATE names SET source = 'manual' WHERE lookup_key = '甲'",
        "UPDATE names SET source = 'harvest' WHERE lookup_key = '乙'",
    )

    flush_once(path, database_url)

    assert ("manual", "eqc_api") == (standing(database_url)["甲"][2], standing(database_url)["乙"][2])


def test_flushing_twice_changes_nothing(path: Path, database_url: str, eqcbatch: Run) -> None:
    """The second flush sends nothing: neither the ledger nor any row's version changes."""
    flush_once(path, database_url)
    ledger, index = dump(path), snapshot(database_url)

    ran = eqcbatch("flush", "--ledger", path, EQCBATCH_DATABASE_URL=database_url)

    assert (0, "Flushed 0 results to Postgres.\n") == (ran.code, ran.out)
    assert (ledger, index) == (dump(path), snapshot(database_url))


def test_the_ledger_is_marked_after_postgres_committed(path: Path, database_url: str) -> None:
    """Killed between the two, the results are in Postgres and due still; the replay changes nothing there."""
    change(
        path,
        """CREATE TRIGGER disk_full BEFORE UPDATE OF flushed_at ON names
           BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END""",
    )
    with pytest.raises(LedgerUnusable, match="disk is full"):
        flush_once(path, database_url)
    between = snapshot(database_url)
    assert ({}, 3) == (flushed(path), len(between))
    change(path, "DROP TRIGGER disk_full")

    again = flush_once(path, database_url)

    assert Sent(3, 0) == again
    assert between == snapshot(database_url)
    assert set(ALL_THREE) == set(flushed(path))


def test_a_replay_after_a_lost_mark_ends_equal(path: Path, database_url: str) -> None:
    """With the marks undone, as a kill leaves them, another flush restores ledger and index as they were."""
    flush_once(path, database_url)
    marks, index = flushed(path), snapshot(database_url)
    change(path, "UPDATE names SET flushed_at = NULL, flushed_company_id = NULL, flushed_confidence = NULL")

    assert Sent(3, 0) == flush_once(path, database_url)
    assert (marks, index) == (flushed(path), snapshot(database_url))


def test_a_refused_row_is_noted_and_tried_again_by_the_command_alone(
    path: Path, database_url: str, eqcbatch: Run
) -> None:
    """The others are flushed; a drain's flush leaves it, `eqcbatch flush` sends it once its cause is gone."""
    execute(
        database_url,
        """ALTER TABLE enterprise.enrichment_index
           ADD CONSTRAINT no_twos CHECK (company_id <> '600000002')""",
    )

    refusing = eqcbatch("flush", "--ledger", path, EQCBATCH_DATABASE_URL=database_url)
    noted = flush_errors(path)
    reported = eqcbatch("report", "--ledger", path)
    execute(database_url, "ALTER TABLE enterprise.enrichment_index DROP CONSTRAINT no_twos")
    by_a_drain = flush_once(path, database_url)
    by_command = eqcbatch("flush", "--ledger", path, "--json", EQCBATCH_DATABASE_URL=database_url)

    assert 0 == refusing.code
    assert "Flushed 2 results to Postgres, 1 refused" in refusing.out
    assert ["乙"] == [key for key, why in noted.items() if "no_twos" in why]
    assert "no_twos" in reported.out
    assert Sent(0, 0) == by_a_drain
    assert FLUSHED | {"flushed": 1} == json.loads(by_command.out)
    assert ALL_THREE == standing(database_url)
    assert {} == flush_errors(path)


def test_a_conflict_is_left_alone_counted_and_reported(path: Path, database_url: str) -> None:
    """A row with another id and no less confidence stays; a lower one is replaced; the same id agrees."""
    seed(
        database_url,
        ("甲", "customer_name", "700000001", 0.8),
        ("乙", "customer_name", "700000002", 0.89),
        ("丙", "customer_name", "600000003", 1.0),
    )

    report = flush_once(path, database_url)

    assert Sent(2, 1) == report
    assert {
        "甲": ("700000001", 0.8, "manual"),
        "乙": ("600000002", 0.9, "eqc_api"),
        "丙": ("600000003", 1.0, "manual"),
    } == standing(database_url)
    assert {"甲": "conflict: the index has 700000001 with confidence 0.80"} == flush_errors(path)
    assert {"乙", "丙"} == set(flushed(path))


def test_a_flush_takes_many_batches(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """25 results in batches of 10, with refused ones at the ends of batches: each is sent exactly once."""
    monkeypatch.setattr("eqcbatch.flush.results.BATCH", 10)
    path = tmp_path / "many.sqlite"
    keys = sorted(f"第{number}公司" for number in range(25))
    plan_names(path, *keys)
    for key in keys:
        resolve(path, key, verdict("6" * 101 if key in (keys[9], keys[10], keys[24]) else "6"))

    for refused in (False, True):
        report = flush_once(path, database_url, refused=refused)
        assert Sent(0 if refused else 22, 3) == report

    assert set(keys) - {keys[9], keys[10], keys[24]} == set(standing(database_url)) == set(flushed(path))


def test_a_postgres_that_stops_amid_a_flush_loses_nothing(
    path: Path, database_url: str, eqcbatch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 7 when the server ends the connection in the second batch; the next flush sends the rest."""
    monkeypatch.setattr("eqcbatch.flush.results.BATCH", 1)
    first, second, _ = sorted(ALL_THREE)
    execute(
        database_url,
        f"""CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN
                 IF NEW.lookup_key = '{second}' THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                 RETURN NEW;
               END $$""",
        """CREATE TRIGGER stop BEFORE INSERT ON enterprise.enrichment_index
           FOR EACH ROW EXECUTE FUNCTION stop()""",
    )

    stopped = eqcbatch("flush", "--ledger", path, EQCBATCH_DATABASE_URL=database_url)
    in_between = set(standing(database_url)), set(flushed(path)), flush_errors(path)
    execute(database_url, "DROP TRIGGER stop ON enterprise.enrichment_index")
    finished = eqcbatch("flush", "--ledger", path, "--json", EQCBATCH_DATABASE_URL=database_url)

    told = f"The rest is safe in the ledger. Next: eqcbatch flush --ledger {path}\n"
    assert (7, told) == (stopped.code, stopped.out)
    assert ({first}, {first}, {}) == in_between
    assert (0, FLUSHED | {"flushed": 2}) == (finished.code, json.loads(finished.out))
    assert ALL_THREE == standing(database_url)


def test_a_missing_table_or_server_marks_nothing(path: Path, bare_database_url: str, eqcbatch: Run) -> None:
    """Exit 7 with what to do, without the password, and the ledger as before."""
    before = dump(path)

    unmade = eqcbatch("flush", "--ledger", path, EQCBATCH_DATABASE_URL=bare_database_url)
    away = eqcbatch("flush", "--ledger", path, EQCBATCH_DATABASE_URL=NOWHERE)
    with pytest.raises(PostgresUnavailable):
        flush_once(path, NOWHERE)

    assert (7, 7) == (unmade.code, away.code)
    assert "eqcbatch init-db" in unmade.err
    assert "127.0.0.1:1 is not reachable" in away.err
    assert "hunter2" not in away.err
    assert before == dump(path)


def test_without_a_url_there_is_nothing_to_flush_to(path: Path, eqcbatch: Run) -> None:
    """Exit 2, naming the variable and the option."""
    ran = eqcbatch("flush", "--ledger", path)

    assert 2 == ran.code
    assert "EQCBATCH_DATABASE_URL" in ran.err
    assert "--database-url" in ran.err


def test_without_a_ledger_there_is_nothing_to_flush(tmp_path: Path, database_url: str, eqcbatch: Run) -> None:
    """Exit 2, naming the path and `eqcbatch plan`."""
    ran = eqcbatch("flush", "--ledger", tmp_path / "none.sqlite", EQCBATCH_DATABASE_URL=database_url)

    assert 2 == ran.code
    assert "none.sqlite" in ran.err
    assert "eqcbatch plan" in ran.err


# Revert


def revert_session(eqcbatch: Run, path: Path, url: str, session: int) -> Ran:
    return eqcbatch("flush", "--revert", session, "--ledger", path, "--json", EQCBATCH_DATABASE_URL=url)


def session_of(path: Path) -> int:
    """The session that is newest, and so the one that a flush counts to."""
    (newest,) = ask(path, "SELECT max(id) FROM sessions")
    return int(newest)


def test_a_reverted_session_leaves_the_index_as_it_was(path: Path, database_url: str, eqcbatch: Run) -> None:
    """New rows go, replaced ones stand as before; the names wait for a review, and no flush sends them."""
    seed(database_url, ("甲", "customer_name", "700000001", 0.5), source="legacy_migration")
    seed(database_url, ("乙", "customer_name", "N", 1.0))
    before = standing(database_url)
    flush_once(path, database_url)
    assert ALL_THREE == standing(database_url)

    ran = revert_session(eqcbatch, path, database_url, session_of(path))

    assert (0, {"names": 3, "taken_back": 3, "former_names": 0}) == (ran.code, json.loads(ran.out)), ran.err
    assert before == standing(database_url)
    assert ["reverted"] * 3 == ask(path, "SELECT held FROM names WHERE lookup_key IN ('甲', '乙', '丙')")
    assert ({}, Sent(0, 0)) == (flushed(path), flush_once(path, database_url, refused=True))
    assert before == standing(database_url)


@pytest.mark.parametrize(
    "meanwhile", ["company_id = '9'", "confidence = 0.99", "source = 'backflow'", "source_domain = 'other'"]
)
def test_what_others_wrote_since_is_left_alone(
    path: Path, database_url: str, eqcbatch: Run, meanwhile: str
) -> None:
    """A revert takes back what stands as we wrote it, and nothing else."""
    flush_once(path, database_url)
    execute(database_url, f"UPDATE enterprise.enrichment_index SET {meanwhile} WHERE lookup_key = '乙'")
    changed = standing(database_url)["乙"]

    ran = revert_session(eqcbatch, path, database_url, session_of(path))

    assert {"names": 3, "taken_back": 2, "former_names": 0} == json.loads(ran.out)
    assert {"乙": changed} == standing(database_url)


OVERRIDE = """UPDATE names SET state = 'cached', source = 'override', company_id = '9', flushed_at = NULL
              WHERE query IN ('戊公司', '己公司')"""
CONFIRM = "UPDATE enterprise.enrichment_index SET source = 'manual', updated_at = now()"


@pytest.mark.parametrize("how", ["reverted", "overridden", "none"])
def test_what_a_person_confirmed_in_the_index_is_left_alone(
    path: Path, database_url: str, eqcbatch: Run, how: str
) -> None:
    """At 1.00 and under our domain, too: nobody decided it here. What somebody did is taken back."""
    plan_names(path, "戊公司", "己公司", source="more")
    for name in ("戊公司", "己公司"):
        resolve(path, name, verdict("600000005"))
    decide(path, "己公司", "600000005")
    flush_once(path, database_url)
    execute(database_url, f"{CONFIRM} WHERE lookup_key = '戊公司'")
    if how == "reverted":
        told = eqcbatch(
            *("flush", "--revert", session_of(path), "--dry-run", "--json", "--ledger", path),
            EQCBATCH_DATABASE_URL=database_url,
        )
        assert "戊公司" not in {one["lookup_key"] for one in json.loads(told.out)["results"]}
        assert 0 == revert_session(eqcbatch, path, database_url, session_of(path)).code
    elif how == "overridden":
        change(path, OVERRIDE)
        flush_once(path, database_url)
    else:
        for name in ("戊公司", "己公司"):
            decide(path, name, "none")
        flush_once(path, database_url)
    rest = standing(database_url)
    assert ("600000005", 1.0, "manual") == rest["戊公司"]
    assert (how == "reverted") == ("己公司" in rest)  # a revert takes back what EQC decided


def test_a_confirmation_of_what_another_ledger_sent_is_stored(
    path: Path, database_url: str, tmp_path: Path
) -> None:
    """So that the other one does not take it back; where it is taken back here, EQC's word stands again."""
    other = tmp_path / "other.sqlite"
    for one in (path, other):
        plan_names(one, "戊公司", source="more")
    resolve(path, "戊公司", verdict("600000005"))
    flush_once(path, database_url)
    decide(other, "戊公司", "600000005", by="Bob")
    for _ in range(2):
        flush_once(other, database_url)
        assert ("600000005", 1.0, "manual") == standing(database_url)["戊公司"]
    decide(other, "戊公司", "none")
    flush_once(other, database_url)
    assert ("600000005", 1.0, "eqc_api") == standing(database_url)["戊公司"]
    decide(other, "戊公司", "600000005", by="Bob")
    flush_once(other, database_url)
    change(path, OVERRIDE)
    flush_once(path, database_url)
    assert ("600000005", 1.0, "manual") == standing(database_url)["戊公司"]


def test_a_revert_can_be_looked_at_before(path: Path, database_url: str, eqcbatch: Run) -> None:
    """What it would take back, and what stands then; nothing changes, and the revert does just that."""
    seed(database_url, ("甲", "customer_name", "700000001", 0.5), source="legacy_migration")
    flush_once(path, database_url)
    execute(database_url, "UPDATE enterprise.enrichment_index SET company_id = '9' WHERE lookup_key = '乙'")
    before = dump(path), snapshot(database_url)
    arguments = ("flush", "--revert", session_of(path), "--dry-run", "--ledger", path)

    told = eqcbatch(*arguments, EQCBATCH_DATABASE_URL=database_url)
    content = json.loads(eqcbatch(*arguments, "--json", EQCBATCH_DATABASE_URL=database_url).out)

    assert before == (dump(path), snapshot(database_url))
    assert (3, 2, 0) == tuple(content[key] for key in ("names", "taken_back", "former_names"))
    assert [("丙", "600000003", None), ("甲", "600000001", "700000001")] == [
        tuple(row.values()) for row in content["results"]
    ]
    assert "2 results would leave Postgres. 1 would be left alone" in told.out
    assert "700000001 (legacy_migration)" in told.out
    assert "Nothing was changed. Next: eqcbatch flush --revert" in told.out
    ran = revert_session(eqcbatch, path, database_url, session_of(path))
    assert {key: content[key] for key in ("names", "taken_back", "former_names")} == json.loads(ran.out)


@pytest.mark.parametrize(
    ("options", "said"), [((), "name its session"), (("--revert", 99), "Session 99 has nothing")]
)
def test_what_no_revert_could_take_back_is_not_looked_at(
    path: Path, database_url: str, eqcbatch: Run, options: tuple[object, ...], said: str
) -> None:
    """Exit 2."""
    ran = eqcbatch("flush", "--dry-run", *options, "--ledger", path, EQCBATCH_DATABASE_URL=database_url)
    assert (2, True) == (ran.code, said in ran.err)


def test_a_result_that_another_ledger_of_ours_sent_too_is_taken_back(
    path: Path, database_url: str, eqcbatch: Run, tmp_path: Path
) -> None:
    """The very same row: the other ledger, which believes it still, finds it lost and sends it again."""
    other = tmp_path / "other.sqlite"
    plan_names(other, "甲")
    resolve(other, "甲", verdict("600000001", 0.8))
    flush_once(other, database_url)
    flush_once(path, database_url)

    revert_session(eqcbatch, path, database_url, session_of(path))

    assert {} == standing(database_url)
    with open_ledger(other) as ledger:
        assert 1 == flush(ledger, Postgres(database_url), look_again=Again.LATEST).lost
    assert {"甲": ALL_THREE["甲"]} == standing(database_url)


def test_only_that_session_is_taken_back(path: Path, database_url: str, eqcbatch: Run) -> None:
    """What other sessions flushed, and what a reviewer decided, stays."""
    flush_once(path, database_url)
    first = session_of(path)
    resolve(path, "庚", verdict("600000007", 0.9))
    change(path, "UPDATE names SET held = NULL, source = 'manual', confidence = 1 WHERE lookup_key = '丁'")
    flush_once(path, database_url)

    ran = revert_session(eqcbatch, path, database_url, session_of(path))

    assert {"names": 1, "taken_back": 1, "former_names": 0} == json.loads(ran.out)
    assert ALL_THREE.keys() | {"丁"} == standing(database_url).keys()
    again = revert_session(eqcbatch, path, database_url, session_of(path))
    assert 2 == again.code
    assert again.err.endswith(f"Sessions with results there: {first} (3).\n")


@pytest.mark.parametrize(
    ("change_of", "stands"),
    [("company_id = '9'", ("9", 0.8, "eqc_api")), ("confidence = 0.95", ("600000001", 0.95, "eqc_api"))],
)
def test_what_an_earlier_session_wrote_stands_again(
    path: Path, database_url: str, eqcbatch: Run, change_of: str, stands: tuple[object, ...]
) -> None:
    """A correction is reverted to what it corrected, not to what stood there before either."""
    flush_once(path, database_url)
    change(path, f"UPDATE names SET {change_of}, flushed_at = NULL WHERE lookup_key = '甲'")
    resolve(path, "庚", verdict("600000007", 0.9, Held.AMBIGUOUS))
    flush_once(path, database_url)
    assert stands == standing(database_url)["甲"]

    revert_session(eqcbatch, path, database_url, session_of(path))

    assert ALL_THREE == standing(database_url)


@pytest.mark.parametrize("stood_before", [True, False])
def test_a_flush_killed_before_its_mark_can_be_reverted_all_the_same(
    path: Path, database_url: str, eqcbatch: Run, stood_before: bool
) -> None:
    """What stood in the index before is noted before Postgres commits, and a replay does not forget it."""
    if stood_before:
        seed(database_url, ("甲", "customer_name", "700000001", 0.5))
    before = standing(database_url)
    change(
        path,
        """CREATE TRIGGER disk_full BEFORE UPDATE OF flushed_at ON names
           BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END""",
    )
    with pytest.raises(LedgerUnusable, match="disk is full"):
        flush_once(path, database_url)
    change(path, "DROP TRIGGER disk_full")
    flush_once(path, database_url)
    revert_session(eqcbatch, path, database_url, session_of(path))
    assert before == standing(database_url)


def test_what_a_restored_ledger_sent_again_can_be_reverted(
    path: Path, database_url: str, eqcbatch: Run
) -> None:
    """Its rows stood there already, from before the restore; what others wrote is not taken for ours."""
    backup = path.read_bytes()
    flush_once(path, database_url)
    path.write_bytes(backup)
    execute(
        database_url, "UPDATE enterprise.enrichment_index SET source_domain = 'other' WHERE lookup_key = '乙'"
    )
    flush_once(path, database_url)

    ran = revert_session(eqcbatch, path, database_url, session_of(path))

    assert {"names": 3, "taken_back": 2, "former_names": 0} == json.loads(ran.out)
    assert ["乙"] == list(standing(database_url))


def test_a_revert_that_postgres_missed_can_be_done_again(
    path: Path, database_url: str, eqcbatch: Run
) -> None:
    """The decision is in the ledger first, and a report tells what is left to do."""
    waits = "To be taken back from Postgres: 3 names. Next: eqcbatch flush"
    flush_once(path, database_url)
    assert 7 == revert_session(eqcbatch, path, NOWHERE, session_of(path)).code
    assert ALL_THREE == standing(database_url)
    assert waits in eqcbatch("report", "--ledger", path).out
    again = revert_session(eqcbatch, path, database_url, session_of(path))
    assert {"names": 3, "taken_back": 3, "former_names": 0} == json.loads(again.out)
    assert {} == standing(database_url)
    assert "taken back" not in eqcbatch("report", "--ledger", path).out


def test_a_postgres_that_is_away_is_told_though_nothing_is_due(eqcbatch: Run) -> None:
    """Whoever mistyped the password hears of it before the first night."""
    assert 0 == eqcbatch("plan", write_names(["甲公司"]), "--ledger", "l.sqlite").code
    away = "postgresql://nobody:wrong@127.0.0.1:9/none"
    ran = eqcbatch("flush", "--ledger", "l.sqlite", EQCBATCH_DATABASE_URL=away)
    assert (7, True) == (ran.code, "127.0.0.1:9" in ran.err), ran
