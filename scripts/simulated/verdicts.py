"""What is decided of names, held against what EQC said to just these questions."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eqcbatch.domain.matching import Asked, judge
from eqcbatch.domain.model import Candidate, Endpoint, EvidenceKind, RowEvidence, SecondQuestion, Verdict
from eqcbatch.domain.names import written_form
from eqcbatch.settings import ConfidenceRule
from simulated.truth import finds_nothing

if TYPE_CHECKING:
    from simulated.story import Step
    from simulated.world import Ran, World

# Empties that a session believes before it doubts (docs/decisions/0010), and that one that was hit may leave
# to the next one: those that make it doubt, and what is in flight meanwhile.
MOST_LIES, MOST_LEFT = 4, 8
Name = dict[str, Any]


class Verdicts:
    """Which verdicts are wrong."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._hit: set[str] = set()  # processes that something struck

    def wrong(
        self, step: Step, ran: Sequence[Ran], ledger: sqlite3.Connection, names: Sequence[Name]
    ) -> Iterator[str]:
        """P6, P10: each line tells of a name."""
        lies: Counter[str] = Counter()
        self._hit.update(
            one.process.name for one in ran if step.blows or step.options.get("in_flight", 1) != 1
        )
        for name in names:
            if name["verdict"] == "manual" or name["rows"] == 0:
                continue
            if name["state"] == "failed" and name["reason"] == "not_found":
                problem, liar = self._not_found(name)
                if problem:
                    yield problem
                lies.update([liar] if liar else [])
            elif name["state"] == "resolved" and name["source"] in ("eqc", "harvest"):
                yield from self._resolved(step, name, ledger)
        for liar, names_of_it in lies.items():
            if names_of_it > (MOST_LEFT if liar in self._hit else MOST_LIES):
                yield f"P6: {names_of_it} names are not_found by an EQC that found nothing for {liar}"
        if step.kind == "last night" and lies:
            yield f"P6: {lies.total()} names stay not_found though EQC knows them"

    def _not_found(self, name: Name) -> tuple[str | None, str | None]:
        """What is wrong with a name that EQC is said not to know; to which process EQC lied last."""
        empties = [
            one
            for one in self._world.truth.said(Endpoint.SEARCH, name["query"])
            if finds_nothing(one.body or b"{}")
        ]
        if not empties:
            return f"P6: {name['lookup_key']} is not_found, and EQC never said so", None
        known = bool(self._world.eqc.registry.search(name["query"]))
        return None, empties[-1].process if known and not any(one.true for one in empties) else None

    def _resolved(self, step: Step, name: Name, ledger: sqlite3.Connection) -> Iterator[str]:
        key, company_id = name["lookup_key"], name["company_id"]
        if name["source"] == "harvest":
            if not self._offered_to_another(name):
                yield f"P10: {key} was harvested as {company_id}, which no answer says"
            return
        offers = self._offers(name, ledger)
        if company_id not in {found.company_id for offer in offers for found in offer}:
            yield f"P10: {key} is {company_id}, which EQC never offered for it"
            return
        if name["held"] == "reverted" or step.kind != "last night":
            return
        variants = tuple(
            raw
            for (raw,) in ledger.execute(
                """SELECT raw FROM occurrences WHERE lookup_key = ?
                   GROUP BY raw ORDER BY sum(rows) DESC, raw""",
                [key],
            )
        )
        asked = Asked(key, name["query"], variants)
        beside = tuple(
            RowEvidence(EvidenceKind(kind), *rest) for kind, *rest in json.loads(name["judged_with"] or "[]")
        )
        judged = (judge(asked, offer, ConfidenceRule(), beside) for offer in offers)
        right = [told for verdict in judged if (told := _told(verdict))]
        if _standing(name) not in right:
            yield f"verdict: {key} is {_standing(name)}, by what EQC said it is one of {right}"

    def _offers(self, name: Name, ledger: sqlite3.Connection) -> list[tuple[Candidate, ...]]:
        """What EQC may have offered for a name: by each answer to it, with each to its second questions."""
        offers = self._world.truth.offers(name["query"])
        for kind, query in ledger.execute(
            """SELECT kind, query FROM second_questions
               WHERE lookup_key = ? AND answered_at IS NOT NULL ORDER BY answered_at, id""",
            [name["lookup_key"]],
        ):
            by_second = [
                tuple(replace(found, second=SecondQuestion(kind)) for found in offer)
                for offer in self._world.truth.offers(query)
            ]
            offers = [(*first, *second) for first in offers for second in by_second]
        return offers

    def _offered_to_another(self, name: Name) -> bool:
        """Whether some answer has a company that bears the name, with just this id."""
        wanted = written_form(name["query"])
        for asked in self._world.eqc.asked:
            if asked.endpoint is Endpoint.SEARCH and asked.body is not None:
                for found in self._world.truth.read(asked):
                    bears = written_form(found.official_name or "") == wanted
                    if bears and found.company_id == name["company_id"]:
                        return True
        return False


def _told(verdict: Verdict | None) -> tuple[object, ...] | None:
    if verdict is None:
        return None
    held = str(verdict.held) if verdict.held else None
    return verdict.company.company_id, verdict.confidence, str(verdict.how), held


def _standing(name: Name) -> tuple[object, ...]:
    return name["company_id"], name["confidence"], name["verdict"], name["held"]
