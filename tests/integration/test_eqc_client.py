"""Asking EQC over real HTTP: what is sent, what comes of every fault, and how long it may take."""

from __future__ import annotations

import gc
import gzip
import socket
import socketserver
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from eqcbatch.booking import Booked, send
from eqcbatch.domain.model import Endpoint, Outcome, Question
from eqcbatch.eqc import (
    LIGHT_QUESTION,
    Archive,
    Eqc,
    RateLimiter,
    TokenSource,
    open_archive,
    read_candidates,
    retry_delays,
)
from eqcbatch.errors import BadInput, TokenUnusable
from eqcbatch.settings import Rate, Timeouts
from eqcbatch.simulate import Fault, Faults, Simulator, Span
from tests.conftest import TOKEN
from tests.servers import (
    EMPTY_SEARCH,
    Conversation,
    RawServer,
    Talk,
    answering,
    header_of,
    headers_of,
    http,
)

NAME = "北京金龙物流有限公司"
SHORT = Timeouts(connect_s=5.0, total_s=0.25)
IN_TIME_S = SHORT.total_s + 0.6  # the deadline, and what a busy machine adds

Connect = Callable[..., Eqc]
Serve = Callable[..., RawServer]


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the machine that runs the tests is in the way."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_archive(tmp_path / "ledger.answers.sqlite") as archive:
        yield archive


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a raw server: `serve(talk)`."""
    with ExitStack() as running:
        yield lambda talk, tls=None: running.enter_context(RawServer(talk, tls))


@pytest.fixture
def connect(serve: Serve) -> Iterator[Connect]:
    """Make an Eqc for a URL; it ends before the servers do."""
    with ExitStack() as open_ones:

        def eqc(url: str, archive: Archive | None = None, **options: Any) -> Eqc:
            token = TokenSource({"EQCBATCH_EQC_TOKEN": TOKEN})
            return open_ones.enter_context(Eqc(url, token, archive, **options))

        yield eqc


def open_client_sockets() -> list[ssl.SSLSocket]:
    """The TLS sockets of a client that nobody has closed; those that a server accepts have no protocol."""
    found = [one for one in gc.get_objects() if isinstance(one, ssl.SSLSocket)]
    return [one for one in found if one.proto and one.fileno() != -1]


def search(eqc: Eqc) -> tuple[Outcome, str]:
    """The outcome of one search, and its detail."""
    reply = eqc.ask(Endpoint.SEARCH, NAME)
    return reply.outcome, reply.detail


# what EQC answers


def test_a_search_finds_companies_and_is_archived(
    simulator: Callable[..., Simulator], connect: Connect, archive: Archive
) -> None:
    """The archived reply offers what the first one did, and costs no request."""
    server = simulator()
    eqc = connect(server.url, archive)
    reply = eqc.ask(Endpoint.SEARCH, NAME)
    again = eqc.archived(Endpoint.SEARCH, NAME)
    assert again is not None
    assert (Outcome.ANSWERED, 200) == (reply.outcome, reply.http_status)
    assert read_candidates(reply.content) == read_candidates(again.content) != ()
    assert reply.archived_at == again.archived_at is not None
    assert 1 == server.totals.requests


@pytest.mark.parametrize("endpoint", [Endpoint.FIND_DEPART, Endpoint.FIND_LABELS])
def test_details_are_asked_by_company_id(
    simulator: Callable[..., Simulator], connect: Connect, archive: Archive, endpoint: Endpoint
) -> None:
    """And kept apart from the other endpoint's answer to the same id."""
    server = simulator()
    eqc = connect(server.url, archive)
    company_id = read_candidates(eqc.ask(Endpoint.SEARCH, NAME).content)[0].company_id
    assert Outcome.ANSWERED == eqc.ask(endpoint, company_id).outcome
    assert (endpoint, company_id) == (server.requests[-1].endpoint, server.requests[-1].parameter)
    archived = {asked for asked in Endpoint if eqc.archived(asked, company_id)}
    assert {endpoint} == archived


