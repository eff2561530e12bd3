"""The script that learns the score's table from made-up names."""

from __future__ import annotations

import score_fit

from eqcbatch.domain.score.weights import read_weights


def test_the_script_writes_such_a_table() -> None:
    """From a seed, always the same, with the source at its head."""
    table, again = score_fit.table("5", 60), score_fit.table("5", 60)
    assert table == again
    assert "seeds 5." in table[2]
    likely, tells = read_weights([line for line in table if not line.startswith("#")])
    assert likely.bias < 0 < sum(likely.of.values())
    assert tells.bias < 0
