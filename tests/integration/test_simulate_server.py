"""The simulated EQC over real HTTP, as a client sees it."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from eqcbatch.clock import Clock
from eqcbatch.errors import BadInput
from eqcbatch.simulate import (
    Fault,
    Faults,
    GeneratedRegistry,
    ListedRegistry,
    Simulator,
    SimulatorOptions,
    Span,
    describe,
)

TOKEN = "s3cret-token"
SEARCH = "/kg-api-hfd/api/search/"
NAME = "北京金龙物流有限公司"
KNOWN = ListedRegistry(
    [
        describe(NAME, company_id="600000001"),
        describe("上海金龙物流有限公司", company_id="600000002"),
    ]
)
PLAIN = SimulatorOptions(latency=(0, 0), rate=None, token=TOKEN, registry=KNOWN)

Start = Callable[[SimulatorOptions], Simulator]


class HandSet(Clock):
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> HandSet:
    return HandSet()


@pytest.fixture
def start(clock: HandSet) -> Iterator[Start]:
    """Starts simulators on the test's clock and stops them after it."""
    running: list[Simulator] = []

    def start_one(options: SimulatorOptions) -> Simulator:
        running.append(Simulator(options, clock=clock).start())
        return running[-1]

    yield start_one
    for eqc in running:
        eqc.stop()


@pytest.fixture
def client() -> Iterator[requests.Session]:
    """A session that shows the right token and follows no redirect."""
    with requests.Session() as session:
        session.headers["token"] = TOKEN
        session.max_redirects = 1
        yield session


def ask(client: requests.Session, eqc: Simulator, path: str = SEARCH, **parameters: str) -> requests.Response:
    asked = parameters or {"key": NAME}
    return client.get(eqc.url + path, params=asked, timeout=5, allow_redirects=False)


def faulty(kind: Fault, **options: object) -> SimulatorOptions:
    """Every request gets this fault."""
    faults = Faults(between=(Span(kind, 1),))
    return replace(PLAIN, faults=faults, **options)  # type: ignore[arg-type]


# the endpoints


@pytest.mark.parametrize("path", [SEARCH, SEARCH.rstrip("/")])
def test_search_offers_companies(start: Start, client: requests.Session, path: str) -> None:
    """With the slash at the end or without it."""
    answer = ask(client, start(PLAIN), path)
    assert answer.status_code == 200
    assert str(answer.json()["list"][0]["companyId"]) == "600000001"
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert "Set-Cookie" in answer.headers


def test_search_without_a_match_lists_nothing(start: Start, client: requests.Session) -> None:
    """An empty list or null, never an error."""
    answer = ask(client, start(PLAIN), key="火星探测")
    assert (answer.status_code, not answer.json()["list"]) == (200, True)


def test_find_depart_tells_about_the_company(start: Start, client: requests.Session) -> None:
    """The business information of the company asked for."""
    answer = ask(client, start(PLAIN), SEARCH + "findDepart", targetId="600000001")
    assert NAME in answer.json()["businessInfodto"].values()


def test_find_labels_tells_the_labels(start: Start, client: requests.Session) -> None:
    """Groups of labels, each with a type."""
    answer = ask(client, start(PLAIN), SEARCH + "findLabels", targetId="600000001")
    assert [group["type"] for group in answer.json()["labels"]] == ["行业分类", "地区分类"]


def test_search_all_answers_one_page(start: Start, client: requests.Session) -> None:
    """The light call that checks a token."""
    parameters = {"keyword": NAME, "currentPage": "1", "pageSize": "1"}
    content = ask(client, start(PLAIN), SEARCH + "searchAll", **parameters).json()
    assert (len(content["list"]), content["total"]) == (1, 2)


