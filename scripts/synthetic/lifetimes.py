"""Companies that live on: drained once, then renamed, merged and deregistered, and asked of again."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

from eqcbatch.clock import Clock
from eqcbatch.domain.model import Finding, Occurrence
from eqcbatch.drain import DrainSettings, Events, drain
from eqcbatch.eqc import Eqc, RateLimiter, TokenSource, open_archive, read_candidates
from eqcbatch.ledger import archive_path, open_ledger
from eqcbatch.plan import plan
from eqcbatch.review import Terms, set_decision
from eqcbatch.simulate import (
    Company,
    ListedRegistry,
    MatchType,
    Offer,
    Simulator,
    SimulatorOptions,
    describe,
    wire,
)
from eqcbatch.source import Tally
from synthetic.drained import UNLIMITED, Silence

A_NIGHT = 400  # requests
_SHARES = {Finding.RENAMED: 0.06, Finding.MERGED: 0.04, Finding.DEREGISTERED: 0.03, Finding.VANISHED: 0.01}
_BY_PEOPLE = 10  # of a hundred names, whatever becomes of their companies
_AGAIN = DrainSettings(resume=True, budget=A_NIGHT, in_flight=2, reverify_after_s=365 * 86400.0)


class LivingRegistry:
    """A registry in which time can pass."""

    def __init__(self, companies: list[Company]) -> None:
        self._today = ListedRegistry(companies, labels_exact=1.0)

    def pass_time(self, companies: list[Company]) -> None:
        """Let the companies be what they are by now."""
        self._today = ListedRegistry(companies, labels_exact=1.0)

    def search(self, key: str) -> list[Offer]:
        """Offer the companies for a name."""
        return self._today.search(key)

    def company(self, company_id: str) -> Company | None:
        """Find the company with this id."""
        return self._today.company(company_id)


@dataclass(frozen=True, slots=True)
class Lives:
    """Companies before and after. truth: what became of each; heirs: who took the place of merged ones."""

    before: list[Company]
    after: list[Company]
    truth: Mapping[str, Finding]
    heirs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LifeFigures:
    """What a reverification found of what was planted.

    planted, found: companies by what became of them, and those of which just that was found. wrong_heirs:
    companies said to be merged into another one than they are. by_people: names that people decided;
    decisions_changed, names_changed: rows of these, and of any, that are not as they were. nights, requests:
    those of the reverification.
    """

    companies: int
    planted: Mapping[str, int]
    found: Mapping[str, int]
    wrong_heirs: int
    by_people: int
    decisions_changed: int
    names_changed: int
    awaiting_review: int
    nights: int
    requests: int

    @property
    def missed(self) -> tuple[str, ...]:
        """What should not be: a change that was not found, a false one, and anything of people's changed."""
        faults = {
            **{
                f"{finding} not found": self.planted[finding] - self.found[finding]
                for finding in self.planted
            },
            "wrong heirs": self.wrong_heirs,
            "decisions of people changed": self.decisions_changed,
            "names changed": self.names_changed,
        }
        return tuple(f"{what}: {number}" for what, number in faults.items() if number)

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return asdict(self) | {"missed": self.missed}


def lives(seed: int, count: int) -> Lives:
    """Make up so many companies, and what becomes of each."""
    before = [
        describe(f"{_brand(number)}实业有限公司", company_id=str(600_000_000 + 7 * number), status="存续")
        for number in range(count)
    ]
    fates = [finding for finding, share in _SHARES.items() for _ in range(round(share * count))]
    fates += [Finding.UNCHANGED] * (count - len(fates))
    random.Random(seed).shuffle(fates)
    lived = list(zip(before, fates, strict=True))
    later = [_later(company, fate, number) for number, (company, fate) in enumerate(lived)]
    return Lives(
        before,
        [company for companies in later for company in companies],
        {company.company_id: fate for company, fate in lived},
        {
            company.company_id: companies[-1].company_id
            for (company, fate), companies in zip(lived, later, strict=True)
            if fate is Finding.MERGED
        },
    )


