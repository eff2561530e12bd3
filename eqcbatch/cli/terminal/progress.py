"""Showing a drain as it goes: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
from collections import deque
from statistics import fmean
from types import TracebackType
from typing import TYPE_CHECKING

from loguru import logger
from tqdm import tqdm

from eqcbatch.clock import SYSTEM_CLOCK, Clock
from eqcbatch.domain.model import Endpoint, PendingName, Reason, Reply, SecondQuestion, Verdict
from eqcbatch.humanize import count, duration
from eqcbatch.render import adjustment_text, unpaid_text

if TYPE_CHECKING:
    from typing import Never

    from eqcbatch.drain import Start, Task
    from eqcbatch.flush import Adjustment, FlushReport

LINE_EVERY_NAMES = 100
LINE_EVERY_S = 60.0
_REMEMBERED = 30  # requests that the moving average looks back on
_BAR = "{percentage:3.0f}%|{bar:16}| {n_fmt}/{total_fmt}{postfix}"


class Figures:
    """The figures of a running drain; the ETA comes from the last requests' real times."""

    def __init__(self, start: Start, clock: Clock = SYSTEM_CLOCK) -> None:
        self._clock = clock
        self.hits = start.names.cached
        self.found = start.names.resolved
        self.not_found = start.not_found
        self.failed = start.names.failed - start.not_found
        self.pending = start.names.pending
        self.total = start.names.total
        self.budget_left = start.budget
        self.details_left = 0
        self.details_done = 0
        self._since = self._clock.monotonic()
        self._paces: deque[float] = deque(maxlen=_REMEMBERED)  # seconds from one request to the next

    @property
    def done(self) -> int:
        """Names that need no more asking."""
        return self.total - self.pending

    def count_reply(self) -> None:
        """A request came back."""
        now = self._clock.monotonic()
        self._paces.append(now - self._since)
        self._since = now
        if self.budget_left is not None:
            self.budget_left -= 1

    def count_decision(
        self, verdict: Verdict | None, reason: Reason | None, *, replayed: bool = False
    ) -> None:
        """A name was decided; the time of a replay is that of no request."""
        if replayed:
            self._since = self._clock.monotonic()
        self.pending = max(0, self.pending - 1)
        if verdict:
            self.found += 1
        elif reason is Reason.NOT_FOUND:
            self.not_found += 1
        else:
            self.failed += 1

    def count_detail(self, left: int, *, replayed: bool = False) -> None:
        """A detail of a company was settled or failed, `left` are to be asked."""
        if replayed:
            self._since = self._clock.monotonic()
        self.details_left = left
        self.details_done += 1

    def eta_s(self) -> float | None:
        """Seconds until nothing is left to ask, None before the first request."""
        return fmean(self._paces) * (self.pending + self.details_left) if self._paces else None

    def __str__(self) -> str:
        """Return the figures, those that move most first: a narrow terminal cuts the others."""
        eta = self.eta_s()
        parts = [f"ETA {'?' if eta is None else duration(eta)}"]
        if self.budget_left is not None:
            parts.append(f"budget left {self.budget_left:,}")
        parts += [
            f"found {self.found:,}",
            f"not found {self.not_found:,}",
            f"failed {self.failed:,}",
            f"hits {self.hits:,}",
            f"misses {self.total - self.hits:,}",
        ]
        if self.details_done or self.details_left:
            parts.insert(1, f"details left {self.details_left:,}")
        return ", ".join(parts)