@pytest.mark.parametrize("endpoint", ["findDepart", "findLabels"])
def test_an_unknown_company_is_404_or_nothing(start: Start, client: requests.Session, endpoint: str) -> None:
    """Both ways of saying so are seen, and each id is always answered alike."""
    eqc = start(PLAIN)
    answers = [ask(client, eqc, SEARCH + endpoint, targetId=str(n)) for n in range(20)]
    again = [ask(client, eqc, SEARCH + endpoint, targetId=str(n)) for n in range(20)]
    assert {200, 404} == {answer.status_code for answer in answers}
    assert [answer.status_code for answer in answers] == [answer.status_code for answer in again]
    found = [answer.json() for answer in answers if answer.status_code == 200]
    assert all(not next(iter(content.values())) for content in found)


def test_what_a_search_offered_has_details(start: Start, client: requests.Session) -> None:
    """In a generated world as well."""
    eqc = start(replace(PLAIN, registry=GeneratedRegistry(unknown=0)))
    company_id = ask(client, eqc).json()["list"][0]["companyId"]
    details = ask(client, eqc, SEARCH + "findDepart", targetId=str(company_id)).json()
    assert company_id == details["businessInfodto"]["companyId"]


def test_names_travel_as_utf8(start: Start, client: requests.Session) -> None:
    """Percent-encoded, with plus signs, ampersands and rare characters."""
    eqc = start(PLAIN)
    for name in ("甲&乙+丙 丁", "𠮷野家", "A=B?C#D/E%", "（有限合伙）"):
        ask(client, eqc, key=name)
        assert name == eqc.requests[-1].parameter


@pytest.mark.parametrize("parameters", [{"name": NAME}, {"key": ""}])
def test_a_missing_parameter_is_an_error(
    start: Start, client: requests.Session, parameters: dict[str, str]
) -> None:
    """With 200, as EQC refuses."""
    answer = ask(client, start(PLAIN), **parameters)
    assert (answer.status_code, answer.json()) == (200, {"error": "ParameterMissing"})


def test_an_unknown_path_is_404(start: Start, client: requests.Session) -> None:
    """JSON as everywhere."""
    answer = ask(client, start(PLAIN), "/kg-api-hfd/api/other")
    assert (answer.status_code, answer.json()) == (404, {"error": "NotFound"})


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE"])
def test_only_get_is_allowed(start: Start, client: requests.Session, method: str) -> None:
    """Everything else is 405, also with a body."""
    body = None if method == "HEAD" else b"x" * 100_000
    answer = client.request(method, start(PLAIN).url + SEARCH, data=body, timeout=5)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")


# connections


def test_one_connection_serves_many_requests(start: Start) -> None:
    """HTTP/1.1 keep-alive: the client's port stays the same."""
    eqc = start(PLAIN)
    connection = http.client.HTTPConnection(eqc.url.removeprefix("http://"))
    ports = set()
    for _ in range(5):
        connection.request("GET", SEARCH + "?key=x", headers={"token": TOKEN})
        connection.getresponse().read()
        ports.add(connection.sock.getsockname()[1])
    connection.close()
    assert (len(ports), eqc.totals.requests) == (1, 5)


def test_an_answer_is_cheap(start: Start) -> None:
    """Without latency, client and server together stay below 2 ms of processor time."""
    eqc = start(replace(PLAIN, registry=None))
    connection = http.client.HTTPConnection(eqc.url.removeprefix("http://"))
    began = time.process_time()
    for number in range(300):
        connection.request("GET", f"{SEARCH}?key={number}", headers={"token": TOKEN})
        connection.getresponse().read()
    spent = time.process_time() - began
    connection.close()
    assert spent / 300 < 0.002


def test_a_client_that_leaves_is_no_event(start: Start, capfd: pytest.CaptureFixture[str]) -> None:
    """No traceback, and the next client is served."""
    eqc = start(replace(PLAIN, latency=(0.05, 0.05)))
    with socket.create_connection(("127.0.0.1", int(eqc.url.rpartition(":")[2]))) as raw:
        raw.sendall(f"GET {SEARCH}?key=x HTTP/1.1\r\ntoken: {TOKEN}\r\n\r\n".encode())
    with requests.Session() as session:
        session.headers["token"] = TOKEN
        assert ask(session, eqc).status_code == 200
    eqc.stop()
    assert capfd.readouterr() == ("", "")


