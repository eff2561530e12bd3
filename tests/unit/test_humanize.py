"""Texts for people."""

from __future__ import annotations

import pytest

from eqcbatch.humanize import cut, did_you_mean, shorten


@pytest.mark.parametrize(
    ("word", "hint"),
    [("bugdet", "Did you mean 'budget'?"), ("columm", "Did you mean 'column'?"), ("xyz", "")],
)
def test_a_hint_names_the_likest_word(word: str, hint: str) -> None:
    """Nothing is said where none is like it."""
    assert hint == did_you_mean(word, ["budget", "column", "rate"])


def test_a_hint_is_quoted_as_asked_and_replaced_where_there_is_none() -> None:
    """A variable is shown bare, a command with what stands before it."""
    assert "Did you mean --rate?" == did_you_mean("rats", ["rate"], quote=lambda word: f"--{word}")
    assert "Write rate." == did_you_mean("xyz", ["rate"], "Write rate.")
    assert "Did you mean 'rate'?" == did_you_mean("xyz", ["rate"], cutoff=0)


def test_a_short_text_stays_and_a_long_one_is_cut() -> None:
    """Only `shorten` makes one line of several."""
    assert ("abc", "abc…") == (cut("abc", 3), cut("abcd", 3))
    assert ("a b", "a b…") == (shorten(" a\n b ", 3), shorten("a\nb c", 3))
