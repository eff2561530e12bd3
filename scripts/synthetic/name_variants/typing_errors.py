"""Registered names with a typing error, anywhere in them; and in traditional signs.

What sounds alike is told by the table that the verdict reads, too; what looks alike, by a list of its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache

from eqcbatch.tables import lines
from synthetic.name_variants.writer import Asked, NameWriter, Needs, is_any

_RARE = 0xD8A1  # from here on GB 2312 has the signs that are seldom met
_LOOK_ALIKE = (
    "技枝 贸贺 科料 材村 限很 份分 银很 设没 建健 械诫 机饥 环坏 治冶 末未 析折 侯候 电申 工土 木本 人入 "
    "大太 玉王 金全 东车 力刀 农衣 市布 咨资 询洵 拓柘 杨扬 阳阴 洋详 恒桓 泰秦 晟盛 源原 宏宠 锦绵 铭铬 "
    "瑞端 祥详 博搏 荣莱 华毕 安按 司同 公分 有友 技技 品晶 商裔 物牧 发友 务备 贵责 流硫 理埋 售集 食良 "
    "药约 服报 装袋 旅施 输轮 筑巩 程逞 信倍 息恩 制刷 造迼 配酌 料科 饲伺 养恙 殖值 种秤 业亚 局居 所听 "
    "厂广 院完 校较 学字 行什 支攴 店占 站沾 中申 心必 县具 区匹 省看 州洲 山出 川州 河何 江红 湖糊 海悔"
)
_MOST_TRIES = 30


def sound(writer: NameWriter) -> Asked:
    """A sign that sounds alike."""
    return _mistyped(writer, lambda text, at, chance: _swapped(text, at, _homophones(text[at]), chance))


def shape(writer: NameWriter) -> Asked:
    """A sign that looks alike."""
    return _mistyped(writer, lambda text, at, chance: _swapped(text, at, _look_alikes(text[at]), chance))


def lost(writer: NameWriter) -> Asked:
    """A sign left out."""
    return _mistyped(writer, lambda text, at, _: text[:at] + text[at + 1 :])


def turned(writer: NameWriter) -> Asked:
    """Two signs turned round."""
    return _mistyped(writer, lambda text, at, _: text[:at] + text[at : at + 2][::-1] + text[at + 2 :])


def twice(writer: NameWriter) -> Asked:
    """A sign typed twice."""
    return _mistyped(writer, lambda text, at, _: text[: at + 1] + text[at:])


def traditional(writer: NameWriter) -> Asked:
    """In traditional signs."""
    firm = writer.draw(is_any)
    return writer.written(
        firm.name, firm, raw="".join(_traditional().get(sign, sign) for sign in firm.name.text)
    )


def edits(one: str, other: str) -> int:
    """How many signs must be put in, taken out, replaced or turned round with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, sign in enumerate(one, 1):
        older, before, row = before, row, [at]
        for to, its in enumerate(other, 1):
            cost = min(before[to] + 1, row[-1] + 1, before[to - 1] + (sign != its))
            if at > 1 and to > 1 and (sign, one[at - 2]) == (other[to - 2], its):
                cost = min(cost, older[to - 2] + 1)
            row.append(cost)
    return row[-1]


def _mistyped(writer: NameWriter, error: Callable[[str, int, random.Random], str]) -> Asked:
    """The name of some company, with the error at some sign that it can be made at."""
    for _ in range(_MOST_TRIES):
        firm = writer.draw(is_any)
        text = firm.name.text
        mistyped = error(text, writer.chance.randrange(len(text)), writer.chance)
        if mistyped != text:
            break
    return writer.written(firm.name, firm, Needs.NO_OTHER_AS_NEAR, text=mistyped)


def _swapped(text: str, at: int, others: str, chance: random.Random) -> str:
    return text[:at] + chance.choice(others) + text[at + 1 :] if others else text


def _homophones(sign: str) -> str:
    return "".join(group.replace(sign, "") for group in _sounding().get(sign, ()))


def _look_alikes(sign: str) -> str:
    return "".join(pair.replace(sign, "") for pair in _LOOK_ALIKE.split() if sign in pair)


@cache
def _sounding() -> dict[str, list[str]]:
    """The signs that are met often, by each that sounds like them."""
    found: dict[str, list[str]] = {}
    for line in lines("sounds"):
        group = "".join(sign for sign in line.split(" ")[1] if int(sign.encode("gb2312").hex(), 16) < _RARE)
        for sign in group:
            found.setdefault(sign, []).append(group)
    return found


@cache
def _traditional() -> dict[str, str]:
    pairs = [pair for line in lines("simplified") for pair in line.split(" ")]
    return {pair[1]: pair[0] for pair in reversed(pairs)}