def test_a_stopped_simulator_refuses_and_can_start_again(start: Start, client: requests.Session) -> None:
    """The port, the record and the token's life stay."""
    eqc = start(PLAIN)
    url = eqc.url
    ask(client, eqc)
    eqc.stop()
    with pytest.raises(requests.ConnectionError):
        ask(client, eqc)
    eqc.start()
    assert (200, url, 2) == (ask(client, eqc).status_code, eqc.url, eqc.totals.requests)


def test_stopping_does_not_wait_for_slow_answers(start: Start) -> None:
    """A request held back is cut off."""
    eqc = start(replace(PLAIN, latency=(60, 60)))
    with ThreadPoolExecutor() as pool, requests.Session() as session:
        session.headers["token"] = TOKEN
        waiting = pool.submit(ask, session, eqc)
        _await(lambda: eqc.totals.requests == 1)
        began = time.monotonic()
        eqc.stop()
        assert time.monotonic() - began < 1
        assert isinstance(waiting.exception(), requests.ConnectionError)


def test_a_taken_port_is_bad_input(start: Start) -> None:
    """The message says which."""
    taken = int(start(PLAIN).url.rpartition(":")[2])
    with pytest.raises(BadInput, match=f"127.0.0.1:{taken}"):
        Simulator(replace(PLAIN, port=taken)).start()


# the token


@pytest.mark.parametrize("headers", [{}, {"token": ""}, {"token": "wrong"}])
def test_a_bad_token_is_401(start: Start, headers: dict[str, str]) -> None:
    """Missing, blank or wrong."""
    answer = requests.get(start(PLAIN).url + SEARCH, {"key": NAME}, headers=headers, timeout=5)
    assert answer.status_code == 401


def test_an_idle_token_expires_and_stays_dead(start: Start, client: requests.Session, clock: HandSet) -> None:
    """After 30 minutes without an accepted request, with 200 and an error; renewal revives."""
    eqc = start(PLAIN)
    ask(client, eqc)
    clock.seconds += 1799
    assert "list" in ask(client, eqc).json()
    clock.seconds += 1801
    assert [ask(client, eqc).json() for _ in range(2)] == [{"error": "TokenExpired"}] * 2
    eqc.set_token(TOKEN)
    assert "list" in ask(client, eqc).json()


def test_a_refused_request_does_not_keep_the_token_alive(
    start: Start, client: requests.Session, clock: HandSet
) -> None:
    """Faults and 429s do not count as activity."""
    eqc = start(replace(PLAIN, faults=Faults(between=(Span(Fault.SERVER_ERROR, 2, 2),))))
    ask(client, eqc)
    clock.seconds += 1000
    assert ask(client, eqc).status_code == 500
    clock.seconds += 1000
    assert ask(client, eqc).json() == {"error": "TokenExpired"}


def test_another_token_can_be_set_while_it_runs(start: Start, client: requests.Session) -> None:
    """The old one is wrong from then on."""
    eqc = start(PLAIN)
    eqc.set_token("new")
    assert ask(client, eqc).status_code == 401
    client.headers["token"] = "new"
    assert ask(client, eqc).status_code == 200


def test_the_token_file_is_followed(start: Start, client: requests.Session, tmp_path: Path) -> None:
    """A renewal in the file is seen at the next request."""
    file = tmp_path / "token"
    file.write_text("other", encoding="utf-8")
    eqc = start(replace(PLAIN, token=None, token_file=file))
    assert ask(client, eqc).status_code == 401
    file.write_text(TOKEN + "\n", encoding="utf-8")
    assert ask(client, eqc).status_code == 200


# the rate limit


