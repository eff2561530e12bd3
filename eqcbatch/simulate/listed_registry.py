"""A registry over a list of companies, with a real little search."""

from __future__ import annotations

import csv
import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from eqcbatch.errors import BadInput
from eqcbatch.simulate import chance
from eqcbatch.simulate.registry import Company, MatchType, Offer, describe, folded

MOST_OFFERS = 10
LEAST_OVERLAP, LEAST_CONTAINED = 0.35, 0.5
TOP_SCORE = 100.0
COLUMNS = ("company_id", "official_name", "unite_code", "former_names", "status", "province")


class ListedRegistry:
    """Search a list of companies: the exact name, then a former or short one, then what looks alike.

    Likeness is told by character pairs, rare pairs weighing more: the mean of their overlap (Dice) and of
    how much of what was asked for a name contains, however long it is. With less than 0.35 of the one and
    half of the other nothing is offered. labels_exact: the share of exact-name hits that are labelled
    全称精确匹配; the rest is labelled 模糊匹配, as most are in reality. The default of 0.1 follows the 13 in
    125 of docs/domain.md section 3; which ones hangs on the name alone.
    """

    def __init__(self, companies: Iterable[Company], labels_exact: float = 0.1) -> None:
        self._companies = list(companies)
        self._labels_exact = labels_exact
        self._by_id = {company.company_id: company for company in self._companies}
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._by_other_name: dict[str, list[int]] = defaultdict(list)
        self._by_pair: dict[str, list[int]] = defaultdict(list)
        for number, company in enumerate(self._companies):
            self._index(number, company)
        self._weights = self._pair_weights()
        self._sizes = [self._size(_pairs(company.official_name)) for company in self._companies]

    def search(self, key: str) -> list[Offer]:
        """Offer up to 10 companies, best first; [] where nothing is similar."""
        name = folded(key)
        named = self._by_name.get(name, [])
        others = [at for at in self._by_other_name.get(name, []) if at not in named]
        hits = [*named, *others]
        similar = [(at, score) for at, score in self._similar(name) if at not in hits]
        offers = [Offer(self._companies[at], self._label(name), TOP_SCORE) for at in named]
        offers += [Offer(self._companies[at], MatchType.FUZZY, TOP_SCORE - 1) for at in others]
        offers += [
            Offer(self._companies[at], MatchType.FUZZY, round(score * (TOP_SCORE - 2), 4))
            for at, score in similar
        ]
        return offers[:MOST_OFFERS]

    def company(self, company_id: str) -> Company | None:
        """Find the company with this id, None where the list has none."""
        return self._by_id.get(company_id)

    def _index(self, number: int, company: Company) -> None:
        self._by_name[folded(company.official_name)].append(number)
        for name in filter(None, (*company.former_names, company.short_name)):
            self._by_other_name[folded(name)].append(number)
        for pair in _pairs(company.official_name):
            self._by_pair[pair].append(number)

    def _pair_weights(self) -> dict[str, float]:
        """Weigh every pair by its rarity; the pairs of 有限公司 weigh next to nothing."""
        total = len(self._companies)
        return {pair: math.log(1 + total / len(at)) for pair, at in self._by_pair.items()}

    def _size(self, pairs: set[str]) -> float:
        rarest = math.log(1 + len(self._companies))
        return sum(self._weights.get(pair, rarest) for pair in pairs)

    def _similar(self, name: str) -> list[tuple[int, float]]:
        """Rank companies by likeness, best first: (their place in the list, likeness 0..1)."""
        pairs = _pairs(name)
        shared: Counter[int] = Counter()
        for pair in self._telling(pairs):
            shared.update(self._by_pair[pair])
        size = self._size(pairs)
        closest = heapq.nlargest(5 * MOST_OFFERS, shared, key=lambda at: (shared[at], -at))
        alike = [(at, score) for at in closest if (score := self._likeness(pairs, size, at))]
        return heapq.nlargest(MOST_OFFERS, alike, key=lambda found: (found[1], -found[0]))

    def _telling(self, pairs: set[str]) -> list[str]:
        """Choose the pairs worth following: those that at most one company in 20 has."""
        common = max(50, len(self._companies) // 20)
        known = [pair for pair in pairs if pair in self._by_pair]
        return [pair for pair in known if len(self._by_pair[pair]) <= common]

    def _likeness(self, pairs: set[str], size: float, at: int) -> float:
        """How alike a company is to what was asked for, 0 where it is not to be offered."""
        both = self._size(pairs & _pairs(self._companies[at].official_name))
        overlap, contained = 2 * both / (size + self._sizes[at]), both / size
        offered = overlap >= LEAST_OVERLAP or contained >= LEAST_CONTAINED
        return (overlap + contained) / 2 if offered else 0.0

    def _label(self, name: str) -> MatchType:
        lucky = chance.fraction("label", name) < self._labels_exact
        return MatchType.EXACT if lucky else MatchType.FUZZY


def read_companies(path: Path) -> list[Company]:
    """Read companies from a CSV file in UTF-8 with a header.

    Columns: company_id, official_name; optional unite_code, former_names (separated by `;`),
    status, province. What is missing or blank is made up from the official name.
    Raises BadInput for a file or a row that cannot be used.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _companies(path, csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path} cannot be read as a CSV file in UTF-8: {error}") from error


def _companies(path: Path, rows: csv.DictReader[str]) -> list[Company]:
    missing = {"company_id", "official_name"} - set(rows.fieldnames or ())
    if missing:
        raise BadInput(f"{path} lacks the column {' and '.join(sorted(missing))} in its header.")
    found: dict[str, Company] = {}
    for row in rows:
        cells = {column: (row.get(column) or "").strip() for column in COLUMNS}
        company_id = cells["company_id"]
        if not company_id or not cells["official_name"]:
            raise BadInput(f"{path}, line {rows.line_num}: company_id or official_name is blank.")
        if company_id in found:
            raise BadInput(f"{path}, line {rows.line_num}: {company_id} stands here twice.")
        found[company_id] = _company(cells)
    return list(found.values())


def _company(cells: Mapping[str, str]) -> Company:
    former_names = (name.strip() for name in cells["former_names"].split(";"))
    return describe(
        cells["official_name"],
        company_id=cells["company_id"],
        unite_code=cells["unite_code"],
        former_names=tuple(name for name in former_names if name),
        status=cells["status"],
        province=cells["province"],
    )


def _pairs(name: str) -> set[str]:
    """Cut a name into pairs of neighbouring characters; a single one stands for itself."""
    text = folded(name)
    return {text[at : at + 2] for at in range(len(text) - 1)} or ({text} if text else set())
