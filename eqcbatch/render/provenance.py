"""Where an id comes from."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from eqcbatch.domain.model import IdSource
from eqcbatch.humanize import count
from eqcbatch.render.overruled_rows import overruled_line
from eqcbatch.render.plain_text import table
from eqcbatch.safe_text import visible

if TYPE_CHECKING:
    from eqcbatch.domain.model import Rulebook
    from eqcbatch.ledger.backflow import Vouched
    from eqcbatch.ledger.decision_rows import DecisionRow
    from eqcbatch.ledger.origins import FlushedAs, Provenance, RequestOrigin, RunOrigin
    from eqcbatch.ledger.reverified import FoundAgain
    from eqcbatch.report import ArchivedAs, Chain, IdReport

_STANDINGS = {
    "archived": "archived {at} UTC",
    "replaced": "replaced in the archive by the answer of {at} UTC",
    "missing": "not in the archive",
    "unknown": "not to be told from another one",
}


def chain_text(chain: Chain) -> str:
    """The chain behind the id of one name, from the source to Postgres."""
    found = chain.provenance
    lines = [("run", _run(run)) for run in found.runs] or [("run", "in no current one")]
    if found.source and not found.request:
        lines.append(("known by", _known_by(found)))
    if found.request:
        lines.append(("asked", _request(found.request)))
    if chain.answer:
        lines.append(("answer", _answer(chain.answer)))
    if found.judged_by:
        session = found.judged_in.number if found.judged_in else None
        lines.append(("judged", _judged(found.judged_by, session)))
    if chain.decisions:
        lines.append(("decided", _decision(chain.decisions[-1])))
    if found.flushed:
        lines.append(("flushed", _flushed(found.flushed)))
    if chain.vouched:
        lines.append(("vouched for", _vouched(chain.vouched)))
    if chain.overruled:
        lines.append(("index has", overruled_line(chain.overruled)))
    return "Where it comes from:\n" + table(lines)


def chain_json(chain: Chain) -> dict[str, Any]:
    """The same for programs."""
    return asdict(chain.provenance) | {
        "answer": asdict(chain.answer) if chain.answer else None,
        "decisions": [asdict(one) for one in chain.decisions],
        "vouched": asdict(chain.vouched) if chain.vouched else None,
        "overruled": asdict(chain.overruled) if chain.overruled else None,
    }


def id_text(traced: IdReport) -> str:
    """Who has an id, and where each of them has it from."""
    kind = "Temporary id" if traced.temporary else "Id"
    holders = traced.holders
    parts = [f"{kind} {visible(traced.company_id)}: {count(len(traced.names), 'name')}"]
    parts += [_found_again(traced.reverified)] if traced.reverified else []
    parts += [f"{visible(one.provenance.lookup_key)}\n{chain_text(one)}" for one in traced.names]
    if holders.rows:
        rows = [(source, plan or "", raw) for plan, raw, source in holders.rows]
        parts.append(
            "Rows that have it by a key of their own:\n" + table(rows, ("source", "plan code", "name"))
        )
    if holders.former_names:
        parts.append("Former names:\n" + "\n".join(map(visible, holders.former_names)))
    return "\n\n".join(parts)


def id_json(traced: IdReport) -> dict[str, Any]:
    """The same for programs."""
    return {
        "company_id": traced.company_id,
        "temporary": traced.temporary,
        "names": [chain_json(one) for one in traced.names],
        "rows": [
            {"plan_code": plan, "raw": raw, "source": str(source)}
            for plan, raw, source in traced.holders.rows
        ],
        "former_names": list(traced.holders.former_names),
        "reverified": asdict(traced.reverified) if traced.reverified else None,
    }


def _known_by(found: Provenance) -> str:
    """Who knows the id; of an override, how to withdraw it: it stays when its line is gone."""
    if found.source is not IdSource.OVERRIDE:
        return str(found.source)
    return f"{found.source}; withdrawn by: take its line out, then eqcbatch review set NAME reopen"


def _run(run: RunOrigin) -> str:
    covered = "".join(f"; {source} says {one or 'never ask'}" for source, one in run.covered_by)
    rows = count(run.rows, "row")
    return f"{run.number}: {run.source}, planned {_moment(run.planned_at)} UTC, {rows}{covered}"


def _request(request: RequestOrigin) -> str:
    asked = f" {request.parameter}" if request.parameter else ""
    return (
        f"request {request.number} of session {request.session.number}, {_moment(request.started_at)} UTC, "
        f"{request.endpoint}{asked}: {request.outcome}"
    )


def _answer(answer: ArchivedAs) -> str:
    told = _STANDINGS[answer.standing].format(at=_moment(answer.archived_at or ""))
    return f"sha256 {answer.sha256}, {told}" if answer.sha256 else told


def _judged(rulebook: Rulebook, session: int | None) -> str:
    where = f"in session {session} " if session else ""
    return (
        f"{where}by eqcbatch {rulebook.version}, rule set {rulebook.rule_set}, "
        f"least confidence {rulebook.rule.minimum:.2f}"
    )


def _decision(decision: DecisionRow) -> str:
    when = f", {_moment(decision.decided_at)} UTC" if decision.decided_at else ""
    return f"by {decision.decided_by or 'a person'}{when}: {decision.after}"


def _flushed(flushed: FlushedAs) -> str:
    when = f"{_moment(flushed.at)} UTC" if flushed.at else "to be corrected or taken back"
    session = f" with session {flushed.session}" if flushed.session else ""
    return f"{flushed.company_id}, {flushed.confidence:.2f}, {when}{session}"


def _vouched(vouched: Vouched) -> str:
    what = f"{vouched.company_id or 'nothing any more'}, {vouched.origin}, by {vouched.by}"
    stands = f"the index has {vouched.flushed_company_id or 'nothing of it'}"
    why = f" ({visible(vouched.error)})" if vouched.error else ""
    return f"{what}, {_moment(vouched.at)} UTC; {stands}{why}"


def _found_again(found: FoundAgain) -> str:
    when = f"{_moment(found.asked_at)} UTC" if found.asked_at else "to be asked again"
    heir = f" into {found.heir_id} {found.heir_name or ''}".rstrip() if found.heir_id else ""
    answers = [one for one in (found.by_id_sha256, found.by_name_sha256) if one]
    told = f"; answers sha256 {', '.join(answers)}" if answers else ""
    return f"Asked of again in session {found.session}, {when}: {found.finding}{visible(heir)}{told}"


def _moment(text: str) -> str:
    return text[:19].replace("T", " ")
