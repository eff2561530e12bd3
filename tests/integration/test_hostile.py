"""Hostile names and hostile answers: neither crashes a drain, and neither ever becomes a false "no match"."""

from __future__ import annotations

import csv
import io
import json
import string
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eqcbatch.domain.forecast import Schedule
from eqcbatch.domain.names import lookup_key
from eqcbatch.ledger import open_ledger
from eqcbatch.postgres import Postgres
from eqcbatch.render import names_csv
from eqcbatch.report import report
from eqcbatch.simulate import GeneratedRegistry
from tests.conftest import TOKEN, Ran, Run
from tests.drains import LEDGER, Job, write_names
from tests.indexes import standing
from tests.ledgers import ask, plan_names, states
from tests.servers import Conversation, RawServer, Talk, answering, http

NewJob = Callable[..., Job]

HOSTILE = (
    "罗伯特'); DROP TABLE names;--有限公司",
    '"引号"实业\'有限公司',
    "百分之%s%d%(key)s公司",
    "{花括号} {0} {name!r} 公司",
    "反斜杠\\n\\0\\公司",
    "<red>标记</red>公司",
    "\x1b[31m红色\x1b[0m公司",
    "第一行\n第二行公司",
    "制表\t符公司",
    "回车\r公司",
    "😀表情👨‍👩‍👧‍👦公司",
    "\u202e右到左\u202c公司",
    "零宽\u200b\ufeff公司",
    "=1+1公司",
    "+cmd|' /C calc'!A0公司",
    "@SUM(1,2)公司",
    "-2+3公司",
    '=HYPERLINK("http://evil","点")公司',
    "a&key=中国平安#片段?公司",
    "../../etc/passwd公司",
    "٣阿拉伯数字公司",
    "é组合é公司",
    "🇨🇳" * 60,
    "长" * 255,
)
UNASKABLE = ("长" * 256, "极长" * 5000, "空\0字符公司")


@pytest.fixture
def hostile_csv() -> Path:
    """A well-formed CSV of the hostile names, save those that no CSV file holds."""
    with Path("hostile.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["客户名称"])
        writer.writerows([name] for name in (*HOSTILE, *UNASKABLE) if not set(name) & {"\0", "\x1b"})
    return Path("hostile.csv")


def test_hostile_names_of_a_file_go_all_the_way_unharmed(
    job: NewJob, hostile_csv: Path, database_url: str, eqcbatch: Run
) -> None:
    """Planned, asked for exactly as written, flushed, and reported; over-long ones are failed/invalid."""
    work = job(registry=GeneratedRegistry(1, unknown=0, exact=1, fuzzy=0, pinyin=0))
    planned = eqcbatch("plan", hostile_csv, "--ledger", LEDGER, EQCBATCH_DATABASE_URL=database_url)
    assert 0 == planned.code, planned.err
    drained = work.drain("-v", "--log-file", "l.log", EQCBATCH_DATABASE_URL=database_url)
    assert 0 == drained.code, drained.err
    seen = states(LEDGER)
    keys = {lookup_key(name) for name in HOSTILE if "\x1b" not in name}
    assert keys | {lookup_key(name) for name in UNASKABLE if "\0" not in name} == set(seen)
    assert {"resolved"} == {state for name, state in seen.items() if name in keys}
    assert {"failed/invalid"} == {state for name, state in seen.items() if name not in keys}
    assert set(ask(LEDGER, "SELECT DISTINCT query FROM names WHERE reason IS NULL")) == {
        visit.parameter for visit in work.eqc.requests
    }
    unheld = set(ask(LEDGER, "SELECT lookup_key FROM names WHERE state = 'resolved' AND held IS NULL"))
    assert unheld == set(standing(database_url))
    assert 0 == eqcbatch("report", "--ledger", LEDGER, "--check").code
    for name in keys:
        story = json.loads(eqcbatch("report", "--ledger", LEDGER, "--json", "--name", name).out)
        assert name == story["name"]["lookup_key"]


@pytest.mark.parametrize(
    "company_id", ["undefined", "-1", "0", 0, "null", "NaN", "６００００００００１", "=HYPERLINK(1)"]
)
def test_what_is_no_id_resolves_nothing(job: NewJob, eqcbatch: Run, company_id: object) -> None:
    """However well the name fits: the answer is a bad one, and no name has such an id."""
    item = {"companyId": company_id, "companyFullName": "远山机械有限公司", "type": "全称精确匹配"}
    eqcbatch("plan", write_names(["远山机械有限公司"]), "--ledger", LEDGER)
    with RawServer(answering(search_answer([item]))) as server:
        drain(eqcbatch, server)
    assert [None] == ask(LEDGER, "SELECT company_id FROM names")
    assert {"bad_response"} == set(ask(LEDGER, "SELECT DISTINCT outcome FROM requests"))


def test_no_cell_of_the_csv_is_a_formula(job: NewJob, hostile_csv: Path, eqcbatch: Run) -> None:
    """Neither of the names, nor of what EQC says; and every record can be read back."""
    formula = {"companyId": "9", "companyFullName": "=cmd|' /C calc'!A0", "type": "@x", "unite_code": "-1"}
    eqcbatch("plan", hostile_csv, "--ledger", LEDGER)
    with RawServer(answering(search_answer([formula]))) as server:
        drain(eqcbatch, server)
    out = eqcbatch("report", "--ledger", LEDGER, "--csv").out
    header, *records = csv.reader(io.StringIO(out))
    assert {len(header)} == {len(record) for record in records}
    assert len(states(LEDGER)) == len(records)
    assert not [cell for record in records for cell in record if cell[:1] in tuple("=+-@\t\r")]


def test_what_no_file_can_hold_is_planned_all_the_same(tmp_path: Path, database_url: str) -> None:
    """NUL, escapes and lone surrogates: a key that can be asked is pending, any other failed/invalid."""
    names = (*HOSTILE, *UNASKABLE, "孤\ud800儿公司", "孤\udfff儿公司", "\ud83d\ude00对公司")
    plan_names(LEDGER, *names, "", " ", postgres=Postgres(database_url))
    seen = states(LEDGER)
    assert "pending" == seen["孤\ufffd儿公司"]
    assert {"pending", "failed/invalid"} == set(seen.values())
    assert {key for key, state in seen.items() if state != "pending"} == {
        lookup_key(name) for name in UNASKABLE
    }
    with open_ledger(LEDGER) as ledger:
        assert [] == ledger.stats.imbalances()
        assert "".join(names_csv(ledger.name_details.names())).encode("utf-8")


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_hostile_names_are_the_same_in_every_encoding(eqcbatch: Run, encoding: str) -> None:
    """GB18030 holds all of Unicode, too."""
    names = [name for name in HOSTILE if not set(name) & set("\x1b\n\r\t\",'")]
    Path("names.csv").write_text("\n".join(["客户名称", *names]), encoding=encoding)
    assert 0 == eqcbatch("plan", "names.csv", "--ledger", LEDGER).code
    assert {lookup_key(name) for name in names} == set(states(LEDGER))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.text(st.characters(exclude_categories=())) | st.sampled_from(HOSTILE)))
