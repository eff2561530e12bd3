"""What a 200 complains of beside its answer: a code, a flag or a message that says that it went wrong.

EQC itself is known to say `error` only. What stands before it (gateways, load balancers, session guards) has
its own ways, of which these are the usual ones. In doubt it is a complaint: a name that is asked once more
costs a request, a false "no match" is believed for 30 days.

Why: docs/decisions/0021.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from eqcbatch.domain.model import Outcome

_DEEPEST = 4  # objects within objects
_CODE_OF_SUCCESS = re.compile(
    r"|0+(\.0+)?|200(\.0+)?|true|ok|success|succeeded|successful|成功|操作成功|请求成功|查询成功"
)
_FLAG_OF_SUCCESS = re.compile(r"|1|y|yes|true|ok|success|成功")
_CODES = frozenset(
    [
        "code",
        "errcode",
        "errorcode",
        "errno",
        "httpstatus",
        "respcode",
        "responsecode",
        "resultcode",
        "retcode",
        "returncode",
        "rspcode",
        "status",
        "statuscode",
    ]
)
_FLAGS = frozenset(["issuccess", "ok", "success", "succeeded", "successful"])
_MESSAGES = frozenset(
    [
        "desc",
        "description",
        "errmsg",
        "errormessage",
        "errormsg",
        "info",
        "message",
        "msg",
        "reason",
        "respmsg",
        "responsemsg",
        "resultmsg",
        "retmsg",
        "returnmsg",
        "rspmsg",
    ]
)
_BY_CODE = (
    (Outcome.AUTH, re.compile(r"^401\d*$")),
    (Outcome.RATE_LIMITED, re.compile(r"^429\d*$")),
)
_LOGIN = (
    Outcome.AUTH,
    re.compile(
        r"token|log.?(ged.?)?(in|out|on)\b|session|unauthori[sz]ed|not authori[sz]ed|authenticat|credential"
        r"|expired|permission|令牌|登[录陆]|会话|授权|鉴权|认证|身份|权限|过期|失效",
        re.IGNORECASE,
    ),
)
_LIMIT = (
    Outcome.RATE_LIMITED,
    re.compile(r"too.?many|rate.?limit|throttl|quota|频繁|限流|限速|限频|超限|次数", re.IGNORECASE),
)
_ILLNESS = (
    Outcome.SERVER_ERROR,
    re.compile(
        r"busy|internal|unavailable|time.?d?.?out|overload|maintenance|(system|server).?error|exception"
        r"|繁忙|异常|超时|维护|不可用|系统错误|服务错误|内部错误|稍后",
        re.IGNORECASE,
    ),
)
_BY_CODE_AT_LAST = ((Outcome.SERVER_ERROR, re.compile(r"^(5\d\d+|-1)$")), (Outcome.REFUSED, re.compile("")))
_PHRASES = {
    Outcome.AUTH: "the token expired, or is not accepted",
    Outcome.RATE_LIMITED: "over the rate limit",
    Outcome.SERVER_ERROR: "server error",
    Outcome.REFUSED: "refused",
}


def complaint(beside: Mapping[str, Any], *, empty: bool) -> tuple[Outcome, str] | None:
    """Say which failure an answer of status 200 tells of, with a phrase for people; None for none.

    beside: its fields but for the one that was asked for. empty: whether that holds no match. Only then
    messages count where no code and no flag complain, and what objects within say (`head.code`).

    | what stands there                                      | outcome      |
    |--------------------------------------------------------|--------------|
    | no code, or one of success; no flag, or a true one     | none         |
    | the same, no match, but a message of login, limit, ... | by its words |
    | another code: 401...                                   | auth         |
    | another code: 429...                                   | rate_limited |
    | else, with words of token, login, session, permission  | auth         |
    | else, with words of too many requests                  | rate_limited |
    | else: 5xx..., or words of a system that is ill         | server_error |
    | else                                                   | refused      |
    """
    said = fields_within(beside) if empty else beside.items()
    fields = [(bare_name(path), _text(value)) for path, value in said]
    codes = [text for name, text in fields if _fails(name, text)]
    if not codes and not empty:
        return None
    texts = [*codes, *(text for name, text in fields if name in _MESSAGES and text)]
    outcome = (
        _first(_BY_CODE, codes)
        or _first((_LOGIN, _LIMIT, _ILLNESS), texts)
        or _first(_BY_CODE_AT_LAST, codes)
    )
    return (outcome, f"{_PHRASES[outcome]}: {', '.join(dict.fromkeys(texts)):.80}") if outcome else None


def complaint_of_error(error: object) -> tuple[Outcome, str]:
    """Say which failure a field `error` tells of: of the token, of the limit, or else of this request."""
    told = str(error)
    outcome = _first((_LOGIN, _LIMIT), [told]) or Outcome.REFUSED
    return outcome, f"{_PHRASES[outcome]}: {told:.80}"


def complains(text: str) -> bool:
    """Whether a text has words of a login, a limit, or a system that is ill."""
    return _first((_LOGIN, _LIMIT, _ILLNESS), [text]) is not None


def fields_within(content: Mapping[str, Any], deep: int = 0) -> Iterator[tuple[str, Any]]:
    """All fields, those of objects within by their paths, such as `head.code`."""
    for name, value in content.items():
        if isinstance(value, dict) and value and deep < _DEEPEST and bare_name(name) not in _CODES | _FLAGS:
            yield from ((f"{name}.{inner}", found) for inner, found in fields_within(value, deep + 1))
        else:
            yield name, value


def bare_name(path: str) -> str:
    """The last name of a path as it is looked for: its Latin letters, in lower case."""
    return re.sub("[^a-z]", "", path.rpartition(".")[2].lower())


def tells_success(path: str) -> bool:
    """Whether a field of this name, in an answer that complains of nothing, says that all went well."""
    return bare_name(path) in _CODES | _FLAGS


def kind_in_json(value: object) -> str:
    """What a value of JSON is, for people."""
    if isinstance(value, (list, dict)):
        return "a list" if isinstance(value, list) else "an object"
    return "a text" if isinstance(value, str) else "a truth" if isinstance(value, bool) else "a number"


def _fails(name: str, text: str) -> bool:
    if name in _FLAGS:
        return not _FLAG_OF_SUCCESS.fullmatch(text.lower())
    return name in _CODES and not _CODE_OF_SUCCESS.fullmatch(text.lower())


def _text(value: Any) -> str:
    """A scalar as text, "" for null; of a list or an object its kind alone."""
    if isinstance(value, (list, dict)):
        return kind_in_json(value)
    return "" if value is None else str(value).strip()


def _first(table: Iterable[tuple[Outcome, re.Pattern[str]]], texts: list[str]) -> Outcome | None:
    """The outcome of the first row of which some text has the words."""
    return next((outcome for outcome, words in table if any(map(words.search, texts))), None)
