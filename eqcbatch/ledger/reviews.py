"""A review: names with what EQC offered for them, and what a new rule makes of that.

No request is ever sent for it: candidates and spellings are all a verdict needs.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from eqcbatch.clock import Clock
from eqcbatch.domain.model import Candidate, Finding, NameStanding, RowEvidence, Rulebook, Verdict
from eqcbatch.ledger.conditions import BY_EQC, CONFIRMED, OF_CHANGED, UNREVIEWED
from eqcbatch.ledger.decision_rows import STANDING_COLUMNS, standing_from
from eqcbatch.ledger.name_details import CANDIDATE_COLUMNS, read_candidate
from eqcbatch.ledger.row_evidence import evidence_among, evidence_as_kept
from eqcbatch.ledger.rulebooks import keep_rulebook
from eqcbatch.ledger.sqlite import Database, expect_one

_OF_REVIEWED = f"lookup_key, query, rows, weight, {STANDING_COLUMNS}"
_STANDING = STANDING_COLUMNS.split(", ")
_Change = tuple[Finding, Candidate | None]


# Found in an index that holds all of it: what is resolved and not held is not read.
_HELD = """lookup_key IN (SELECT lookup_key FROM names INDEXED BY names_by_state
                          WHERE state = 'resolved' AND held IS NOT NULL AND rows > 0)"""
_CHANGED = f"lookup_key IN (SELECT n.lookup_key FROM {UNREVIEWED})"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A name as it stands, with all that a verdict needs.

    variants: how the current runs write it, most rows first. candidates: what EQC offered, best rank first.
    evidence: what stands in its rows beside it.
    change: what has become of its company, where a person has to say whose id it is to have; None for nothing
    of that kind. heir: who took that company's place, if anybody.
    """

    lookup_key: str
    query: str
    standing: NameStanding
    rows: int
    weight: float
    variants: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    change: Finding | None = None
    heir: Candidate | None = None
    evidence: tuple[RowEvidence, ...] = ()

    @property
    def offers(self) -> tuple[Candidate, ...]:
        """Whom a person can choose without force.

        The heir, the candidates, and the company that has changed, or that another name's answer told.
        """
        heirs = (self.heir,) if self.heir else ()
        stands = self.standing
        offered = any(one.company_id == stands.company_id for one in self.candidates)
        present = self.change or (stands.accepted and not offered)
        own = Candidate(
            0, stands.company_id or "", stands.official_name, stands.match_type, unite_code=stands.unite_code
        )
        return (*heirs, *self.candidates, *([own] if present else ()))


@dataclass(frozen=True, slots=True)
class Rescored:
    """A new verdict on stored candidates. written, evidence: what the sources have of the name now."""

    lookup_key: str
    verdict: Verdict
    written: tuple[str, ...] = ()
    evidence: tuple[RowEvidence, ...] = ()


