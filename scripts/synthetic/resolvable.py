"""Which names can be told: by a careful person who has EQC's answer and the whole registry."""

from __future__ import annotations

from collections.abc import Sequence

from eqcbatch.domain.model import Candidate
from synthetic.fit import BORNE_OUT, Fit, fit
from synthetic.name_variants import Asked, Needs
from synthetic.name_variants.typing_errors import edits
from synthetic.names import Firm
from synthetic.world import World

ACTIVE = ("存续", "在业", "开业", "在营")
NEAR = 2  # edits within which another name is as near as the one that was meant


def is_resolvable(asked: Asked, world: World, answer: Sequence[Candidate]) -> bool:
    """Whether a name fits its company better than any other, and the answer shows what tells so."""
    truth = asked.truth
    shown = next((one for one in answer if truth and one.company_id == truth.id), None)
    if not truth or not shown or not _is_told_from_its_twin(truth, world, shown):
        return False
    if asked.needs is Needs.NO_OTHER_AS_NEAR:
        return _is_nearest(asked.raw, shown, answer)
    if asked.needs is Needs.FORMER_NAME:
        return _is_told_by_its_past(asked, truth, world, shown)
    if asked.needs is Needs.SHORT_NAME:
        return _is_told_by_its_short_name(asked, truth, world, shown)
    if asked.needs is Needs.REGION and not shown.unite_code:
        return False
    mine = fit(asked.told, truth) or ()
    rivals = _fits_of_rivals(asked, truth, world)
    return mine >= BORNE_OUT and all(BORNE_OUT <= rival < mine for rival in rivals)


def _is_told_from_its_twin(truth: Firm, world: World, shown: Candidate) -> bool:
    """Whether the company has its name alone, or is shown to be the one that is active."""
    alone = len(world.by_text[truth.name.text]) == 1
    return alone or (shown.registered_status or "").startswith(ACTIVE)


def _is_nearest(typed: str, shown: Candidate, answer: Sequence[Candidate]) -> bool:
    """Whether its name is near to what was typed, and no other that is offered."""
    others = {one.official_name or "" for one in answer} - {shown.official_name}
    return (
        edits(typed, shown.official_name or "")
        <= NEAR
        < min((edits(typed, one) for one in others), default=99)
    )


def _is_told_by_its_past(asked: Asked, truth: Firm, world: World, shown: Candidate) -> bool:
    """Whether it alone was called so, the answer shows it, and nobody is called so today."""
    past = asked.former or asked.told
    known = world.once_called(past.text) == [truth] and past.text in shown.former_names
    return known and not _fits_of_rivals(asked, truth, world)


def _is_told_by_its_short_name(asked: Asked, truth: Firm, world: World, shown: Candidate) -> bool:
    """Whether the answer shows that it is called so for short, and no other's name begins so."""
    others = (firm for firm in world.by_brand[truth.name.brand] if firm is not truth)
    alone = not any(firm.name.text.startswith(asked.raw) for firm in others)
    return shown.short_name == asked.raw and alone


def _fits_of_rivals(asked: Asked, truth: Firm, world: World) -> list[Fit]:
    """How well those companies of other names fit that do."""
    others = (firm for firm in world.by_brand[asked.told.brand] if firm.name != truth.name)
    return [found for firm in others if (found := fit(asked.told, firm))]