def test_plan_and_report_balance_for_any_list_of_names(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    """Whatever the texts are: every row is blank or behind a name, every name in one state."""
    path = tmp_path_factory.mktemp("any") / "l.sqlite"
    plan_names(path, *names)
    with open_ledger(path) as ledger:
        standing = report(ledger, Schedule())
        rows = standing.rows
        assert standing.balanced, ledger.stats.imbalances()
        assert len(names) == rows.total == rows.blank + rows.pending + rows.failed
        assert standing.names.total == standing.names.pending + standing.names.failed
        assert "".join(names_csv(ledger.name_details.names())).encode("utf-8")


# answers

NAME = "中国平安保险公司"
NOT_A_MATCH = {"answered": "resolved", "bad_response": "failed/bad_response"}


def search_answer(items: Any) -> bytes:
    return http(json.dumps({"list": items}).encode())


def drain(eqcbatch: Run, server: RawServer, *options: object) -> Ran:
    return eqcbatch(
        *("drain", "--resume", "--ledger", LEDGER, "--budget", "all", "--rate", "1000/1s"),
        *("--time-scale", 6000, "--retries", 0, "--eqc-url", server.url, *options),
        EQCBATCH_EQC_TOKEN=TOKEN,
    )


@pytest.fixture
def asking(eqcbatch: Run) -> Iterator[Callable[..., tuple[Ran, set[str]]]]:
    """Drain one name against a server that says this and nothing else; the name's state afterwards."""
    with ExitStack() as running:

        def ask_once(talk: Talk, *options: object) -> tuple[Ran, set[str]]:
            LEDGER.unlink(missing_ok=True)
            Path("l.sqlite.answers.sqlite").unlink(missing_ok=True)
            eqcbatch("plan", write_names([NAME]), "--ledger", LEDGER)
            server = running.enter_context(RawServer(talk))
            ran = drain(eqcbatch, server, "--budget", 1, *options)
            assert "Traceback" not in ran.err, ran.err
            assert ran.code in (0, 4, 5, 6), ran.err
            with open_ledger(LEDGER) as ledger:
                assert [] == ledger.stats.imbalances()
            assert [] == ask(LEDGER, "SELECT id FROM requests WHERE outcome IN ('in_flight', 'not_found')")
            return ran, set(states(LEDGER).values())

        yield ask_once


ITEM = {
    "companyId": 600000001,
    "companyFullName": NAME,
    "unite_code": "91440300100012316L",
    "type": "全称精确匹配",
    "_score": 9.5,
    "rank_score": 1.5,
    "company_short_name": "平安",
    "company_former_name": "旧名，更旧名",
    "registeredStatus": "存续",
    "registered_status": "存续",
}
WRONG: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 10**30, 1.5, 1e308, float("inf"), float("nan")),
    *("", " ", "\0", "文", "长" * 10_000, "=1+1", "'; DROP TABLE names;--", "\ud800", "1" * 101),
    *([], [[]], {}, {"a": {"b": []}}, [1, "x", None]),
)


