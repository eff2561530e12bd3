"""Requests on their way: within the limits, at the pace, booked before they are sent."""

from __future__ import annotations

import time
from dataclasses import dataclass

from eqcbatch.domain.model import ExitReason, Outcome, Question, Reply
from eqcbatch.drain.limits import Limits
from eqcbatch.drain.shutdown import Ending
from eqcbatch.drain.worker_pool import Landed, Lanes, Task
from eqcbatch.eqc import Eqc, PaceFile
from eqcbatch.errors import TokenUnusable
from eqcbatch.ledger import Requests

SLICE_S = 0.5  # the longest wait at a stretch: Windows delivers Ctrl-C only between waits


@dataclass(slots=True)
class Spent:
    """What a session sent, and where its time went.

    waiting_s: in waits with nothing in flight. blocked_s: in all waits.
    """

    requests: int = 0
    waiting_s: float = 0.0
    blocked_s: float = 0.0


class Sender:
    """The one who sends, for one session. Nothing but `ending` and the limits stops it."""

    def __init__(
        self,
        session_id: int,
        requests: Requests,
        eqc: Eqc,
        pace: PaceFile,
        lanes: Lanes,
        limits: Limits,
        ending: Ending,
    ) -> None:
        self.spent = Spent()
        self.token_generation = 0
        self._session_id = session_id
        self._requests = requests
        self._eqc = eqc
        self._pace = pace
        self._lanes = lanes
        self._limits = limits
        self._ending = ending

    @property
    def left(self) -> float:
        """How many more requests the budgets allow."""
        return self._limits.left(self.spent.requests)

    def send(self, task: Task) -> float:
        """Book and send the task's request if limits, token and rate allow it; seconds to wait, 0 if done.

        At a limit, or without a token, the session ends instead.
        """
        if self.at_limit():
            return 0.0
        try:
            self._eqc.require_token()
        except TokenUnusable as error:
            self._ending.end(ExitReason.TOKEN, error)
            return 0.0
        with self._pace.turn() as turn:
            if turn.delay_s > 0:
                self.at_limit(turn.delay_s)
                return turn.delay_s
            task.attempt += 1
            task.token_generation = self.token_generation
            task.bare_headers = self._eqc.bare_headers
            task.request_id = self._requests.book(
                self._session_id,
                task.lookup_key,
                task.endpoint,
                task.attempt,
                self.spent.waiting_s,
                company_id=task.company_id,
            )
            self.spent.requests += 1
            task.stamp = turn.take()
        self._lanes.launch(task)
        return 0.0

    def at_limit(self, wait_s: float = 0.0) -> bool:
        """Whether a limit forbids a request `wait_s` from now; if so, that ends the session."""
        reached = self._limits.reached(self.spent.requests, time.monotonic(), wait_s)
        if reached:
            self._ending.end(reached)
        return reached is not None

    def listen(self, wait_s: float) -> Landed | None:
        """Wait for a request to land, `SLICE_S` at most."""
        started = time.monotonic()
        landed = self._lanes.hear(min(wait_s, SLICE_S))
        waited_s = time.monotonic() - started
        self.spent.blocked_s += waited_s
        if not landed and not self._lanes.flying:
            self.spent.waiting_s += waited_s
        return landed

    def rest(self, seconds: float) -> None:
        """Wait with nothing in flight, unless the session ends meanwhile."""
        until = time.monotonic() + seconds
        while not self._ending and (left_s := until - time.monotonic()) > 0:
            self.listen(left_s)

    def ask_aside(self, question: Question) -> Reply | None:
        """Send one request that decides nothing, with nothing else in flight, and settle it.

        None if the session ends before it can be sent, or because it cannot.
        """
        task = Task(
            question.lookup_key,
            question.endpoint,
            question.parameter,
            keep=False,
            company_id=question.company_id,
        )
        while not self._ending and not task.request_id:
            self.rest(self.send(task))
        landed = None
        while task.request_id and landed is None:
            landed = self.listen(SLICE_S)
        if landed is None:
            return None
        self._requests.settle(task.request_id, landed.reply or Reply(Outcome.UNKNOWN))
        if landed.reply is None:
            self._ending.end(ExitReason.ERROR, landed.trouble())
        return landed.reply
