"""What the audit of an index came to."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from eqcbatch.domain.index_audit import LIKELIHOOD, RowVerdict
from eqcbatch.humanize import count
from eqcbatch.render.plain_text import fitted, share, table
from eqcbatch.render.sample import sample_json, sample_text
from eqcbatch.safe_text import visible

if TYPE_CHECKING:
    from eqcbatch.audit import AuditReport
    from eqcbatch.domain.index_audit import Judged
    from eqcbatch.domain.model import Candidate
    from eqcbatch.domain.sample_standing import SampleStanding
    from eqcbatch.drain import DrainReport

_ODD = 5  # ids that look like none, of which a terminal is told
_NAME_WIDTH = 36  # columns of a terminal

# What a verdict says, for people.
SAYS = {
    RowVerdict.DECIDED: "a person decided it (`eqcbatch report --name` says who)",
    RowVerdict.OVERRULED: "a person decided the name otherwise",
    RowVerdict.AGREES: "the company bears the name, or bears it out",
    RowVerdict.RENAMED: "the company bore the name before",
    RowVerdict.GONE: "it agrees, and is struck off the register",
    RowVerdict.AMBIGUOUS: "it agrees, and another may be meant as well",
    RowVerdict.CONTRADICTING_REGION: "the company's name has another place",
    RowVerdict.CONTRADICTING_BRANCH: "the company's name has another branch",
    RowVerdict.CONTRADICTING_NUMBER: "the company's name has another number",
    RowVerdict.CONTRADICTING_CORE: "the company's name has another brand or trade",
    RowVerdict.CONTRADICTING_FORM: "the company's name has another legal form",
    RowVerdict.ANOTHER_COMPANY: "another company bears the name, or is closer to it",
    RowVerdict.TWO_IDS: "the key has another id in another row",
    RowVerdict.UNLIKE_NAMES: "other names of its id mean another company",
    RowVerdict.UNKNOWN_COMPANY: "nothing is stored of the company",
    RowVerdict.UNPROVEN: "nothing that is stored tells",
    RowVerdict.NO_ID: "the id is none, and nobody uses it",
}


def audit_text(
    audit: AuditReport, sample: SampleStanding | None, drained: DrainReport | None, top: int
) -> str:
    """What an audit found, with the first rows that are worth a look, and what to type next.

    sample: the latest, if there is one. drained: the session that asked it now, if one did.
    """
    parts = (
        _headline(audit),
        _verdicts(audit),
        _first(audit, top),
        _session(drained) if drained else "",
        sample_text(sample) if sample else "",
        _next(audit, sample, drained),
    )
    return "\n\n".join(filter(None, parts))


def _session(drained: DrainReport) -> str:
    sent, replays = count(drained.counts.requests, "request"), count(drained.counts.replays, "answer")
    return (
        f"Session {drained.session_id} ended: {drained.exit_reason}. Sent {sent}, {replays} from the archive."
    )


def _next(audit: AuditReport, sample: SampleStanding | None, drained: DrainReport | None) -> str:
    if drained and sample and sample.left:
        return f"Next: eqcbatch audit --budget {sample.left}, which goes on"
    if audit.rows and sample is None:
        return "Next: eqcbatch audit --budget 300 asks EQC what share is wrong"
    return ""


def _headline(audit: AuditReport) -> str:
    read = f"{visible(audit.index)}, read {audit.read_at[:16].replace('T', ' ')} UTC"
    rows, known = count(audit.rows, "row"), count(audit.companies, "company", "companies")
    lines = [f"{read}: {rows}; something is stored of {known}."]
    if not audit.has_base_info:
        lines.append("There is no table enterprise.base_info: the ledger alone knows companies.")
    if audit.judged:
        lines.append(
            f"Judged without a request: {audit.judged:,} rows, of which {audit.suspicious:,} are suspicious "
            f"({share(audit.suspicious, audit.judged)})."
        )
    elif audit.rows:
        lines.append("None of them could be judged: nothing is stored of their companies.")
    if audit.odd_ids:
        first = ", ".join(f"{visible(one)} ({number:,})" for one, number in audit.odd_ids[:_ODD])
        more = ", ..." if len(audit.odd_ids) > _ODD else ""
        lines.append(
            f"Ids that look like none, and count all the same: {count(audit.odd_rows, 'row')}, "
            f"{first}{more}. Mend them there: plans use them."
        )
    return "\n".join(lines)


def verdict_counts(audit: AuditReport) -> list[tuple[RowVerdict, int, float]]:
    """Rows and weight of each verdict over all types, the likeliest wrong first."""
    rows: defaultdict[RowVerdict, int] = defaultdict(int)
    weights: defaultdict[RowVerdict, float] = defaultdict(float)
    for one in audit.counts:
        rows[one.verdict] += one.rows
        weights[one.verdict] += one.weight
    in_order = sorted(rows, key=lambda one: (-LIKELIHOOD[one], one))
    return [(verdict, rows[verdict], weights[verdict]) for verdict in in_order]


def _verdicts(audit: AuditReport) -> str:
    lines = [
        (
            *(str(verdict), rows, share(rows, audit.rows), _weight(weight)),
            *(f"{100 * LIKELIHOOD[verdict]:g} %", SAYS[verdict]),
        )
        for verdict, rows, weight in verdict_counts(audit)
    ]
    return table(lines, ("verdict", "rows", "share", "weight", "wrong", "because"))


def _first(audit: AuditReport, top: int) -> str:
    if not audit.ranked or not top:
        return ""
    lines = [
        (
            *(_weight(one.seen.weight), f"{100 * one.likelihood:g} %", str(one.verdict)),
            *(one.seen.row.lookup_type, fitted(one.seen.row.lookup_key, _NAME_WIDTH)),
            *(one.seen.row.company_id, _named(one.company)),
            ", ".join(_with_id(other) for other in one.instead[:2]),
        )
        for one in audit.ranked[:top]
    ]
    total = len(audit.ranked) + audit.left_out
    headline = f"Worth a look, by weight and likelihood: {count(total, 'row')}"
    headline += f", of which the first {top:,}:" if total > top else ":"
    heads = ("weight", "wrong", "verdict", "type", "key", "id", "its company", "instead")
    return f"{headline}\n{table(lines, heads)}"


def _weight(weight: float) -> str:
    return f"{weight:,.0f}" if weight >= 1000 or weight.is_integer() else f"{weight:,.2f}"


def _named(company: Candidate | None) -> str:
    return fitted(company.official_name or "", _NAME_WIDTH) if company else "not stored"


def _with_id(company: Candidate) -> str:
    return f"{company.company_id} {fitted(company.official_name or '', _NAME_WIDTH)}".rstrip()


def audit_json(
    audit: AuditReport, sample: SampleStanding | None, drained: DrainReport | None
) -> dict[str, Any]:
    """What an audit found, for programs."""
    session = (
        {
            "requests": drained.counts.requests,
            "replays": drained.counts.replays,
            "exit_reason": str(drained.exit_reason),
        }
        if drained
        else None
    )
    return {
        "index": audit.index,
        "read_at": audit.read_at,
        "rows": audit.rows,
        "companies": audit.companies,
        "judged": audit.judged,
        "suspicious": audit.suspicious,
        "suspicious_share": _rounded(audit.suspicious_share),
        "verdicts": [
            {
                "lookup_type": one.lookup_type,
                "verdict": str(one.verdict),
                "rows": one.rows,
                "weight": one.weight,
                "likelihood": LIKELIHOOD[one.verdict],
            }
            for one in audit.counts
        ],
        "ranked": [_judged_json(one) for one in audit.ranked],
        "left_out": audit.left_out,
        "odd_rows": audit.odd_rows,
        "odd_ids": [{"company_id": one, "rows": number} for one, number in audit.odd_ids],
        "session": session,
        "sample": sample_json(sample),
    }


def _judged_json(judged: Judged) -> dict[str, Any]:
    return {
        **judged.seen.row._asdict(),
        "weight": judged.seen.weight,
        "verdict": str(judged.verdict),
        "likelihood": judged.likelihood,
        "official_name": judged.company.official_name if judged.company else None,
        "instead": [
            {"company_id": one.company_id, "official_name": one.official_name} for one in judged.instead
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
