"""Where ids come from: runs, sessions and requests behind a name, names behind an id. Reads only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from eqcbatch.domain.model import (
    Endpoint,
    Held,
    IdSource,
    Outcome,
    RowEvidence,
    Rulebook,
    SecondQuestion,
    State,
    VerdictRule,
)
from eqcbatch.ledger.judged_names import answered_seconds
from eqcbatch.ledger.migrations import SETTLED
from eqcbatch.ledger.row_evidence import kept_evidence
from eqcbatch.ledger.rulebooks import rulebooks
from eqcbatch.ledger.searches import read_searches
from eqcbatch.ledger.sqlite import Database


@dataclass(frozen=True, slots=True)
class RunOrigin:
    """A current run that has the name. covered_by: who knew the id of its rows themselves, by which id."""

    number: int
    source: str
    planned_at: str
    rows: int
    covered_by: tuple[tuple[IdSource, str | None], ...]


@dataclass(frozen=True, slots=True)
class SessionOrigin:
    """A session, with the rulebook it judged by and its settings; None where a version before kept none."""

    number: int
    started_at: str
    rulebook: Rulebook | None
    settings: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class RequestOrigin:
    """The request that brought an answer. parameter: what it asked."""

    number: int
    session: SessionOrigin
    endpoint: Endpoint
    parameter: str | None
    started_at: str
    outcome: Outcome
    answer_sha256: str | None


@dataclass(frozen=True, slots=True)
class FlushedAs:
    """What of a name was flushed to Postgres. session: with which one; None where that is not known."""

    at: str | None
    session: int | None
    company_id: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the id of a name comes from.

    runs: those that have the name. request: the one that brought the answer; answer_sha256: the hash of that;
    judged_in, judged_by: the session and the rulebook that made the verdict. None where EQC has no part in
    it, or a version before did not keep it. flushed: None where nothing was.
    """

    lookup_key: str
    query: str
    state: State
    source: IdSource | None
    company_id: str | None
    runs: tuple[RunOrigin, ...]
    request: RequestOrigin | None
    answer_sha256: str | None
    judged_in: SessionOrigin | None
    judged_by: Rulebook | None
    flushed: FlushedAs | None


@dataclass(frozen=True, slots=True)
class IdHolders:
    """Who has an id, or had it in Postgres. names: lookup keys. rows: plan codes and raw names of rows that a
    key of their own gives it. former_names: names that its company alone bore before.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[str | None, str, IdSource], ...]
    former_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Amounts:
    """What an answer amounts to for a name: None for everything where EQC knows no such company."""

    company_id: str | None = None
    confidence: float | None = None
    verdict: VerdictRule | None = None
    held: Held | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A name that an answer of EQC decided, with what it was judged by.

    written: how the sources wrote it then; evidence: what stood beside it. question: what EQC was asked.
    answer_sha256, rulebook: None where a version before kept none. harvested: whether another name was asked.
    asked_anew: whether that was asked since, of the company it named. stands: as the ledger has it. seconds:
    what was asked for it besides, by kind.
    """

    lookup_key: str
    query: str
    written: tuple[str, ...]
    question: str
    answer_sha256: str | None
    rulebook: Rulebook | None
    harvested: bool
    asked_anew: bool
    stands: Amounts
    evidence: tuple[RowEvidence, ...] = ()
    seconds: Mapping[SecondQuestion, str] = field(default_factory=dict)


_JUDGED = f"""
SELECT lookup_key, query, rulebook, answer_sha256, written_as, judged_with, source,
       company_id, confidence, verdict, held
FROM names
WHERE state = 'resolved' AND source IN ('{IdSource.EQC}', '{IdSource.HARVEST}')
   OR state = 'failed' AND reason = 'not_found' AND verdict IS NULL
ORDER BY lookup_key"""
_OF_NAME = """lookup_key, query, state, source, company_id, answer_sha256, decided_in, rulebook,
              flushed_at, flushed_session, flushed_company_id, flushed_confidence"""
# The requests that may have brought an answer: those of the name, those of a name that is asked alike, and
# any that brought the very same, as no two answers with companies in them are alike.

_REQUESTS = """
SELECT requests.id, session_id, endpoint, coalesce(parameter, company_id), lookup_key, started_at, outcome,
       answer_sha256
FROM requests WHERE endpoint = 'search' AND outcome IN ('answered', 'not_found') AND"""
_OF_THE_NAME = "lookup_key = :key"
_ASKED_ALIKE = f"""lookup_key IN (
    SELECT lookup_key FROM names INDEXED BY names_settled
    WHERE query_form = (SELECT query_form FROM names WHERE lookup_key = :key) AND {SETTLED})"""
_OF_THE_ANSWER = "outcome = 'answered' AND answer_sha256 = :answer"
_OF_IT = "(:answer IS NULL OR answer_sha256 IS NULL OR answer_sha256 = :answer)"
_ASKED = (IdSource.EQC, IdSource.HARVEST, IdSource.MANUAL)