def test_more_than_the_limit_is_429(start: Start, client: requests.Session, clock: HandSet) -> None:
    """Retry-After tells when there is room again, and then there is."""
    eqc = start(replace(PLAIN, rate=(10, 60.0)))
    for _ in range(10):
        assert ask(client, eqc).status_code == 200
        clock.seconds += 1
    refused = ask(client, eqc)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "51")
    clock.seconds += 51
    assert ask(client, eqc).status_code == 200
    assert (eqc.totals.violations, eqc.totals.max_in_window) == (1, 11)


def test_violations_are_counted_where_they_are_not_punished(start: Start, client: requests.Session) -> None:
    """For measuring a client without disturbing it."""
    eqc = start(replace(PLAIN, rate=(2, 60.0), enforce_rate=False))
    assert [ask(client, eqc).status_code for _ in range(5)] == [200] * 5
    assert (eqc.totals.violations, eqc.totals.max_in_window) == (3, 5)


@pytest.mark.parametrize(("style", "written"), [("date", "GMT"), ("none", "")])
def test_retry_after_may_be_a_date_or_absent(
    start: Start, client: requests.Session, style: str, written: str
) -> None:
    """As EQC may do it."""
    eqc = start(replace(PLAIN, rate=(1, 60.0), retry_after=style))
    ask(client, eqc)
    assert ask(client, eqc).headers.get("Retry-After", "").endswith(written)
    assert (style == "none") == ("Retry-After" not in ask(client, eqc).headers)


def test_the_time_scale_moves_latency_window_and_token_life(
    start: Start, client: requests.Session, clock: HandSet
) -> None:
    """At 100 times the speed a minute is 0.6 s, and half an hour 18 s."""
    eqc = start(replace(PLAIN, latency=(5, 20), rate=(1, 60.0), time_scale=100))
    assert ask(client, eqc).status_code == 200
    assert 0.05 <= eqc.requests[0].latency_s <= 0.2
    assert ask(client, eqc).status_code == 429
    clock.seconds += 0.7
    assert "list" in ask(client, eqc).json()
    clock.seconds += 18.1
    assert ask(client, eqc).json() == {"error": "TokenExpired"}


def test_latency_hangs_on_the_serial_number(start: Start, client: requests.Session) -> None:
    """Two runs are equally slow, whatever is asked; refusals come at once."""
    options = replace(PLAIN, latency=(0.0, 0.01))
    one, two = start(options), start(options)
    for number in range(5):
        ask(client, one, key=str(number))
        ask(client, two)
    latencies = [seen.latency_s for seen in one.requests]
    assert latencies == [seen.latency_s for seen in two.requests]
    assert len(set(latencies)) == 5
    ask(client, one, "/nowhere")
    assert one.requests[-1].latency_s == 0.0


# faults


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (Fault.SERVER_ERROR, 500),
        (Fault.UNAVAILABLE, 503),
        (Fault.UNAUTHORIZED, 401),
        (Fault.FORBIDDEN, 403),
        (Fault.NOT_FOUND, 404),
    ],
)
def test_faults_with_a_status(start: Start, client: requests.Session, kind: Fault, status: int) -> None:
    """Each with a JSON error and a connection that goes on."""
    eqc = start(faulty(kind))
    assert [status, status] == [ask(client, eqc).status_code for _ in range(2)]
    assert {kind.value: 2} == eqc.totals.by_fault


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (Fault.ERROR, {"error": "SomethingElse"}),
        (Fault.CODE_500, {"code": 500, "msg": "系统繁忙"}),
        (Fault.EXPIRED, {"error": "TokenExpired"}),
        (Fault.NULL, {"list": None}),
        (Fault.EMPTY, {"list": []}),
    ],
)
def test_faults_that_come_with_200(
    start: Start, client: requests.Session, kind: Fault, content: dict[str, object]
) -> None:
    """The status says all is well, the content does not."""
    answer = ask(client, start(faulty(kind)))
    assert (200, content) == (answer.status_code, answer.json())


