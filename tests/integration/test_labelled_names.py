"""The labelled names of the synthetic registry, from which a score is learned."""

from __future__ import annotations

from synthetic.drained import drained
from synthetic.labelled import labelled_names, made_up
from synthetic.world import registered

SEED, COMPANIES, NAMES = 7, 200, 120


def test_they_are_what_a_drain_would_get() -> None:
    """The same candidates for each name that EQC was asked for: without HTTP nothing is lost."""
    world, entries, _ = made_up(SEED, COMPANIES, NAMES)
    ledger = drained(map(registered, world.firms), [entry.asked.raw for entry in entries])
    offered = {one.asked.lookup_key: list(one.candidates) for one in labelled_names(SEED, COMPANIES, NAMES)}
    asked = {key for key, row in ledger.names.items() if row["source"] != "harvest"}
    assert ledger.names.keys() == offered.keys()
    assert {key: ledger.candidates.get(key, []) for key in asked} == {key: offered[key] for key in asked}


def test_a_resolvable_name_is_offered_its_company() -> None:
    """And one without a company is not resolvable."""
    for one in labelled_names(SEED, COMPANIES, NAMES):
        ids = {candidate.company_id for candidate in one.candidates}
        assert one.true_id in ids if one.resolvable else True
        assert one.true_id or not one.resolvable
