"""`review calibrate`: the score is fitted to a ledger's own decisions, and kept where it is better so."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from eqcbatch.domain.matching import Asked
from eqcbatch.domain.score import Weights, shipped
from eqcbatch.domain.score.calibration import FEWEST, Calibration, calibrate
from eqcbatch.domain.score.learning import Known
from eqcbatch.domain.score.traits import traits_of
from eqcbatch.ledger import Ledger
from eqcbatch.ledger.reviews import Reviewed


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What a calibration came to.

    decisions: names with candidates that people decided. calibration: None where these are too few. kept:
    whether the ledger's proposals go by it now.
    """

    decisions: int
    calibration: Calibration | None
    kept: bool

    @property
    def missing(self) -> int:
        """How many more decisions it takes."""
        return max(0, FEWEST - self.decisions)


def calibrate_score(ledger: Ledger) -> Calibrated:
    """Fit the score to what people decided; whoever calls holds the ledger's lock.

    Too few decisions change nothing, and neither does a fit that tells names it has not seen no better than
    the weights that ship.
    """
    known = _known(ledger)
    if len(known) < FEWEST:
        return Calibrated(len(known), None, kept=False)
    calibration = calibrate(known)
    if calibration.better:
        ledger.score_fits.keep(calibration.decisions, asdict(calibration.weights))
    return Calibrated(len(known), calibration, kept=calibration.better)


def weights_of(ledger: Ledger) -> Weights:
    """By what is proposed: the newest fit to the ledger's decisions, or the weights that ship."""
    kept = ledger.score_fits.newest()
    return Weights(**kept) if kept else shipped()


def _known(ledger: Ledger) -> dict[str, Known]:
    decided = ledger.score_fits.decided()
    names = ledger.reviews.named(decided.keys())
    return {key: _as_known(name, decided[key]) for key, name in names.items() if name.candidates}


def _as_known(name: Reviewed, company_id: str | None) -> Known:
    """A decided name as the score looks at it; an id that EQC did not offer is none of the candidates."""
    found = traits_of(Asked(name.lookup_key, name.query, name.variants), name.candidates)
    ids = [company.company_id for company, _ in found]
    right = ids.index(company_id) if company_id in ids else None
    return Known(tuple(traits for _, traits in found), right)
