"""What kept a request from an answer: one phrase for each trouble of network, proxy and TLS. Pure."""

from __future__ import annotations

import re

from requests.exceptions import (
    ChunkedEncodingError,
    ContentDecodingError,
    InvalidSchema,
    ProxyError,
    SSLError,
)
from requests.exceptions import ConnectionError as NoConnection

SOCKS = "a SOCKS proxy is not supported: name an HTTP proxy, or EQC's host in NO_PROXY"

# The first sign that the error's text has decides; no phrase quotes the text, which may hold a password.
_TLS = (
    ("NO_CERTIFICATE_OR_CRL", "the CA bundle holds no certificate in PEM form: convert it, or name another"),
    ("[X509", "the CA bundle cannot be read: it must be certificates in PEM form"),
    ("PEM lib", "the CA bundle cannot be read: it must be certificates in PEM form"),
    ("WRONG_VERSION_NUMBER", "no TLS at this port: is the URL to begin with http://, or the port another?"),
    ("RECORD_LAYER_FAILURE", "no TLS at this port: is the URL to begin with http://, or the port another?"),
    ("HTTP_REQUEST", "no TLS at this port: is the URL to begin with http://, or the port another?"),
    ("ostname mismatch", "the server's certificate is for another host"),
    ("IP address mismatch", "the server's certificate is for another host"),
    ("doesn't match", "the server's certificate is for another host"),
    ("certificate has expired", "the server's certificate has expired"),
    ("CERTIFICATE_VERIFY_FAILED", "the server's certificate is not trusted"),
    ("UNEXPECTED_EOF", "the connection ended amid the TLS handshake"),
    ("EOF occurred", "the connection ended amid the TLS handshake"),
)
_PROXY = (
    ("407", "the proxy wants a login (407): http(s)_proxy=http://USER:PASSWORD@HOST:PORT"),
    ("Tunnel connection failed: 4", "the proxy lets nobody through to EQC"),
    ("Tunnel connection failed: 5", "the proxy does not reach EQC"),
)
_OTHER = (
    ("CA certificate bundle", "there is no CA bundle at the path of --ca-bundle or REQUESTS_CA_BUNDLE"),
    ("TLS certificate file", "there is no client certificate at the path given"),
    ("refused", "connection refused"),
    ("reset", "connection reset"),
    ("resolve", "no such host"),
    ("unreachable", "network unreachable"),
    ("closed connection without response", "connection closed without an answer"),
    ("IncompleteRead", "answer cut short"),
    ("read length", "answer that is no HTTP"),
)
_TLS_ALERT = re.compile(r"\\x1[4-7]\\x03|[\x14-\x17]\x03")  # a TLS record where an answer should begin


def network_trouble(error: BaseException) -> str:
    """The innermost cause of a network error, as one phrase without the URL."""
    text = str(error)
    if isinstance(error, SSLError):
        return _phrase(text, _TLS, "the TLS connection failed")
    if isinstance(error, ProxyError):
        return _phrase(text, _PROXY, "the proxy cannot be reached")
    if isinstance(error, InvalidSchema) and "SOCKS" in text:
        return SOCKS
    if _TLS_ALERT.search(text):
        return "TLS at this port: is the URL to begin with https://?"
    return _phrase(text, _OTHER, _kind_of(error))


def _kind_of(error: BaseException) -> str:
    if isinstance(error, ChunkedEncodingError):
        return "answer cut short"
    if isinstance(error, ContentDecodingError):
        return "answer that cannot be unpacked"
    return (
        "the connection failed" if isinstance(error, (NoConnection, OSError)) else "no request could be made"
    )


def _phrase(text: str, phrases: tuple[tuple[str, str], ...], otherwise: str) -> str:
    return next((phrase for sign, phrase in phrases if sign in text), otherwise)
