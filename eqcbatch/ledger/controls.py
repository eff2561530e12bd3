"""Controls: accepted names that people review without knowing it, and what they say of the others.

Why: docs/decisions/0037.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from eqcbatch.domain.control_sample import Reviewed, Sample, is_drawn
from eqcbatch.domain.model import Choice
from eqcbatch.ledger.conditions import CONFIRMED
from eqcbatch.ledger.decision_rows import DecisionRow, decisions_by_name
from eqcbatch.ledger.score_tables import ACCEPTED
from eqcbatch.ledger.sqlite import Database

_ACCEPTED = f"FROM names INDEXED BY names_accepted WHERE {ACCEPTED}"


class Controls:
    """The side of the ledger that knows what of the accepted is looked at by chance."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def widen(self, share: float) -> None:
        """Draw so large a share of the accepted names from now on, if it is more than before."""
        with self._db.atomic():
            self._db.execute("UPDATE control_draw SET share = max(share, ?)", [share])

    def drawn(self, keys: Iterable[str]) -> frozenset[str]:
        """Which of these names are controls, if they are accepted."""
        seed, share = self._db.execute("SELECT seed, share FROM control_draw").fetchone()
        return frozenset(key for key in keys if is_drawn(seed, share, key))

    def to_review(self) -> frozenset[str]:
        """The controls of the current runs that nobody has looked at.

        None where the share of the accepted names is less than one of them.
        """
        accepted = self._keys(f"SELECT lookup_key {_ACCEPTED} AND rows > 0")
        (share,) = self._db.execute("SELECT share FROM control_draw").fetchone()
        if len(accepted) * share < 1:
            return frozenset()
        return self.drawn(accepted) - self._keys(CONFIRMED)

    def confirmed(self, keys: Collection[str]) -> dict[str, str]:
        """The ids that people confirmed of these names, where they stand still."""
        found = self._db.execute(
            f"SELECT lookup_key, company_id FROM controls WHERE lookup_key IN ({CONFIRMED})"
        )
        return {key: company_id for key, company_id in found if key in keys}

    def sample(self) -> Sample:
        """What people's reviews say of the verdicts that EQC's answers came to."""
        accepted = self._keys(f"SELECT lookup_key {_ACCEPTED}")
        judged = dict.fromkeys(self._keys(CONFIRMED), True) | self._decided()
        drawn = self.drawn(judged)
        return Sample(
            accepted=len(accepted | judged.keys()),
            controls=_reviewed(right for key, right in judged.items() if key in drawn),
            others=_reviewed(right for key, right in judged.items() if key not in drawn),
            to_review=len(self.to_review()),
        )

    def _keys(self, question: str) -> frozenset[str]:
        return frozenset(key for (key,) in self._db.execute(question))

    def _decided(self) -> dict[str, bool]:
        """The accepted names that people decided, and whether their id was the accepted one."""
        keys = self._keys("SELECT DISTINCT lookup_key FROM decisions")
        found = decisions_by_name(self._db, keys)
        told = {key: _was_right(rows) for key, rows in found.items()}
        return {key: right for key, right in told.items() if right is not None}


def _was_right(decisions: tuple[DecisionRow, ...]) -> bool | None:
    """Whether what people say by now bears out what EQC's answer had come to; None where it had not."""
    reopened = [at for at, one in enumerate(decisions) if one.choice is Choice.REOPEN]
    holding = decisions[reopened[-1] + 1 :] if reopened else decisions
    before = holding[0].before if holding else None
    if before is None or not before.accepted:
        return None
    return holding[-1].after.company_id == before.company_id


def _reviewed(right: Iterable[bool]) -> Reviewed:
    told = list(right)
    return Reviewed(sum(told), len(told) - sum(told))
