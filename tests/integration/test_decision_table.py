"""Every way to an id, for every standing of a name: what becomes of the name, of the index, and of a row.

Each cell is a case, worked out by hand from the order of strengths (docs/concepts.md#who-wins).
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from eqcbatch.domain.model import Candidate, Held, Reason, Verdict, VerdictRule
from eqcbatch.domain.names import lookup_key
from eqcbatch.simulate import Simulator, describe
from tests.conftest import FAST, TOKEN, Run
from tests.drains import SCALE, Bearers
from tests.indexes import execute, seed, select
from tests.ledgers import ask, decide, fail, resolve

OLD, NEW = "600000001", "600000009"
LEDGER = Path("l.sqlite")

# How names stand, by what they are called here.
NAMES = {
    "pending": "甲贸易有限公司",
    "by another's row": "乙贸易有限公司",
    "by a person's row": "丙贸易有限公司",
    "by override": "丁贸易有限公司",
    "by column": "戊贸易有限公司",
    "by EQC": "己贸易有限公司",
    "held": "庚贸易有限公司",
    "by a person": "辛贸易有限公司",
    "rejected": "壬贸易有限公司",
    "not found": "癸贸易有限公司",
    "invalid": "长" * 256,
}
BY_EQC = ("by EQC", "held", "by a person", "rejected")

# Of each way, by the standing before: the name then | the id in the index | what a row gets.
# 1: the id of before, 9: the new one, -: none.
TABLE = """
way             | standing          | the name            | index | a row
override        | pending           | cached 9 override   | -     | 9 override
override        | by another's row  | cached 9 override   | 1     | 9 override
override        | by a person's row | cached 9 override   | 1     | 9 override
override        | by override       | cached 9 override   | -     | 9 override
override        | by column         | cached 9 override   | -     | 9 override
override        | by EQC            | cached 9 override   | -     | 9 override
override        | held              | cached 9 override   | -     | 9 override
override        | by a person       | resolved 1 manual   | 1     | 1 manual
override        | rejected          | no_company          | -     | -
override        | not found         | cached 9 override   | -     | 9 override
override        | invalid           | invalid             | -     | -
a person's row  | pending           | cached 9 index      | 9     | 9 index
a person's row  | by another's row  | cached 9 index      | 9     | 9 index
a person's row  | by a person's row | cached 9 index      | 9     | 9 index
a person's row  | by override       | cached 1 override   | 9     | 1 override
a person's row  | by column         | cached 9 index      | 9     | 9 index
a person's row  | by EQC            | cached 9 index      | 9     | 9 index
a person's row  | held              | cached 9 index      | 9     | 9 index
a person's row  | by a person       | resolved 1 manual   | 9     | 1 manual
a person's row  | rejected          | no_company          | 9     | -
a person's row  | not found         | cached 9 index      | 9     | 9 index
another's row   | pending           | cached 9 index      | 9     | 9 index
another's row   | by another's row  | cached 9 index      | 9     | 9 index
another's row   | by a person's row | cached 9 index      | 9     | 9 index
another's row   | by override       | cached 1 override   | 9     | 1 override
another's row   | by column         | cached - column     | 9     | 1 column
another's row   | by EQC            | resolved 1 eqc      | 9     | 1 eqc
another's row   | held              | cached 9 index      | 9     | 9 index
another's row   | by a person       | resolved 1 manual   | 9     | 1 manual
another's row   | rejected          | no_company          | 9     | -
another's row   | not found         | cached 9 index      | 9     | 9 index
own column      | pending           | cached - column     | -     | 9 column
own column      | by another's row  | cached 1 index      | 1     | 9 column
own column      | by a person's row | cached 1 index      | 1     | 1 index
own column      | by override       | cached 1 override   | -     | 1 override
own column      | by column         | cached - column     | -     | 9 column
own column      | by EQC            | cached - column     | -     | 9 column
own column      | held              | cached - column     | -     | 9 column
own column      | by a person       | resolved 1 manual   | 1     | 1 manual
own column      | rejected          | no_company          | -     | -
own column      | not found         | cached - column     | -     | 9 column
own column      | invalid           | invalid             | -     | 9 column
sheet           | pending           | resolved 9 manual   | 9     | 9 manual
sheet           | by another's row  | resolved 9 manual   | 9     | 9 manual
sheet           | by a person's row | resolved 9 manual   | 1     | 9 manual
sheet           | by override       | resolved 9 manual   | 9     | 9 manual
sheet           | by column         | resolved 9 manual   | 9     | 9 manual
sheet           | by EQC            | resolved 9 manual   | 9     | 9 manual
sheet           | held              | resolved 9 manual   | 9     | 9 manual
sheet           | by a person       | resolved 9 manual   | 9     | 9 manual
sheet           | rejected          | resolved 9 manual   | 9     | 9 manual
sheet           | not found         | resolved 9 manual   | 9     | 9 manual
sheet           | invalid           | resolved 9 manual   | -     | 9 manual
set             | pending           | resolved 9 manual   | 9     | 9 manual
set             | by another's row  | resolved 9 manual   | 9     | 9 manual
set             | by a person's row | resolved 9 manual   | 1     | 9 manual
set             | by override       | resolved 9 manual   | 9     | 9 manual
set             | by column         | resolved 9 manual   | 9     | 9 manual
set             | by EQC            | resolved 9 manual   | 9     | 9 manual
set             | held              | resolved 9 manual   | 9     | 9 manual
set             | by a person       | resolved 9 manual   | 9     | 9 manual
set             | rejected          | resolved 9 manual   | 9     | 9 manual
set             | not found         | resolved 9 manual   | 9     | 9 manual
set             | invalid           | resolved 9 manual   | -     | 9 manual
none            | pending           | no_company          | -     | -
none            | by another's row  | no_company          | 1     | -
none            | by a person's row | no_company          | 1     | -
none            | by override       | no_company          | -     | -
none            | by column         | no_company          | -     | -
none            | by EQC            | no_company          | -     | -
none            | held              | no_company          | -     | -
none            | by a person       | no_company          | -     | -
none            | rejected          | no_company          | -     | -
none            | not found         | no_company          | -     | -
none            | invalid           | no_company          | -     | -
reopen          | pending           | pending             | -     | -
reopen          | by another's row  | pending             | 1     | -
reopen          | by a person's row | pending             | 1     | -
reopen          | by override       | pending             | -     | -
reopen          | by column         | cached - column     | -     | 1 column
reopen          | by EQC            | resolved 1 eqc      | 1     | 1 eqc
reopen          | held              | held 1 eqc          | -     | -
reopen          | by a person       | resolved 1 eqc      | 1     | 1 eqc
reopen          | rejected          | resolved 1 eqc      | 1     | 1 eqc
reopen          | not found         | pending             | -     | -
reopen          | invalid           | invalid             | -     | -
rescore         | pending           | pending             | -     | -
rescore         | by another's row  | cached 1 index      | 1     | 1 index
rescore         | by a person's row | cached 1 index      | 1     | 1 index
rescore         | by override       | cached 1 override   | -     | 1 override
rescore         | by column         | cached - column     | -     | 1 column
rescore         | by EQC            | resolved 1 eqc      | 1     | 1 eqc
rescore         | held              | resolved 1 eqc      | 1     | 1 eqc
rescore         | by a person       | resolved 1 manual   | 1     | 1 manual
rescore         | rejected          | no_company          | -     | -
rescore         | not found         | not_found           | -     | -
rescore         | invalid           | invalid             | -     | -
revert          | pending           | pending             | -     | -
revert          | by another's row  | cached 1 index      | 1     | 1 index
revert          | by a person's row | cached 1 index      | 1     | 1 index
revert          | by override       | cached 1 override   | -     | 1 override
revert          | by column         | cached - column     | -     | 1 column
revert          | by EQC            | held 1 eqc          | -     | -
revert          | held              | held 1 eqc          | -     | -
revert          | by a person       | resolved 1 manual   | 1     | 1 manual
revert          | rejected          | no_company          | -     | -
revert          | not found         | not_found           | -     | -
revert          | invalid           | invalid             | -     | -
audit           | pending           | pending             | -     | -
audit           | by another's row  | resolved 9 manual   | 9     | 9 manual
audit           | by a person's row | resolved 9 manual   | 1     | 9 manual
audit           | by override       | cached 1 override   | -     | 1 override
audit           | by column         | cached - column     | -     | 1 column
audit           | by EQC            | resolved 1 eqc      | 1     | 1 eqc
audit           | held              | held 1 eqc          | -     | -
audit           | by a person       | resolved 1 manual   | 1     | 1 manual
audit           | rejected          | no_company          | -     | -
audit           | not found         | not_found           | -     | -
audit           | invalid           | invalid             | -     | -
reverify        | pending           | resolved 9 eqc      | 9     | 9 eqc
reverify        | by another's row  | cached 1 index      | 1     | 1 index
reverify        | by a person's row | cached 1 index      | 1     | 1 index
reverify        | by override       | cached 1 override   | -     | 1 override
reverify        | by column         | cached - column     | -     | 1 column
reverify        | by EQC            | resolved 1 eqc      | 1     | 1 eqc
reverify        | held              | held 1 eqc          | -     | -
reverify        | by a person       | resolved 1 manual   | 1     | 1 manual
reverify        | rejected          | no_company          | -     | -
reverify        | not found         | not_found           | -     | -
reverify        | invalid           | invalid             | -     | -
heir            | pending           | resolved 9 eqc      | 9     | 9 eqc
heir            | by another's row  | resolved 9 manual   | 9     | 9 manual
heir            | by a person's row | resolved 9 manual   | 1     | 9 manual
heir            | by override       | resolved 9 manual   | 9     | 9 manual
heir            | by column         | cached - column     | -     | 1 column
heir            | by EQC            | resolved 9 manual   | 9     | 9 manual
heir            | held              | held 1 eqc          | -     | -
heir            | by a person       | resolved 9 manual   | 9     | 9 manual
heir            | rejected          | no_company          | -     | -
heir            | not found         | not_found           | -     | -
heir            | invalid           | invalid             | -     | -
backflow        | pending           | pending             | -     | -
backflow        | by another's row  | cached 1 index      | 1     | 1 index
backflow        | by a person's row | cached 1 index      | 1     | 1 index
backflow        | by override       | cached 1 override   | 1     | 1 override
backflow        | by column         | cached - column     | 1     | 1 column
backflow        | by EQC            | resolved 1 eqc      | 1     | 1 eqc
backflow        | held              | held 1 eqc          | -     | -
backflow        | by a person       | resolved 1 manual   | 1     | 1 manual
backflow        | rejected          | no_company          | -     | -
backflow        | not found         | not_found           | -     | -
backflow        | invalid           | invalid             | -     | -
"""
CELLS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()[1:]]
_ROWS = "lookup_key, lookup_type, company_id, confidence, source, source_domain"
Way = Callable[["Place", str], Any]


class Base(NamedTuple):
    """A ledger in which names stand in all ways, with its index and its night."""

    ledger: Path
    rows: list[Any]
    session: int


class Place:
    """Where a way is gone: a copy of the ledger in the working directory, a Postgres, and EQC's URL."""

    def __init__(self, eqcbatch: Run, url: str, session: int, eqc: Callable[[], str] = str) -> None:
        self._eqcbatch = eqcbatch
        self.url = url
        self.session = session
        self.eqc = eqc

    def run(self, *arguments: object) -> str:
        """Run a command; what it printed."""
        environment = {"EQCBATCH_DATABASE_URL": self.url, "EQCBATCH_EQC_TOKEN": TOKEN}
        ran = self._eqcbatch(*arguments, "--ledger", LEDGER, **environment)
        assert 0 == ran.code, ran.err
        return ran.out

    def plan(self, *options: object, own: dict[str, str] | None = None) -> str:
        """Plan the month, whose rows may have ids of their own; in any case that of one name."""
        ids = {NAMES["by column"]: OLD} | (own or {})
        with Path("month.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(
                [("客户名称", "id"), *((name, ids.get(name, "")) for name in NAMES.values())]
            )
        return self.run("plan", "month.csv", "--as", "月", "--id-column", "id", *options)

    def others_write(self, name: str, source: str) -> None:
        """Somebody puts the new id into the index."""
        key = lookup_key(name)
        execute(self.url, f"DELETE FROM enterprise.enrichment_index WHERE lookup_key = '{key}'")
        seed(self.url, (key, "customer_name", NEW, 1.0), source=source)

    def stands(self, name: str) -> list[str]:
        """The name, the id that the index has for it, and what its row gets."""
        key = lookup_key(name)
        ((state, reason, company_id, source, held),) = ask(
            LEDGER, "SELECT state, reason, company_id, source, held FROM names WHERE lookup_key = ?", [key]
        )
        told = f"{'held' if held else state} {_short(company_id)} {_known_by(source)}"
        rows = select(
            self.url,
            f"""SELECT company_id FROM enterprise.enrichment_index
                WHERE lookup_key = '{key}' AND lookup_type = 'customer_name'""",
        )
        self.run("apply", "month.csv", "-o", "out.csv", "--no-temp-ids")
        with Path("out.csv").open(encoding="utf-8", newline="") as file:
            row = next(row for row in csv.DictReader(file) if row["客户名称"] == name)
        got = f"{_short(row['company_id'])} {_known_by(row['company_id_source'])}".strip()
        return [reason or ("pending" if state == "pending" else told), _short(rows[0] if rows else None), got]


