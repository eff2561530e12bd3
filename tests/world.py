"""The world that oracle and product share: EQC's companies, the index, the request queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from eqcbatch.simulate import MatchType, Offer, describe
from eqcbatch.simulate.registry import Company as Registered

OURS = "eqcbatch"


@dataclass(frozen=True)
class Verdict:
    """What a name's answer amounts to: an id, what it is worth, and why a person must look at it, if so."""

    company_id: str
    confidence: float = 1.0
    doubt: str | None = None

    @property
    def what(self) -> tuple[str, float]:
        """Id and confidence."""
        return self.company_id, self.confidence

    def held(self, minimum: float) -> str | None:
        """Why it may not go to Postgres; None if it may."""
        return self.doubt or ("low_confidence" if self.confidence < minimum else None)


@dataclass(frozen=True)
class Row:
    """A row of the index."""

    company_id: str
    confidence: float
    source: str = "manual"
    domain: str | None = None

    @property
    def what(self) -> tuple[str, float]:
        """Id and confidence."""
        return self.company_id, self.confidence


@dataclass(frozen=True)
class Request:
    """A row of the request queue. machine: which ledger took it."""

    key: str
    status: str = "pending"
    company_id: str | None = None
    error: str | None = None
    machine: int | None = None


@dataclass
class World:
    """What all machines share."""

    index: dict[str, Row] = field(default_factory=dict)
    queue: list[Request] = field(default_factory=list)


def _company(company_id: str, name: str, *former: str) -> Registered:
    code = f"91440300{company_id:0>10}"[:18]
    return describe(name, company_id=company_id, unite_code=code, former_names=former, status="存续")


def _exact(*companies: Registered) -> list[Offer]:
    return [Offer(company, MatchType.EXACT, 100.0) for company in companies]


def _fuzzy(*companies: Registered) -> list[Offer]:
    return [Offer(company, MatchType.FUZZY, 90.0) for company in companies]


WALL, LAKE, FIELD = "北京长城科技有限公司", "杭州西湖茶叶有限公司", "成都平原农业有限公司"
ELDER, YOUNGER = "苏州兄长纺织有限公司", "苏州小弟纺织有限公司"
NOBODY, NONE_EITHER = "查无此处贸易有限公司", "查无彼处贸易有限公司"
SHORT, SOUND, RENAMED = "黄河实业", "拼音实业", "泰山旧矿业有限公司"
TWINS, ELSEWHERE = "南京双生机械有限公司", "北京东方贸易有限公司"
TOO_LONG = "长" * 256
_SIBLINGS = _exact(_company("701", ELDER), _company("702", YOUNGER))

VERDICTS: Mapping[str, Verdict] = {
    WALL: Verdict("101"),
    LAKE: Verdict("102"),
    FIELD: Verdict("103"),
    ELDER: Verdict("701"),
    YOUNGER: Verdict("702"),
    SHORT: Verdict("201", 0.8),
    SOUND: Verdict("301", 0.6),
    RENAMED: Verdict("401", 0.9),
    TWINS: Verdict("501", 1.0, "ambiguous"),
    ELSEWHERE: Verdict("601", 0.8, "contradiction"),
}
OFFERED: Mapping[str, list[str]] = {TWINS: ["501", "507"], ELSEWHERE: ["601"], SOUND: ["301"]}
SIBLINGS = {ELDER: YOUNGER, YOUNGER: ELDER}
NAMES = (*VERDICTS, NOBODY, NONE_EITHER, TOO_LONG)


class Bureau:
    """The registry of EQC in which the names above have these verdicts."""

    _offers: Mapping[str, list[Offer]] = {
        WALL: _exact(_company("101", WALL)),
        LAKE: _exact(_company("102", LAKE)),
        FIELD: _fuzzy(_company("103", FIELD)),
        ELDER: _SIBLINGS,
        YOUNGER: _SIBLINGS,
        SHORT: _fuzzy(_company("201", "黄河实业有限公司")),
        SOUND: [Offer(_company("301", "拼音实业有限公司"), MatchType.PINYIN, 50.0)],
        RENAMED: _fuzzy(_company("401", "泰山新矿业有限公司", RENAMED)),
        TWINS: _exact(_company("501", TWINS), _company("507", TWINS)),
        ELSEWHERE: _fuzzy(_company("601", "上海东方贸易有限公司")),
        "中国平安": _exact(_company("999", "中国平安保险（集团）股份有限公司")),
    }

    def search(self, key: str) -> list[Offer]:
        """Offer what a name has."""
        return self._offers.get(key, [])

    def company(self, company_id: str) -> None:
        """Tell nothing more."""
