"""More planted defects: written before anybody looked whether they are found, and tuned for by nobody."""

from __future__ import annotations

from simulated.planted import one

BLIND = (
    one(
        "checks do not count against the budget",
        "drain/dispatcher.py",
        "counts.requests += 1",
        "counts.requests += task.keep",
    ),
    one(
        "minutes of a pause are taken for seconds",
        "booking.py",
        "LONGEST_PAUSE_MIN) * minute_s)",
        "LONGEST_PAUSE_MIN))",
    ),
    one(
        "what Postgres refuses is called flushed",
        "flush/batches.py",
        "outbox.mark_flushed(report.stored)",
        "outbox.mark_flushed(batch)  # type: ignore",
    ),
    one(
        "retired names are asked",
        "ledger/names.py",
        "INDEXED BY names_to_ask\n               WHERE state = 'pending' AND rows > 0 ORDER",
        "WHERE state = 'pending' ORDER",
    ),
    one(
        "a revert leaves Postgres as it is",
        "ledger/outbox.py",
        "SET held = 'reverted', flushed_at = NULL",
        "SET held = 'reverted'",
    ),
    one("a signal is not heard", "drain/shutdown.py", "        self.begin(self.signalled)\n", ""),
    one(
        "a day has twelve hours",
        "ledger/sessions.py",
        "_DAY_S = 24 * 3600.0",
        "_DAY_S = 12 * 3600.0",
    ),
    one(
        "what lost its turn fails",
        "drain/retry_policy.py",
        "    if outcome is Outcome.UNKNOWN:\n        return Step.AGAIN",
        "    if outcome is Outcome.UNKNOWN:\n        return Step.FAIL",
    ),
    one(
        "a request that died is booked as without a match",
        "drain/recovery.py",
        "(reply.outcome, reply.answer_sha256) if reply else (Outcome.UNKNOWN, None)",
        "(reply.outcome, reply.answer_sha256) if reply else (Outcome.NOT_FOUND, None)",
    ),
    one(
        "what is superseded stays archived",
        "eqc/archive.py",
        "            self._answers.bulk_delete(keys)",
        "            del keys[:]\n            self._answers.bulk_delete(keys)",
    ),
    one(
        "a harvest takes names that are being asked",
        "drain/name_search.py",
        "{name.lookup_key, *self._pool.busy_keys}",
        "{name.lookup_key}",
    ),
)
