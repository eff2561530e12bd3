"""Which names can be told: by a careful person who has EQC's answer and the whole registry."""

from __future__ import annotations

from collections.abc import Sequence

from eqcbatch.domain.model import Candidate
from synthetic.fit import fit
from synthetic.name_variants import Asked, Needs
from synthetic.names import Firm
from synthetic.world import World

ACTIVE = ("存续", "在业", "开业", "在营")


def is_resolvable(asked: Asked, world: World, answer: Sequence[Candidate]) -> bool:
    """Whether a name fits its company better than any other, and the answer shows what tells so."""
    truth = asked.truth
    shown = next((one for one in answer if truth and one.company_id == truth.id), None)
    if not truth or not shown:
        return False
    if asked.needs is Needs.REGION and not shown.unite_code:
        return False
    if not _is_told_from_its_twin(truth, world, shown):
        return False
    if asked.needs is Needs.FORMER_NAME:
        only_claimant = len(world.once_called(asked.told.text)) == 1
        return only_claimant and asked.told.text in shown.former_names
    return _fits_best(asked, truth, world)


def _is_told_from_its_twin(truth: Firm, world: World, shown: Candidate) -> bool:
    """Whether the company has its name alone, or is shown to be the one that is active."""
    alone = len(world.by_text[truth.name.text]) == 1
    return alone or (shown.registered_status or "").startswith(ACTIVE)


def _fits_best(asked: Asked, truth: Firm, world: World) -> bool:
    mine = fit(asked.told, truth)
    others = (firm for firm in world.by_brand[asked.told.brand] if firm.name != truth.name)
    rivals = (fit(asked.told, firm) for firm in others)
    return mine is not None and all(rival is None or rival < mine for rival in rivals)