def _brand(number: int) -> str:
    """A name's beginning: two numbers make no pair of names alike."""
    signs = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
    return "".join(signs[number // 22**place % 22] for place in range(3)) + "远山青禾"[number % 3 :][:2]


def _heir(name: str, number: int) -> Company:
    """Who takes a company's place: one whose former name EQC tells, as what it does not tell nobody finds."""
    for company_id in map(str, range(900_000_000 + 100 * number, 900_000_100 + 100 * number)):
        heir = describe(
            f"{name[:3]}控股股份有限公司", company_id=company_id, former_names=(name,), status="存续"
        )
        answer = wire.search([Offer(heir, MatchType.FUZZY, 1.0)], name)
        if any(found.former_names for found in read_candidates(answer)):
            return heir
    raise AssertionError(f"no answer tells the former name of {name}'s heir")


def _later(company: Company, finding: Finding, number: int) -> list[Company]:
    """What EQC has of a company later: itself, changed or not, and its heir."""
    name = company.official_name
    if finding is Finding.RENAMED:
        return [replace(company, official_name=f"{name[:3]}科技股份有限公司", former_names=(name,))]
    if finding is Finding.MERGED:
        heir = _heir(name, number)
        return [replace(company, status="注销"), heir] if number % 2 else [heir]
    if finding is Finding.DEREGISTERED:
        return [replace(company, status=("注销", "吊销，未注销")[number % 2])]
    return [] if finding is Finding.VANISHED else [company]


def reverified(place: Path, lived: Lives, seed: int) -> LifeFigures:
    """Drain the companies as they were, let people decide some, and ask of all again as they are by now."""
    path, registry = place / "ledger.sqlite", LivingRegistry(lived.before)
    with Simulator(SimulatorOptions(latency=(0, 0), rate=None, token="T", registry=registry)) as simulator:
        with open_ledger(path, create=True) as ledger:
            names = [Occurrence(company.official_name) for company in lived.before]
            plan(ledger.runs, Tally.of(names), "lives", {}, None)
        _night(path, simulator, DrainSettings(budget=None, in_flight=2))
        _decide_some(path, lived, random.Random(seed))
        _age(path)
        registry.pass_time(lived.after)
        before, asked, nights = _kept(path), len(simulator.requests), 0
        while _night(path, simulator, _AGAIN):
            nights += 1
        sent = len(simulator.requests) - asked
    return _measured(path, lived, before, nights, sent)


def _night(path: Path, simulator: Simulator, settings: DrainSettings) -> int:
    """Run one drain; how many companies it asked of again."""
    with (
        open_ledger(path) as ledger,
        open_archive(archive_path(path)) as archive,
        Eqc(simulator.url, TokenSource({"EQCBATCH_EQC_TOKEN": "T"}), archive) as eqc,
    ):
        rate_limiter, silence = RateLimiter(path.with_name("pace.json"), UNLIMITED), cast(Events, Silence())
        report = drain(ledger, eqc, rate_limiter, None, settings, silence, Clock(time_scale=600))
    if report.trouble:
        raise report.trouble
    return sum(report.counts.reverified.values())


def _decide_some(path: Path, lived: Lives, chance: random.Random) -> None:
    """Let a person decide some names: for the id that they have, another one, or none."""
    chosen = chance.sample(lived.before, len(lived.before) * _BY_PEOPLE // 100)
    with open_ledger(path) as ledger:
        for number, company in enumerate(chosen):
            other = chance.choice(lived.before).company_id
            text = (company.company_id, other, "none")[number % 3]
            set_decision(ledger, None, company.official_name, text, "a person", Terms(force=True))


def _age(path: Path) -> None:
    """Let all that was decided be years old, and nothing of it be archived any more."""
    archive_path(path).unlink()
    with closing(sqlite3.connect(path)) as ledger:
        ledger.execute("UPDATE names SET decided_at = '2020-01-01T00:00:00.000000Z'")
        ledger.commit()


def _kept(path: Path) -> tuple[list[Any], list[Any], list[Any]]:
    """All names, those that people decided, and the decisions; not whether a change was shown to anybody."""
    with closing(sqlite3.connect(path)) as ledger:
        told = (column for _, column, *_ in ledger.execute("PRAGMA table_info(names)"))
        columns = ", ".join(column for column in told if column != "change_seen_at")
        questions = (
            f"SELECT {columns} FROM names ORDER BY lookup_key",
            f"SELECT {columns} FROM names WHERE verdict = 'manual' ORDER BY lookup_key",
            "SELECT * FROM decisions ORDER BY id",
        )
        names, by_people, decisions = (ledger.execute(question).fetchall() for question in questions)
    return names, by_people, decisions


def _measured(path: Path, lived: Lives, before: tuple[list[Any], ...], nights: int, sent: int) -> LifeFigures:
    with closing(sqlite3.connect(path)) as ledger:
        found = {
            company_id: (Finding(finding), heir)
            for company_id, finding, heir in ledger.execute(
                "SELECT company_id, finding, heir_id FROM reverified"
            )
        }
        wanted = [
            one for (one,) in ledger.execute("SELECT DISTINCT company_id FROM names WHERE company_id <> ''")
        ]
    with open_ledger(path) as opened:
        awaiting = opened.reverified.counts().awaiting_review
    truth = {company_id: lived.truth[company_id] for company_id in wanted}
    planted = Counter(truth.values())
    rightly = Counter(finding for one, finding in truth.items() if found.get(one, (None,))[0] is finding)
    after = _kept(path)
    return LifeFigures(
        companies=len(wanted),
        planted={str(finding): planted[finding] for finding in Finding},
        found={str(finding): rightly[finding] for finding in Finding},
        wrong_heirs=sum(heir not in (None, lived.heirs.get(one)) for one, (_, heir) in found.items()),
        by_people=len(before[1]),
        decisions_changed=_differing(before[1], after[1]) + _differing(before[2], after[2]),
        names_changed=_differing(before[0], after[0]),
        awaiting_review=awaiting,
        nights=nights,
        requests=sent,
    )


def _differing(before: list[Any], after: list[Any]) -> int:
    return len(set(before) ^ set(after))
