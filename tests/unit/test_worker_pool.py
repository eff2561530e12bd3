"""The lanes: what flies lands, and waiting for it always ends."""

from __future__ import annotations

import threading

from eqcbatch.domain.model import Endpoint, Outcome, Reply
from eqcbatch.drain.worker_pool import Lanes, Task


def replying(_task: Task) -> Reply:
    return Reply(Outcome.ANSWERED)


def test_whoever_waits_for_nothing_waits_no_longer_than_he_said() -> None:
    """Also after tasks that landed while nobody listened, whose ringing nobody heard."""
    landed: list[object] = []

    def listen_to_nothing() -> None:
        with Lanes(2, replying) as lanes:
            for _ in range(500):
                for _ in range(2):
                    lanes.launch(Task(None, Endpoint.SEARCH, "某公司"))
                while lanes.flying:
                    if heard := lanes.hear(0.2):
                        landed.append(heard.reply)
                assert [None] * 50 == [lanes.hear(0.0) for _ in range(50)]
                assert lanes.hear(1e-6) is None
            landed.append("the end")

    listener = threading.Thread(target=listen_to_nothing, daemon=True)
    listener.start()
    listener.join(60)
    assert [Reply(Outcome.ANSWERED)] * 1000 + ["the end"] == landed


def test_an_error_on_a_lane_lands_too() -> None:
    """The one who listens hears of it."""

    def failing(_task: Task) -> Reply:
        raise ValueError("broken")

    with Lanes(1, failing) as lanes:
        lanes.launch(Task(None, Endpoint.SEARCH, "某公司"))
        heard = None
        while heard is None:
            heard = lanes.hear(0.2)
    assert "broken" == str(heard.error)
