"""What a plan knows of names beside their words: columns, the other customers of plan codes, rows with an id.

| evidence                                                                         | is                     |
|----------------------------------------------------------------------------------|------------------------|
| a value of a column that was asked for                                           | the value              |
| of a plan code of few names, all others that are known have one id               | that id                |
| rows of the name are known by a key of their own                                 | their ids              |

It is gathered of names that an answer of EQC may decide, or did: of those that have a row of which nothing is
known, and that nobody else knows. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from eqcbatch.domain.model import EvidenceKind, IdSource, Known, Occurrence, RowEvidence

MOST_OF_A_PLAN = 5  # names of a plan code: one of more is a collective plan's

_Rows = Sequence[tuple[str, Occurrence]]
_BY_ANSWERS = (IdSource.EQC, IdSource.HARVEST, IdSource.MANUAL)


def gather(
    rows: _Rows,
    covers: Sequence[Known | None],
    known: tuple[Mapping[str, Known], Mapping[str, Known]],
    columns: Mapping[str, Sequence[RowEvidence]],
) -> Iterator[tuple[str, RowEvidence]]:
    """All evidence, with the lookup keys whose it is.

    rows, covers: of the run, with what covers each. known: what names are known by, as news and as they
    stand. columns: what stands beside names, by lookup key.
    """
    if not (columns or any(covers) or any(seen.plan_code for _, seen in rows)):
        return
    undecided = {key for (key, _), cover in zip(rows, covers, strict=True) if key and cover is None}
    news, standing = known

    def known_by(key: str) -> Known | None:
        return news.get(key) or standing.get(key)

    undecided = {key for key in undecided if _may_be_asked(known_by(key))}
    for key in columns.keys() & undecided:
        yield from ((key, piece) for piece in columns[key])
    yield from _of_covered_rows(rows, covers, undecided)
    yield from _of_plan_codes(rows, covers, known_by, undecided)


def _may_be_asked(known: Known | None) -> bool:
    return known is None or known.source in _BY_ANSWERS


def _of_covered_rows(
    rows: _Rows, covers: Sequence[Known | None], undecided: set[str]
) -> Iterator[tuple[str, RowEvidence]]:
    found: Counter[tuple[str, str]] = Counter()
    for (key, seen), cover in zip(rows, covers, strict=True):
        if cover and cover.company_id and key in undecided:
            found[key, cover.company_id] += seen.rows
    for (key, company_id), count in found.items():
        yield key, RowEvidence(EvidenceKind.ROWS, company_id, count)


def _of_plan_codes(
    rows: _Rows,
    covers: Sequence[Known | None],
    known: Callable[[str], Known | None],
    undecided: set[str],
) -> Iterator[tuple[str, RowEvidence]]:
    told: dict[str, set[tuple[str, str]]] = {}  # ids and whose they are, by plan code
    for (key, seen), cover in zip(rows, covers, strict=True):
        if seen.plan_code:
            by = cover or (known(key) if key else None)
            if by and by.company_id:
                told.setdefault(seen.plan_code, set()).add((by.company_id, key))
    names: dict[str, Counter[str]] = {code: Counter() for code in told}
    for key, seen in rows:
        if seen.plan_code in told and key:
            names[seen.plan_code][key] += seen.rows
    found: Counter[tuple[str, str]] = Counter()
    for code, counts in names.items():
        for key in counts.keys() & undecided if len(counts) <= MOST_OF_A_PLAN else ():
            others = {company_id for company_id, other in told[code] if other != key}
            if len(others) == 1:
                found[key, others.pop()] += counts[key]
    for (key, company_id), count in found.items():
        yield key, RowEvidence(EvidenceKind.PLAN_CODE, company_id, count)
