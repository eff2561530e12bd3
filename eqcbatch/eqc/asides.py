"""What stands beside an empty list: a sick or guarded server says "no match" and, in a field of its own, why.

EQC's own answer is the list alone. A false "no match" is believed for 30 days, a name that is asked once more
costs a request: whatever is not plainly harmless, or beside this server's matches as well, is doubted.

Why: docs/decisions/0021.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eqcbatch.eqc.complaints import bare_name, complains, fields_within, tells_success

_MOST_FIELDS = 500
_HARMLESS = re.compile(
    r"took|cost(time)?|elapsed\w*|duration|(\w*time)|timestamp|date|\w*traceid|\w*spanid|re(q|quest)id|uuid|serial(no)?"
    r"|key|keywords?|query|word|q|lang|locale|version|(current|cur|next|prev)?page\w*|\w+page|(total)?pages|size|limit|offset|from"
)
_NOTHING_FOUND = re.compile(
    r"(查询|操作|请求)?(成功|完成)|success(ful(ly)?)?|succeeded|ok"
    r"|.*(暂无|没有(找到|查到|查询到|匹配|相关|符合|数据|结果|记录)|无(结果|数据|记录|匹配|相关|符合)|未(找|查|查询|匹配)到|不存在).*"
    r"|.*\b(not found|no( \w+)? (match|matches|result|results|data|record|records|hits?))\b.*",
    re.IGNORECASE | re.DOTALL,
)


class Asides:
    """What a server says beside its matches, kept while the program runs. Threads may share it."""

    def __init__(self) -> None:
        self._values: dict[str, frozenset[str]] = {}

    def learn(self, beside: Mapping[str, Any]) -> None:
        """Note what stands beside matches."""
        for path, value in fields_within(beside):
            known = self._values.get(path, frozenset())
            if len(known) < 2 and (known or len(self._values) < _MOST_FIELDS):
                self._values[path] = known | {_text(value)}

    def strange(self, beside: Mapping[str, Any]) -> list[str]:
        """The fields beside no match that may say why there is none, in an answer that complains of nothing.

        | field                                                                | strange |
        |----------------------------------------------------------------------|---------|
        | nothing: null, 0, an empty text, list or object                      | no      |
        | a code or flag of success                                            | no      |
        | pages, times, traces and the question, by their names                | no      |
        | a text of success, or that nothing was found, without a complaint    | no      |
        | what matches had beside them: with this value, or with two of others | no      |
        | else                                                                 | yes     |
        """
        return [path for path, value in fields_within(beside) if not self._expected(path, value)]

    def _expected(self, path: str, value: Any) -> bool:
        if tells_success(path) or (not value and value is not False):
            return True
        if _HARMLESS.fullmatch(bare_name(path)) and not isinstance(value, (list, bool)):
            return True
        if isinstance(value, str) and _NOTHING_FOUND.fullmatch(value.strip(" \t\r\n.!。！")):
            return not complains(value)
        known = self._values.get(path, frozenset())
        return _text(value) in known or len(known) > 1


def _text(value: Any) -> str:
    return "a list" if isinstance(value, list) and value else repr(value)[:200]