def test_a_token_check_is_one_light_request_that_is_not_archived(
    simulator: Callable[..., Simulator], connect: Connect, archive: Archive
) -> None:
    """A later check must ask EQC, not the archive."""
    server = simulator()
    eqc = connect(server.url, archive)
    assert Outcome.ANSWERED == eqc.ask(LIGHT_QUESTION.endpoint, LIGHT_QUESTION.parameter).outcome
    seen = server.requests[-1]
    assert ("searchAll", 1) == (seen.endpoint, server.totals.requests)
    assert eqc.archived(Endpoint.SEARCH_ALL, seen.parameter or "") is None


@pytest.mark.parametrize(
    ("fault", "outcome", "status"),
    [
        (Fault.SERVER_ERROR, Outcome.SERVER_ERROR, 500),
        (Fault.UNAVAILABLE, Outcome.SERVER_ERROR, 503),
        (Fault.TIMEOUT, Outcome.TIMEOUT, None),
        (Fault.DRIP, Outcome.TIMEOUT, None),
        (Fault.RESET, Outcome.NETWORK, None),
        (Fault.TRUNCATED, Outcome.NETWORK, None),
        (Fault.HTML, Outcome.AUTH, 200),
        (Fault.ERROR, Outcome.REFUSED, 200),
        (Fault.CODE_500, Outcome.SERVER_ERROR, 200),
        (Fault.EXPIRED, Outcome.AUTH, 200),
        (Fault.UNAUTHORIZED, Outcome.AUTH, 401),
        (Fault.FORBIDDEN, Outcome.REFUSED, 403),
        (Fault.NOT_FOUND, Outcome.BAD_RESPONSE, 404),
        (Fault.TOO_MANY, Outcome.RATE_LIMITED, 429),
        (Fault.REDIRECT, Outcome.AUTH, 302),
    ],
)
def test_every_fault_has_its_outcome_and_none_is_archived(
    simulator: Callable[..., Simulator],
    connect: Connect,
    archive: Archive,
    fault: Fault,
    outcome: Outcome,
    status: int | None,
) -> None:
    """One request each: nothing is sent again behind the caller's back."""
    server = simulator(faults=Faults(between=(Span(fault, 1),)), drip_s=0.05)
    eqc = connect(server.url, archive, timeouts=SHORT)
    reply = eqc.ask(Endpoint.SEARCH, NAME)
    assert (outcome, status, 1) == (reply.outcome, reply.http_status, server.totals.requests)
    assert eqc.archived(Endpoint.SEARCH, NAME) is None


def test_a_truncated_answer_of_the_promised_length_is_a_bad_one(
    simulator: Callable[..., Simulator], connect: Connect
) -> None:
    """Cut JSON whose length HTTP vouches for."""
    server = simulator(faults=Faults(between=(Span(Fault.TRUNCATED, 2),)))
    eqc = connect(server.url)
    outcomes = [search(eqc)[0] for _ in range(2)]
    assert [Outcome.ANSWERED, Outcome.BAD_RESPONSE] == outcomes


@pytest.mark.parametrize("fault", [Fault.NULL, Fault.EMPTY])
def test_no_match_is_an_answer_and_archived(
    simulator: Callable[..., Simulator], connect: Connect, archive: Archive, fault: Fault
) -> None:
    """So that a resumed drain does not ask again."""
    eqc = connect(simulator(faults=Faults(between=(Span(fault, 1),))).url, archive)
    reply, again = eqc.ask(Endpoint.SEARCH, NAME), eqc.archived(Endpoint.SEARCH, NAME)
    assert again is not None
    assert (Outcome.NOT_FOUND, Outcome.NOT_FOUND) == (reply.outcome, again.outcome)


def test_an_archived_answer_can_be_superseded(
    simulator: Callable[..., Simulator], connect: Connect, archive: Archive
) -> None:
    """Then the question is open again; superseding what is not there is no error."""
    eqc = connect(simulator().url, archive)
    eqc.ask(Endpoint.SEARCH, NAME)
    for _ in range(2):
        eqc.supersede(Endpoint.SEARCH, NAME)
    assert eqc.archived(Endpoint.SEARCH, NAME) is None


