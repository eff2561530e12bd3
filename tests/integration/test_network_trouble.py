"""What keeps a request from EQC is told by its cause: proxies, TLS, certificates."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from eqcbatch.domain.model import Endpoint, Outcome
from eqcbatch.eqc import Eqc, TokenSource
from eqcbatch.eqc.network_trouble import SOCKS
from tests.conftest import TOKEN
from tests.servers import EMPTY_SEARCH, Conversation, RawServer, answering, http

NO_TLS = "no TLS at this port: is the URL to begin with http://, or the port another?"
LOGIN = "the proxy wants a login (407): http(s)_proxy=http://USER:PASSWORD@HOST:PORT"
AWAY = "http://eqc.example"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for 127.0.0.1, its key in the same file."""
    if not shutil.which("openssl"):
        pytest.skip("there is no openssl to make a certificate with")
    made = tmp_path / "cert.pem"
    request = "req -x509 -nodes -days 2 -newkey rsa:2048 -subj /CN=127.0.0.1"
    subprocess.run(
        ["openssl", *request.split(), "-out", made, "-keyout", made], capture_output=True, check=True
    )
    return made


def told(url: str, **options: Any) -> str:
    """What a search comes to that no answer comes to."""
    with Eqc(url, TokenSource({"EQCBATCH_EQC_TOKEN": TOKEN}), None, **options) as eqc:
        reply = eqc.ask(Endpoint.SEARCH, "甲公司")
    assert Outcome.NETWORK is reply.outcome
    return reply.detail


def refuse(talk: Conversation) -> None:
    """Answer the first bytes of what is no HTTP, as web servers do."""
    talk.connection.recv(1)
    talk.say(http(b"", status="400 Bad Request"))


@pytest.fixture
def plain() -> Iterator[RawServer]:
    """A server that knows no TLS."""
    with RawServer(refuse) as server:
        yield server


def proxied(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Let the environment name a proxy for all that is not this machine."""
    for name in (
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "NO_PROXY",
        "all_proxy",
        "HTTPS_PROXY",
        "HTTP_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", url)


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4"])
@pytest.mark.parametrize("url", [AWAY, "https://eqc.example"])
def test_a_socks_proxy_is_refused_and_never_gone_round(
    monkeypatch: pytest.MonkeyPatch, scheme: str, url: str
) -> None:
    """Whether or not PySocks is installed."""
    proxied(monkeypatch, f"{scheme}://127.0.0.1:9")
    assert SOCKS == told(url)


def test_a_proxy_that_wants_a_login_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """And how a login is given; the one that was given is not shown."""
    with RawServer(answering(http(b"", status="407 Proxy Authentication Required"))) as proxy:
        proxied(monkeypatch, proxy.url.replace("://", "://me:secret@"))
        assert LOGIN == told("https://eqc.example")
        assert LOGIN.replace("http(s)", "http") == told(AWAY)


def test_tls_to_a_plain_port_says_so(plain: RawServer) -> None:
    """The server does not speak TLS: most likely the URL is meant to be http."""
    assert NO_TLS == told(plain.url.replace("http://", "https://"))


def test_a_ca_bundle_that_is_none_says_so(plain: RawServer, certificate: Path, tmp_path: Path) -> None:
    """DER, or no certificate at all."""
    der, text = tmp_path / "cert.der", tmp_path / "cert.txt"
    der.write_bytes(
        ssl.PEM_cert_to_DER_cert(
            certificate.read_text().partition("-----BEGIN CERT")[2].join(["-----BEGIN CERT", ""])
        )
    )
    text.write_text("no certificate")
    url = plain.url.replace("http://", "https://")
    assert {True} == {"PEM form" in told(url, ca_bundle=bundle) for bundle in (der, text)}


def test_a_missing_bundle_of_the_environment_says_so(
    monkeypatch: pytest.MonkeyPatch, plain: RawServer
) -> None:
    """Of REQUESTS_CA_BUNDLE, which requests takes by itself where the host is not this machine."""
    proxied(monkeypatch, plain.url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "none.pem")
    assert "REQUESTS_CA_BUNDLE" in told("https://eqc.example")


def test_an_untrusted_certificate_is_told_from_one_of_another_host(certificate: Path) -> None:
    """The one is a matter of --ca-bundle, the other of the URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with RawServer(answering(http(EMPTY_SEARCH)), context) as server:
        assert "the server's certificate is not trusted" == told(server.url)
        assert "the server's certificate is for another host" == told(server.url, ca_bundle=certificate)


def test_plain_http_to_a_tls_port_says_so(certificate: Path) -> None:
    """Some servers answer with a TLS alert, where they do not hang up."""
    with ExitStack() as running:
        alert = running.enter_context(RawServer(answering(b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n")))
        assert "TLS at this port: is the URL to begin with https://?" == told(alert.url)