def test_the_login_page_is_html_with_200(start: Start, client: requests.Session) -> None:
    """The session is gone, and nothing but the content says so."""
    answer = ask(client, start(faulty(Fault.HTML)))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html;charset=UTF-8")
    assert "登录" in answer.text


def test_the_redirect_leads_to_a_login_page(start: Start, client: requests.Session) -> None:
    """Who follows it shows up in the record, with the token."""
    eqc = start(faulty(Fault.REDIRECT))
    answer = ask(client, eqc)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login")
    followed = client.get(eqc.url + SEARCH, params={"key": NAME}, timeout=5)
    assert "登录" in followed.text
    assert (eqc.requests[-1].endpoint, "token" in eqc.requests[-1].headers) == ("/login", True)


def test_the_redirect_can_lead_elsewhere(start: Start, client: requests.Session) -> None:
    """To another host, for instance."""
    answer = ask(client, start(faulty(Fault.REDIRECT, redirect_to="http://elsewhere.test/x")))
    assert answer.headers["Location"] == "http://elsewhere.test/x"


def test_the_429_of_the_day_says_when_to_come_back(start: Start, client: requests.Session) -> None:
    """A whole window later, where there is no limit to reckon with."""
    answer = ask(client, start(faulty(Fault.TOO_MANY)))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")


def test_a_timeout_answers_nothing(start: Start, client: requests.Session) -> None:
    """The client gives up; the server notices and lets go."""
    eqc = start(faulty(Fault.TIMEOUT))
    with pytest.raises(requests.ReadTimeout):
        client.get(eqc.url + SEARCH, params={"key": NAME}, timeout=0.1)
    assert (eqc.requests[0].status, eqc.totals.by_status) == (None, {"none": 1})


def test_a_timeout_ends_after_a_while(start: Start, client: requests.Session) -> None:
    """Even for the most patient client."""
    eqc = start(faulty(Fault.TIMEOUT, stall_s=0.1))
    with pytest.raises(requests.ConnectionError):
        ask(client, eqc)


def test_a_dripping_answer_is_slow_and_right(start: Start, client: requests.Session) -> None:
    """The head comes at once, then a byte every so often."""
    eqc = start(faulty(Fault.DRIP, drip_s=0.0002))
    answer = ask(client, eqc)
    assert answer.json()["list"][0]["companyFullName"] == NAME
    assert answer.elapsed.total_seconds() < 0.1


def test_a_dripping_answer_defeats_a_read_timeout(start: Start, client: requests.Session) -> None:
    """Each byte is in time, the whole is not: it ends only when the server's patience does."""
    eqc = start(faulty(Fault.DRIP, drip_s=0.05, stall_s=0.3))
    began = time.monotonic()
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.get(eqc.url + SEARCH, params={"key": NAME}, timeout=0.2)
    assert time.monotonic() - began > 0.2


def test_a_reset_cuts_the_connection(start: Start, client: requests.Session) -> None:
    """No answer at all."""
    with pytest.raises(requests.ConnectionError):
        ask(client, start(faulty(Fault.RESET)))


def test_a_truncated_answer_is_short_or_cut(start: Start, client: requests.Session) -> None:
    """The first request gets less than promised, the second gets cut JSON."""
    eqc = start(faulty(Fault.TRUNCATED))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ask(client, eqc)
    cut = ask(client, eqc)
    with pytest.raises(json.JSONDecodeError):
        cut.json()


def test_an_outage_passes(start: Start, client: requests.Session) -> None:
    """Requests 2 to 3 fail, those around them do not."""
    eqc = start(replace(PLAIN, faults=Faults(between=(Span(Fault.UNAVAILABLE, 2, 3),))))
    assert [ask(client, eqc).status_code for _ in range(4)] == [200, 503, 503, 200]


# the record


