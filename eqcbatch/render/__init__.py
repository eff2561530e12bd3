"""Texts and JSON: pure functions from values to lines, one module a command or subject.

`x_text` is for people and says what to type next; `x_json` is for programs, and its keys are a contract.
`plain_text` has what all texts share: tables and shares. `html` draws the page, and `audit` tells of the
audit: what they need no other command has to load. Nothing here opens, asks, waits or prints.
"""

from eqcbatch.render.apply import applied_json, applied_text
from eqcbatch.render.calibrate import calibration_json, calibration_text
from eqcbatch.render.check import checkup_json, checkup_text
from eqcbatch.render.drain import drain_json, drain_text, preview_text
from eqcbatch.render.flush import (
    adjustment_text,
    flush_json,
    flush_text,
    revert_backflow_json,
    revert_backflow_text,
    revert_json,
    revert_preview_json,
    revert_preview_text,
    revert_text,
)
from eqcbatch.render.gate import gate_text
from eqcbatch.render.markdown import report_markdown
from eqcbatch.render.name_details import name_detail_json, name_detail_text, names_csv
from eqcbatch.render.plan import plan_json, plan_text, queue_plan_text, taken_back_text
from eqcbatch.render.provenance import chain_json, chain_text, id_json, id_text
from eqcbatch.render.replay import replay_json, replay_text
from eqcbatch.render.report import report_json, report_text
from eqcbatch.render.review import (
    imported_json,
    imported_text,
    rescoring_json,
    rescoring_next_text,
    rescoring_text,
    set_json,
    set_text,
)
from eqcbatch.render.second_questions import unpaid_text
from eqcbatch.render.sources import forgotten_json, forgotten_text, listing_json, sources_text
from eqcbatch.render.temporary_ids import resolved_csv, resolved_json, resolved_text

__all__ = [
    "adjustment_text",
    "applied_json",
    "applied_text",
    "calibration_json",
    "calibration_text",
    "chain_json",
    "chain_text",
    "checkup_json",
    "checkup_text",
    "drain_json",
    "drain_text",
    "flush_json",
    "flush_text",
    "forgotten_json",
    "forgotten_text",
    "gate_text",
    "id_json",
    "id_text",
    "imported_json",
    "imported_text",
    "listing_json",
    "name_detail_json",
    "name_detail_text",
    "names_csv",
    "plan_json",
    "plan_text",
    "preview_text",
    "queue_plan_text",
    "replay_json",
    "replay_text",
    "report_json",
    "report_markdown",
    "report_text",
    "rescoring_json",
    "rescoring_next_text",
    "rescoring_text",
    "resolved_csv",
    "resolved_json",
    "resolved_text",
    "revert_backflow_json",
    "revert_backflow_text",
    "revert_json",
    "revert_preview_json",
    "revert_preview_text",
    "revert_text",
    "set_json",
    "set_text",
    "sources_text",
    "taken_back_text",
    "unpaid_text",
]
