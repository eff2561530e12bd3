"""Names: what a lookup key costs, beside the rules of docs/domain.md section 5.1 as precompiled regexes.

Makes up customer names as pension workbooks have them, the same ones for the same seed, and cuts them
into rounds. In each round both ways take the same names, one after the other and with turns as to who
goes first, so that a busy machine slows down both alike.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable

from benchmarks.findings import Effort, Goal, Row, Section
from benchmarks.rounds import by_turns
from eqcbatch.domain.names import lookup_key

NAMES, QUICK_NAMES, ROUNDS, SEED = 200_000, 20_000, 20, 7
_FINE = time.get_clock_info("process_time").resolution < 1e-4
_CLOCK = time.process_time if _FINE else time.perf_counter
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
TRAILING_GROUP = re.compile(r"[（(]([^）)]+)[）)]\Z")


def measure(effort: Effort) -> Section:
    """Time both ways on the same names; the fact at the end says whether they agree on every key."""
    chance = random.Random(SEED)
    names = [realistic_name(chance) for _ in range(QUICK_NAMES if effort.quick else NAMES)]
    plain, fast = compare(names)
    wrong = sum(plain_key(name) != lookup_key(name) for name in names)
    return Section(
        "Names: one lookup key",
        [
            Row("lookup_key", "us", fast, plain, "plain regexes", [Goal("<=", 5)]),
            Row("keys on which the two differ", "", [wrong], goals=[Goal("<=", 0)]),
        ],
        {"names": f"{len(names):,} in {ROUNDS} rounds"},
    )


def compare(names: list[str]) -> tuple[list[float], list[float]]:
    """Return the microseconds a name of the plain way and of `lookup_key`, round by round."""

    def cost(way: Callable[[str], str]) -> Callable[[], float]:
        turns = iter(range(ROUNDS))
        return lambda: microseconds_a_name(way, names[next(turns) :: ROUNDS])

    found = by_turns(ROUNDS, {"plain": cost(plain_key), "fast": cost(lookup_key)})
    return found["plain"], found["fast"]


def microseconds_a_name(way: Callable[[str], str], names: list[str]) -> float:
    """Return what one way costs on average over the names, on the CPU where that is told finely enough."""
    begin = _CLOCK()
    for name in names:
        way(name)
    return (_CLOCK() - begin) * 1e6 / len(names)


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
    if raw.strip() == "保留账户管理":
        return raw.strip()
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