def test_a_wrong_type_in_any_field_is_never_a_crash_nor_a_no_match(eqcbatch: Run) -> None:
    """Each field of an item with each wrong value: the name is decided, or failed as a bad answer."""
    items = [dict(ITEM, **{field: value}) for field in ITEM for value in WRONG]
    names = [f"{NAME}{number}" for number in range(len(items))]
    eqcbatch("plan", write_names(names), "--ledger", LEDGER)
    with RawServer(answering(*(search_answer([item]) for item in items))) as server:
        for _ in range(40):
            ran = drain(eqcbatch, server, "-q")
            assert ran.code in (0, 4), ran.err
            assert "Traceback" not in ran.err
            if "pending" not in states(LEDGER).values():
                break
    outcomes = dict(ask(LEDGER, "SELECT outcome, count(*) FROM requests GROUP BY outcome"))
    assert {"answered", "bad_response"} == set(outcomes)
    assert {"resolved"} == set(states(LEDGER).values()) - {"failed/bad_response"}
    assert all(
        company and len(company) <= 100
        for company in ask(LEDGER, "SELECT company_id FROM names WHERE state = 'resolved'")
    )
    assert 0 == eqcbatch("report", "--ledger", LEDGER, "--check").code


@pytest.mark.parametrize("value", [False, 0, "", "文", {"a": 1}, [[]], [1, "x", None]], ids=repr)
def test_a_list_of_the_wrong_type_is_a_bad_answer(
    asking: Callable[..., tuple[Ran, set[str]]], value: Any
) -> None:
    """Only null and the empty list say that there is no match."""
    _, seen = asking(answering(search_answer(value)))
    assert seen <= {"failed/bad_response", "pending"}


DEEP = b'{"list":[{"companyId":1,"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}"
NESTED = json.dumps(dict(ITEM, x=json.loads("[" * 400 + "]" * 400))).encode()


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (DEEP, "failed/bad_response"),
        (b'{"list":[' + NESTED + b"]}", "resolved"),
        (b'{"list":[{"companyId":"' + b"6" * 300 + b'"}]}', "failed/bad_response"),
        (b'{"list":[{"companyId":1}],"list":[]}', "failed/bad_response"),
        (b'{"list":[],"list":[{"companyId":1}]}', "failed/bad_response"),
        (b'{"error":"TokenExpired","error":null,"list":[]}', "failed/bad_response"),
        (b'{"list":[{"companyId":1,"companyId":2}]}', "failed/bad_response"),
        (b'{"list":[{"companyId":' + b"1" * 5000 + b"}]}", "failed/bad_response"),
        (b'{"list":[{}]}', "failed/bad_response"),
        (b'{"list":[null,1,"x",[]]}', "failed/bad_response"),
        (b'{"list":[]', "failed/bad_response"),
        (b'{"list":[]}{"list":[]}', "failed/bad_response"),
        (b'{"List":[]}', "failed/bad_response"),
        (b"[]", "failed/bad_response"),
        (b"null", "failed/bad_response"),
        (b"", "failed/bad_response"),
        (b"\0" * 1000, "failed/bad_response"),
        (b"\xff\xfe{", "failed/bad_response"),
    ],
    ids=lambda value: value[:36].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_a_hostile_body_gets_an_outcome(
    asking: Callable[..., tuple[Ran, set[str]]], body: bytes, state: str
) -> None:
    """Deep, contradicting itself, cut short, or no JSON: never `not_found`."""
    _, seen = asking(answering(http(body)))
    assert {state} == seen


