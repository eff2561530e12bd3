"""The worker pool: what is submitted completes, and waiting for it always ends."""

from __future__ import annotations

import threading

from eqcbatch.domain.model import Endpoint, Outcome, Question, Reply
from eqcbatch.drain.worker_pool import Task, WorkerPool

QUESTION = Question(Endpoint.SEARCH, "某公司")


def replying(_task: Task) -> Reply:
    return Reply(Outcome.ANSWERED)


def test_whoever_waits_for_nothing_waits_no_longer_than_he_said() -> None:
    """Also after tasks that completed while nobody waited, whose wakeup nobody took."""
    completed: list[object] = []

    def wait_for_nothing() -> None:
        with WorkerPool(2, replying) as pool:
            for _ in range(500):
                for _ in range(2):
                    pool.submit(Task(QUESTION))
                while pool.in_flight:
                    if done := pool.next_completed(0.2):
                        completed.append(done.reply)
                assert [None] * 50 == [pool.next_completed(0.0) for _ in range(50)]
                assert pool.next_completed(1e-6) is None
            completed.append("the end")

    waiting = threading.Thread(target=wait_for_nothing, daemon=True)
    waiting.start()
    waiting.join(60)
    assert [Reply(Outcome.ANSWERED)] * 1000 + ["the end"] == completed


def test_an_error_of_a_worker_completes_too() -> None:
    """Whoever waits hears of it."""

    def failing(_task: Task) -> Reply:
        raise ValueError("broken")

    with WorkerPool(1, failing) as pool:
        pool.submit(Task(QUESTION))
        done = None
        while done is None:
            done = pool.next_completed(0.2)
    assert "broken" == str(done.error)