class Origins:
    """The side of the ledger that tells where things come from."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of_name(self, lookup_key: str) -> Provenance | None:
        """Where the id of a name comes from; None if the ledger does not have the name."""
        row = self._db.execute(f"SELECT {_OF_NAME} FROM names WHERE lookup_key = ?", [lookup_key]).fetchone()
        if row is None:
            return None
        key, query, state, source, company_id, answer, decided_in, rulebook, *flushed = row
        asked = state == State.FAILED or source in _ASKED
        books = rulebooks(self._db)
        return Provenance(
            *(key, query, State(state), IdSource(source) if source else None, company_id, self._runs(key)),
            request=self._request(key, answer) if asked else None,
            answer_sha256=answer if asked else None,
            judged_in=self._session(decided_in) if asked and decided_in else None,
            judged_by=books.get(rulebook) if asked else None,
            flushed=_flushed(*flushed),
        )

    def of_id(self, company_id: str) -> IdHolders:
        """Who has an id, or had it in Postgres."""
        names = self._db.execute(
            """SELECT lookup_key FROM names WHERE company_id = :id OR flushed_company_id = :id
               OR lookup_key IN (SELECT lookup_key FROM backflow
                                 WHERE company_id = :id OR flushed_company_id = :id)
               ORDER BY weight DESC, lookup_key""",
            {"id": company_id},
        )
        rows = self._db.execute(
            """SELECT plan_code, raw, source FROM occurrences WHERE company_id = :id
               UNION SELECT plan_code, '', source FROM unnamed WHERE company_id = :id ORDER BY 1, 2""",
            {"id": company_id},
        )
        former_names = self._db.execute(
            """SELECT lookup_key FROM former_names WHERE company_id = :id OR flushed_company_id = :id
               ORDER BY lookup_key""",
            {"id": company_id},
        )
        return IdHolders(
            tuple(key for (key,) in names),
            tuple((plan, raw, IdSource(source)) for plan, raw, source in rows),
            tuple(key for (key,) in former_names),
        )

    def judged(self) -> Iterator[Judged]:
        """Every name that an answer of EQC decided, retired ones, too."""
        books, searches, seconds = rulebooks(self._db), read_searches(self._db), answered_seconds(self._db)
        for key, query, rulebook, answer, written_as, evidence, source, *stands in self._db.execute(_JUDGED):
            question = searches.asked.get(answer, query) if source == IdSource.HARVEST else query
            written = tuple(json.loads(written_as)) if written_as else (query,)
            asked_anew = searches.anew.get(question, 0) > searches.brought.get(answer, 0)
            judged_by = (key, query, written, question, answer, books.get(rulebook))
            beside = (_standing(*stands), kept_evidence(evidence), seconds.get(key, {}))
            yield Judged(*judged_by, source == IdSource.HARVEST, asked_anew, *beside)

    def judged_by_others(self) -> int:
        """How many names have an id, or none, that no answer of EQC decided: by people, or known before."""
        (count,) = self._db.execute(
            f"SELECT count(*) FROM names WHERE state = 'cached' OR verdict = '{VerdictRule.MANUAL}'"
        ).fetchone()
        return int(count)

    def lookup_keys(self) -> list[str]:
        """All names, retired ones, too."""
        return [key for (key,) in self._db.execute("SELECT lookup_key FROM names ORDER BY lookup_key")]

    def _runs(self, lookup_key: str) -> tuple[RunOrigin, ...]:
        found = self._db.execute(
            """SELECT r.id, r.source, r.planned_at, sum(o.rows),
                      json_group_array(DISTINCT json_array(o.source, o.company_id) || '')
                          FILTER (WHERE o.source IS NOT NULL)
               FROM occurrences o JOIN runs r ON r.id = o.run_id AND r.current = 1
               WHERE o.lookup_key = ? GROUP BY r.id ORDER BY r.id""",
            [lookup_key],
        )
        return tuple(
            RunOrigin(number, source, planned_at, rows, _covers(covers))
            for number, source, planned_at, rows, covers in found
        )

    def _request(self, key: str, answer: str | None) -> RequestOrigin | None:
        """The request behind a verdict, the latest that may be it."""
        for which in (_OF_THE_NAME, _ASKED_ALIKE, _OF_THE_ANSWER):
            row = self._db.execute(
                f"{_REQUESTS} {which} AND {_OF_IT} ORDER BY id DESC LIMIT 1", {"key": key, "answer": answer}
            ).fetchone()
            if row is not None:
                return self._origin(*row)
        return None

    def _origin(
        self, number: int, session: int, endpoint: str, parameter: str | None, key: str | None, *rest: Any
    ) -> RequestOrigin:
        began, outcome, digest = rest
        if parameter is None and key is not None:
            (parameter,) = self._db.execute("SELECT query FROM names WHERE lookup_key = ?", [key]).fetchone()
        origin = self._session(session)
        return RequestOrigin(number, origin, Endpoint(endpoint), parameter, began, Outcome(outcome), digest)

    def _session(self, number: int) -> SessionOrigin:
        began, rulebook, settings = self._db.execute(
            "SELECT started_at, rulebook, settings FROM sessions WHERE id = ?", [number]
        ).fetchone()
        books = rulebooks(self._db) if rulebook else {}
        return SessionOrigin(number, began, books.get(rulebook), json.loads(settings) if settings else None)


def _standing(
    company_id: str | None, confidence: float | None, verdict: str | None, held: str | None
) -> Amounts:
    rule, why = VerdictRule(verdict) if verdict else None, Held(held) if held else None
    return Amounts(company_id, confidence, rule, why)


def _covers(told: str | None) -> tuple[tuple[IdSource, str | None], ...]:
    """Who knew the ids of rows, and these, out of a JSON array of JSON arrays as texts."""
    pairs = map(json.loads, json.loads(told or "[]"))
    return tuple((IdSource(source), company_id) for source, company_id in pairs)


def _flushed(
    at: str | None, session: int | None, company_id: str | None, confidence: Any
) -> FlushedAs | None:
    return FlushedAs(at, session, company_id, float(confidence)) if company_id else None