def _short(company_id: str | None) -> str:
    return company_id[-1] if company_id else "-"


def _known_by(source: str | None) -> str:
    return (source or "").partition(":")[0]


def _sheet(name: str, decision: str) -> str:
    Path("d.csv").write_text(f"lookup_key,decision,force\n{lookup_key(name)},{decision},yes\n", "utf-8")
    return "d.csv"


def _override(place: Place, name: str) -> None:
    Path("ids.yml").write_text(f"{name}: '{NEW}'\n", encoding="utf-8")
    place.plan("--overrides", "ids.yml")


def _row_of(source: str) -> Way:
    def way(place: Place, name: str) -> None:
        place.others_write(name, source)
        place.plan()

    return way


def _audit(place: Place, name: str) -> None:
    """The company of the old id is called otherwise, so that its rows are suspicious: one is put right.

    A row that EQC bears out, as the ledger knows, is none of them.
    """
    execute(
        place.url,
        f"""INSERT INTO enterprise.base_info (company_id, company_full_name)
            VALUES ('{OLD}', '大连无关钢铁集团有限公司') ON CONFLICT DO NOTHING""",
    )
    place.run("audit", "--sheet", "suspicious.csv")
    _decide_in("suspicious.csv", place, name)


def _reverify(place: Place, _: str) -> None:
    """The company of the old id is merged into that of the new one."""
    place.run(
        *("drain", "--resume", "--reverify", "0s", "--budget", "all", "--rate", FAST, "--time-scale", SCALE),
        *("--eqc-url", place.eqc()),
    )


