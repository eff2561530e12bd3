"""P10: an answer belongs to the name it was asked for, whatever else a server says on a connection."""

from __future__ import annotations

import json
import ssl
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from eqcbatch.domain.model import Endpoint, Outcome, Reply
from eqcbatch.eqc import Eqc, TokenSource, read_candidates
from eqcbatch.settings import Timeouts
from tests.servers import Conversation, RawServer, Talk, http

NAMES = [f"深圳第{number}实业有限公司" for number in range(5)]
HINTS = "Link: </a.css>; rel=preload\r\n\r\n"

Serve = Callable[..., RawServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Servers that go with the test."""
    with ExitStack() as servers:
        yield lambda talk, tls=None: servers.enter_context(RawServer(talk, tls))


def asked(heard: str) -> str:
    """The name in a request's head."""
    return parse_qs(urlsplit(heard.split(" ")[1]).query)["key"][0]


def answer(name: str, **more: str) -> bytes:
    """A whole answer with the one company of that name."""
    return http(json.dumps({"list": [{"companyId": id_of(name), "companyFullName": name}]}).encode(), **more)


def id_of(name: str) -> str:
    """The id of the company of that name."""
    return str(zlib.crc32(name.encode()))


def with_each(before: bytes = b"", after: bytes = b"") -> Talk:
    """Answer each request by its own company, with these bytes around it in one packet."""

    def talk(conversation: Conversation) -> None:
        while conversation.hear():
            name = asked(conversation.heard[-1])
            conversation.say(before, answer(name), after)

    return talk


def drained(url: str, names: list[str] = NAMES, ca_bundle: Path | None = None) -> list[Reply]:
    """Ask for all names, one after another."""
    token = TokenSource({"EQCBATCH_EQC_TOKEN": "T"})
    with Eqc(url, token, None, Timeouts(2, 3), ca_bundle) as eqc:
        return [eqc.ask(Endpoint.SEARCH, name) for name in names]


def ids(replies: list[Reply]) -> list[str]:
    """The id that each reply offers, "" for none."""
    return [next((one.company_id for one in read_candidates(reply.content)), "") for reply in replies]


IDS = [id_of(name) for name in NAMES]


@pytest.mark.parametrize(
    "interim",
    [
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 102 Processing\r\n\r\n",
        f"HTTP/1.1 103 Early Hints\r\n{HINTS}",
        "HTTP/1.1 199 Whatever\r\nContent-Length: 5\r\n\r\n",
        f"HTTP/1.1 103 Early Hints\r\n{HINTS}" * 3 + "HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
def test_p10_interim_answers_are_passed_over(serve: Serve, interim: str) -> None:
    """Every name gets its own company, not its neighbour's."""
    assert IDS == ids(drained(serve(with_each(before=interim.encode())).url))


def test_p10_interim_answers_without_end_are_no_answer(serve: Serve) -> None:
    """Nor is a 101, which changes the protocol."""
    for before in (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000, b"HTTP/1.1 101 Switching Protocols\r\n\r\n"):
        replies = drained(serve(with_each(before=before)).url, NAMES[:2])
        assert [""] * 2 == ids(replies)
        assert not any(reply.outcome.usable for reply in replies)


@pytest.mark.parametrize(
    "after", [http(b'{"list":[]}'), b"x", b"HTTP/1.1 408 Request Timeout\r\n\r\n", answer("another")]
)
def test_p10_bytes_behind_an_answer_take_its_credit(serve: Serve, after: bytes) -> None:
    """Which of two answers is the right one nobody knows; the next request has a connection of its own."""
    replies = drained(serve(with_each(after=after)).url)
    assert {(Outcome.BAD_RESPONSE, "bytes behind the answer")} == {
        (one.outcome, one.detail) for one in replies
    }


def test_p10_a_blank_line_behind_an_answer_is_nothing(serve: Serve) -> None:
    """Some old servers send one."""
    assert IDS == ids(drained(serve(with_each(after=b"\r\n")).url))


@pytest.mark.parametrize("blank", [b"\r\n" * 32, b"\n" * 64, b"\r\n" * 10_000], ids=["few", "odd", "many"])
def test_p10_an_answer_behind_many_blank_lines_is_seen(serve: Serve, blank: bytes) -> None:
    """However many bytes of line ends come between two answers, neither is believed."""

    def talk(conversation: Conversation) -> None:
        while conversation.hear():
            conversation.say(answer(asked(conversation.heard[-1])))
            conversation.stopping.wait(0.05)  # so that none of it is read along with the answer
            conversation.say(blank + http(b'{"list":[]}'))

    assert [""] * len(NAMES) == ids(drained(serve(talk).url))


def test_p10_line_ends_without_end_are_not_read_for_ever(serve: Serve) -> None:
    """Nobody knows what is behind them."""

    def talk(conversation: Conversation) -> None:
        if conversation.hear():
            conversation.say(answer(asked(conversation.heard[-1])))
            while not conversation.stopping.wait(0.01):
                conversation.say(b"\r\n")

    assert [""] * len(NAMES) == ids(drained(serve(talk).url))


def test_p10_an_answer_that_comes_before_its_question_is_not_believed(serve: Serve) -> None:
    """It was meant for somebody else, or for nobody; whether it is seen before or after the question goes."""

    def talk(conversation: Conversation) -> None:
        conversation.say(answer("another"))
        if conversation.hear():
            conversation.say(answer(asked(conversation.heard[-1])))

    replies = drained(serve(talk).url, NAMES * 10)
    assert [""] * 10 * len(NAMES) == ids(replies)


@pytest.mark.parametrize("by", [-1, -20])
def test_p10_a_length_that_is_too_short_is_no_answer(serve: Serve, by: int) -> None:
    """What is cut off stands behind the answer."""

    def talk(conversation: Conversation) -> None:
        while conversation.hear():
            whole = answer(asked(conversation.heard[-1]))
            length = len(whole.partition(b"\r\n\r\n")[2])
            conversation.say(whole.replace(b": %d" % length, b": %d" % (length + by)))

    replies = drained(serve(talk).url)
    assert [Outcome.BAD_RESPONSE] * len(NAMES) == [reply.outcome for reply in replies]


def test_p10_a_length_that_is_too_long_is_no_answer(serve: Serve) -> None:
    """The rest of it would be the next answer, on a connection that is used again."""

    def talk(conversation: Conversation) -> None:
        while conversation.hear():
            whole = answer(asked(conversation.heard[-1]))
            length = len(whole.partition(b"\r\n\r\n")[2])
            conversation.say(whole.replace(b": %d" % length, b": %d" % (length + 7)))

    replies = drained(serve(talk).url, NAMES[:1])
    assert [Outcome.TIMEOUT] == [reply.outcome for reply in replies]


def test_p10_an_answer_that_comes_late_on_an_idle_connection_is_nobodys(serve: Serve) -> None:
    """The connection is closed by then."""

    def talk(conversation: Conversation) -> None:
        while conversation.hear():
            conversation.say(answer(asked(conversation.heard[-1])))
            conversation.stopping.wait(0.6)
            conversation.say(http(b'{"list":[]}'))

    assert IDS == ids(drained(serve(talk).url))


def test_p10_a_load_balancer_that_hangs_up_with_a_408_says_nothing(serve: Serve) -> None:
    """The connection was idle for too long, it says; the answer stands."""

    def talk(conversation: Conversation) -> None:
        while conversation.hear():
            conversation.say(answer(asked(conversation.heard[-1])))
            conversation.stopping.wait(0.05)
            conversation.say(http(b"", "Connection: close", status="408 Request Timeout"))

    assert IDS == ids(drained(serve(talk).url))


def test_p10_chunked_answers_are_held_to_the_same(serve: Serve) -> None:
    """The last chunk is the end of the answer."""

    def chunked(name: str, after: bytes = b"") -> bytes:
        body = answer(name).partition(b"\r\n\r\n")[2]
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        return head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) + after

    def talk(after: bytes) -> Talk:
        def talk(conversation: Conversation) -> None:
            while conversation.hear():
                conversation.say(chunked(asked(conversation.heard[-1]), after))

        return talk

    assert IDS == ids(drained(serve(talk(b"")).url))
    assert [""] * len(NAMES) == ids(drained(serve(talk(http(b'{"list":[]}'))).url))


def test_p10_holds_over_tls(serve: Serve, tls: ssl.SSLContext, certificate: tuple[Path, Path]) -> None:
    """Session tickets are no bytes behind anything; a second answer is."""
    hints = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    assert IDS == ids(drained(serve(with_each(before=hints), tls).url, ca_bundle=certificate[0]))
    doubled = drained(serve(with_each(after=http(b'{"list":[]}')), tls).url, ca_bundle=certificate[0])
    assert [Outcome.BAD_RESPONSE] * len(NAMES) == [reply.outcome for reply in doubled]
