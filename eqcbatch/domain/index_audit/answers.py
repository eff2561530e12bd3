"""What EQC's answer to a row's name says of the id that the row has. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eqcbatch.domain.index_audit.known_companies import keyed_alike
from eqcbatch.domain.index_audit.row_judge import is_contradicted
from eqcbatch.domain.matching import Asked, judge
from eqcbatch.domain.model import Candidate, RowAnswer, Verdict
from eqcbatch.settings import ConfidenceRule


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """What an answer says of a row, and the verdict of the drain on it; None without candidates."""

    answer: RowAnswer
    verdict: Verdict | None


def judge_answer(
    asked: Asked,
    company_id: str,
    candidates: Sequence[Candidate],
    rule: ConfidenceRule,
    *,
    contradicted: bool,
) -> AnsweredRow:
    """Say whether a row has the right id, by the drain's own verdict on the answer.

    contradicted: whether the name that is stored of the row's company contradicts the row's.

    | the drain's verdict                                                  | the id    |
    |----------------------------------------------------------------------|-----------|
    | none: there are no candidates                                        | not_found |
    | a company, not held: the row's                                       | right     |
    | another one, and the key drops what tells the row's name from its    | held      |
    | another one                                                          | wrong     |
    | held, and the row's company is offered under a name that contradicts | wrong     |
    | held, it is not offered, and its stored name contradicts             | wrong     |
    | held                                                                 | held      |

    That a drain does not know which company is meant does not save one that is surely not.
    """
    verdict = judge(asked, candidates, rule)
    if verdict is None:
        return AnsweredRow(RowAnswer.NOT_FOUND, None)
    offered = next((one for one in candidates if one.company_id == company_id), None)
    if not verdict.held:
        if verdict.company.company_id == company_id:
            return AnsweredRow(RowAnswer.RIGHT, verdict)
        open_which = offered is not None and keyed_alike(asked, offered)
        return AnsweredRow(RowAnswer.HELD if open_which else RowAnswer.WRONG, verdict)
    wrong = is_contradicted(asked, offered) if offered else contradicted
    return AnsweredRow(RowAnswer.WRONG if wrong else RowAnswer.HELD, verdict)
