"""Durations, rates and the confidence rule, as users write them."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqcbatch.errors import BadInput
from eqcbatch.settings import ConfidenceRule, Rate, is_loopback, parse_duration, read_confidences


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90.0),
        ("90s", 90.0),
        ("15m", 900.0),
        ("15min", 900.0),
        ("2h", 7200.0),
        ("30d", 2_592_000.0),
        ("1.5h", 5400.0),
        (" 2 H ", 7200.0),
        ("0", 0.0),
    ],
)
def test_a_duration_is_a_number_with_a_unit(text: str, seconds: float) -> None:
    """Seconds where there is none."""
    assert seconds == parse_duration(text)


@pytest.mark.parametrize("text", ["", "s", "-5s", "5 weeks", "1h30m", "1e3", "5,5h", ".5h", "five", "5s5"])
def test_what_is_no_duration_says_how_to_write_one(text: str) -> None:
    """The text itself is quoted."""
    with pytest.raises(BadInput, match=r"is not a duration\. Write 90s, 15m, 2h or 30d"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("10/60s", Rate(10, 60.0)),
        ("10/60", Rate(10, 60.0)),
        ("10/m", Rate(10, 60.0)),
        ("10/1m", Rate(10, 60.0)),
        (" 10 / 60 s ", Rate(10, 60.0)),
        ("1000/1s", Rate(1000, 1.0)),
        ("10/0.5s", Rate(10, 0.5)),
        ("600/h", Rate(600, 3600.0)),
    ],
)
def test_a_rate_is_requests_in_a_period(text: str, rate: Rate) -> None:
    """The period may go without a number."""
    assert rate == Rate.parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "10", "/60s", "10/", "0/60s", "-1/60s", "1.5/60s", "ten/60s", "10/0s", "10/x", "10//60s", "10/-1s"],
)
def test_what_is_no_rate_is_bad_input(text: str) -> None:
    """Never a rate that sends nothing, or everything."""
    with pytest.raises(BadInput, match="is not a"):
        Rate.parse(text)


@given(st.text(max_size=12))
def test_no_duration_raises_anything_else(text: str) -> None:
    """Seconds from 0, or BadInput."""
    with suppress(BadInput):
        assert parse_duration(text) >= 0


@given(st.integers(1, 10_000), st.integers(1, 100_000))
def test_a_rate_reads_what_it_prints(limit: int, period_s: int) -> None:
    """As the config shows it."""
    rate = Rate(limit, float(period_s))
    assert rate == Rate.parse(str(rate))


def test_the_rate_of_eqc_is_the_default() -> None:
    """10 in 60 s, kept with a guard of a second: one in 6.1 s on average."""
    assert ("10/60s", 61.0) == (str(Rate()), Rate().window_s)
    assert pytest.approx(6.1) == Rate().interval_s


@pytest.mark.parametrize(
    ("match_type", "confidence"),
    [("全称精确匹配", 1.0), ("模糊匹配", 0.8), ("拼音", 0.6), ("别的", 0.7), ("", 0.7), (None, 0.7)],
)
def test_the_match_type_gives_the_confidence(match_type: str | None, confidence: float) -> None:
    """docs/domain.md section 3; pinyin alone stays below what is flushed."""
    rule = ConfidenceRule()
    assert confidence == rule.of(match_type)
    assert (match_type == "拼音") == (confidence < rule.minimum)


def test_confidences_that_are_left_out_keep_their_own() -> None:
    """Written as text, as YAML's scalars come; `other` stands for any other type."""
    changed = read_confidences({"模糊匹配": " 0.75 ", "other": "0"})
    assert {"全称精确匹配": 1.0, "模糊匹配": 0.75, "拼音": 0.6, "other": 0.0} == changed
    rule = ConfidenceRule(changed)
    assert (0.75, 0.0, 0.0, 0.6) == tuple(map(rule.of, ("模糊匹配", "别的", None, "拼音")))


@pytest.mark.parametrize("value", ["0", "0.0", ".5", "0.875", "1", "1.00"])
def test_a_confidence_is_a_number_from_0_to_1(value: str) -> None:
    """As people write one."""
    assert {"拼音": float(value)}.items() <= read_confidences({"拼音": value}).items()


@pytest.mark.parametrize(
    "value", ["", "-0.1", "1.01", "80", "80%", "0,8", "nan", "1e-1", "0_1", "high", ["0.8"], {}]
)
def test_what_is_no_confidence_is_told(value: object) -> None:
    """With its match type, and what to write instead."""
    with pytest.raises(BadInput, match=r"The confidence of '拼音' is .*Write a number from 0 to 1"):
        read_confidences({"拼音": value})


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"全称匹配": "1"}, "There is no match type '全称匹配'. Did you mean '全称精确匹配'?"),
        ({"Other": "1"}, "There is no match type 'Other'. Did you mean 'other'?"),
        ({"x": "1"}, "There is no match type 'x'. Write 全称精确匹配, 模糊匹配, 拼音, other."),
        ({}, "Confidences are `match type: number` lines. The types are 全称精确匹配"),
        (None, "Confidences are"),
        (["0.8"], "Confidences are"),
        ("0.8", "Confidences are"),
    ],
)
def test_what_is_no_map_of_confidences_is_told(settings: object, said: str) -> None:
    """A misspelt type would else count for nothing, silently."""
    with pytest.raises(BadInput, match=f"^{re.escape(said)}"):
        read_confidences(settings)


@pytest.mark.parametrize("text", ["36501d", "999999d", "9" * 400 + "s"])
def test_a_duration_ends_where_moments_do(text: str) -> None:
    """What is further from now than any moment that can be written is a slip."""
    assert 100 * 365 * 86400 == parse_duration("36500d")
    with pytest.raises(BadInput, match="is too long a time"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("url", "loops"),
    [
        ("http://127.0.0.1:8765", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:8765/", True),
        ("http://[::ffff:127.0.0.1]/", True),
        ("http://LOCALHOST.:1/", True),
        ("http://eqc.localhost", True),
        ("https://eqc.pingan.com", False),
        ("http://localhost.example.test", False),
        ("http://127.0.0.1.example.test", False),
        ("http://127.0.0.1@eqc.example.test", False),
        ("http://0.0.0.0", False),
        ("http://192.168.1.2", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_this_machine_is_told_by_the_text_of_a_url(url: str, loops: bool) -> None:
    """A name that resolves to loopback today may lead elsewhere tomorrow."""
    assert loops == is_loopback(url)