def _take_the_heir(place: Place, name: str) -> None:
    _reverify(place, name)
    place.run("review", "export", "changed.csv")
    _decide_in("changed.csv", place, name)


def _decide_in(sheet: str, place: Place, name: str) -> None:
    """Say in a sheet that the new id is it, if it has a line of the name, and that is not held."""
    with Path(sheet).open(encoding="utf-8-sig", newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["lookup_key"] == lookup_key(name)]
    if any(line.get("held") in (None, "", "merged") for line in lines):
        place.run("review", "import", _sheet(name, NEW), "--change-decisions")


WAYS: dict[str, Way] = {
    "override": _override,
    "a person's row": _row_of("manual"),
    "another's row": _row_of("eqc_api"),
    "own column": lambda place, name: place.plan(own={name: NEW}),
    "sheet": lambda place, name: place.run("review", "import", _sheet(name, NEW), "--change-decisions"),
    "set": lambda place, name: place.run("review", "set", name, NEW, "--force"),
    "none": lambda place, name: place.run("review", "set", name, "none"),
    "reopen": lambda place, name: place.run("review", "set", name, "reopen"),
    "rescore": lambda place, _: place.run("review", "rescore", "--apply", "--min-confidence", "0.5"),
    "revert": lambda place, _: place.run("flush", "--revert", place.session),
    "audit": _audit,
    "reverify": _reverify,
    "heir": _take_the_heir,
    "backflow": lambda place, _: place.run("flush", "--backflow"),
}
_begun: dict[str, Base] = {}