class Progress:
    """What `eqcbatch drain` tells of its events: a tqdm bar on a terminal, log lines elsewhere."""

    def __init__(self, *, quiet: bool, clock: Clock = SYSTEM_CLOCK) -> None:
        self._quiet = quiet
        self._clock = clock
        self._figures: Figures | None = None
        self._bar: tqdm[Never] | None = None
        self._adjustments: tuple[Adjustment, ...] = ()
        self._line_at = 0
        self._line_after = self._clock.monotonic() + LINE_EVERY_S

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away, and say what Postgres did not take as it came."""
        if self._bar is not None:
            self._bar.close()
        for one in self._adjustments:
            logger.warning(adjustment_text(one))
        self._adjustments = ()

    def started(self, start: Start) -> None:
        """Say where the job stands, and begin the bar there."""
        self._figures = Figures(start, self._clock)
        self._line_at = self._figures.done + LINE_EVERY_NAMES
        reclaimed = ", ".join(f"{times} {outcome}" for outcome, times in sorted(start.reclaimed.items()))
        if reclaimed:
            logger.info(f"The last session died; its requests in flight: {reclaimed}.")
        if start.requeued:
            logger.info(f"Due again: {count(start.requeued, 'failed name')}.")
        if start.doubted:
            logger.info(
                f"Asked again, since EQC may have been ill: {count(start.doubted, 'name')} not found."
            )
        budget = "no budget" if start.budget is None else f"budget {count(start.budget, 'request')}"
        logger.info(f"{start.names.pending:,} of {start.names.total:,} names pending, {budget}.")
        self._bar = tqdm(
            total=self._figures.total,
            initial=self._figures.done,
            unit="name",
            disable=True if self._quiet else None,
            file=sys.stderr,
            dynamic_ncols=True,
            bar_format=_BAR,
            postfix=str(self._figures),
        )

    def replied(self, task: Task, reply: Reply) -> None:
        """Count the request; with -v, a line on it."""
        assert self._figures
        self._figures.count_reply()
        detail = f" ({reply.detail})" if reply.detail else ""
        asked = task.question.parameter
        if task.question.endpoint is not Endpoint.SEARCH:
            asked = f"{task.question.endpoint} {asked}"
        logger.debug(f"{reply.elapsed_s:6.2f} s  {reply.outcome}{detail}  {asked}  attempt {task.attempt}")

    def decided(
        self, name: PendingName, verdict: Verdict | None, reason: Reason | None, replayed: bool
    ) -> None:
        """Move on by one name."""
        assert self._figures
        self._figures.count_decision(verdict, reason, replayed=replayed)
        outcome = f"{verdict.company.company_id} {verdict.how}" if verdict else f"{reason}"
        logger.debug(f"{name.lookup_key} -> {outcome}{' (from the archive)' if replayed else ''}")
        self._show()

    def requeued(self, names: int) -> None:
        """Go back by the names that are asked again."""
        assert self._figures
        self._figures.pending += names
        self._figures.failed -= names
        self._move(-names)

    def second_question_answered(self, name: PendingName, settled: bool, replayed: bool) -> None:
        """With -v, a line on it."""
        outcome = "decided" if settled else "as it was"
        how = " (from the archive)" if replayed else ""
        logger.debug(f"{name.lookup_key} -> {outcome} by a second question{how}")

    def second_question_unpaid(self, kind: SecondQuestion, requests: int, settled: int) -> None:
        """Say which kind is not asked any more."""
        logger.info(f"Second questions {unpaid_text(kind, requests, settled)}")

    def detailing(self, left: int) -> None:
        """Make the bar longer by the details that are asked now."""
        if left:
            logger.info(f"No name is pending: {count(left, 'detail')} of companies are asked.")
        self._lengthen(left)

    def reverifying(self, left: int) -> None:
        """Make the bar longer by the companies that are asked of again."""
        if left:
            logger.info(f"EQC is asked again of {count(left, 'company', 'companies')}, the oldest first.")
        self._lengthen(left)

    def reverified(self, left: int, replayed: bool) -> None:
        """Move on by one company."""
        self.detailed(left, replayed)

    def _lengthen(self, left: int) -> None:
        assert self._figures
        assert self._bar is not None
        self._figures.details_left = left
        self._bar.total = self._figures.total + self._figures.details_done + left
        self._move(0)

    def detailed(self, left: int, replayed: bool) -> None:
        """Move on by one detail."""
        assert self._figures
        self._figures.count_detail(left, replayed=replayed)
        self._show()

    def waiting(self, seconds: float, why: str) -> None:
        """Say why nothing happens for a while."""
        if why == "pause":
            logger.warning(f"EQC asks to be left alone for {duration(seconds)}.")
        elif self._clock.monotonic() >= self._line_after:
            logger.info(f"Waiting {duration(seconds)} for the next {why} that is due.")
            self._line_after = self._clock.monotonic() + LINE_EVERY_S

    def token_renewed(self) -> None:
        """Say that the drain goes on."""
        logger.warning("EQC did not accept the token any more; a fresh one works.")

    def outage(self, returned: int, why: str, probes: int) -> None:
        """Say that EQC is away, and go back by the names that are pending again."""
        again = f" Pending again: {count(returned, 'failed name')}." if returned else ""
        probed = f" It is tried once a minute, {count(probes, 'time')} at most." if probes else ""
        logger.warning(f"EQC fails again and again ({why or 'no usable answer'}).{again}{probed}")
        self.requeued(returned)

    def outage_over(self) -> None:
        """Say that the drain goes on."""
        logger.info("EQC answers again.")

    def flushed(self, sent: FlushReport) -> None:
        """Say what went to Postgres, what it did not take, and what it had lost."""
        if sent.lost:
            logger.warning(f"Postgres lost {sent.lost:,} rows that had been flushed; they are sent again.")
        for what, part in (
            ("results", sent.results),
            ("former names", sent.former_names),
            ("companies", sent.companies),
        ):
            if part.stored:
                logger.debug(f"Flushed {part.stored:,} {what} to Postgres.")
            if part.refused:
                logger.warning(f"Postgres did not take {part.refused:,} {what}; `eqcbatch report` says why.")
            if part.waiting:
                logger.warning(
                    f"{part.waiting:,} {what} could not be stored just now ({part.waits_for}); "
                    "they wait for the next flush."
                )
        if sent.companies.adjustments:
            from eqcbatch.flush import merged  # whoever has no Postgres does not wait for its driver

            self._adjustments = merged((*self._adjustments, *sent.companies.adjustments))

    def flush_failed(self, error: Exception, retry_in_s: float) -> None:
        """Warn that results have to wait."""
        logger.warning(
            f"{error} Results wait in the ledger; next try in {duration(retry_in_s)} or at the end."
        )

    def _move(self, names: int) -> None:
        assert self._bar is not None
        self._bar.set_postfix_str(str(self._figures), refresh=False)
        self._bar.update(names)

    def _show(self) -> None:
        assert self._figures
        assert self._bar is not None
        self._move(1)
        if self._bar.disable and self._line_due():
            logger.info(f"{self._figures.done:,}/{self._figures.total:,} names: {self._figures}")

    def _line_due(self) -> bool:
        assert self._figures
        now = self._clock.monotonic()
        done = self._figures.done + self._figures.details_done
        if done < self._line_at and now < self._line_after:
            return False
        self._line_at = done + LINE_EVERY_NAMES
        self._line_after = now + LINE_EVERY_S
        return True
