"""What a queue is told of a request: the decision table, line by line."""

from __future__ import annotations

import pytest

from eqcbatch.domain.model import Held, Mark, QueuedName, QueueStatus, Reason, State
from eqcbatch.domain.request_status import mark_of

AT = "2026-11-23T04:05:06+00:00"
DONE = Mark(QueueStatus.DONE, "600000001")


def failed(error: str) -> Mark:
    return Mark(QueueStatus.FAILED, error=error)


def resolved(held: Held | None = None, *, flushed: bool = False, refused: str | None = None) -> QueuedName:
    return QueuedName(State.RESOLVED, "600000001", 0.8, held, flushed, refused)


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        pytest.param(None, failed("no name"), id="blank"),
        pytest.param(QueuedName(State.CACHED, "600000001", 1.0), DONE, id="cached with an id"),
        pytest.param(
            QueuedName(State.CACHED, None, 1.0), failed("set by hand: never looked up"), id="__EMPTY__"
        ),
        pytest.param(QueuedName(State.CACHED, None, None), None, id="cached by its rows' own keys alone"),
        pytest.param(resolved(flushed=True), DONE, id="flushed"),
        pytest.param(resolved(Held.AMBIGUOUS), failed("held: ambiguous"), id="held"),
        pytest.param(resolved(refused="value too long"), failed("value too long"), id="refused"),
        pytest.param(resolved(), None, id="to be flushed"),
        pytest.param(
            QueuedName(State.FAILED, reason=Reason.TIMEOUT, due_at=AT),
            Mark(QueueStatus.PROCESSING, None, "timeout", AT),
            id="asked again by itself",
        ),
        *(
            pytest.param(QueuedName(State.FAILED, reason=reason), failed(str(reason)), id=f"failed: {reason}")
            for reason in Reason
        ),
        pytest.param(QueuedName(State.PENDING), None, id="pending"),
    ],
)
def test_the_mark_follows_from_the_name_alone(name: QueuedName | None, mark: Mark | None) -> None:
    """Each line of the table in the docstring of `eqcbatch.domain.request_status`."""
    assert mark == mark_of(name)
