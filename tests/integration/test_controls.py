"""Accepted names stand in the review sheet unmarked; what people say of them opens and shuts the gate."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.domain.control_sample import Reviewed
from eqcbatch.domain.names import lookup_key
from eqcbatch.ledger import open_ledger
from eqcbatch.simulate import Simulator
from tests.conftest import Ran, Run
from tests.drains import Job, OneEach
from tests.indexes import select, standing
from tests.integration.test_review import answer, company
from tests.ledgers import ask, dump, plan_names

SHEET = Path("held.csv")
NAMES = [f"杭州青禾{sign}{other}贸易有限公司" for sign in "甲乙丙丁戊己庚辛壬癸" for other in "山水风云"]
HELD = "宁波远山物流有限公司"
IDS = {lookup_key(name): str(600_000_001 + at) for at, name in enumerate(NAMES)}
WRONG = "600000999"
Line = dict[str, str]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger with forty accepted names and a held one."""
    path = tmp_path / "l.sqlite"
    plan_names(path, *NAMES, HELD)
    for name in NAMES:
        answer(path, name, company(0, IDS[lookup_key(name)], name), company(1, WRONG, f"上海{name[2:]}"))
    answer(path, HELD, company(0, "600000900", "杭州远山物流有限公司"))
    return path


@pytest.fixture
def run(path: Path, eqcbatch: Run) -> Callable[..., Ran]:
    """Run eqcbatch on the ledger, in Postgres if `url` is given."""

    def run(*arguments: object, url: str | None = None) -> Ran:
        return eqcbatch(*arguments, "--ledger", path, **({"EQCBATCH_DATABASE_URL": url} if url else {}))

    return run


def lines() -> list[Line]:
    with SHEET.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def say(decisions: dict[str, str]) -> None:
    """Write these decisions into the sheet that was exported."""
    told = [line | {"decision": decisions.get(line["lookup_key"], "")} for line in lines()]
    with SHEET.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(told[0]))
        writer.writeheader()
        writer.writerows(told)


def controls() -> list[str]:
    """The accepted names in the sheet, which it does not tell."""
    return [line["lookup_key"] for line in lines() if line["lookup_key"] in IDS]


def export(run: Callable[..., Ran], share: float = 0.5) -> list[str]:
    ran = run("review", "export", SHEET, "--controls", share, "--json")
    assert 0 == ran.code, ran.err
    assert (1, len(controls())) == tuple(json.loads(ran.out)[key] for key in ("held", "controls"))
    return controls()


def stands(path: Path) -> list[tuple[Any, ...]]:
    return ask(path, "SELECT lookup_key, company_id, source, confidence FROM names ORDER BY lookup_key")


# The sheet


def test_a_few_accepted_names_are_no_hundredth(run: Callable[..., Ran]) -> None:
    """One in a hundred of forty is none."""
    assert 0 == run("review", "export", SHEET).code
    assert [lookup_key(HELD)] == [line["lookup_key"] for line in lines()]


def test_controls_stand_among_the_held_and_look_like_them(path: Path, run: Callable[..., Ran]) -> None:
    """A share of the accepted, drawn by the ledger's seed; no cell tells them from others."""
    drawn = export(run)
    assert 8 < len(drawn) < 32
    assert {"match"} == {line["held"] for line in lines()}
    assert "verdict" not in lines()[0]
    assert all(line["proposal"] == IDS[line["lookup_key"]] for line in lines() if line["lookup_key"] in IDS)
    with open_ledger(path) as ledger:
        assert {*drawn} == ledger.controls.to_review()


def test_the_next_export_draws_the_same(run: Callable[..., Ran]) -> None:
    """And a larger share the same and others; a smaller one takes nothing back."""
    drawn = export(run, 0.3)
    assert drawn == export(run, 0.3)
    assert {*drawn} < {*export(run, 0.8)}
    assert len(export(run, 0.1)) == len(export(run, 0.8))


def test_an_accepted_name_without_candidates_has_its_company(path: Path, run: Callable[..., Ran]) -> None:
    """Another name's answer told it: whoever reviews it sees that company."""
    with open_ledger(path) as ledger:
        ledger._db.execute("DELETE FROM candidates WHERE company_id <> '600000900'")
        ledger._db.execute("UPDATE names SET source = 'harvest' WHERE source = 'eqc' AND held IS NULL")
    export(run)
    shown = [(line["id_1"], line["proposal"]) for line in lines() if line["lookup_key"] in IDS]
    assert shown == [(IDS[key], IDS[key]) for key in controls()]


# What people say of them