def test_the_record_tells_what_was_asked(start: Start, client: requests.Session) -> None:
    """Serial, time, endpoint, parameter, header names, token, status."""
    eqc = start(PLAIN)
    ask(client, eqc)
    ask(client, eqc, SEARCH + "findDepart", targetId="600000001")
    first, second = eqc.requests
    assert (
        first.serial,
        first.at,
        first.endpoint,
        first.parameter,
        first.token_ok,
        first.status,
        first.answered,
    ) == (1, 1000.0, "search", NAME, True, 200, True)
    assert "token" in first.headers
    assert (second.endpoint, second.parameter) == ("findDepart", "600000001")


def test_totals_tell_repeats_and_needless_repeats(start: Start, client: requests.Session) -> None:
    """Asking again after a failure is a repeat; asking again after an answer is needless."""
    eqc = start(replace(PLAIN, faults=Faults(between=(Span(Fault.SERVER_ERROR, 1, 1),))))
    for name in ("甲", "甲", "甲", "乙"):
        ask(client, eqc, key=name)
    totals = eqc.totals
    assert (
        totals.requests,
        totals.distinct_keys,
        totals.repeats,
        totals.needless_repeats,
    ) == (4, 2, 2, 1)
    assert (totals.by_endpoint, totals.by_status) == ({"search": 4}, {"500": 1, "200": 3})


def test_totals_tell_how_many_were_in_flight(start: Start) -> None:
    """Three at once; who asks one after the other has one in flight."""
    eqc = start(replace(PLAIN, latency=(0.2, 0.2)))
    gate = threading.Barrier(3)

    def one() -> int:
        gate.wait()
        answer = requests.get(eqc.url + SEARCH, {"key": NAME}, headers={"token": TOKEN}, timeout=5)
        return answer.status_code

    with ThreadPoolExecutor(3) as pool:
        assert [task.result() for task in [pool.submit(one) for _ in range(3)]] == [200] * 3
    assert eqc.totals.max_in_flight == 3


def test_a_sequential_client_has_one_request_in_flight(start: Start, client: requests.Session) -> None:
    """An answer sent is no longer in flight, however fast the next request comes."""
    eqc = start(PLAIN)
    for _ in range(50):
        ask(client, eqc)
    assert eqc.totals.max_in_flight == 1


def test_the_log_has_one_line_a_request_and_no_token(
    start: Start, client: requests.Session, tmp_path: Path
) -> None:
    """Written before the answer is, so that a kill loses none."""
    log = tmp_path / "requests.jsonl"
    eqc = start(replace(PLAIN, request_log=log))
    ask(client, eqc)
    lines = log.read_text(encoding="utf-8").splitlines()
    assert [json.loads(lines[0])[name] for name in ("endpoint", "parameter", "status", "token_ok")] == [
        "search",
        NAME,
        200,
        True,
    ]
    ask(client, eqc, "/nowhere")
    assert len(log.read_text(encoding="utf-8").splitlines()) == 2
    assert TOKEN not in log.read_text(encoding="utf-8")


def test_an_unwritable_log_is_bad_input(tmp_path: Path) -> None:
    """Found out before the first request."""
    with pytest.raises(BadInput, match="cannot be written"):
        Simulator(replace(PLAIN, request_log=tmp_path / "missing" / "log"))


def test_two_simulators_of_one_seed_answer_alike(start: Start, client: requests.Session) -> None:
    """Byte by byte, whatever the order of the questions."""
    one, two = (start(replace(PLAIN, registry=None, seed=3)) for _ in range(2))
    names = [f"金龙{number}有限公司" for number in range(30)]
    forth = {name: ask(client, one, key=name).content for name in names}
    back = {name: ask(client, two, key=name).content for name in reversed(names)}
    assert forth == back


def _await(condition: Callable[[], bool]) -> None:
    """Wait until another thread has done its part, at most 5 s."""
    end = time.monotonic() + 5
    while not condition() and time.monotonic() < end:
        time.sleep(0.002)
