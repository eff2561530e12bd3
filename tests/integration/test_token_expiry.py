"""A token that says when it expires is compared with the forecast before the drain starts."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable

import pytest

from tests.drains import Job, companies


def jwt(**claims: float) -> str:
    """A token as EQC's look: three parts, the middle one says when it expires."""
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{payload}.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("expires_in_s", "warning"),
    [(30, "The token expires in"), (-3600, "The token expired 1 h ago"), (7 * 86400, None)],
)
def test_a_token_that_expires_too_soon_is_warned_about(
    job: Callable[..., Job], expires_in_s: float, warning: str | None
) -> None:
    """Too short for the session by the forecast, or over already: one warning, and the drain goes on."""
    token = jwt(exp=time.time() + expires_in_s)
    work = job(token=token)
    work.plan(companies(20))
    ran = work.drain("--time-scale", 1, "--budget", 20, EQCBATCH_EQC_TOKEN=token)
    assert 0 == ran.code
    assert (warning or "The token") in ran.err if warning else "The token" not in ran.err


def test_a_session_needs_no_token_beyond_its_window(job: Callable[..., Job]) -> None:
    """Half an hour of life is enough for half a minute, however many hours are left to ask."""
    token = jwt(exp=time.time() + 1800)
    work = job(token=token)
    work.plan(companies(600))
    options = ("--time-scale", 1, "--rate", "10/60s", "--max-minutes", 0.51)
    ran = work.drain(*options, EQCBATCH_EQC_TOKEN=token)
    assert (0, False) == (ran.code, "The token" in ran.err)