@pytest.fixture
def place(
    eqcbatch: Run,
    database_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    simulator: Callable[..., Simulator],
) -> Place:
    """A fresh copy of the names as they stand before."""
    if not _begun:
        directory = tmp_path_factory.mktemp("begun")
        _begun["base"] = _begin(Place(eqcbatch, database_url, 0), directory)
    base = _begun["base"]
    shutil.copy(base.ledger, LEDGER)
    heir = describe("大连继承控股有限公司", company_id=NEW, former_names=tuple(NAMES.values()), status="存续")
    place = Place(eqcbatch, database_url, base.session, lambda: simulator(registry=Bearers([heir])).url)
    execute(database_url, "TRUNCATE enterprise.enrichment_index")
    for row in base.rows:
        values = ", ".join("NULL" if one is None else f"'{one}'" for one in row)
        execute(database_url, f"INSERT INTO enterprise.enrichment_index ({_ROWS}) VALUES ({values})")
    place.plan()  # writes the month
    return place


def _begin(place: Place, directory: Path) -> Base:
    """Let each name come to stand as it is called."""
    seed(place.url, (NAMES["by another's row"], "customer_name", OLD, 0.9), source="eqc_api")
    seed(place.url, (NAMES["by a person's row"], "customer_name", OLD, 1.0), source="manual")
    Path("old.yml").write_text(f"{NAMES['by override']}: '{OLD}'\n", encoding="utf-8")
    place.plan("--overrides", "old.yml")
    fail(LEDGER, NAMES["not found"], Reason.NOT_FOUND)
    for standing in BY_EQC:
        name = NAMES[standing]
        kind = "拼音" if standing == "held" else "全称精确匹配"
        confidence, held = (0.6, Held.LOW_CONFIDENCE) if standing == "held" else (1.0, None)
        company = Candidate(0, OLD, name, kind)
        resolve(LEDGER, name, Verdict(company, confidence, VerdictRule.EXACT_NAME, held))
    decide(LEDGER, NAMES["by a person"], OLD)
    decide(LEDGER, NAMES["rejected"], "none")
    place.run("flush")
    (session,) = ask(LEDGER, "SELECT DISTINCT flushed_session FROM names WHERE source = 'eqc' AND flushed_at")
    rows = select(place.url, f"SELECT {_ROWS} FROM enterprise.enrichment_index")
    return Base(Path(shutil.copy(LEDGER, directory / "begun.sqlite")), rows, int(session))


def test_the_table_has_every_cell() -> None:
    """Of each way and standing, save that no index holds a key that is too long."""
    missing = {(way, "invalid") for way in ("a person's row", "another's row")}
    assert {(way, name) for way in WAYS for name in NAMES} - missing == {
        (way, name) for way, name, *_ in CELLS
    }
    assert len(CELLS) == len({(way, name) for way, name, *_ in CELLS})


@pytest.mark.parametrize(("way", "standing", "name", "index", "row"), CELLS)
def test_what_becomes_of_a_name(
    place: Place, eqcbatch: Run, way: str, standing: str, name: str, index: str, row: str
) -> None:
    """By the table; the accounts balance, and going the way again changes nothing."""
    raw = NAMES[standing]
    WAYS[way](place, raw)
    assert [name, index, row] == place.stands(raw)
    assert 0 == eqcbatch("report", "--check", "--ledger", LEDGER).code
    if way != "revert":  # which says that there is nothing left
        WAYS[way](place, raw)
        assert [name, index, row] == place.stands(raw)
