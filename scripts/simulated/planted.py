"""The list of planted defects: what a tired author, or a careless merge, might do to the product."""

from __future__ import annotations

from dataclasses import dataclass

Change = tuple[
    str, str, str
]  # a file of the package, a text that stands there once, and what takes its place


@dataclass(frozen=True, slots=True)
class Defect:
    """A planted defect."""

    name: str
    changes: tuple[Change, ...]


def one(name: str, file: str, before: str, after: str) -> Defect:
    """A defect by a single change."""
    return Defect(name, ((file, before, after),))


DEFECTS = (
    # the disk
    one("the ledger is not synced", "ledger/store.py", "synchronous = FULL", "synchronous = OFF"),
    one("the archive is not synced", "eqc/archive.py", "synchronous = FULL", "synchronous = OFF"),
    one(
        "a plan is no transaction",
        "ledger/runs.py",
        "        with self._db.atomic():\n            is_first",
        "        with nullcontext():\n            is_first",
    ),
    Defect(
        "a booking is no transaction",
        (
            ("ledger/requests.py", "with self._db.atomic():", "with nullcontext():"),
            (
                "ledger/requests.py",
                "from dataclasses import dataclass\n",
                "from contextlib import nullcontext\nfrom dataclasses import dataclass\n",
            ),
        ),
    ),
    # the rate
    one(
        "a turn is not taken",
        "eqc/rate_limiter.py",
        "        self._limiter.store(self._window.after_sending(now, self._limiter.rate))\n",
        "",
    ),
    one(
        "a turn is not confirmed when the first byte goes",
        "eqc/rate_limiter.py",
        "taken = self._still_taken(stamp) if in_time() else None",
        "taken = stamp",
    ),
    one("the window has no guard", "settings.py", "self.period_s * 61 / 60", "self.period_s * 59 / 60"),
    one(
        "each session begins a window of its own",
        "eqc/rate_limiter.py",
        "known = text == self._stored[0]",
        "known = True",
    ),
    one(
        "send times are of the wall clock",
        "eqc/rate_limiter.py",
        "        now = self._limiter.clock.monotonic()\n",
        "        now = self._limiter.clock.now().timestamp() % 1e6\n",
    ),
    one(
        "the pause that EQC asks for is not kept",
        "booking.py",
        "    if reply.outcome is Outcome.RATE_LIMITED:\n",
        "    if False:\n",
    ),
    one(
        "a pace file that is torn is an empty one",
        "eqc/rate_limiter.py",
        'window, written = RateWindow(sent=(float("inf"),) * max(self.rate.limit, MOST_KEPT)), None',
        "window, written = RateWindow(), None",
    ),
    one(
        "stamps that a power cut took are not waited for",
        "domain/rate_limit.py",
        "lost = 0.0 if rate.outlasts_a_restart else rate.window_s - now",
        "lost = 0.0",
    ),
    # budgets and windows
    one("a budget is one too high", "drain/settings.py", "sent >= self.budget:", "sent > self.budget:"),
    one(
        "the daily budget forgets earlier sessions",
        "drain/settings.py",
        "self.daily_budget - sent_today",
        "self.daily_budget",
    ),
    one(
        "the end of the window is by the monotonic clock alone",
        "drain/settings.py",
        "        if self.ends_at is not None:\n",
        "        if self.ends_at is not None and self.until is not None:\n",
    ),
    one(
        "the last flush is awaited whatever the window",
        "drain/flusher.py",
        "return min(max(signalled_at, began), max(deadline - END_S, began)) + END_S",
        "return math.inf",
    ),
    # who writes
    Defect(
        "the ledger is not locked",
        (
            ("ledger/lock.py", "        if not _acquired(lock, holder, clock):\n", "        if False:\n"),
            ("ledger/lock.py", "if file and not _acquire_file(file, ledger, clock):", "if False:"),
        ),
    ),
    # answers
    one(
        "what stands behind an answer is not looked at",
        "eqc/transport.py",
        "            if told:\n",
        "            if False:\n",
    ),
    one("an answer before the question is believed", "eqc/deadline.py", "if speaks(self.sock):", "if False:"),
    one(
        "interim answers are final ones", "eqc/one_answer.py", "if status < 102 or status > 199:", "if True:"
    ),
    one(
        "a code that complains is not heard",
        "eqc/responses.py",
        "if complained := complaint(_beside(endpoint, content), empty=not content.get(expected)):",
        "if complained := None:",
    ),
    one(
        "an error of the server means no match",
        "drain/retry_policy.py",
        "Outcome.SERVER_ERROR: Reason.SERVER_ERROR",
        "Outcome.SERVER_ERROR: Reason.NOT_FOUND",
    ),
    one(
        "a refused token counts as a try",
        "drain/session.py",
        "        elif step is Step.RENEW_TOKEN:\n",
        "        elif step is Step.RENEW_TOKEN:\n            task.failures += 3\n",
    ),
    one(
        "an answer is not archived",
        "eqc/client.py",
        "kept = self._archive.keep(endpoint, parameter, url, raw.status, raw.body)\n"
        "        return _archived(reply, kept)",
        "return replace(reply, archived_at=self._clock.utc_now())",
    ),
    one(
        "an archived answer is not looked for",
        "drain/session.py",
        "        if reply is None or not task.takes(reply):\n            return False\n",
        "        if True:\n            return False\n",
    ),
    # outages
    one(
        "failures in a row are not noticed",
        "drain/health.py",
        "failing = in_a_row >= FAILURES_OF_AN_OUTAGE",
        "failing = False",
    ),
    one(
        "what failed in an outage stays failed",
        "ledger/streaks.py",
        "AND lookup_key IN (SELECT lookup_key {_FAILURES_AFTER})",
        "AND 0",
    ),
    one(
        "empty answers are never doubted",
        "drain/doubt.py",
        "    if searches.in_a_row >= IN_A_ROW and searches.mostly_found:\n",
        "    if True:\n        return Doubt.NONE\n    if searches.mostly_found:\n",
    ),
    one(
        "a canary that finds nothing is believed",
        "drain/health.py",
        "    return Action.STOP_UNAVAILABLE if signs.reply.outcome is Outcome.NOT_FOUND else Action.PROBE\n",
        "    return Action.GO_ON\n",
    ),
    one(
        "an outage of Postgres ends the drain",
        "drain/flusher.py",
        "        if sent.trouble:\n",
        "        if sent.trouble:\n            raise sent.trouble\n        if sent.trouble:\n",
    ),
    # after a death
    one(
        "requests in flight are not settled after a death",
        "drain/recovery.py",
        "        requests.settle_reclaimed(",
        "        _ = (",
    ),
    one(
        "a dead session is never ended",
        "drain/recovery.py",
        "        self._sessions.end_dead(living=session_id)\n",
        "",
    ),
    # Postgres
    one(
        "a result is called flushed before it is sent",
        "flush/batches.py",
        "        report = store(batch)\n        outbox.mark_flushed(report.stored)\n",
        "        outbox.mark_flushed(batch)  # type: ignore\n        report = store(batch)\n",
    ),
    one(
        "what was flushed is not looked at again",
        "verification.py",
        "    if not everything and not count_lost(latest, postgres):\n",
        "    if True:\n",
    ),
    one(
        "a row that is gone is not lost", "verification.py", "        return True\n", "        return False\n"
    ),
    one(
        "low confidence is not held",
        "domain/matching/verdict.py",
        "    if verdict.held or verdict.confidence >= rule.minimum:\n",
        "    if True:\n",
    ),
    one(
        "what a reviewer decides is not sent",
        "ledger/decisions.py",
        "not_before = NULL, flushed_at = NULL, flush_error = NULL",
        "not_before = NULL, flush_error = NULL",
    ),
    one(
        "a company that a reviewer rejected is asked for again",
        "ledger/conditions.py",
        "reason NOT IN ('invalid', 'no_company')",
        "reason NOT IN ('invalid')",
    ),
    one(
        "new rules overrule a reviewer",
        "ledger/conditions.py",
        "IN ('{IdSource.EQC}', '{IdSource.HARVEST}')",
        "IN ('{IdSource.EQC}', '{IdSource.HARVEST}', '{IdSource.MANUAL}')",
    ),
    one(
        "a row's own id overrules a reviewer",
        "domain/strength.py",
        "    IdSource.HARVEST: Strength.EQC,\n",
        "    IdSource.HARVEST: Strength.EQC,\n    IdSource.MANUAL: Strength.EQC,\n",
    ),
    one(
        "a result that does not hold any more stays",
        "flush/results.py",
        "return replace(sent, taken_back=take_back_batches(outbox, index))",
        "return sent",
    ),
    # names
    one(
        "a harvest takes any company of an answer",
        "domain/matching/verdict.py",
        "        form: Verdict(found[0], 1.0, VerdictRule.EXACT_NAME)\n",
        "        form: Verdict(candidates[0], 1.0, VerdictRule.EXACT_NAME)\n",
    ),
    one(
        "a plan drops the names of before",
        "ledger/runs.py",
        '"UPDATE runs SET current = 0 WHERE id = ?", [number]',
        '"UPDATE runs SET current = 0"',
    ),
)
