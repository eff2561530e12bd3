"""The rows of the table `decisions`, and how a name stands as JSON in them."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any

from eqcbatch.domain.model import Choice, Held, IdSource, NameStanding, Reason, State, VerdictRule
from eqcbatch.ledger.sqlite import Database

STANDING_COLUMNS = ", ".join(field.name for field in fields(NameStanding))
_COLUMNS = "choice, decided_at, decided_by, origin, forced, before, after"
_SETS: dict[str, Any] = {
    "state": State,
    "reason": Reason,
    "verdict": VerdictRule,
    "held": Held,
    "source": IdSource,
}


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What a person decided of a name.

    decided_at, decided_by, origin: when (UTC ISO-8601), who, and where that was said. forced: whether it was
    an id that EQC did not offer. before, after: how the name stood without and with it. None where a version
    before did not keep it.
    """

    choice: Choice
    decided_at: str | None
    decided_by: str | None
    origin: str | None
    forced: bool
    before: NameStanding | None
    after: NameStanding


def decisions_of(db: Database, lookup_key: str) -> tuple[DecisionRow, ...]:
    """All decisions of a name, the first one first."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM decisions WHERE lookup_key = ? ORDER BY id", [lookup_key])
    return tuple(_row(*row) for row in rows)


def decisions_by_name(db: Database, keys: Collection[str]) -> dict[str, tuple[DecisionRow, ...]]:
    """The same of several names, as far as there are any."""
    found: dict[str, list[DecisionRow]] = {}
    for key, *row in db.execute(
        f"""SELECT lookup_key, {_COLUMNS} FROM decisions
            WHERE lookup_key IN (SELECT value FROM json_each(?)) ORDER BY id""",
        [json.dumps(sorted(keys), ensure_ascii=False)],
    ):
        found.setdefault(key, []).append(_row(*row))
    return {key: tuple(rows) for key, rows in found.items()}


def standing_from(values: dict[str, Any]) -> NameStanding:
    """How a name stands, by the values of its columns."""
    told = {name: _SETS.get(name, str)(value) for name, value in values.items() if value is not None}
    return NameStanding(**told | _confidence(values))


def standing_to_json(standing: NameStanding) -> str:
    """How a name stands, without what it has not."""
    values = {field.name: getattr(standing, field.name) for field in fields(NameStanding)}
    return json.dumps(
        {name: value for name, value in values.items() if value is not None}, ensure_ascii=False
    )


def _confidence(values: dict[str, Any]) -> dict[str, float]:
    confidence = values.get("confidence")
    return {} if confidence is None else {"confidence": float(confidence)}


def _row(choice: str, at: str, by: str, origin: str, forced: int, before: str, after: str) -> DecisionRow:
    return DecisionRow(
        *(Choice(choice), at, by, origin, bool(forced)),
        before=standing_from(json.loads(before)) if before else None,
        after=standing_from(json.loads(after)),
    )
