"""A month of `annuity_performance` and the index of production, made up from a seed: nobody's data.

docs/domain.md section 1 gives the sizes, section 5 the noise. What it does not give is chosen here, and said
here: which customers are large, how often a name is written in more ways than one, that plans other
than 单一计划 and 集合计划 name their customers, and how much of the month the index knows.
"""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path
from typing import NamedTuple

from eqcbatch.demo.company_names import company_names, written_forms
from eqcbatch.demo.defaults import ROWS
from eqcbatch.domain.names import lookup_key

COVERAGE = 0.86
INDEX_SIZES = {
    "customer_name": 15_322,
    "account_name": 10_945,
    "account_number": 10_265,
    "former_name": 3_620,
    "plan_code": 1_104,
}
COLUMNS = ("月度", "计划类型", "计划代码", "计划名称", "客户名称", "期末资产规模")

_SINGLE, _COLLECTIVE, _OTHER = "单一计划", "集合计划", "其他"
_SINGLE_SHARE, _COLLECTIVE_SHARE = 0.16, 0.08
# By docs/domain.md section 5.3, but for the last one, which is chosen.
_NAMED_SHARE = {_SINGLE: 0.13, _COLLECTIVE: 0.0, _OTHER: 0.98}
_BLANKS = ("",) * 16 + ("-", "无", "空白", "\u3000")
_COMPANIES_PER_ROW = 0.2485
_WAYS, _WAYS_WEIGHTS = (1, 2, 3, 4), (95.2, 3.3, 1.1, 0.4)
_SKEW = 0.9  # the weight of the n-th largest customer is 1 / n ** _SKEW
_FORMER_SHARE = 0.03  # of the names known, those known by a former name only
_NO_ID_SHARE = 0.04  # of the names not known, those that stand in the index with an id that is none
_NO_IDS = ("N", "NA", "INABCDEFGHIJKLMNOP", "IN234567ABCDEFGHQR")
_SOURCES = (("legacy_migration", 1.0), ("manual", 1.0), ("yaml", 1.0), ("eqc_api", 0.8))


class Row(NamedTuple):
    """One row of the workbook, in the order of COLUMNS. customer is blank where the cell is."""

    month: str
    plan_type: str
    plan_code: str
    plan_name: str
    customer: str
    assets: str


class IndexRow(NamedTuple):
    """One row of enterprise.enrichment_index."""

    lookup_key: str
    lookup_type: str
    company_id: str
    confidence: float
    source: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month's rows, and the seed that made them."""

    seed: int
    rows: tuple[Row, ...]

    def written(self) -> Counter[str]:
        """The rows of each written name; cells that name nobody are left out."""
        written = Counter(row.customer for row in self.rows)
        return Counter({name: count for name, count in written.items() if lookup_key(name)})

    def keys(self) -> Counter[str]:
        """The rows of each lookup key."""
        keys: Counter[str] = Counter()
        for name, count in self.written().items():
            keys[lookup_key(name)] += count
        return keys


@dataclass(frozen=True, slots=True)
class _Customer:
    """A company of the month. forms: how it is written, at least once each."""

    plan_code: str
    name: str
    forms: tuple[str, ...]


def make_month(seed: int, rows: int = ROWS) -> Month:
    """Make a month of so many rows; the same seed makes the same month."""
    dice = random.Random(f"month {seed}")
    customers = list(_customers(dice, round(rows * _COMPANIES_PER_ROW)))
    kinds = _shuffled_kinds(dice, rows)
    named = _fill(dice, customers, sum(is_named for _, is_named in kinds))
    unnamed = _fill(dice, customers, rows - len(named))
    return Month(
        seed,
        tuple(
            _named_row(dice, kind, *named.pop()) if is_named else _blank_row(dice, kind, unnamed.pop()[0])
            for kind, is_named in kinds
        ),
    )


