"""The second question: a name that EQC's answer did not settle is asked for in another way. Pure.

| kind            | the query becomes                                    | such as                |
|-----------------|------------------------------------------------------|------------------------|
| simplified      | the same in simplified signs                         | 远山机械 for 遠山機械  |
| plan_name       | the company's name in the name of the plan beside it | 甲 for 甲企业年金计划  |
| with_place      | the place beside it and the name, which states none  | 杭州甲公司 for 甲公司  |
| without_bracket | the name without what stands in brackets             | 甲公司 for 甲（乙）公司 |
| without_place   | the same without its places                          | 甲公司 for 杭州甲公司  |

Whatever the answer offers is judged against the name as it was written, never against what was asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from eqcbatch.domain.matching.anatomy import take_apart
from eqcbatch.domain.matching.seat import named_place
from eqcbatch.domain.matching.testimony import name_of_plan
from eqcbatch.domain.model import EvidenceKind, RowEvidence, SecondQuestion
from eqcbatch.domain.names import MAX_KEY_LENGTH, query_for, written_form
from eqcbatch.domain.simplified import simplified

FEWEST_SIGNS = 4  # of a query: a shorter one finds what it likes
LEAST_REQUESTS, LEAST_YIELD = 40, 0.05  # of a kind: what yields less after so many is not asked any more

_BRACKETS = re.compile(r"[（(][^（）()]*[）)]?")


def second_queries(query: str, evidence: Sequence[RowEvidence] = ()) -> Iterator[tuple[SecondQuestion, str]]:
    """The ways in which a name may be asked for a second time, each once, and none as it was asked."""
    asked = {written_form(query)}
    for kind, rewrite in _WAYS.items():
        other = rewrite(query, evidence)
        form = written_form(other)
        is_new = form not in asked or (kind is SecondQuestion.SIMPLIFIED and bool(other))
        if is_new and len(form) >= FEWEST_SIGNS and len(other) <= MAX_KEY_LENGTH:
            asked.add(form)
            yield kind, other


def pays(requests: int, settled: int) -> bool:
    """Whether a kind of question is worth asking, by what it came to so far."""
    return requests < LEAST_REQUESTS or settled >= LEAST_YIELD * requests


def _simplified(query: str, _evidence: Sequence[RowEvidence]) -> str:
    other = simplified(query)
    return other if other != query else ""


def _by_plan_name(_query: str, evidence: Sequence[RowEvidence]) -> str:
    names = (name_of_plan(piece.value) for piece in evidence if piece.kind is EvidenceKind.COLUMN)
    return query_for([name for name in names if name][:1])


def _with_place(query: str, evidence: Sequence[RowEvidence]) -> str:
    """The commonest place in front, unless others beside it are elsewhere."""
    values = [piece.value for piece in evidence if piece.kind is EvidenceKind.COLUMN]
    places = [(words, codes) for words, codes in map(named_place, values) if codes]
    if not places or len({codes for _, codes in places}) > 1 or take_apart(query).places:
        return ""
    return places[0][0] + query


def _without_bracket(query: str, _evidence: Sequence[RowEvidence]) -> str:
    return _BRACKETS.sub("", query)


def _without_place(query: str, _evidence: Sequence[RowEvidence]) -> str:
    name = take_apart(_BRACKETS.sub("", query))
    return name.head + name.behind if name.places else ""


_WAYS: dict[SecondQuestion, Callable[[str, Sequence[RowEvidence]], str]] = {
    SecondQuestion.SIMPLIFIED: _simplified,
    SecondQuestion.PLAN_NAME: _by_plan_name,
    SecondQuestion.WITH_PLACE: _with_place,
    SecondQuestion.WITHOUT_BRACKET: _without_bracket,
    SecondQuestion.WITHOUT_PLACE: _without_place,
}
