"""The figures as tables, and single names with what EQC offered for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple

from tabulate import tabulate

from synthetic.figures import Case, Figures, ours, rivals, score
from synthetic.name_variants import KINDS

_KIND_HEADS = (
    "names",
    "asked",
    "resolvable",
    "flushed",
    "wrong",
    "recall",
    "held",
    "wrong at first candidate",
)


def print_figures(figures: Figures, cases: Sequence[Case]) -> None:
    """Print all figures: both ways of choosing, each kind of name, and the rest in a line."""
    scores = {"eqcbatch": figures.eqcbatch, "first_candidate": figures.first_candidate}
    rows = [[way, *astuple(reached)] for way, reached in scores.items()]
    print(tabulate(rows, ["", "flushed", "wrong", "precision", "recall"], floatfmt=".4f"))
    print()
    print(tabulate(_by_kind(cases), _KIND_HEADS, disable_numparse=[5]))
    print(
        f"\n{figures.names} names, {figures.resolvable} resolvable; held {figures.held_share:.1%}; "
        f"requests a name {figures.requests_per_name:.3f}, a resolved name "
        f"{figures.requests_per_resolved_name:.3f}; {figures.seconds} s; "
        f"rename case {'holds' if figures.renamed_apart else 'FAILS'}"
    )
    print("missed: " + "; ".join(figures.missed) if figures.missed else "all thresholds hold")


def print_worst(cases: Sequence[Case], most: int) -> None:
    """List the worst: wrong ids first, then resolvable names that were not flushed."""
    wrong = [case for case in cases if ours(case) and ours(case) != case.true_id]
    needless = [case for case in cases if case.resolvable and not ours(case)]
    for title, listed in (("Wrong ids", wrong), ("Resolvable, not flushed", needless)):
        print(f"\n{title}: {len(listed)}")
        print(dict(Counter((case.kind, case.row["verdict"]) for case in listed)))
        for case in listed[:most]:
            print(_explained(case))


def _by_kind(cases: Sequence[Case]) -> Iterator[list[object]]:
    """A line of the table for each kind of name."""
    for kind in KINDS:
        alike = [case for case in cases if case.kind == kind]
        reached, resolvable = score(alike, ours), sum(case.resolvable for case in alike)
        recall = f"{reached.recall:.3f}" if resolvable else "-"
        held = sum(case.is_held for case in alike)
        at_rival = score(alike, rivals).wrong
        yield [kind, len(alike), resolvable, reached.flushed, reached.wrong, recall, held, at_rival]


def _explained(case: Case) -> str:
    """A mistake or a needless hold, with what EQC offered."""
    truth = f"{case.asked.truth.name.text} {case.true_id}" if case.asked.truth else "none"
    lines = [f"[{case.kind}] {case.asked.raw!r}, truth: {truth}", f"   {case.row['verdict']} ->"]
    for one in case.candidates:
        chosen = "*" if one.company_id == case.row["company_id"] else " "
        former = f" former {'，'.join(one.former_names)}" if one.former_names else ""
        company = f"{one.official_name} {one.company_id} {one.registered_status}"
        lines.append(f"   {chosen} {company}{former}")
    return "\n".join(lines)
