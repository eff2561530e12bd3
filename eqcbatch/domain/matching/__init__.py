"""Matching: which of the companies that EQC offers for a name is meant, if any. Pure.

`judge` gives the verdict (`verdict`, with the table of its rules). It takes names apart (`anatomy`, with the
`places`) and compares the parts (`comparison`); where that leaves several companies, what stands in the rows
beside the name may choose (`testimony`). Whoever asks what an answer means comes here: the
drain for a fresh one, a review for a stored one.
"""

from eqcbatch.domain.matching.sameness import Asked, states_several_bodies
from eqcbatch.domain.matching.testimony import Testimony
from eqcbatch.domain.matching.verdict import bearers, judge, weigh_evidence

__all__ = ["Asked", "Testimony", "bearers", "judge", "states_several_bodies", "weigh_evidence"]