class Reviews:
    """The review's side of the ledger."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db = database
        self._clock = clock

    def held(self) -> list[Reviewed]:
        """The held names of the current runs, heaviest first."""
        return self._read(_HELD)

    def changed(self) -> list[Reviewed]:
        """The names whose company is merged or has vanished, and of which nobody has decided since."""
        return self._read(_CHANGED)

    def named(self, keys: Collection[str]) -> dict[str, Reviewed]:
        """The names with these keys, as far as the ledger has them."""
        found = self._read(
            "lookup_key IN (SELECT value FROM json_each(:keys))",
            {"keys": json.dumps(sorted(keys), ensure_ascii=False)},
        )
        return {name.lookup_key: name for name in found}

    def answered(self) -> list[Reviewed]:
        """The names that an answer of EQC resolved, heaviest first; retired ones, too.

        Not those whose id a person confirmed: that stands until a person changes it (P12).
        """
        return self._read(f"{BY_EQC} AND lookup_key NOT IN ({CONFIRMED})")

    def record_rescored(self, rescored: Iterable[Rescored], rulebook: Rulebook) -> None:
        """Decide names that EQC's answers resolved by new verdicts, all in one transaction.

        A name is due for Postgres again, unless what was flushed is what is decided now.
        """
        now = self._clock.utc_now()
        with self._db.atomic():
            number = keep_rulebook(self._db, rulebook)
            for one in rescored:
                self._decide_anew(one, number, now)

    def _decide_anew(self, one: Rescored, rulebook: int, now: str) -> None:
        verdict = one.verdict
        cursor = self._db.execute(
            f"""UPDATE names SET company_id = :id, official_name = :name, unite_code = :code,
                      match_type = :type, confidence = :confidence, verdict = :how, held = :held,
                      decided_at = :now, decided_in = NULL, rulebook = :rulebook, flush_error = NULL,
                      written_as = CASE WHEN json_array(query) <> :written THEN :written END,
                      judged_with = :evidence,
                      flushed_at = CASE WHEN :held IS NULL AND flushed_company_id = :id
                                        AND flushed_confidence = :confidence THEN flushed_at END
               WHERE lookup_key = :key AND {BY_EQC}""",
            {
                **dict(zip(("id", "name", "code", "type"), _of_company(verdict.company), strict=True)),
                "confidence": verdict.confidence,
                "how": str(verdict.how),
                "held": str(verdict.held) if verdict.held else None,
                "now": now,
                "rulebook": rulebook,
                "written": json.dumps(one.written, ensure_ascii=False, separators=(",", ":")),
                "evidence": evidence_as_kept(one.evidence),
                "key": one.lookup_key,
            },
        )
        expect_one(cursor.rowcount, f"{one.lookup_key!r} resolved")

    def _read(self, which: str, parameters: dict[str, str] | None = None) -> list[Reviewed]:
        names = self._db.execute(
            f"SELECT {_OF_REVIEWED} FROM names WHERE {which} ORDER BY weight DESC, lookup_key",
            parameters or {},
        ).fetchall()
        among = f"lookup_key IN (SELECT lookup_key FROM names WHERE {which})"
        variants = self._variants(among, parameters or {})
        candidates = self._candidates(among, parameters or {})
        changes = self._changes(among, parameters or {})
        evidence = evidence_among(self._db, among, parameters or {})
        return [
            _reviewed(row, variants[row[0]], candidates[row[0]], evidence[row[0]], changes.get(row[0]))
            for row in names
        ]

    def _changes(self, among: str, parameters: dict[str, str]) -> dict[str, _Change]:
        """What has become of the companies of names that a person has to decide for it."""
        rows = self._db.execute(
            f"""SELECT n.lookup_key, r.finding, r.heir_id, r.heir_name, r.name_before
                FROM {OF_CHANGED} AND n.{among}""",
            parameters,
        )
        return {key: _change(*found) for key, *found in rows}

    def _variants(self, among: str, parameters: dict[str, str]) -> dict[str, list[str]]:
        variants: dict[str, list[str]] = defaultdict(list)
        for key, raw in self._db.execute(
            f"""SELECT lookup_key, raw FROM occurrences WHERE {among}
                GROUP BY lookup_key, raw ORDER BY lookup_key, sum(rows) DESC, raw""",
            parameters,
        ):
            variants[key].append(raw)
        return variants

    def _candidates(self, among: str, parameters: dict[str, str]) -> dict[str, list[Candidate]]:
        candidates: dict[str, list[Candidate]] = defaultdict(list)
        for key, *found in self._db.execute(
            f"SELECT lookup_key, {CANDIDATE_COLUMNS} FROM candidates WHERE {among} ORDER BY lookup_key, rank",
            parameters,
        ):
            candidates[key].append(read_candidate(found))
        return candidates


def _reviewed(
    row: tuple[Any, ...],
    variants: Sequence[str],
    candidates: Sequence[Candidate],
    evidence: Sequence[RowEvidence],
    change: _Change | None,
) -> Reviewed:
    key, query, rows, weight, *standing = row
    stands = standing_from(dict(zip(_STANDING, standing, strict=True)))
    finding, heir = change or (None, None)
    told = (tuple(variants), tuple(candidates), finding, heir, tuple(evidence))
    return Reviewed(key, query, stands, rows, weight, *told)


def _change(finding: str, heir_id: str | None, heir_name: str | None, name_before: str) -> _Change:
    former = () if heir_name == name_before else (name_before,)
    heir = Candidate(0, heir_id, heir_name, former_names=former) if heir_id else None
    return Finding(finding), heir


def _of_company(company: Candidate) -> tuple[str | None, ...]:
    return company.company_id, company.official_name, company.unite_code, company.match_type
