"""The audit of the index, as pure decisions: which of its ids are wrong, as far as what is stored tells.

`row_judge` judges the rows of one company by the companies that are known (`known_companies`), to one of the
verdicts of `row_verdict`, each with the likelihood that an id with it is wrong. `sampling` draws the rows
that EQC is to be asked for, and `answers` says what its answer makes of a row. What the answers make of the
whole index is `eqcbatch.domain.estimate`.
"""

from eqcbatch.domain.index_audit.answers import AnsweredRow, judge_answer
from eqcbatch.domain.index_audit.known_companies import KnownCompanies
from eqcbatch.domain.index_audit.row_judge import Judged, RowJudge, Seen, name_in
from eqcbatch.domain.index_audit.row_verdict import LIKELIHOOD, RowVerdict
from eqcbatch.domain.index_audit.sampling import SamplePool, Stratum

__all__ = [
    "LIKELIHOOD",
    "AnsweredRow",
    "Judged",
    "KnownCompanies",
    "RowJudge",
    "RowVerdict",
    "SamplePool",
    "Seen",
    "Stratum",
    "judge_answer",
    "name_in",
]
