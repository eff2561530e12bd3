"""Text of others does nothing on any surface: no sign of it acts, no line of it passes for one of ours."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqcbatch.safe_text import json_line, log_line, markdown, message_lines, visible, visible_lines

FORGED = "第一行\n2026-11-28 14:00:00 INFO forged\r\x1b[2J\u202e尾\x9b31m\u2028"
ANY = st.text(st.characters(exclude_categories=()))


def acting(text: str) -> set[str]:
    """The signs of a text that act: controls, lone surrogates, marks of direction."""
    return {
        sign
        for sign in text
        if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") or sign in "\u061c\u200e\u200f\u202e\u2066"
    }


@given(text=ANY)
def test_what_is_visible_is_one_line_in_which_nothing_acts(text: str) -> None:
    """Whatever others write."""
    assert set() == acting(visible(text)) == acting(log_line(text)) == acting(markdown(text))


@given(content=st.dictionaries(ANY, ANY))
def test_json_reads_back_the_same_and_does_nothing_on_a_terminal(content: dict[str, str]) -> None:
    """Escaped, as JSON may; Chinese stays as it is."""
    assert content == json.loads(json_line(content))
    assert set() == acting(json_line(content))
    assert '{"名": "称"}' == json_line({"名": "称"})


def test_lines_that_are_meant_stay() -> None:
    """Line breaks, and nothing else that acts."""
    assert "甲\n乙␛[2J␍" == visible_lines("甲\n乙\x1b[2J\r")


def test_no_line_of_a_message_passes_for_a_message_or_a_log_entry() -> None:
    """Further lines are indented; a log entry is one line."""
    assert "甲\n  eqcbatch: 乙" == message_lines("甲\neqcbatch: 乙")
    assert ["第一行 2026-11-28 14:00:00 INFO forged␍␛[2J[U+202E]尾[U+009B]31m[U+2028]"] == log_line(
        FORGED
    ).splitlines()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[点](http://evil)", r"\[点\](http\://evil)"),
        ("www.evil.cn 1.5", r"www\.evil.cn 1.5"),
        ("<img src=x> | `rm` @all #1 &amp;", r"\<img src=x\> \| \`rm\` \@all \#1 \&amp;"),
        ("一\n# 二", r"一 \# 二"),
    ],
)
def test_markdown_shows_a_text_as_it_is(text: str, shown: str) -> None:
    """No link, no picture, no cell, no heading, no mention."""
    assert shown == markdown(text)
