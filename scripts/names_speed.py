"""Measure what a lookup key costs: eqcbatch's way against the plain one of DOMAIN.md section 5.1.

    python scripts/names_speed.py [--names 200000]

Makes up customer names as pension workbooks have them, the same ones for the same seed, and cuts
them into rounds. In each round both ways take the same names, one after the other and with turns
as to who goes first, so that a busy machine slows down both alike. Prints the median over the
rounds in microseconds a name. Ends with status 1 if the two ever disagree on a key.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections.abc import Callable
from statistics import median

from eqcbatch.names import lookup_key

PLACES = "北京 上海 重庆 合肥 原平 广东省 浙江 四川 集安 中国 新疆 深圳市 哈尔滨 大连 厦门"
BRANDS = "华盛鑫泰宏远安平联合信达金瑞通天东方海德嘉恒立本退变清"
TRADES = "科技 建设集团 保险 电力 商业 物流 银行 制药 汽车制造 信息技术 矿业 人力资源服务"
FORMS = "有限公司 股份有限公司 有限责任公司 集团有限公司 分公司 管理中心 医院 工会委员会"
GROUPS = "（有限合伙） (普通合伙) （集团） （筹）"
WIDE_LETTERS = "ａｂｃ ＴＣＬ ３６０"
SUFFIXES = "-A -B2 -1 -养老 -福利 （团托） (团托) 及下属子企业"
MARKED = "{name}-{marker} {name}—{marker} {name}（{marker}） {name}({marker}) （{marker}）{name}"
MARKERS = (
    "已转出 待转出 待转移 终止 转出 转移 保留 暂停 注销 清算 解散 吊销 撤销 停业 歇业 关闭 迁出 "
    "迁入 变更 合并 分立 破产 重整 托管 接管 整顿 清盘 退出 终结 结束 完结 已作废 作废 存量 原 "
    "转移终止 已终止 保留账户 已转移终止 本部 未使用 集合 企业年金计划"
)
KEPT = "特殊普通合伙|普通合伙|有限合伙|有限公司|个人独资|全民所有制|集体所有制|股份合作|个体工商户"
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
NARROW = {wide: code for code, wide in WIDE.items()}

PLACEHOLDER = re.compile(r"\s*(?:null|NULL|空白|无|N/A|n/a|--?|——?)?\s*")
DROPPED = re.compile(r'[\s「」『』"]')
LEADING_GROUP = re.compile(r"^[（(][^）)]*[）)]")
SUFFIX = re.compile(r"(?:\(团托\)|（团托）|-[A-Za-z][A-Za-z0-9]*|-\d+|-养老|-福利)\Z")
MARKER_STEPS = [
    re.compile(step)
    for m in sorted(MARKERS.split(), key=len, reverse=True)
    for step in (rf"^[（(]?{m}[）)]?-?", rf"[—\-（(]{m}[）)]?\Z", rf"[（(]{m}[）)]\Z")
]
TRAILING_GROUP = re.compile(r"[（(]([^）)]*)[）)]\Z")


def main() -> int:
    """Time both ways as the command line says and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--names", type=int, default=200_000, help="how many (%(default)s)")
    parser.add_argument("--rounds", type=int, default=20, help="in how many rounds (%(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="of the made-up names (%(default)s)")
    options = parser.parse_args()
    if not 1 <= options.rounds <= options.names:
        parser.error("it takes at least one round, and at least one name a round")

    chance = random.Random(options.seed)
    names = [realistic_name(chance) for _ in range(options.names)]
    plain, fast = compare(names, options.rounds)
    print(f"{options.names:,} names in {options.rounds} rounds, median microseconds a name")
    print(f"  plain regexes  {plain:8.2f}")
    print(f"  lookup_key     {fast:8.2f}")
    print(f"  ratio          {plain / fast:8.1f}")
    wrong = next((name for name in names if plain_key(name) != lookup_key(name)), None)
    if wrong is not None:
        print(f"the keys of {wrong!r} differ: {plain_key(wrong)!r}, {lookup_key(wrong)!r}")
    return int(wrong is not None)


def compare(names: list[str], rounds: int) -> tuple[float, float]:
    """Return the median microseconds a name of the plain way and of `lookup_key`."""
    ways = [plain_key, lookup_key]
    costs: dict[object, list[float]] = {way: [] for way in ways}
    for turn in range(rounds):
        for way in ways if turn % 2 else reversed(ways):
            costs[way].append(microseconds_a_name(way, names[turn::rounds]))
    return median(costs[plain_key]), median(costs[lookup_key])


def microseconds_a_name(way: Callable[[str], str], names: list[str]) -> float:
    """Return what one way costs on average over the names."""
    begin = time.perf_counter_ns()
    for name in names:
        way(name)
    return (time.perf_counter_ns() - begin) / 1000 / len(names)


def realistic_name(chance: random.Random) -> str:
    """Return a customer name, decorated about as often as workbooks have it so."""

    def one_of(words: str) -> str:
        return chance.choice(words.split())

    name = one_of(PLACES)
    if chance.random() < 0.10:
        name = "".join(chance.choices(BRANDS, k=2)) + one_of("（{}） ({})").format(name)
    name += "".join(chance.choices(BRANDS, k=chance.randint(1, 3))) + one_of(TRADES) + one_of(FORMS)
    if chance.random() < 0.04:
        name += one_of(GROUPS)
    if chance.random() < 0.03:
        name = one_of(WIDE_LETTERS) + name
    if chance.random() < 0.05:
        name += one_of(SUFFIXES)
    if chance.random() < 0.10:
        name = one_of(MARKED).format(name=name, marker=one_of(MARKERS))
    if chance.random() < 0.05:
        cut = chance.randint(0, len(name))
        name = name[:cut] + chance.choice(" \u3000\n") + name[cut:]
    return "空白" if chance.random() < 0.01 else name


def plain_key(raw: str) -> str:
    """Return the lookup key by the ten rules as the page words them, every one of them tried."""
    if raw == "保留账户管理":
        return raw
    if PLACEHOLDER.fullmatch(raw):
        return ""
    key = DROPPED.sub("", raw)
    key = LEADING_GROUP.sub("", key)
    key = SUFFIX.sub("", key.replace("及下属子企业", ""))
    for step in MARKER_STEPS:
        key = step.sub("", key)
    group = TRAILING_GROUP.search(key)
    if group and not re.search(KEPT, group[1]):
        key = key[: group.start()]
    key = key.translate(NARROW).replace("(", "（").replace(")", "）")
    key = re.sub(r"[—\-]+\Z", "", re.sub(r"（）\Z", "", re.sub(r"[—\-.。]+\Z", "", key)))
    return key.upper()


if __name__ == "__main__":
    sys.exit(main())
