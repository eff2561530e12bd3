"""What stood in the index where we wrote, as JSON in `names.index_before`; NULL there: not noted."""

from __future__ import annotations

import json
from typing import Any

from eqcbatch.domain.model import PriorRow, Written

# All that `written_row` takes.
WRITTEN = """names.lookup_key, flushed_company_id, flushed_confidence, index_before,
    EXISTS (SELECT 1 FROM decisions d WHERE d.lookup_key = names.lookup_key AND d.choice = 'company'
            AND json_extract(d.after, '$.company_id') = flushed_company_id)"""

_encoded = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would make one for each


def prior_to_json(prior: PriorRow | None) -> str:
    """A row as JSON; `null` where nothing stood."""
    return _encoded(_facts(prior))


def written_row(
    lookup_key: str, company_id: str, confidence: float, before: str | None, decided: int
) -> Written:
    """What we flushed, with what stood there before."""
    prior = _prior(json.loads(before)) if before else None
    return Written(lookup_key, company_id, confidence, prior, before is not None, bool(decided))


def _facts(prior: PriorRow | None) -> dict[str, Any] | None:
    if prior is None:
        return None
    facts = {
        "company_id": prior.company_id,
        "confidence": prior.confidence,
        "source": prior.source,
        "source_domain": prior.source_domain,
    }
    return facts | {"ours": True, "first": _facts(prior.first)} if prior.ours else facts


def _prior(facts: dict[str, Any] | None) -> PriorRow | None:
    return PriorRow(**facts | {"first": _prior(facts.get("first"))}) if facts else None
