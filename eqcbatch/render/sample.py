"""What the sample of an audit says of the index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eqcbatch.domain.model import RowAnswer
from eqcbatch.humanize import count
from eqcbatch.render.plain_text import share, table
from eqcbatch.safe_text import visible

if TYPE_CHECKING:
    from eqcbatch.domain.estimate import Estimate, Interval
    from eqcbatch.domain.sample_standing import SampleStanding, StratumStanding


def sample_text(sample: SampleStanding) -> str:
    """The sample with its strata, the share of wrong rows, and what is left to be asked."""
    if not sample.rows:
        return f"{_headline(sample)} It has no row that could be asked."
    parts = [_headline(sample), sample_line(sample), *_undecided(sample), _strata(sample)]
    return "\n".join([*filter(None, parts[:-1]), "", parts[-1]])


def sample_line(sample: SampleStanding) -> str:
    """The share of wrong rows with its interval, in one line."""
    found = sample.estimate
    if found is None:
        return "Wrong rows: not known yet, no row is decided."
    return (
        f"Wrong rows: {percent(found.wrong.share)}, between {percent(found.wrong.low)} and "
        f"{percent(found.wrong.high)} with 95 % confidence, of those that EQC's answers decide."
    )


def audit_line(sample: SampleStanding) -> str:
    """The latest audit as a report tells of it."""
    left = f" {sample.left:,} of {count(sample.wanted, 'row')} are left to ask." if sample.left else ""
    return f"Audit of the index, {sample.drawn_at[:10]}. {sample_line(sample)}{left}"


def _headline(sample: SampleStanding) -> str:
    answers = sample.answers
    asked = f"{sample.wanted - sample.left:,} of {count(sample.rows, 'row')} asked"
    said = ", ".join(
        f"{answers[answer]:,} {str(answer).replace('_', ' ')}" for answer in RowAnswer if answers[answer]
    )
    left = f" {sample.left:,} are left to ask." if sample.left else ""
    drawn = f"{visible(sample.index)}, drawn {sample.drawn_at[:16].replace('T', ' ')} UTC"
    return f"Sample of {drawn}: {asked}{': ' + said if said else ''}.{left}"


def _undecided(sample: SampleStanding) -> list[str]:
    found = sample.estimate
    if found is None or not found.undecided:
        return []
    return [
        f"Undecided: {percent(found.undecided)} of the rows (held, not found). Were all of them right, "
        f"{percent(found.if_right.share)} of all would be wrong ({percent(found.if_right.low)} at least); "
        f"were all wrong, {percent(found.if_wrong.share)} ({percent(found.if_wrong.high)} at most)."
    ]


def _strata(sample: SampleStanding) -> str:
    lines = [
        (
            *(", ".join(stratum.verdicts), ", ".join(stratum.sources), stratum.rows, stratum.wanted),
            *(stratum.count.right, stratum.count.wrong, stratum.count.undecided),
            share(stratum.count.wrong, stratum.count.decided),
        )
        for stratum in sample.strata
    ]
    heads = ("verdicts", "sources", "rows", "drawn", "right", "wrong", "undecided", "wrong of decided")
    return table(lines, heads)


def percent(value: float) -> str:
    """A share in percent, with as many digits as a small one needs."""
    return f"{100 * value:.2f} %" if value < 0.1 else f"{100 * value:.1f} %"


def sample_json(sample: SampleStanding | None) -> dict[str, Any] | None:
    """The sample for programs; None without one."""
    if sample is None:
        return None
    return {
        "number": sample.number,
        "drawn_at": sample.drawn_at,
        "index": sample.index,
        "index_rows": sample.index_rows,
        "rows": sample.rows,
        "wanted": sample.wanted,
        "left": sample.left,
        **_answers(sample),
        **_estimate_json(sample.estimate),
        "strata": [
            {
                "verdicts": list(stratum.verdicts),
                "sources": list(stratum.sources),
                "rows": stratum.rows,
                "wanted": stratum.wanted,
                **_answers(stratum),
            }
            for stratum in sample.strata
        ],
    }


def _answers(of: SampleStanding | StratumStanding) -> dict[str, int]:
    return {str(answer): of.answers.get(answer, 0) for answer in RowAnswer}


def _estimate_json(found: Estimate | None) -> dict[str, Any]:
    if found is None:
        return {"wrong_share": None, "undecided_share": None, "if_right": None, "if_wrong": None}
    return {
        "wrong_share": _interval_json(found.wrong),
        "undecided_share": round(found.undecided, 6),
        "if_right": _interval_json(found.if_right),
        "if_wrong": _interval_json(found.if_wrong),
    }


def _interval_json(interval: Interval) -> dict[str, float]:
    return {
        "share": round(interval.share, 6),
        "low": round(interval.low, 6),
        "high": round(interval.high, 6),
    }