def test_a_confirmed_control_stays_as_it_is(path: Path, run: Callable[..., Ran]) -> None:
    """That is counted, once, and it is not asked again; importing the sheet twice changes nothing."""
    drawn, before = export(run), stands(path)
    say({key: IDS[key] for key in drawn})
    ran = run("review", "import", SHEET, "--by", "王芳", "--json")
    assert (0, len(drawn), 0, 0) == (
        ran.code,
        *(json.loads(ran.out)[key] for key in ("controls_confirmed", "controls_corrected", "decided")),
    )
    assert before == stands(path)
    assert len(drawn) == len(ask(path, "SELECT * FROM controls WHERE confirmed_by = '王芳'"))
    after = dump(path)
    again = json.loads(run("review", "import", SHEET, "--json").out)
    assert (0, len(drawn)) == (again["controls_confirmed"], again["unchanged"])
    assert after == dump(path)
    assert [] == export(run)


def test_a_control_is_confirmed_by_the_shown_form_of_its_id(path: Path, run: Callable[..., Ran]) -> None:
    """A number as a spreadsheet shows it is that id: nothing is decided or corrected."""
    first, second, *_ = export(run)
    say({first: f"{int(IDS[first]):,}", second: f"{IDS[second]}.0"})
    before = stands(path)
    told = json.loads(run("review", "import", SHEET, "--json").out)
    assert (2, 0, 0) == tuple(told[key] for key in ("controls_confirmed", "controls_corrected", "decided"))
    assert before == stands(path)


def test_a_control_that_is_contradicted_is_decided_by_that(path: Path, run: Callable[..., Ran]) -> None:
    """Its id is corrected as `review set` does; `none` takes it away."""
    first, second, *_ = export(run)
    say({first: WRONG, second: "none"})
    told = run("review", "import", SHEET)
    assert "Of the accepted names among them 0 confirmed, 2 corrected." in told.out
    found = {key: (company_id, source) for key, company_id, source, _ in stands(path)}
    assert [(WRONG, "manual"), (None, None)] == [found[first], found[second]]
    with open_ledger(path) as ledger:
        sample = ledger.controls.sample()
    assert (0, 2) == (sample.controls.right, sample.controls.wrong)
    assert 40 == sample.accepted


def test_a_confirmed_id_outlasts_new_rules(path: Path, run: Callable[..., Ran]) -> None:
    """A rescore leaves it, as a person has said that it is right (P12)."""
    drawn = export(run)
    say({key: IDS[key] for key in drawn[:-1]})
    run("review", "import", SHEET)
    ran = json.loads(run("review", "rescore", "--min-confidence", 1, "--apply", "--json").out)
    assert 41 - len(drawn[:-1]) == ran["names"]


def test_a_confirmed_id_outlasts_the_words_of_a_later_plan(path: Path, run: Callable[..., Ran]) -> None:
    """An override and a table's own column give way to it, as they do to a decision (P12)."""
    first, other, *_ = export(run)
    say({first: IDS[first]})
    run("review", "import", SHEET)
    Path("ids.yml").write_text(f"{first}: '{WRONG}'\n{other}: '{WRONG}'\n", encoding="utf-8")
    Path("own.csv").write_text(f"客户名称,公司代码\n{first},{WRONG}\n{other},{WRONG}\n", encoding="utf-8")
    words = (("--id-column", "公司代码"), ("--overrides", "ids.yml"))
    told = [json.loads(run("plan", "own.csv", "--no-index", *word, "--json").out) for word in words]
    assert [[other], [other]] == [[one["lookup_key"] for one in each["corrections"]] for each in told]
    assert [first] == told[1]["outvoted"]
    assert (first, IDS[first], "eqc", 1.0) in stands(path)


def test_a_name_that_is_opened_again_tells_nothing(path: Path, run: Callable[..., Ran]) -> None:
    """What a person said of it is forgotten, and it is a control once more."""
    first, *_ = export(run)
    say({first: WRONG})
    run("review", "import", SHEET)
    run("review", "set", first, "reopen")
    with open_ledger(path) as ledger:
        assert (0, first in ledger.controls.to_review()) == (ledger.controls.sample().controls.all, True)


def test_a_control_counts_by_what_people_say_of_it_by_now(path: Path, run: Callable[..., Ran]) -> None:
    """Who takes a correction back confirms what EQC had found; opened again twice, it tells nothing."""
    first, second, *_ = export(run)
    for decision in (WRONG, IDS[first]):
        assert 0 == run("review", "set", first, decision).code
    for decision in (WRONG, "reopen", WRONG, "reopen"):
        assert 0 == run("review", "set", second, decision).code
    with open_ledger(path) as ledger:
        assert Reviewed(1, 0) == ledger.controls.sample().controls