@pytest.mark.parametrize("body", [b'{"error": "TokenExpired"}', b"<html>", b"{", b'{"code": 500}'])
def test_what_is_not_usable_is_not_used_from_the_archive_either(
    connect: Connect, archive: Archive, body: bytes
) -> None:
    """Whoever put it there."""
    archive.keep(Endpoint.SEARCH, NAME, "http://eqc", 200, body)
    assert connect("http://eqc", archive).archived(Endpoint.SEARCH, NAME) is None


def test_without_an_archive_nothing_is_archived(
    simulator: Callable[..., Simulator], connect: Connect
) -> None:
    """The reply says so."""
    eqc = connect(simulator().url)
    assert eqc.ask(Endpoint.SEARCH, NAME).archived_at is None
    assert eqc.archived(Endpoint.SEARCH, NAME) is None


# what is sent


def test_a_request_bears_token_referer_and_accept(serve: Serve, connect: Connect) -> None:
    """The usual three of docs/domain.md section 2."""
    server = serve(answering(http(EMPTY_SEARCH)))
    search(connect(server.url + "/"))
    (head,) = server.heard
    assert head.startswith("GET /kg-api-hfd/api/search/?key=%E5%8C%97")
    assert (TOKEN, server.url + "/", "application/json") == (
        header_of(head, "token"),
        header_of(head, "Referer"),
        header_of(head, "Accept"),
    )


def test_bare_headers_are_the_token_alone(serve: Serve, connect: Connect) -> None:
    """And what HTTP cannot do without: some gateways answer 403 to more."""
    server = serve(answering(http(EMPTY_SEARCH)))
    eqc = connect(server.url)
    eqc.use_bare_headers()
    search(eqc)
    host = server.url.removeprefix("http://")
    assert {"host": host, "token": TOKEN} == headers_of(server.heard[0])


@pytest.mark.parametrize("bare", [False, True])
def test_cookies_are_never_sent_back(serve: Serve, connect: Connect, bare: bool) -> None:
    """A session is its token; a cookie would tie requests together that are none."""
    server = serve(answering(http(EMPTY_SEARCH, "Set-Cookie: EQCSESSION=1; Path=/")))
    eqc = connect(server.url)
    if bare:
        eqc.use_bare_headers()
    for _ in range(2):
        search(eqc)
    assert [None, None] == [header_of(head, "Cookie") for head in server.heard]


def test_no_credentials_but_the_token_are_sent(
    serve: Serve, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither those of a ~/.netrc nor those of the URL, which are no one's business in a Referer either."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password s3cret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(answering(http(EMPTY_SEARCH)))
    search(connect(server.url))
    search(connect(server.url.replace("//", "//someone:s3cret@")))
    assert [None, None] == [header_of(head, "Authorization") for head in server.heard]
    assert not [head for head in server.heard if "s3cret" in head]


def test_no_redirect_is_followed(serve: Serve, connect: Connect) -> None:
    """It would carry the token to another host, which must not even be rung up."""
    other = serve(answering(http(EMPTY_SEARCH)))
    redirect = http(b"", f"Location: {other.url}/login", status="302 Found")
    server = serve(answering(redirect))
    outcome, _ = search(connect(server.url))
    assert (Outcome.AUTH, 1, 0) == (outcome, server.connections, other.connections)


@pytest.mark.parametrize("location", ["", "//", "http://[", "http://h:x/", "\xff\xfe", "ftp://x", "/login"])
def test_a_redirect_to_nowhere_is_a_redirect(serve: Serve, connect: Connect, location: str) -> None:
    """A Location that nobody can read changes nothing: it is not to be read."""
    server = serve(answering(http(b"", f"Location: {location}", status="302 Found")))
    assert Outcome.AUTH == search(connect(server.url))[0]


def test_without_a_token_nothing_is_sent(serve: Serve) -> None:
    """TokenUnusable comes first."""
    server = serve(answering(http(EMPTY_SEARCH)))
    with Eqc(server.url, TokenSource({}), None) as eqc:
        for act in (eqc.require_token, lambda: search(eqc)):
            with pytest.raises(TokenUnusable, match="There is no EQC token"):
                act()
    assert 0 == server.connections


def test_every_request_has_a_connection_of_its_own(serve: Serve, connect: Connect) -> None:
    """What nobody shares brings nobody else's answer."""
    server = serve(answering(http(EMPTY_SEARCH)))
    eqc = connect(server.url)
    outcomes = {search(eqc)[0] for _ in range(4)}
    assert ({Outcome.NOT_FOUND}, 4, 4) == (outcomes, len(server.heard), server.connections)


def test_a_server_that_hangs_up_after_its_answer_is_heard(serve: Serve, connect: Connect) -> None:
    """As servers do that keep no connection."""

    def once(conversation: Conversation) -> None:
        conversation.hear()
        conversation.say(http(EMPTY_SEARCH))

    server = serve(once)
    eqc = connect(server.url)
    outcomes = []
    for _ in range(3):
        outcomes.append(search(eqc)[0])
        time.sleep(0.05)  # for the server's farewell to arrive
    assert ([Outcome.NOT_FOUND] * 3, 3) == (outcomes, len(server.heard))


def test_threads_share_one_eqc(
    simulator: Callable[..., Simulator], connect: Connect, archive: Archive
) -> None:
    """Each has its own answer, and every answer is archived."""
    names = [f"{NAME}{number}" for number in range(24)]
    eqc = connect(simulator().url, archive)
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda name: eqc.ask(Endpoint.SEARCH, name), names))
    archived = [eqc.archived(Endpoint.SEARCH, name) for name in names]
    assert [reply.content for reply in replies] == [again.content for again in archived if again]