def test_an_answer_of_10_mb_is_read_and_kept(asking: Callable[..., tuple[Ran, set[str]]]) -> None:
    """As long as it is one."""
    items = [dict(ITEM, companyId=number, x="长" * 100) for number in range(1, 20_000)]
    body = json.dumps({"list": items}, ensure_ascii=False).encode()
    assert len(body) > 10_000_000
    _, seen = asking(answering(http(body)))
    assert {"resolved"} == seen


def endless(conversation: Conversation) -> None:
    conversation.hear()
    conversation.say(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", b'{"list":["')
    while not conversation.stopping.is_set():
        conversation.say(b"x" * 1_000_000)


def dripping(conversation: Conversation) -> None:
    conversation.hear()
    conversation.drip(http(b'{"list":[]}'), every_s=1)


def head(*lines: bytes) -> Talk:
    """Say these lines as a head, with an empty list behind it, and hang up."""

    def talk(conversation: Conversation) -> None:
        conversation.hear()
        conversation.say(b"\r\n".join(lines), b"\r\n\r\n", b'{"list":[]}'[:-1])

    return talk


def hundreds_of_continues(conversation: Conversation) -> None:
    conversation.hear()
    while not conversation.stopping.is_set():
        conversation.say(b"HTTP/1.1 100 Continue\r\n\r\n")


OK = b"HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    "talk",
    [
        endless,
        dripping,
        hundreds_of_continues,
        head(OK, b"Content-Length: abc"),
        head(OK, b"Content-Length: -5"),
        head(OK, b"Content-Length: 5, 7"),
        head(OK, b"Content-Length: 99999999999999999999"),
        head(OK, b"Transfer-Encoding: chunked"),
        head(OK, b"Transfer-Encoding: chunked", b"", b"ffffffffffffffffff"),
        head(OK, b"Transfer-Encoding: chunked", b"", b"-5"),
        head(OK, b"Content-Encoding: gzip"),
        head(OK, b"Content-Encoding: br"),
        head(OK, *(b"X-%d: y" % number for number in range(200))),
        head(OK, b"X: " + b"y" * 100_000),
        head(OK, b"no colon at all"),
        head(OK, b"Set-Cookie: \xff\xfe=\x01"),
        head(b"HTTP/1.1 200"),
        head(b"HTTP/1.1 2x0 OK"),
        head(b"HTTP/1.1 99999 OK"),
        head(b"HTTP/9.9 200 OK"),
        head(b"220 smtp ready"),
        head(b"HTTP/1.1 204 No Content"),
        head(b"HTTP/1.1 206 Partial Content"),
        head(b"HTTP/1.1 302 Found", b"Location: http://[broken"),
        head(b"HTTP/1.1 429 Too Many", b"Retry-After: \xff\xff"),
        head(b"HTTP/1.1 429 Too Many", b"Retry-After: Mon, 99 Foo 2026 99:99:99 GMT"),
        head(b"HTTP/1.1 429 Too Many", b"Retry-After: -1"),
        head(b""),
    ],
    ids=lambda talk: getattr(talk, "__name__", None) if talk.__name__ != "talk" else None,
)
def test_a_hostile_server_gets_an_outcome(asking: Callable[..., tuple[Ran, set[str]]], talk: Talk) -> None:
    """Whatever it says for HTTP, as slowly or as long as it likes: a row with an outcome, in time."""
    _, seen = asking(talk, "--timeout", "0.5s")
    assert 1 == len(seen)
    assert "failed/not_found" not in seen
    assert 1 == len(ask(LEDGER, "SELECT outcome FROM requests"))


PRINTABLE = st.text(string.printable, max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | PRINTABLE | st.sampled_from(WRONG),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(PRINTABLE | st.sampled_from([*ITEM, "list", "error"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(content=JSON | st.fixed_dictionaries({"list": JSON}))
def test_no_json_at_all_is_a_no_match_unless_it_says_so(content: Any) -> None:
    """Only an object whose `list` is null or empty, and that names no error, means that there is none."""
    from eqcbatch.clock import SYSTEM_CLOCK
    from eqcbatch.domain.model import Endpoint, Outcome
    from eqcbatch.eqc.responses import read_answer

    reply = read_answer(Endpoint.SEARCH, 200, {}, json.dumps(content).encode(), 0.0, SYSTEM_CLOCK.now())
    says_so = (
        isinstance(content, dict)
        and not content.get("error")
        and "list" in content
        and content["list"] in (None, [], {})
    )
    assert says_so == (reply.outcome is Outcome.NOT_FOUND)
    assert reply.outcome in (
        Outcome.ANSWERED,
        Outcome.NOT_FOUND,
        *(Outcome.BAD_RESPONSE, Outcome.AUTH, Outcome.REFUSED),
    )
