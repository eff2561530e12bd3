"""Review: what is held goes out as a sheet, decisions come back, and new rules judge stored answers anew.

Promised: what a person decided stands until a person changes it (P12), a sheet of decisions is taken whole or
not at all, and no request is sent. `sheet` lays the sheet out, `importing` reads what people wrote in it,
`setting` takes one decision; both come to one by `deciding`. `rescoring` asks the verdict again; `replay`
does so from the archived answers, and changes nothing. `calibrating` fits the proposals to what people
decided. Whoever changes something holds the ledger's lock.
"""

from eqcbatch.review.calibrating import Calibrated, calibrate_score
from eqcbatch.review.deciding import Terms
from eqcbatch.review.importing import Imported, Known, check_decisions, import_decisions
from eqcbatch.review.replay import Difference, Replay, Replayed, replay
from eqcbatch.review.rescoring import Change, Rescoring, apply_rescoring, rescore
from eqcbatch.review.setting import Set, set_decision
from eqcbatch.review.sheet import export, export_lines

__all__ = [
    "Calibrated",
    "Change",
    "Difference",
    "Imported",
    "Known",
    "Replay",
    "Replayed",
    "Rescoring",
    "Set",
    "Terms",
    "apply_rescoring",
    "calibrate_score",
    "check_decisions",
    "export",
    "export_lines",
    "import_decisions",
    "replay",
    "rescore",
    "set_decision",
]