def test_a_compressed_answer_is_read_and_archived_plain(
    serve: Serve, connect: Connect, archive: Archive
) -> None:
    """The archive holds what EQC said, not how it was packed."""
    server = serve(answering(http(gzip.compress(EMPTY_SEARCH), "Content-Encoding: gzip")))
    connect(server.url, archive).ask(Endpoint.SEARCH, NAME)
    kept = archive.find(Endpoint.SEARCH, NAME)
    assert kept is not None
    assert EMPTY_SEARCH == kept.body


# deadlines and troubles


def silence(conversation: Conversation) -> None:
    conversation.hear()
    conversation.be_silent()


def dripping_body(conversation: Conversation) -> None:
    conversation.hear()
    conversation.say(http(b"x" * 1000)[:-1000])
    conversation.drip(b" " * 1000)


def dripping_headers(conversation: Conversation) -> None:
    conversation.hear()
    conversation.drip(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100)


def dripping_chunks(conversation: Conversation) -> None:
    conversation.hear()
    conversation.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    conversation.drip(b"1\r\n \r\n" * 1000)


@pytest.mark.parametrize("talk", [silence, dripping_body, dripping_headers, dripping_chunks])
def test_no_server_stretches_the_deadline(serve: Serve, connect: Connect, talk: Talk) -> None:
    """The whole request ends in time, though something arrives all the time."""
    reply = connect(serve(talk).url, timeouts=SHORT).ask(Endpoint.SEARCH, NAME)
    assert Outcome.TIMEOUT == reply.outcome
    assert SHORT.total_s * 0.9 <= reply.elapsed_s < IN_TIME_S


def test_the_next_request_is_as_good_as_new_after_a_timeout(serve: Serve, connect: Connect) -> None:
    """A cut connection is not used again."""
    talks = iter([silence, answering(http(EMPTY_SEARCH))])
    eqc = connect(serve(lambda conversation: next(talks)(conversation)).url, timeouts=SHORT)
    assert [Outcome.TIMEOUT, Outcome.NOT_FOUND] == [search(eqc)[0] for _ in range(2)]


