"""The number of the rule set counts up with every change by which some name is judged otherwise."""

from __future__ import annotations

import json
from pathlib import Path

from eqcbatch.domain.matching import Asked, judge
from eqcbatch.domain.matching.rule_set import RULE_SET
from eqcbatch.domain.model import Candidate
from eqcbatch.domain.names import lookup_key, query_for
from eqcbatch.settings import ConfidenceRule

KEPT = json.loads((Path(__file__).parents[1] / "data" / "rule_set.json").read_text(encoding="utf-8"))


def _verdict(raw: str, candidates: list[dict[str, object]]) -> list[object] | None:
    offered = [Candidate(**one | {"former_names": tuple(one["former_names"])}) for one in candidates]  # type: ignore[arg-type]
    verdict = judge(Asked(lookup_key(raw), query_for([raw]), (raw,)), offered, ConfidenceRule())
    return [verdict.company.company_id, verdict.confidence, verdict.how, verdict.held] if verdict else None


def test_the_rules_judge_as_their_number_says() -> None:
    """Where this fails, raise RULE_SET in domain/matching/rule_set.py and run tests/data/make_rule_set.py."""
    otherwise = {
        case["raw"]: (case["verdict"], now)
        for case in KEPT["cases"]
        if case["verdict"] != (now := _verdict(case["raw"], case["candidates"]))
    }
    assert {} == otherwise
    assert KEPT["rule_set"] == RULE_SET


def test_every_kind_of_verdict_is_among_those_that_are_kept() -> None:
    """A rule that none of them goes by could change unseen."""
    kinds = {case["verdict"][2] if case["verdict"] else None for case in KEPT["cases"]}
    assert {"exact_name", "former_name", "first_candidate", "ambiguous", None} <= kinds
    assert 3 <= sum(str(kind).startswith("contradiction:") for kind in kinds)
