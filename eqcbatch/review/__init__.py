"""Review: what is held goes out as a sheet, decisions come back, and new rules judge stored answers anew.

`sheet` lays the sheet out, `importing` reads what people wrote in it, `rescoring` asks the verdict again.
"""

from eqcbatch.review.importing import Imported, check_decisions, import_decisions
from eqcbatch.review.rescoring import Change, Rescoring, apply_rescoring, rescore
from eqcbatch.review.sheet import export, export_lines

__all__ = [
    "Change",
    "Imported",
    "Rescoring",
    "apply_rescoring",
    "check_decisions",
    "export",
    "export_lines",
    "import_decisions",
    "rescore",
]