def test_a_confirmation_ends_with_a_decision(path: Path, run: Callable[..., Ran]) -> None:
    """Confirmed, then corrected and opened again, a name tells nothing, either."""
    first, *_ = export(run)
    say({first: IDS[first]})
    assert 0 == run("review", "import", SHEET).code
    for decision in (WRONG, "reopen"):
        assert 0 == run("review", "set", first, decision).code
    with open_ledger(path) as ledger:
        assert Reviewed(0, 0) == ledger.controls.sample().controls


# The gate


def flushed(ran: Ran) -> int:
    return int(json.loads(ran.out)["flushed"])


def test_a_gate_is_open_until_something_speaks_against_it(run: Callable[..., Ran], database_url: str) -> None:
    """Without a review, and with a few right ones; how many would prove it is said."""
    unreviewed = run("flush", "--gate", "0.998", url=database_url)
    assert 0 == unreviewed.code, unreviewed.err
    assert "Gate 0.998: open, as nothing speaks against it: 0 of 0 reviewed controls right" in unreviewed.out
    assert "1,497 more, all right, would prove it" in unreviewed.out
    drawn = export(run)
    say({key: IDS[key] for key in drawn})
    told = json.loads(run("review", "import", SHEET, "--gate", "0.998", "--json", url=database_url).out)
    assert len(drawn) == told["controls_confirmed"]
    proven = run("flush", "--gate", "0.5", "--json", url=database_url)
    assert (0, True) == (proven.code, json.loads(proven.out)["gate"]["proven"])


def test_a_shut_gate_lets_nothing_of_eqc_pass(path: Path, run: Callable[..., Ran], database_url: str) -> None:
    """Exit 10 with its figures; people's decisions go; after reviews it opens, and all is sent."""
    export(run, 0.5)
    first, *others = controls()
    say({first: WRONG})
    imported = run("review", "import", SHEET, "--gate", "0.998", "--json", url=database_url)
    assert (0, 1) == (imported.code, flushed(imported))
    assert {first: (WRONG, 1.0, "manual")} == standing(database_url)

    shut = run("flush", "--gate", "0.998", "--json", url=database_url)
    assert (10, 0) == (shut.code, flushed(shut))
    gate = json.loads(shut.out)["gate"]
    assert (False, 0, 1, len(others)) == tuple(
        gate[key] for key in ("open", "controls_right", "controls_wrong", "controls_to_review")
    )
    assert "eqcbatch: Gate 0.998: shut, nothing that EQC decided is flushed. 0 of 1 reviewed" in shut.err
    assert 1 == len(standing(database_url))
    assert 40 == len(ask(path, "SELECT 1 FROM names WHERE state = 'resolved' AND held IS NULL"))

    export(run, 1)
    say({key: IDS[key] for key in controls()})
    run("review", "import", SHEET, "--gate", "0.998", url=database_url)
    opened = run("flush", "--gate", "0.998", "--json", url=database_url)
    assert (0, 40) == (opened.code, len(standing(database_url)))
    assert json.loads(opened.out)["gate"]["open"]


def test_a_gate_that_has_no_say_is_told(run: Callable[..., Ran], eqcbatch: Run, path: Path) -> None:
    """Without a database, and with --no-flush."""
    for option, why in (((), "no database URL"), (("--no-flush",), "as --no-flush asks")):
        ran = run("drain", "--resume", "--gate", "0.998", "--eqc-url", "http://127.0.0.1:9", *option)
        assert f"--gate 0.998 has no say: nothing is flushed ({why})." in ran.err


def test_a_drain_goes_on_while_the_gate_is_shut(
    path: Path,
    run: Callable[..., Ran],
    eqcbatch: Run,
    simulator: Callable[..., Simulator],
    database_url: str,
) -> None:
    """It asks and decides as ever, flushes nothing of it, and ends with 10; the next open one flushes all."""
    export(run, 0.5)
    say({controls()[0]: WRONG})
    run("review", "import", SHEET)
    Path("more.csv").write_text("客户名称\n成都白鹭环保有限公司\n", encoding="utf-8")
    assert 0 == run("plan", "more.csv", "--no-index").code
    job = Job(eqcbatch, simulator(registry=OneEach()))

    def drain(*options: str) -> Ran:
        return job.drain("--ledger", path, "--json", *options, EQCBATCH_DATABASE_URL=database_url)

    shut = drain("--gate", "0.998")
    told = json.loads(shut.out)
    assert (10, 1, 1) == (shut.code, told["session"]["resolved"], told["session"]["flushed"])
    assert "shut" in shut.err
    assert not told["gate"]["open"]
    assert 1 == len(standing(database_url))

    assert 10 == drain("--gate", "0.998", "--details", "deferred").code
    assert [0] == select(database_url, "SELECT count(*) FROM enterprise.base_info")
    assert (0, False) == (drain().code, "gate" in json.loads(drain().out))
    assert 41 == len(standing(database_url))
    assert [0] != select(database_url, "SELECT count(*) FROM enterprise.base_info")