def test_a_request_is_not_sent_once_its_time_is_over(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that takes longer than the deadline."""
    resolve = socket.getaddrinfo

    def slowly(*arguments: Any, **options: Any) -> Any:
        time.sleep(0.2)
        return resolve(*arguments, **options)

    server = serve(silence)
    eqc = connect(server.url, timeouts=Timeouts(connect_s=5.0, total_s=0.1))
    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    outcome, _ = search(eqc)
    assert (Outcome.TIMEOUT, []) == (outcome, server.heard)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue refuses, or is never full")
def test_connecting_takes_no_longer_than_the_whole_request(connect: Connect) -> None:
    """A host that does not even refuse: its queue of connections is full."""
    with ExitStack() as sockets:
        listener = sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(8):
            caller = sockets.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        eqc = connect(f"http://127.0.0.1:{listener.getsockname()[1]}", timeouts=SHORT)
        reply = eqc.ask(Endpoint.SEARCH, NAME)
    assert Outcome.TIMEOUT == reply.outcome
    assert reply.elapsed_s < IN_TIME_S


def test_abort_cuts_what_is_in_flight(serve: Serve, connect: Connect) -> None:
    """From another thread, at once; what became of the request nobody knows."""
    asked = threading.Event()

    def talk(conversation: Conversation) -> None:
        conversation.hear()
        asked.set()
        conversation.be_silent()

    eqc = connect(serve(talk).url)
    with ThreadPoolExecutor(1) as pool:
        request = pool.submit(eqc.ask, Endpoint.SEARCH, NAME)
        assert asked.wait(5)
        eqc.abort()
        reply = request.result(timeout=5)
    assert (Outcome.UNKNOWN, None) == (reply.outcome, reply.http_status)
    assert reply.elapsed_s < 1


def test_abort_without_requests_does_nothing(serve: Serve, connect: Connect) -> None:
    """And what comes after it is not cut."""
    eqc = connect(serve(answering(http(EMPTY_SEARCH))).url)
    eqc.abort()
    assert Outcome.NOT_FOUND == search(eqc)[0]


def hanging_up(conversation: Conversation) -> None:
    conversation.hear()


def resetting(conversation: Conversation) -> None:
    conversation.hear()
    conversation.reset()


def truncating(conversation: Conversation) -> None:
    conversation.hear()
    conversation.say(http(b"x" * 100)[:-50])


def truncating_headers(conversation: Conversation) -> None:
    conversation.hear()
    conversation.say(b"HTTP/1.1 200 OK\r\nContent-")


def babbling(conversation: Conversation) -> None:
    conversation.hear()
    conversation.say(b"\x00\xff nothing of HTTP\r\n\r\n")


def contradicting(conversation: Conversation) -> None:
    conversation.hear()
    conversation.say(b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n{}{}{}")


def lying(conversation: Conversation) -> None:
    conversation.hear()
    conversation.say(http(b"this is not gzip", "Content-Encoding: gzip"))


def miscounting(conversation: Conversation) -> None:
    conversation.hear()
    conversation.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n")


@pytest.mark.parametrize(
    ("talk", "detail"),
    [
        (hanging_up, "connection closed without an answer"),
        (resetting, "connection reset"),
        (truncating, "answer cut short"),
        (babbling, None),
        (contradicting, None),
        (lying, None),
        (miscounting, None),
    ],
)
def test_a_broken_answer_is_a_matter_of_the_network(
    serve: Serve, connect: Connect, talk: Talk, detail: str | None
) -> None:
    """One phrase says how it broke; neither token nor URL stand in it."""
    server = serve(talk)
    outcome, said = search(connect(server.url))
    assert (Outcome.NETWORK, detail or said) == (outcome, said)
    assert TOKEN not in said
    assert "http" not in said


def test_a_head_cut_short_is_never_an_answer(serve: Serve, connect: Connect) -> None:
    """Python's HTTP takes it for an empty one."""
    assert search(connect(serve(truncating_headers).url))[0] in (Outcome.NETWORK, Outcome.BAD_RESPONSE)


def test_a_refused_connection_is_a_matter_of_the_network(connect: Connect) -> None:
    """Nobody listens there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert (Outcome.NETWORK, "connection refused") == search(connect(f"http://127.0.0.1:{port}"))


def test_an_unknown_host_is_a_matter_of_the_network(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No such host."""

    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    assert (Outcome.NETWORK, "no such host") == search(connect("http://eqc.example"))


@pytest.mark.parametrize("packed", [False, True])
def test_an_endless_answer_is_cut_off(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    """Measured as unpacked: neither flood nor bomb fills the memory."""
    monkeypatch.setattr("eqcbatch.eqc.transport.MAX_BODY_BYTES", 100_000)
    flood = EMPTY_SEARCH + b" " * 10_000_000
    answer = http(gzip.compress(flood), "Content-Encoding: gzip") if packed else http(flood)
    assert Outcome.BAD_RESPONSE == search(connect(serve(answering(answer)).url))[0]


@responses.activate
@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (requests.ConnectTimeout(f"token={TOKEN}"), Outcome.TIMEOUT),
        (requests.ReadTimeout(f"token={TOKEN}"), Outcome.TIMEOUT),
        (requests.ConnectionError("[WinError 10060] timed out"), Outcome.TIMEOUT),
        (requests.ConnectionError(f"token={TOKEN}"), Outcome.NETWORK),
        (requests.exceptions.ChunkedEncodingError(f"token={TOKEN}"), Outcome.NETWORK),
        (requests.exceptions.ProxyError(f"token={TOKEN}"), Outcome.NETWORK),
        (requests.exceptions.SSLError(f"token={TOKEN}"), Outcome.NETWORK),
        (requests.exceptions.InvalidHeader(f"token={TOKEN}"), Outcome.NETWORK),
        (OSError(f"token={TOKEN}"), Outcome.NETWORK),
    ],
)
def test_whatever_requests_raises_is_an_outcome(connect: Connect, error: Exception, outcome: Outcome) -> None:
    """Told in plain English; none of its text, which may hold anything, gets into the detail."""
    responses.get("http://eqc.example/kg-api-hfd/api/search/", body=error)
    found, detail = search(connect("http://eqc.example"))
    assert (outcome, False, False) == (found, TOKEN in detail, type(error).__name__ in detail)


