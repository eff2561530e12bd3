"""`review set`: one name is decided, by the same rules as a line of a sheet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from eqcbatch.domain.model import Decision, NameStanding
from eqcbatch.errors import BadInput
from eqcbatch.ledger import Ledger
from eqcbatch.ledger.decision_rows import DecisionRow
from eqcbatch.ledger.reviews import Reviewed
from eqcbatch.review.deciding import Said, Terms, confirms, decide
from eqcbatch.review.known_ids import id_look
from eqcbatch.source.keys import typed_keys, unknown_name

if TYPE_CHECKING:
    from eqcbatch.postgres import Postgres

ORIGIN = "review set"


@dataclass(frozen=True, slots=True)
class Set:
    """What became of a name. decision: None where what was said stands already. now: how it stands then.

    latest: the last decision of it, None without one.
    """

    lookup_key: str
    decision: Decision | None
    now: NameStanding
    latest: DecisionRow | None


def set_decision(
    ledger: Ledger, postgres: Postgres | None, raw_name: str, text: str, by: str, terms: Terms
) -> Set:
    """Decide one name, given as written or by its key. Raises BadInput without one, or if text is no use."""
    name = _named(ledger, raw_name)
    earlier = ledger.decisions.of([name.lookup_key]).get(name.lookup_key, ())
    terms = replace(terms, change=True, look=id_look(ledger, postgres))
    said = Said(text.strip(), ORIGIN)
    decided = decide(name, said, earlier, terms)
    if isinstance(decided, str):
        raise BadInput(f"{decided[:1].upper()}{decided[1:]}.")
    if decided is not None:
        ledger.decisions.record([decided], by)
    elif confirms(name, said.text):
        ledger.decisions.record([], by, confirmed=[name.lookup_key])
    now = _named(ledger, name.lookup_key).standing
    latest = ledger.decisions.of([name.lookup_key]).get(name.lookup_key, ())
    return Set(name.lookup_key, decided, now, latest[-1] if latest else None)


def _named(ledger: Ledger, raw_name: str) -> Reviewed:
    keys = typed_keys(raw_name)
    found = ledger.reviews.named(keys)
    if not found:
        raise unknown_name(raw_name)
    return next(found[key] for key in keys if key in found)
