"""The figures as tables, and single names with what EQC offered for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple

from tabulate import tabulate

from synthetic.cases import Case, ours
from synthetic.figures import Figures

_SCORE_HEADS = ("", "flushed", "wrong", "precision", "from", "to", "recall")
_KIND_HEADS = ("names", "share", "n", "right", "wrong", "held", "resolvable", "found")


def print_figures(figures: Figures) -> None:
    """Print all figures: both ways of choosing, each kind of name, and the rest in a few lines."""
    scores = {"eqcbatch": figures.eqcbatch, "first_candidate": figures.first_candidate}
    rows = [[way, *astuple(reached)] for way, reached in scores.items()]
    print(tabulate(rows, _SCORE_HEADS, floatfmt=".4f"))
    print()
    print(tabulate(_by_kind(figures), _KIND_HEADS, disable_numparse=[1, 7]))
    print(
        f"\nby the shares of the kinds: precision {figures.precision_by_shares:.5f}, recall "
        f"{figures.recall_by_shares:.4f}, held {figures.held_by_shares:.3f}\n"
        f"{figures.names} names, {figures.resolvable} resolvable; held {figures.held_share:.1%}; "
        f"requests a name {figures.requests_per_name:.3f}, a resolved name "
        f"{figures.requests_per_resolved_name:.3f}\n"
        f"density {figures.density:g}: {figures.namesakes:g} others of a company's brand and trade; "
        f"seeds {', '.join(map(str, figures.seeds))}; {figures.seconds} s; "
        f"rename case {'holds' if figures.renamed_apart else 'FAILS'}"
    )
    print("missed: " + "; ".join(figures.missed) if figures.missed else "all thresholds hold")


def print_worst(cases: Sequence[Case], most: int) -> None:
    """List the worst: wrong ids first, then resolvable names that were not flushed."""
    wrong = [case for case in cases if ours(case) and ours(case) != case.true_id]
    needless = [case for case in cases if case.resolvable and not ours(case)]
    for title, listed in (("Wrong ids", wrong), ("Resolvable, not flushed", needless)):
        print(f"\n{title}: {len(listed)}")
        print(dict(Counter((case.kind, str(case.verdict)) for case in listed)))
        for case in listed[:most]:
            print(_explained(case))


def _by_kind(figures: Figures) -> Iterator[list[object]]:
    """A line of the table for each kind of name."""
    for kind, of in figures.kinds.items():
        found = f"{of.found / of.resolvable:.3f}" if of.resolvable else "-"
        yield [kind, f"{of.share:.4f}", of.n, of.right, of.wrong, of.held, of.resolvable, found]


def _explained(case: Case) -> str:
    """A mistake or a needless hold, with what EQC offered."""
    truth = f"{case.asked.truth.name.text} {case.true_id}" if case.asked.truth else "none"
    lines = [f"[{case.kind}] {case.asked.raw!r}, truth: {truth}", f"   {case.verdict} ->"]
    for one in case.candidates:
        chosen = "*" if one.company_id == case.company_id else " "
        former = f" former {'，'.join(one.former_names)}" if one.former_names else ""
        company = f"{one.official_name} {one.company_id} {one.registered_status}"
        lines.append(f"   {chosen} {company}{former}")
    return "\n".join(lines)
