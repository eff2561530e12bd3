"""An index as years of taking the first candidate left it: rows of known truth, and companies stored."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from eqcbatch.domain.model import Candidate, IndexRow, StoredCompany
from eqcbatch.domain.names import lookup_key, query_for
from eqcbatch.simulate import Company, ListedRegistry
from synthetic.fit import fit
from synthetic.name_variants import Asked, NameWriter, Needs
from synthetic.names import Firm
from synthetic.workbook import Entry, workbook
from synthetic.world import World, registered

# The rows of 2026-01 (docs/domain.md section 1), and the companies that base_info had.
SIZES = {
    "customer_name": 15_322,
    "account_name": 10_945,
    "account_number": 10_265,
    "former_name": 3_620,
    "plan_code": 1_104,
}
STORED = 27_689
WRONG = 0.05  # of the rows
SOURCES = {
    "eqc_api": 60,
    "domain_learning": 20,
    "legacy_migration": 10,
    "backflow": 5,
    "yaml": 3,
    "manual": 2,
}
BY_HAND = ("yaml", "manual")  # never wrong here
_COMPANIES, _NAMES = 1.25, 1.9  # of the companies stored, and of the customers' names: enough to choose from
_UNSTORED, _UNTOLD = 0.04, 0.05  # ids of which nothing is stored; companies that lack a certain fact
_NOT_LISTED = 0.03  # names whose company EQC did not list yet when their first candidate was taken
_STRUCK_OFF = 0.02  # of the companies
# The likelihoods of domain/index_audit/row_verdict.py were measured without these: a right id of a name that
# is mistyped looks like a wrong one. With them 1.2 in 100 of the right rows are suspicious.
_NOT_IN_AN_INDEX = ("sound", "shape", "lost", "turned", "twice", "traditional", "form_stock")
_CORRECTED = 0.5  # of the wrong names that stand under two types: right under the second


@dataclass(frozen=True, slots=True)
class PlantedRow:
    """A row of the index, and the truth. told: its name as it was meant, or that of the plan's customer.

    wrong: whether its id is another company's. contradicts: whether that company's name says so.
    """

    row: IndexRow
    told: Asked | None
    wrong: bool
    contradicts: bool = False


class PlantedIndex:
    """The index of a made-up world. scale: how much of the production's size."""

    def __init__(self, seed: int, scale: float = 1.0) -> None:
        self._chance = random.Random(seed)
        self._sizes = {kind: round(scale * size) for kind, size in SIZES.items()}
        self._stored = round(scale * STORED)
        self.world = World(self._chance, round(_COMPANIES * self._stored))
        self._age(2 * self._sizes["former_name"])
        self._companies = {firm.id: registered(firm) for firm in self.world.firms}
        self._firms = {firm.id: firm for firm in self.world.firms}
        self.registry = ListedRegistry(self._companies.values())
        self.rows = tuple(self._rows())
        assert sum(self._sizes.values()) == len(self.rows)

    def _age(self, wanted: int) -> None:
        """Let so many names be former ones."""
        firms = [firm for firm in self.world.firms if not firm.is_gone and not firm.former]
        lacking = wanted - sum(len(firm.former) for firm in self.world.firms)
        for firm in self._chance.sample(firms, len(firms)):
            if lacking <= 0:
                return
            self.world.give_past(firm)
            lacking -= len(firm.former)

    @cached_property
    def stored(self) -> tuple[StoredCompany, ...]:
        """What base_info has: most companies of the index, others, and not every fact of each."""
        used = dict.fromkeys(planted.row.company_id for planted in self.rows)
        kept = [one for one in used if self._chance.random() >= _UNSTORED][: self._stored]
        others = [one for one in self._companies if one not in used]
        more = self._chance.sample(others, min(len(others), self._stored - len(kept)))
        return tuple(self._as_stored(self._companies[one]) for one in kept + more)

    def answer(self, key: str) -> list[Candidate]:
        """What EQC offers for a name, by its lookup key."""
        return [
            Candidate(
                *(rank, offer.company.company_id, offer.company.official_name, str(offer.match_type)),
                *(offer.score, offer.company.unite_code, offer.company.status, offer.company.former_names),
            )
            for rank, offer in enumerate(self.registry.search(query_for([key])))
        ]

    def _rows(self) -> Iterator[PlantedRow]:
        customers = self._of_names("customer_name", self._names(self._sizes["customer_name"], frozenset()))
        yield from customers
        again = self._chance.sample(customers, self._sizes["account_name"] // 2)
        yield from map(self._decided_again, again)
        keys = {planted.row.lookup_key for planted in customers}
        yield from self._of_names("account_name", self._names(self._sizes["account_name"] - len(again), keys))
        yield from self._former_names(keys)
        for kind, form in (("account_number", "6222{:012}"), ("plan_code", "P{:04}")):
            for number, planted in enumerate(self._chance.choices(customers, k=self._sizes[kind])):
                row = planted.row._replace(lookup_type=kind, lookup_key=form.format(number))
                of_a_plan = kind == "plan_code"
                yield replace(planted, row=row) if of_a_plan else PlantedRow(row, None, planted.wrong)

    def _decided_again(self, planted: PlantedRow) -> PlantedRow:
        """A customer's name once more, as an account's; some of the wrong ids were put right there."""
        row = planted.row._replace(lookup_type="account_name")
        truth = planted.told.truth if planted.told else None
        if planted.wrong and truth and self._chance.random() < _CORRECTED:
            return PlantedRow(row._replace(company_id=truth.id), planted.told, wrong=False)
        return replace(planted, row=row)

    def _names(self, wanted: int, taken: Collection[str]) -> list[tuple[Entry, Firm]]:
        """So many names, each with the company it was given: the right one, or EQC's first by mistake."""
        share = WRONG * sum(self._sizes.values()) / (sum(self._sizes.values()) - self._sizes["former_name"])
        entries = workbook(NameWriter(self.world, self._chance), round(_NAMES * wanted), _NOT_IN_AN_INDEX)
        self._chance.shuffle(entries)
        entries = list({one.key: one for one in entries if one.key not in taken}.values())
        mistaken = list(self._mistakes(entries, round(share * wanted)))
        keys = {entry.key for entry, _ in mistaken}
        right = [(one, one.asked.truth) for one in entries if one.asked.truth and one.key not in keys]
        return [*mistaken, *right[: wanted - len(mistaken)]]

    def _mistakes(self, entries: Sequence[Entry], wanted: int) -> Iterator[tuple[Entry, Firm]]:
        for entry in entries:
            if not wanted:
                return
            offered = [
                offer.company.company_id for offer in self.registry.search(query_for([entry.asked.raw]))
            ]
            if entry.asked.truth and self._chance.random() < _NOT_LISTED:
                offered = [one for one in offered if one != entry.asked.truth.id]
            first = self._firms[offered[0]] if offered else None
            if first and first is not entry.asked.truth:
                wanted -= 1
                yield entry, first

    def _of_names(self, kind: str, named: Sequence[tuple[Entry, Firm]]) -> list[PlantedRow]:
        return [self._planted(kind, entry.key, entry.asked, firm) for entry, firm in named]

    def _former_names(self, taken: Collection[str]) -> Iterator[PlantedRow]:
        """Former names that one company alone bore, and nobody bears today: all of them are right."""
        pairs = [(firm, name) for firm in self.world.firms for name in firm.former]
        self._chance.shuffle(pairs)
        keys, wanted = set(taken), self._sizes["former_name"]
        for firm, name in pairs:
            key = lookup_key(name.text)
            alone = [firm] == self.world.once_called(name.text) and not self.world.by_text.get(name.text)
            if wanted and key and key not in keys and alone:
                keys.add(key)
                wanted -= 1
                asked = Asked(name.text, name, firm, Needs.FORMER_NAME)
                yield self._planted("former_name", key, asked, firm)

    def _planted(self, kind: str, key: str, asked: Asked, firm: Firm) -> PlantedRow:
        wrong = firm is not asked.truth
        names = [source for source in SOURCES if not (wrong and source in BY_HAND)]
        (source,) = self._chance.choices(names, [SOURCES[one] for one in names])
        row = IndexRow(kind, key, firm.id, 1.0 if source in BY_HAND else 0.8, source)
        return PlantedRow(row, asked, wrong, wrong and fit(asked.told, firm) is None)

    def _as_stored(self, company: Company) -> StoredCompany:
        def told(value: str) -> str | None:
            return value if value and self._chance.random() >= _UNTOLD else None

        status = "注销" if self._chance.random() < _STRUCK_OFF else company.status
        former_names = told("，".join(company.former_names))
        return StoredCompany(
            *(company.company_id, company.official_name, told(company.unite_code), told(status), former_names)
        )
