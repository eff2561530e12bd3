"""The rows of the table `rulebooks`: what verdicts were made by, each kept once."""

from __future__ import annotations

import json

from eqcbatch.domain.model import Rulebook
from eqcbatch.ledger.sqlite import Database
from eqcbatch.settings import ConfidenceRule


def keep_rulebook(db: Database, rulebook: Rulebook) -> int:
    """The number under which a rulebook is kept, as a new one or as one that is."""
    confidences = json.dumps(dict(rulebook.rule.confidences), ensure_ascii=False, sort_keys=True)
    values = [rulebook.version, rulebook.rule_set, confidences, rulebook.rule.minimum]
    db.execute(
        "INSERT OR IGNORE INTO rulebooks (version, rule_set, confidences, minimum) VALUES (?, ?, ?, ?)",
        values,
    )
    (number,) = db.execute(
        "SELECT id FROM rulebooks WHERE (version, rule_set, confidences, minimum) = (?, ?, ?, ?)", values
    ).fetchone()
    return int(number)


def rulebooks(db: Database) -> dict[int, Rulebook]:
    """All that were ever judged by, by their numbers."""
    rows = db.execute("SELECT id, version, rule_set, confidences, minimum FROM rulebooks")
    return {
        number: Rulebook(version, rule_set, ConfidenceRule(json.loads(confidences), minimum))
        for number, version, rule_set, confidences, minimum in rows
    }
