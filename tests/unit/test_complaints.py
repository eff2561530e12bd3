"""What a 200 complains of: the decision table, row by row. None: it does not, and its answer counts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from eqcbatch.domain.model import Endpoint, Outcome
from eqcbatch.eqc.asides import Asides
from eqcbatch.eqc.complaints import complaint
from eqcbatch.eqc.responses import read_answer
from tests.unit.test_responses import ITEM, NAMES, NOW

AUTH, LIMIT, ILL, REFUSED = Outcome.AUTH, Outcome.RATE_LIMITED, Outcome.SERVER_ERROR, Outcome.REFUSED


def complained(**content: Any) -> Outcome | None:
    """The failure that an answer without a match tells of."""
    found = complaint(content, empty=True)
    return found[0] if found else None


@pytest.mark.parametrize(
    "code",
    [
        None,
        "",
        0,
        0.0,
        "0",
        "00000",
        "000000",
        200,
        200.0,
        "200",
        " 200 ",
        True,
        "true",
        "success",
        "SUCCESS",
        "Ok",
        "成功",
        "操作成功",
    ],
)
@pytest.mark.parametrize("name", ["code", "status", "errcode", "resultCode", "error_code", "STATUS_CODE"])
def test_a_code_of_success_is_no_complaint(name: str, code: object) -> None:
    """None, zeros, 200, true, and the words for it."""
    assert complained(**{name: code}) is None


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (401, AUTH),
        ("401", AUTH),
        (40101, AUTH),
        ("TOKEN_INVALID", AUTH),
        ("NotLoggedIn", AUTH),
        ("UNAUTHORIZED", AUTH),
        (429, LIMIT),
        ("TOO_MANY_REQUESTS", LIMIT),
        (500, ILL),
        (502, ILL),
        ("503", ILL),
        (50001, ILL),
        (-1, ILL),
        ("SYSTEM_BUSY", ILL),
        (1, REFUSED),
        ("1", REFUSED),
        (False, REFUSED),
        (201, REFUSED),
        (204, REFUSED),
        (302, REFUSED),
        (400, REFUSED),
        (403, REFUSED),
        (404, REFUSED),
        (2000, REFUSED),
        (10000, REFUSED),
        ("A0001", REFUSED),
        ("fail", REFUSED),
        ([], REFUSED),
        ({}, REFUSED),
        ([200], REFUSED),
        (float("nan"), REFUSED),
        (10**40, REFUSED),
    ],
    ids=str,
)
def test_any_other_code_is_a_complaint(code: object, outcome: Outcome) -> None:
    """In doubt the request is refused."""
    assert outcome is complained(code=code)


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        # As public reports have them: an expired token told as 500, a login as 10000, a 401 within a 200.
        ({"code": 500, "msg": "token已过期"}, AUTH),
        ({"code": 401, "msg": "登陆失效或身份过期!"}, AUTH),
        ({"status": 10000, "data": "", "message": "not login"}, AUTH),
        ({"status": 401}, AUTH),
        ({"status": 1, "error_code": 152, "error_msg": "Parameter Error"}, REFUSED),
        ({"code": 403, "message": "没有相关权限"}, AUTH),
        ({"code": -1, "msg": "请求过于频繁"}, LIMIT),
        ({"code": 1, "msg": "系统繁忙,请稍后再试"}, ILL),
        ({"code": 500, "success": False, "msg": "SYSTEM BUSY"}, ILL),
        ({"code": 1, "msg": "参数错误"}, REFUSED),
        ({"code": 500, "msg": 17}, ILL),
        ({"code": 1, "msg": {"token": 1}}, REFUSED),
    ],
    ids=str,
)
def test_a_message_says_what_the_code_does_not(content: dict[str, Any], outcome: Outcome) -> None:
    """Tokens and logins first, then the limit, then the server."""
    assert outcome is complained(**content)


@pytest.mark.parametrize(
    ("flag", "outcome"),
    [
        (True, None),
        ("true", None),
        (1, None),
        (None, None),
        (False, REFUSED),
        (0, REFUSED),
        ("false", REFUSED),
        ("N", REFUSED),
        ([], REFUSED),
    ],
)
def test_a_flag_that_is_not_true_is_a_complaint(flag: object, outcome: Outcome | None) -> None:
    """A flag of 0 is false, though a code of 0 is success."""
    assert outcome is complained(success=flag, code=0)


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        ("", None),
        ("success", None),
        ("没有找到", None),
        (None, None),
        ("请先登录", AUTH),
        ("Session timed out", AUTH),
        ("rate limit exceeded", LIMIT),
        ("系统异常", ILL),
    ],
)
def test_a_message_alone_counts_where_there_is_no_match(message: object, outcome: Outcome | None) -> None:
    """Beside companies it says nothing against them."""
    assert outcome is complained(code=200, msg=message)
    assert complaint({"code": 200, "msg": message}, empty=False) is None


@pytest.mark.parametrize("beside", [{"state": "OPEN"}, {"flag": "B"}, {"head": {"code": 7}}, {"took": 0}])
def test_what_no_field_of_codes_says_is_nothing_against_matches(beside: dict[str, Any]) -> None:
    """Such a field is doubted only where it stands beside no match."""
    body = json.dumps({"list": [ITEM]} | beside).encode()
    reply = read_answer(Endpoint.SEARCH, 200, CaseInsensitiveDict(), body, 0.1, NOW, Asides())
    assert reply.outcome is Outcome.ANSWERED


@pytest.mark.parametrize("endpoint", Endpoint)
@pytest.mark.parametrize("nothing", [True, False])
@pytest.mark.parametrize("code", [500, 401, 429, 1, "E1"])
def test_p6_a_complaint_is_never_usable_whatever_stands_beside_it(
    endpoint: Endpoint, nothing: bool, code: object
) -> None:
    """Neither "no match" nor a match: it decides no name, and no content is taken from it."""
    answer = {"companyFullName": "北京"} if endpoint is Endpoint.FIND_DEPART else [ITEM]
    content = {"code": code, NAMES[endpoint]: None if nothing else answer}
    reply = read_answer(endpoint, 200, CaseInsensitiveDict(), json.dumps(content).encode(), 0.1, NOW)
    assert (False, {}) == (reply.outcome.usable, reply.content)


def test_the_phrase_names_code_and_message_once_and_is_short() -> None:
    """Whoever reads it can look both up."""
    assert (ILL, "server error: 500, busy") == complaint(
        {"code": 500, "status": 500, "msg": "busy"}, empty=True
    )
    assert len("refused: ") + 80 == len((complaint({"code": "x" * 999}, empty=True) or (ILL, ""))[1])


@pytest.mark.parametrize(
    ("beside", "strange"),
    [
        ({}, []),
        ({"total": 0, "data": None, "errors": [], "extra": {}, "suggest": ""}, []),
        ({"code": 200, "success": True, "msg": "查询成功"}, []),
        ({"message": "没有找到相关企业。"}, []),
        ({"message": "No matches"}, []),
        ({"pageNo": 1, "pageSize": 10, "totalPages": 1, "took": 12, "traceId": "a1", "keyword": "某"}, []),
        ({"serverTime": "2026-03-01 12:00:00", "timestamp": 1772000000}, []),
        ({"message": "您的账号在别处使用"}, ["message"]),
        ({"errMessage": "用户会话不存在"}, ["errMessage"]),
        ({"detail": "token不存在，请重新登录"}, ["detail"]),
        ({"tip": "系统繁忙，未找到可用节点"}, ["tip"]),
        ({"total": 7}, ["total"]),
        ({"valid": False}, ["valid"]),
        ({"state": "DEGRADED", "flag": False}, ["state", "flag"]),
        ({"head": {"trace": {"node": "b3"}}}, ["head.trace.node"]),
        ({"time": [1]}, ["time"]),
        ({"a": 1, "b": 2}, ["a", "b"]),
    ],
    ids=str,
)
def test_what_stands_beside_no_match_is_harmless_or_strange(
    beside: dict[str, Any], strange: list[str]
) -> None:
    """The table of `Asides.strange`, for a server of which nothing is known yet."""
    assert strange == Asides().strange(beside)


def test_what_matches_had_beside_them_is_not_strange() -> None:
    """The same value of a field, or any once it had two: it varies as it likes."""
    asides = Asides()
    asides.learn({"node": "b1", "shards": {"failed": 0}})
    assert ["node", "shards.failed"] == asides.strange({"node": "b2", "shards": {"failed": 1}})
    asides.learn({"node": "b2"})
    assert ["shards.failed"] == asides.strange({"node": "b3", "shards": {"failed": 1}})