# TLS and proxies


def test_an_untrusted_certificate_gets_no_token(serve: Serve, connect: Connect, tls: ssl.SSLContext) -> None:
    """Nothing is asked of a server that cannot prove who it is."""
    server = serve(answering(http(EMPTY_SEARCH)), tls)
    assert (Outcome.NETWORK, "the server's certificate is not trusted") == search(connect(server.url))
    assert [] == server.heard


def test_a_ca_bundle_makes_a_certificate_trusted(
    serve: Serve, connect: Connect, tls: ssl.SSLContext, certificate: tuple[Path, Path]
) -> None:
    """As in a company with an authority of its own."""
    server = serve(answering(http(EMPTY_SEARCH)), tls)
    eqc = connect(server.url, ca_bundle=certificate[0])
    assert [Outcome.NOT_FOUND] * 2 == [search(eqc)[0] for _ in range(2)]
    assert (2, TOKEN) == (server.connections, header_of(server.heard[0], "token"))


def test_the_moment_of_sending_is_told_once_all_is_connected(
    serve: Serve, connect: Connect, tls: ssl.SSLContext, certificate: tuple[Path, Path]
) -> None:
    """After the handshake and before the request's first byte."""
    server = serve(answering(http(EMPTY_SEARCH)), tls)
    eqc = connect(server.url, ca_bundle=certificate[0])
    told: list[tuple[int, int]] = []

    def sending(transmit: Callable[[], None]) -> bool:
        told.append((server.connections, len(server.heard)))
        transmit()
        return True

    for _ in range(2):
        eqc.ask(Endpoint.SEARCH, NAME, sending=sending)
    assert [(1, 0), (2, 1)] == told


def test_a_booked_request_that_lost_its_turn_is_not_sent(
    serve: Serve, connect: Connect, tmp_path: Path
) -> None:
    """It was connected too late for its turn, and the window is full by now: its name stays pending."""
    server, rate_limiter = serve(answering(http(EMPTY_SEARCH))), RateLimiter(tmp_path / "p.json", Rate(1, 60))
    with rate_limiter.turn() as turn:
        long_ago = Booked(1, turn.take() - 100)
    question = Question(Endpoint.SEARCH, NAME)
    reply = send(connect(server.url), rate_limiter, question, long_ago, keep=True)
    assert (Outcome.UNKNOWN, []) == (reply.outcome, server.heard)


