"""Slips of the hand: told from another company's name by the words that they break."""

from __future__ import annotations

import pytest

from eqcbatch.domain.matching.misspelling import differ_by_a_slip, is_misspelt, sound_alike, word_over


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("昆明森讯科歧公司", "昆明森讯科技公司", True),
        ("昆明森讯技科公司", "昆明森讯科技公司", True),
        ("昆明森讯科技技公司", "昆明森讯科技公司", True),
        ("昆明森讯科公司", "昆明森讯科技公司", True),
        ("昆明森讯科技公", "昆明森讯科技公司", True),
        ("明森讯科技公司", "昆明森讯科技公司", True),
        ("甲", "乙", True),
        ("昆明森讯科技公司", "昆明森讯科技公司", False),
        ("昆名森讯科歧公司", "昆明森讯科技公司", False),
        ("昆明森讯科技公司城南", "昆明森讯科技公司", False),
        ("技明森讯科昆公司", "昆明森讯科技公司", False),
        ("明昆讯森科技公司", "昆明森讯科技公司", False),
    ],
)
def test_a_slip_is_in_one_place(one: str, other: str, near: bool) -> None:
    """A sign more, less or another, or two turned round; either way."""
    assert (near, near) == (differ_by_a_slip(one, other), differ_by_a_slip(other, one))


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ("昆明森讯科歧有限公司", "昆明森讯科技有限公司"),
        ("昆明森讯科技右限公司", "昆明森讯科技有限公司"),
        ("昆明森讯机械股分有限公司", "昆明森讯机械股份有限公司"),
        ("昆明森讯科牧有限公司", "昆明森讯科技有限公司"),
        ("昆明森讯料技有限公司", "昆明森讯科技有限公司"),
        ("昆明森讯钢村有限公司", "昆明森讯钢材有限公司"),
        ("昆明森讯犬酒店", "昆明森讯大酒店"),
        ("昆明市人民医怨", "昆明市人民医院"),
        ("昆明市财证局", "昆明市财政局"),
        ("昆明市才政局", "昆明市财政局"),
        ("昆明市则政局", "昆明市财政局"),
        ("昆鸣森讯科技有限公司", "昆明森讯科技有限公司"),
        ("森讯保险公司昆鸣支公司", "森讯保险公司昆明支公司"),
        ("森讯保险公司坤明支公司", "森讯保险公司昆明支公司"),
        ("昆明森讯技科有限公司", "昆明森讯科技有限公司"),
        ("昆明森科讯技有限公司", "昆明森讯科技有限公司"),
        ("明昆森讯科技有限公司", "昆明森讯科技有限公司"),
        ("昆明森讯科技技有限公司", "昆明森讯科技有限公司"),
        ("昆明森森讯科技有限公司", "昆明森讯科技有限公司"),
        ("昆昆明森讯科技有限公司", "昆明森讯科技有限公司"),
        ("昆明森讯科技有限公", "昆明森讯科技有限公司"),
        ("昆明森讯铁路电器", "昆明森讯铁路电器厂"),
        ("昆明森讯供社城南商店", "昆明森讯供销社城南商店"),
        ("森讯(昆明)科歧有限公司", "森讯(昆明)科技有限公司"),
    ],
)
def test_a_slip_breaks_a_word_or_a_place(asked: str, offered: str) -> None:
    """科歧 is no word, 科技 is one, and what sounds like a place and is none was meant to be it."""
    assert is_misspelt(asked, offered)


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ("昆明德洪贸易有限公司", "昆明德鸿贸易有限公司"),
        ("昆明力合锅炉有限公司", "昆明合力锅炉有限公司"),
        ("昆明森讯科贸有限公司", "昆明森讯科技有限公司"),
        ("昆明森讯锆业有限公司", "昆明森讯铜业有限公司"),
        ("昆明安保实业有限公司", "昆明立保实业有限公司"),
        ("昆明立保实业有限公司", "昆明安保实业有限公司"),
        ("昆明建大支行", "昆明建设支行"),
        ("昆明中核物资有限公司", "昆明中矿物资有限公司"),
        ("山西森讯科技有限公司", "陕西森讯科技有限公司"),
        ("湘阴县森讯科技有限公司", "湘潭县森讯科技有限公司"),
        ("昆朋森讯科技有限公司", "昆明森讯科技有限公司"),
        ("昆明森讯第一一小学", "昆明森讯第一小学"),
        ("昆明森讯科技有限公司", "昆明森森讯科技有限公司"),
        ("昆明森讯东门商店", "昆明森讯西门商店"),
        ("昆明森讯科有限公司", "昆明森讯科技有限公司"),
        ("昆明讯科技有限公司", "昆明森讯科技有限公司"),
        ("昆明森讯大药店", "昆明森讯药店"),
        ("昆明森讯药房有限公司", "昆明森讯大药房有限公司"),
        ("昆明市北街小学", "昆明市南街小学"),
        ("司昆明森讯公司", "昆明森讯公司"),
        ("昆明森讯小酒店", "昆明森讯大酒店"),
        ("昆明森讯药业", "昆明森讯药材"),
        ("合平药业有限公司", "和平药业有限公司"),
        ("森讯保险公司远明支公司", "森讯保险公司昆明支公司"),
        ("昆明森市讯科技有限公司", "昆明市森讯科技有限公司"),
        ("昆明森讯力电器材有限公司", "昆明森讯电力器材有限公司"),
    ],
)
def test_what_may_be_another_company_is_no_slip(asked: str, offered: str) -> None:
    """Another brand, another trade, another place, another number; what makes a word as well."""
    assert differ_by_a_slip(asked, offered)
    assert not is_misspelt(asked, offered)


@pytest.mark.parametrize(
    ("name", "at", "word"),
    [
        ("昆明森讯科技有限公司", 5, "科技"),
        ("昆明森讯科技有限公司", 6, "有限公司"),
        ("昆明森讯科技有限公司", 2, ""),
        ("昆明森讯科技有限公司", 0, ""),
        ("昆明建设支行", 2, ""),
        ("昆明建设支行", 4, "支行"),
        ("昆明森讯建材甲支行", 4, "建材"),
        ("昆明财政局", 2, "财政局"),
        ("昆明中矿物资", 4, "物资"),
        ("昆明中矿物资", 3, ""),
        ("森讯公司昆明建设支行", 6, ""),
    ],
)
def test_words_are_told_from_the_end(name: str, at: int, word: str) -> None:
    """The first of a head office or a branch is its name, if it is short."""
    assert word == word_over(name, at)


@pytest.mark.parametrize(
    ("one", "other", "alike"), [("分", "份", True), ("证", "政", True), ("分", "公", False)]
)
def test_signs_sound_alike_whatever_their_tone(one: str, other: str, alike: bool) -> None:
    """One reading in common is enough; what is no sign sounds like nothing."""
    assert alike == sound_alike(one, other)
    assert not sound_alike("A", "A")