def write_month(month: Month, path: Path) -> None:
    """Write the month as a CSV file that Excel opens as it is."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(month.rows)


def index_rows(month: Month, coverage: float = COVERAGE) -> tuple[IndexRow, ...]:
    """Make the index as it is before the month: its size in production, knowing `coverage` of the keys.

    coverage: share of the month's lookup keys that have a usable id; small customers are missing
    more often than large ones. Some of the missing stand there with an id that is none.
    """
    dice = random.Random(f"index {month.seed}")
    known, missing = _split(dice, month.keys(), coverage)
    former = known[: round(len(known) * _FORMER_SHARE)]
    no_ids = missing[: round(len(missing) * _NO_ID_SHARE)]
    of_month = {*known, *missing}
    strangers = (name for name in company_names(dice) if lookup_key(name) not in of_month)
    ids = iter(dice.sample(range(100_000_000, 999_999_999), sum(INDEX_SIZES.values())))
    rows = [IndexRow(key, "customer_name", dice.choice(_NO_IDS), 1.0, "legacy_migration") for key in no_ids]
    rows += [_index_row(dice, key, "customer_name", next(ids)) for key in known[len(former) :]]
    rows += [_index_row(dice, key, "former_name", next(ids)) for key in former]
    codes = {row.plan_code for row in month.rows if row.plan_type == _SINGLE}
    rows += [
        _index_row(dice, code, "plan_code", next(ids)) for code in sorted(codes)[: INDEX_SIZES["plan_code"]]
    ]
    return (*rows, *_filling(dice, Counter(row.lookup_type for row in rows), strangers, ids))


def _customers(dice: random.Random, count: int) -> Iterator[_Customer]:
    for number, name in enumerate(islice(company_names(dice), count), start=1):
        (ways,) = dice.choices(_WAYS, _WAYS_WEIGHTS)
        yield _Customer(f"AN{number:05}", name, written_forms(name, ways, dice))


def _shuffled_kinds(dice: random.Random, rows: int) -> list[tuple[str, bool]]:
    """The plan type of every row, and whether it names its customer."""
    sizes = {_SINGLE: round(rows * _SINGLE_SHARE), _COLLECTIVE: round(rows * _COLLECTIVE_SHARE)}
    sizes[_OTHER] = rows - sum(sizes.values())
    kinds = [
        (kind, at < round(size * _NAMED_SHARE[kind])) for kind, size in sizes.items() for at in range(size)
    ]
    dice.shuffle(kinds)
    return kinds


def _fill(dice: random.Random, customers: list[_Customer], count: int) -> list[tuple[_Customer, str]]:
    """Customers and written names for so many rows: every form once, the rest as large as they are."""
    filled = [(customer, form) for customer in customers for form in customer.forms][:count]
    sizes = list(accumulate(1 / rank**_SKEW for rank in range(1, len(customers) + 1)))
    for customer in dice.choices(customers, cum_weights=sizes, k=count - len(filled)):
        usual = dice.random() < 0.8
        filled.append((customer, customer.forms[0] if usual else dice.choice(customer.forms)))
    dice.shuffle(filled)
    return filled


def _named_row(dice: random.Random, kind: str, customer: _Customer, form: str) -> Row:
    return _row(dice, kind, customer.plan_code, f"{customer.name}企业年金计划", form)


def _blank_row(dice: random.Random, kind: str, customer: _Customer) -> Row:
    if kind == _COLLECTIVE:
        number = dice.randint(1, 40)
        return _row(dice, kind, f"JH{number:03}", f"稳健回报{number}号", dice.choice(_BLANKS))
    return _row(dice, kind, customer.plan_code, f"{customer.name}企业年金计划", dice.choice(_BLANKS))


def _row(dice: random.Random, kind: str, plan_code: str, plan_name: str, customer: str) -> Row:
    return Row("202601", kind, plan_code, plan_name, customer, f"{dice.lognormvariate(14, 1.6):.2f}")


def _split(dice: random.Random, keys: Counter[str], coverage: float) -> tuple[list[str], list[str]]:
    """The keys that the index knows and those it does not, each in an order of chance."""
    by_luck = sorted(keys, key=lambda key: keys[key] ** 0.25 * dice.random(), reverse=True)
    known, missing = by_luck[: round(coverage * len(keys))], by_luck[round(coverage * len(keys)) :]
    dice.shuffle(known)
    dice.shuffle(missing)
    return known, missing


def _index_row(dice: random.Random, key: str, lookup_type: str, number: int) -> IndexRow:
    source, confidence = dice.choice(_SOURCES)
    former = lookup_type == "former_name"
    return IndexRow(key, lookup_type, str(number), round(confidence * (0.9 if former else 1), 2), source)


def _filling(
    dice: random.Random, there: Counter[str], strangers: Iterator[str], ids: Iterator[int]
) -> Iterator[IndexRow]:
    """What the index holds besides the month: other customers, accounts, plans."""
    for lookup_type, size in INDEX_SIZES.items():
        for number in range(size - there[lookup_type]):
            key = _stranger_key(lookup_type, number, strangers)
            yield _index_row(dice, key, lookup_type, next(ids))


def _stranger_key(lookup_type: str, number: int, strangers: Iterator[str]) -> str:
    if lookup_type == "account_number":
        return f"62{number:014}"
    if lookup_type == "plan_code":
        return f"ZZ{number:05}"
    if lookup_type == "account_name":
        return f"{next(strangers)}企业年金计划"
    return lookup_key(next(strangers))