@pytest.mark.parametrize(
    ("told", "pause_s"), [(["Retry-After: 90"], 90.0), ([], 60.0), (["Retry-After: 86400"], 900.0)]
)
def test_whoever_hears_a_429_pauses_all_processes_of_the_user(
    serve: Serve, connect: Connect, tmp_path: Path, told: list[str], pause_s: float
) -> None:
    """At once, whatever was asked and whatever its session does then: it may end by it."""
    server = serve(answering(http(b"{}", *told, status="429 Too Many Requests")))
    path = tmp_path / "pace.json"
    rate_limiter = RateLimiter(path, Rate(10, 60))
    with rate_limiter.turn() as turn:
        booked = Booked(1, turn.take())
    reply = send(connect(server.url), rate_limiter, LIGHT_QUESTION, booked, keep=False)
    assert Outcome.RATE_LIMITED == reply.outcome
    with RateLimiter(path, Rate(10, 60)).turn() as turn:
        assert pause_s == pytest.approx(turn.delay_s, abs=5.0)


def test_nothing_is_sent_once_we_cut_it_off(serve: Serve, connect: Connect) -> None:
    """A second Ctrl-C struck while the request waited for the pace file."""
    server = serve(answering(http(EMPTY_SEARCH)))
    eqc = connect(server.url)

    def sending(transmit: Callable[[], None]) -> bool:
        eqc.abort()
        transmit()
        return True

    assert Outcome.UNKNOWN == eqc.ask(Endpoint.SEARCH, NAME, sending=sending).outcome
    assert [] == server.heard


class TunnelProxy(socketserver.ThreadingTCPServer):
    """A proxy that digs tunnels, over TLS if it has a context. asked: the first line of each request."""

    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[str] = []
        self._tls = tls
        super().__init__(("127.0.0.1", 0), socketserver.BaseRequestHandler)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_address[1]}"

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Dig a tunnel for a CONNECT; hang up on anything else."""
        with suppress(OSError), self._secured(request) as client:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += client.recv(1)
            self.asked.append(head.decode().split("\r\n")[0])
            verb, place, *_ = self.asked[-1].split(" ")
            if verb == "CONNECT":
                with socket.create_connection((place.split(":")[0], int(place.split(":")[1]))) as server:
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    up = threading.Thread(target=_relay, args=(client, server), daemon=True)
                    up.start()
                    _relay(server, client)
                    up.join(5)

    def _secured(self, request: Any) -> Any:
        return self._tls.wrap_socket(request, server_side=True) if self._tls else request


def _relay(source: Any, target: Any) -> None:
    with suppress(OSError):
        while received := source.recv(65536):
            target.sendall(received)
        target.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("secure", [False, True], ids=["http proxy", "https proxy"])
def test_p8_a_proxy_that_digs_a_tunnel_sees_no_request(
    serve: Serve,
    connect: Connect,
    tls: ssl.SSLContext,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    secure: bool,
) -> None:
    """One CONNECT and one request a question, and the token goes through the tunnel."""
    server = serve(answering(http(EMPTY_SEARCH)), tls)
    monkeypatch.setattr("eqcbatch.eqc.transport._Session.merge_environment_settings", through_any_proxy)
    with TunnelProxy(tls if secure else None) as proxy:
        threading.Thread(target=proxy.serve_forever, args=(0.01,), daemon=True).start()
        for variable in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(variable, proxy.url)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
        eqc = connect(server.url, ca_bundle=certificate[0])
        assert [Outcome.NOT_FOUND] * 2 == [search(eqc)[0] for _ in range(2)]
        proxy.shutdown()
    assert ["CONNECT"] * 2 == [line.split(" ")[0] for line in proxy.asked]
    assert [TOKEN] * 2 == [header_of(head, "token") for head in server.heard]


def through_any_proxy(self: requests.Session, url: Any, *settings: Any) -> Any:
    """The session's settings, with the proxies of the environment for this very machine, too."""
    return requests.Session.merge_environment_settings(self, url, *settings)


