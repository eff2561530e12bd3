"""What a replay of all verdicts came to."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from eqcbatch.humanize import count
from eqcbatch.render.plain_text import table

if TYPE_CHECKING:
    from eqcbatch.ledger.origins import Amounts
    from eqcbatch.review import Difference, Replay

_SHOWN = 20  # differences that a terminal shows
_WHY = {
    "different": "the same answer and rules say otherwise: a defect, or somebody changed the ledger",
    "by_rules": "the rules are others than those that judged it",
    "on_unknown_grounds": "a version before kept neither answer nor rules",
    "replaced": "asked anew since, and the answer of then made room for a later one, be that doubted or not",
    "missing": "its answer is not in the archive",
}


def replay_json(replay: Replay) -> dict[str, Any]:
    """How many names came to what, and each that did not come to the same."""
    counts = {kind: replay.names.get(kind, 0) for kind in ("same", *_WHY)}
    return counts | {
        "not_by_eqc": replay.others,
        "differences": [
            {
                "lookup_key": one.lookup_key,
                "came_to": str(one.came_to),
                "stands": asdict(one.stands),
                "now": asdict(one.now) if one.now else None,
            }
            for one in replay.differences
        ],
    }


def replay_text(replay: Replay) -> str:
    """How many names came to what, and the first that did not come to the same."""
    total, same = sum(replay.names.values()), replay.names.get("same", 0)
    lines = [
        f"Replayed {count(total, 'verdict')} from the archive: {same:,} the same. "
        "Nothing was changed, no request was sent.",
        f"Not decided by EQC: {count(replay.others, 'name')}, by people or known before.",
    ]
    lines += [f"{replay.names[kind]:,}: {why}" for kind, why in _WHY.items() if replay.names.get(kind)]
    differing = [one for one in replay.differences if one.came_to.differs]
    if differing:
        lines.append(_listing(differing))
    if replay.names.get("by_rules") or replay.names.get("on_unknown_grounds"):
        lines.append("Next: eqcbatch review rescore, which shows what the rules of today make of all names")
    return "\n".join(lines)


def _listing(differing: list[Difference]) -> str:
    rows = [
        (one.lookup_key, one.came_to, _amounts(one.stands), _amounts(one.now)) for one in differing[:_SHOWN]
    ]
    more = len(differing) - _SHOWN
    listing = table(rows, ("lookup key", "why", "stands", "now"))
    return listing + (f"\nand {more:,} more (--json has all)" if more > 0 else "")


def _amounts(amounts: Amounts | None) -> str:
    if amounts is None or amounts.company_id is None:
        return "not found"
    held = f", held: {amounts.held}" if amounts.held else ""
    return f"{amounts.company_id} {amounts.confidence:.2f} {amounts.verdict}{held}"
