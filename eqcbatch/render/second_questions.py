"""What second questions came to, by kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eqcbatch.domain.second_query import LEAST_YIELD, pays
from eqcbatch.humanize import count
from eqcbatch.render.plain_text import share

if TYPE_CHECKING:
    from eqcbatch.domain.model import SecondQuestion
    from eqcbatch.report import Report


def unpaid_text(kind: SecondQuestion, requests: int, settled: int) -> str:
    """That a kind is not asked any more, and why."""
    return (
        f"of the kind {kind} are not asked any more: {count(requests, 'request')} decided "
        f"{count(settled, 'name')}, less than {100 * LEAST_YIELD:.0f} %."
    )


def second_questions_text(report: Report) -> str:
    """The yield of each kind that was ever asked; "" for none."""
    kinds = [
        f"{one.kind} {one.settled:,} of {one.requests:,} ({share(one.settled, one.requests)})"
        + ("" if pays(one.requests, one.settled) else ", not asked any more")
        for one in report.second_questions
    ]
    return f"Second questions, names decided of requests: {'; '.join(kinds)}" if kinds else ""


def second_questions_json(report: Report) -> list[dict[str, Any]]:
    """The same for programs (docs/reference.md#json)."""
    return [
        {
            "kind": str(one.kind),
            "requests": one.requests,
            "settled": one.settled,
            "yield": round(one.settled / one.requests, 4) if one.requests else None,
            "asked_on": pays(one.requests, one.settled),
        }
        for one in report.second_questions
    ]