@pytest.mark.parametrize("talk", [silence, dripping_body])
def test_the_deadline_holds_over_tls(
    serve: Serve, connect: Connect, tls: ssl.SSLContext, certificate: tuple[Path, Path], talk: Talk
) -> None:
    """The socket is shut under TLS, without breaking it for the thread that reads."""
    eqc = connect(serve(talk, tls).url, ca_bundle=certificate[0], timeouts=SHORT)
    reply = eqc.ask(Endpoint.SEARCH, NAME)
    assert Outcome.TIMEOUT == reply.outcome
    assert reply.elapsed_s < IN_TIME_S


def test_a_deadline_at_any_moment_of_the_handshake_leaves_no_socket_open(
    serve: Serve, connect: Connect, tls: ssl.SSLContext, certificate: tuple[Path, Path]
) -> None:
    """A socket that is shut while TLS is put around it is one that Python never closes."""
    url = serve(silence, tls).url
    for number in range(40):
        deadline_s = 0.0005 * (number + 1)
        eqc = connect(url, ca_bundle=certificate[0], timeouts=Timeouts(deadline_s, deadline_s))
        assert Outcome.ANSWERED != eqc.ask(Endpoint.SEARCH, NAME).outcome
    assert [] == open_client_sockets()


def test_http_goes_through_the_proxy_of_the_environment(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTP_PROXY is honoured: the proxy is asked for the whole URL."""
    proxy = serve(answering(http(EMPTY_SEARCH)))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("http_proxy", proxy.url)
    assert Outcome.NOT_FOUND == search(connect("http://eqc.example"))[0]
    assert proxy.heard[0].startswith("GET http://eqc.example/kg-api-hfd/api/search/?key=")


def test_the_deadline_holds_behind_a_proxy(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever drips."""
    monkeypatch.setenv("http_proxy", serve(dripping_body).url)
    reply = connect("http://eqc.example", timeouts=SHORT).ask(Endpoint.SEARCH, NAME)
    assert Outcome.TIMEOUT == reply.outcome
    assert reply.elapsed_s < IN_TIME_S


def dripping_tunnel(conversation: Conversation) -> None:
    conversation.hear()
    conversation.drip(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100)


def test_https_tunnels_through_the_proxy_without_showing_it_the_token(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTPS_PROXY is honoured; one that refuses is a matter of the network."""
    proxy = serve(answering(http(b"", status="502 Bad Gateway")))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv("https_proxy", proxy.url)
    assert (Outcome.NETWORK, "the proxy does not reach EQC") == search(connect("https://eqc.example"))
    assert proxy.heard[0].startswith("CONNECT eqc.example:443 ")
    assert TOKEN not in "".join(proxy.heard)


def test_a_dripping_tunnel_does_not_stretch_the_deadline(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even before there is a connection to speak of."""
    monkeypatch.setenv("https_proxy", serve(dripping_tunnel).url)
    reply = connect("https://eqc.example", timeouts=SHORT).ask(Endpoint.SEARCH, NAME)
    assert Outcome.TIMEOUT == reply.outcome
    assert reply.elapsed_s < IN_TIME_S
    assert [] == open_client_sockets()


# the rest


@pytest.mark.parametrize(
    "url",
    [
        *("", "eqc.pingan.com", "ftp://eqc", "http://", "http:///x", "http://["),
        *("http://h:x", "http://h:70000"),
        *("https://h/?token=s3cret", "https://h#s3cret", "https://u:s3cret@h?x=1"),
    ],
)
def test_what_is_no_url_is_bad_input(url: str) -> None:
    """And is said before anything is sent; what may be a secret is not."""
    with pytest.raises(BadInput, match="is no URL of EQC") as refusal:
        Eqc(url, TokenSource({}), None)
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize("retries", [0, 1, 2, 8])
def test_retries_back_off_with_jitter(retries: int) -> None:
    """1, 2, 4 ... seconds at most, never over 30."""
    delays = list(retry_delays(retries))
    assert retries == len(delays)
    assert all(0 <= delay <= min(2**count, 30) for count, delay in enumerate(delays))
