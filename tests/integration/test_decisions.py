"""What people decide is final, whoever asks, plans, judges or retries; and who decided is kept (P12)."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.domain.model import Held, Reason
from eqcbatch.domain.names import lookup_key
from eqcbatch.ownership import our_name
from tests.conftest import Ran, Run
from tests.drains import LEDGER, Job, OneEach
from tests.indexes import seed, standing
from tests.ledgers import ask, change, decide, dump, fail, plan_names, resolve, states, verdict

NAME, OTHER = "北京长城科技有限公司", "黄河实业有限公司"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger with a held name and a pending one."""
    path = tmp_path / LEDGER
    plan_names(path, NAME, OTHER)
    resolve(path, NAME, verdict("600000001", 0.8, Held.AMBIGUOUS))
    return path


@pytest.fixture
def review(path: Path, eqcbatch: Run) -> Callable[..., Ran]:
    """Run `eqcbatch review` on the ledger."""

    def run(*arguments: object, url: str | None = None) -> Ran:
        given = {"EQCBATCH_DATABASE_URL": url} if url else {}
        return eqcbatch("review", *arguments, "--ledger", path, **given)

    return run


def sheet(file: str, *lines: str) -> Path:
    """A sheet of these lines."""
    Path(file).write_text("lookup_key,decision,force\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return Path(file)


def stands(path: Path, raw: str = NAME) -> Any:
    """State, reason, id and source of a name."""
    (row,) = ask(
        path, "SELECT state, reason, company_id, source FROM names WHERE lookup_key = ?", [lookup_key(raw)]
    )
    return row


# Final


@pytest.mark.parametrize(
    "options",
    [
        ("--retry-failed",),
        ("--retry-failed", "--reason", "not_found"),
        ("--retry-not-found-after", "1m"),
        ("--details", "deferred"),
    ],
)
def test_p12_none_is_not_asked_again(job: Callable[..., Job], options: tuple[str, ...]) -> None:
    """Whatever is retried: the company that a person rejected does not come back, confident and flushable."""
    work = job(registry=OneEach())
    work.plan([NAME, OTHER])
    work.drain()
    decide(LEDGER, NAME, "none")
    decide(LEDGER, OTHER, "600000007")
    change(LEDGER, "UPDATE names SET decided_at = '2020-01-01T00:00:00.000000+00:00'")
    before, asked = dump(LEDGER)["names"], len(work.eqc.requests)

    ran = work.drain(*options)

    assert 0 == ran.code, ran.err
    assert before == dump(LEDGER)["names"]
    assert not [seen for seen in work.eqc.requests[asked:] if seen.endpoint == "search"]


def test_a_reason_that_is_a_persons_word_is_none_to_retry(eqcbatch: Run, path: Path) -> None:
    """`--reason no_company` is no wish that can be had: exit 2."""
    assert 2 == eqcbatch("drain", "--resume", "--retry-failed", "--reason", "no_company").code


def test_p12_no_plan_takes_a_decision_away(path: Path, database_url: str, eqcbatch: Run) -> None:
    """Neither what the index has by now, nor an override, nor the source's own ids."""
    decide(path, NAME, "none")
    decide(path, OTHER, "600000002")
    seed(database_url, (NAME, "customer_name", "600000001", 1.0), (OTHER, "customer_name", "600000003", 1.0))
    Path("o.yml").write_text(f"{NAME}: '600000001'\n{OTHER}: '600000004'\n", encoding="utf-8")
    Path("m.csv").write_text(f"客户名称,id\n{NAME},600000005\n{OTHER},600000005\n", encoding="utf-8")
    before = [stands(path, raw) for raw in (NAME, OTHER)]

    for options in ((), ("--overrides", "o.yml"), ("--id-column", "id")):
        ran = eqcbatch("plan", "m.csv", "--ledger", path, *options, EQCBATCH_DATABASE_URL=database_url)
        assert 0 == ran.code, ran.err
        assert before == [stands(path, raw) for raw in (NAME, OTHER)]


def test_apply_gives_no_id_to_a_name_that_a_person_gave_none(path: Path, eqcbatch: Run) -> None:
    """Nor does it keep one that an earlier copy wrote there."""
    Path("m.csv").write_text(
        f"客户名称,company_id,company_id_source\n{NAME},600000001,eqc\n", encoding="utf-8"
    )
    assert 0 == eqcbatch("plan", "m.csv", "--ledger", path, "--no-index").code
    decide(path, NAME, "none")
    ran = eqcbatch("apply", "m.csv", "-o", "out.csv", "--no-temp-ids", "--ledger", path)
    assert 0 == ran.code, ran.err
    assert f"{NAME},,," == Path("out.csv").read_text(encoding="utf-8").splitlines()[1]


# Who decided


def test_who_decided_is_kept_and_shown(path: Path, review: Callable[..., Ran], eqcbatch: Run) -> None:
    """Key, when, by whom, where, what stood before and what stands now, whether it was forced."""
    review("set", NAME, "600000002", "--force", "--by", "anna")
    review("import", sheet("held.csv", f"{NAME},none,"), "--change-decisions", "--by", "王芳")

    told = eqcbatch("report", "--name", NAME, "--ledger", path).out
    first, second = json.loads(eqcbatch("report", "--name", NAME, "--json", "--ledger", path).out)[
        "decisions"
    ]
    assert ("company", "anna", "review set", True) == tuple(
        first[key] for key in ("choice", "decided_by", "origin", "forced")
    )
    assert ("none", "王芳", "held.csv line 2", False) == tuple(
        second[key] for key in ("choice", "decided_by", "origin", "forced")
    )
    assert [("resolved", "600000001", "ambiguous"), ("resolved", "600000002", None)] == [
        tuple(one["before"][key] for key in ("state", "company_id", "held")) for one in (first, second)
    ]
    assert ("failed", "no_company") == (second["after"]["state"], second["after"]["reason"])
    assert "600000001 (eqc), held: ambiguous -> 600000002 (manual)" in told
    assert "600000002 (manual) -> no company" in told
    assert "held.csv line 2" in told


def test_without_a_name_the_system_tells_who_decided(path: Path, review: Callable[..., Ran]) -> None:
    """As the user's name, or his number where he has none; an empty name is refused."""
    review("set", NAME, "none")
    assert [our_name()] == ask(path, "SELECT decided_by FROM decisions")
    assert 2 == review("set", NAME, "none", "--by", " ").code


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="users have numbers elsewhere")
def test_a_user_without_a_name_has_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that knows no users."""
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 987_654)
    monkeypatch.setattr(os, "getuid", lambda: 987_654)
    assert "uid 987654" == our_name()


# Two reviewers


def test_two_reviewers_who_contradict_each_other(
    path: Path, review: Callable[..., Ran], database_url: str
) -> None:
    """The second is told what the sheet would change, and changes it only on purpose, all or nothing."""
    first = sheet("anna.csv", f"{NAME},600000001,", f"{OTHER},600000005,")
    second = sheet("bo.csv", f"{NAME},none,", f"{OTHER},600000005,")
    assert 0 == review("import", first, "--by", "anna", url=database_url).code
    before = dump(path), standing(database_url)

    refused = review("import", second, "--by", "bo", url=database_url)

    assert 2 == refused.code
    assert f"line 2: '{NAME}' was decided by anna on " in refused.err
    assert "(anna.csv line 2): 600000001 (manual). Here it would become 'none'" in refused.err
    assert "--change-decisions" in refused.err
    assert "line 3" not in refused.err
    assert before == (dump(path), standing(database_url))

    meant = review("import", second, "--by", "bo", "--change-decisions", url=database_url)

    assert 0 == meant.code, meant.err
    assert "Decisions of people changed: 1" in meant.out
    assert f"bo.csv line 2: {NAME}: 600000001 (manual) -> no company" in meant.out
    assert ("failed", "no_company", None, None) == stands(path)
    assert {OTHER: ("600000005", 1.0, "manual")} == standing(database_url)
    assert [("anna", 2), ("bo", 1)] == ask(
        path, "SELECT decided_by, count(*) FROM decisions GROUP BY 1 ORDER BY 1"
    )


def test_a_line_that_is_forced_is_said(path: Path, review: Callable[..., Ran]) -> None:
    """Which one let which id through; the others are held to what EQC offered."""
    refused = review("import", sheet("d.csv", f"{NAME},600000002,"))
    forced = review("import", sheet("d.csv", f"{NAME},600000002,yes"))
    assert (2, 0) == (refused.code, forced.code)
    assert "d.csv line 2: 600000002 for" in forced.out
    assert "Let through by force: 1" in forced.out


# One name, in any state


def prepared(path: Path, state: str) -> str:
    """A name in a state; its raw form."""
    raw = {"invalid": "长" * 256}.get(state, f"{state}实业有限公司")
    plan_names(path, raw, source=state)
    if state in ("resolved", "held", "manual", "none"):
        resolve(path, raw, verdict("600000001", 0.8, Held.CONTRADICTION if state == "held" else None))
    if state in ("manual", "none"):
        decide(path, raw, "600000001" if state == "manual" else "none")
    if state in ("timeout", "not_found"):
        fail(path, raw, Reason(state))
    if state == "cached":
        change(
            path,
            f"""UPDATE names SET state = 'cached', company_id = '600000001', confidence = 0.9,
                       source = 'index:customer_name' WHERE lookup_key = '{lookup_key(raw)}'""",
        )
    return raw


STATES = ("pending", "cached", "resolved", "held", "manual", "none", "timeout", "not_found", "invalid")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("text", "after"), [("600000002", "600000002"), ("none", "no_company")])
def test_a_name_in_any_state_is_decided_at_once(
    path: Path, review: Callable[..., Ran], eqcbatch: Run, state: str, text: str, after: str
) -> None:
    """It is what the person says, the accounts balance, and `reopen` undoes it."""
    raw = prepared(path, state)
    was = stands(path, raw)

    ran = review("set", raw, text, "--force", "--json")

    assert 0 == ran.code, ran.err
    assert after in stands(path, raw)
    assert json.loads(ran.out)["changed"] == (state != text)
    assert 0 == eqcbatch("report", "--check", "--ledger", path).code

    ran = review("set", raw, "reopen", "--json")
    assert 0 == ran.code, ran.err
    by_machine = {
        "pending": ("pending", None, None, None),
        "timeout": ("pending", None, None, None),
        "not_found": ("pending", None, None, None),
        "manual": ("resolved", None, "600000001", "eqc"),
        "none": ("resolved", None, "600000001", "eqc"),
    }
    assert by_machine.get(state, was) == stands(path, raw)
    assert 0 == eqcbatch("report", "--check", "--ledger", path).code


def test_what_stands_already_is_said_to(path: Path, review: Callable[..., Ran]) -> None:
    """Nothing is written, and nothing changes."""
    review("set", NAME, "none", "--by", "anna")
    before = dump(path)
    ran = review("set", NAME, "none", "--by", "bo")
    assert (0, before) == (ran.code, dump(path))
    assert f"Nothing changes: {NAME} is no company, by anna on " in ran.out


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("没有这个公司", "none", "The ledger has no name '没有这个公司'"),
        ("", "none", "blank by the name rules"),
        (NAME, "N/A", "'N/A' is no company id. Write an id, `none`"),
        (NAME, "600000002", "is not among the candidates of"),
        (NAME, "6", "'6' does not look like a company id: those that are known have 9 digits"),
    ],
)
def test_what_cannot_be_decided_is_one_clear_line(
    path: Path, review: Callable[..., Ran], name: str, text: str, said: str
) -> None:
    """Exit 2, and nothing is written."""
    before = dump(path)
    ran = review("set", name, text)
    assert (2, True, before) == (ran.code, said in ran.err, dump(path)), ran.err


def test_ids_of_the_index_tell_what_ids_look_like(
    path: Path, review: Callable[..., Ran], database_url: str
) -> None:
    """A ledger that knows few is helped by it."""
    seed(database_url, ("某公司", "customer_name", "12345", 1.0), ("别的", "customer_name", "N/A", 1.0))
    assert 2 == review("set", OTHER, "123456").code
    ran = review("set", OTHER, "123456", url=database_url)
    assert (0, ("123456", 1.0, "manual")) == (ran.code, standing(database_url)[OTHER]), ran.err


def test_ids_of_overrides_tell_nothing_of_what_ids_look_like(path: Path, review: Callable[..., Ran]) -> None:
    """People wrote them, as they write decisions."""
    change(
        path,
        f"""UPDATE names SET state = 'cached', source = 'override', company_id = '123456'
            WHERE lookup_key = '{OTHER}'""",
    )
    assert 2 == review("set", NAME, "123456", "--force").code


# Postgres


def test_what_was_flushed_follows_the_decisions(
    path: Path, review: Callable[..., Ran], database_url: str
) -> None:
    """Corrected by an id, taken back by `none` and by `reopen`; what stood there before stands again."""
    seed(database_url, (OTHER, "customer_name", "600000003", 0.5), source="legacy_migration")
    stood = {OTHER: ("600000003", 0.5, "legacy_migration")}
    for text, stands_then in (
        ("600000007", {OTHER: ("600000007", 1.0, "manual")}),
        ("600000008", {OTHER: ("600000008", 1.0, "manual")}),
        ("none", stood),
        ("600000007", {OTHER: ("600000007", 1.0, "manual")}),
        ("reopen", stood),
    ):
        ran = review("set", OTHER, text, url=database_url)
        assert 0 == ran.code, ran.err
        assert stands_then == standing(database_url)
    assert "pending" == states(path)[OTHER]


# A ledger of a version before


def test_a_none_of_a_version_before_becomes_one(path: Path, eqcbatch: Run) -> None:
    """It is stored as not_found there; who decided, and what stood before, nobody kept."""
    decide(path, NAME, "none")
    decide(path, OTHER, "600000007")
    change(
        path,
        "DELETE FROM decisions",
        "DROP TABLE decisions",
        "UPDATE names SET reason = 'not_found' WHERE reason = 'no_company'",
        *(f"ALTER TABLE {table} DROP COLUMN index_source" for table in ("names", "occurrences", "unnamed")),
        "DELETE FROM _sqlite_migrations WHERE name = 'm012_decisions'",
    )
    told = json.loads(eqcbatch("report", "--name", NAME, "--json", "--ledger", path).out)
    assert ("failed", "no_company", None, None) == stands(path)
    (row,) = told["decisions"]
    assert ("none", None, None, None) == tuple(
        row[key] for key in ("choice", "decided_by", "origin", "before")
    )
    assert [("company", "600000007")] == ask(
        path,
        "SELECT choice, json_extract(after, '$.company_id') FROM decisions WHERE lookup_key = ?",
        [OTHER],
    )


def test_a_sheet_of_a_version_before_is_taken(path: Path, review: Callable[..., Ran]) -> None:
    """It has no column `force`; the option stands for one that says yes in every line."""
    Path("old.csv").write_text(f"lookup_key,decision\n{NAME},600000002\n", encoding="utf-8")
    assert 2 == review("import", "old.csv").code
    ran = review("import", "old.csv", "--force")
    assert (0, "old.csv line 2: 600000002" in ran.out) == (ran.code, True)
