"""enterprise.enrichment_requests: the queue in which other pipelines leave the names they could not resolve.

Several machines share it. Takings come one after the other, by an advisory lock, so that each sees which
names are with the others; a row that another program has locked is passed over. The table has no column for
an owner: that nobody wrote a row since we did is what makes it ours.

Why: docs/decisions/0018.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

from eqcbatch.domain.model import Mark, QueueRow, QueueStatus, RowMark
from eqcbatch.domain.names import lookup_key
from eqcbatch.postgres.bounded import BoundedConnection
from eqcbatch.postgres.catalog import shape_to_write
from eqcbatch.postgres.fitting import fit
from eqcbatch.postgres.refusals import explained
from eqcbatch.postgres.requirements import ENRICHMENT_REQUESTS

TABLE = "enterprise.enrichment_requests"
RETRY_AT = "next_retry_at"
_NEEDS = "SELECT and UPDATE"
_READ_MOST = 2_000  # pending rows at a time

# Whatever the server's default is: a taking must see what was committed while it waited for its turn.
_SEE_COMMITS = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"
_MY_TURN = "SELECT pg_advisory_xact_lock(hashtext('eqcbatch'), hashtext('enterprise.enrichment_requests'))"

_WITH_OTHERS = """
SELECT raw_name, normalized_name FROM enterprise.enrichment_requests
WHERE status = 'processing' AND id <> ALL(%(ours)s::bigint[])"""

_PENDING = """
SELECT id, raw_name, normalized_name FROM enterprise.enrichment_requests
WHERE status = 'pending'{} ORDER BY created_at, id FOR UPDATE SKIP LOCKED"""
_AND_DUE = " AND (next_retry_at IS NULL OR next_retry_at <= clock_timestamp())"

_NOT_DUE = """
SELECT count(*) FROM enterprise.enrichment_requests
WHERE status = 'pending' AND next_retry_at > clock_timestamp()"""

_TAKE = """
UPDATE enterprise.enrichment_requests
SET status = 'processing', attempts = coalesce(attempts, 0) + 1, updated_at = clock_timestamp()
WHERE id = ANY(%(ids)s::bigint[])"""

_STAMP = "extract(epoch FROM r.updated_at)::text"

_MARK = f"""
UPDATE enterprise.enrichment_requests AS r
SET status = mark.status, resolved_company_id = mark.company_id, last_error = mark.error,
    updated_at = clock_timestamp(){{}}
FROM unnest(%(ids)s::bigint[], %(before)s::text[], %(stamps)s::text[],
            %(statuses)s::text[], %(company_ids)s::text[], %(errors)s::text[], %(retries)s::timestamptz[])
    AS mark (id, before, stamp, status, company_id, error, retry_at)
WHERE r.id = mark.id AND r.status = mark.before AND {_STAMP} = mark.stamp
RETURNING r.id"""
_AND_RETRY = ", next_retry_at = mark.retry_at"

_ROWS = f"""
SELECT r.id, r.raw_name, {_STAMP}, r.status, r.resolved_company_id, r.last_error
FROM enterprise.enrichment_requests AS r
WHERE r.id = ANY(%(ids)s::bigint[]) ORDER BY r.id"""

# Asked for here, not in _ROWS: a pending row, too, may be about to become ours, and must be waited for.
_TAKEN = ("processing", "done", "failed")


class RequestQueue:
    """The queue behind one connection.

    name: which one, the same wherever it is called by the same URL. keeps_retries: whether its rows say from
    when on they may be taken again, as those of older installations do.
    """

    def __init__(self, connection: BoundedConnection, name: str) -> None:
        self.name = name
        self._connection = connection
        with explained(TABLE, _NEEDS):
            self._columns = shape_to_write(connection, ENRICHMENT_REQUESTS).columns
        self.keeps_retries = RETRY_AT in self._columns

    def not_due(self) -> int:
        """How many pending requests are not to be taken yet."""
        if not self.keeps_retries:
            return 0
        with self._transaction():
            (number,) = self._connection.execute(_NOT_DUE).fetchone() or (0,)
            return int(number)

    @contextmanager
    def taking(self, limit: int | None, ours: Collection[int]) -> Iterator[list[QueueRow]]:
        """Take up to `limit` pending requests, oldest first, and commit when the block ends.

        ours: the requests that are with this ledger already. No name is taken of which a request is with
        somebody else; an error in the block takes nothing.
        """
        with self._transaction():
            self._connection.execute(_MY_TURN)
            ids = self._choose(limit, ours)
            self._connection.execute(_TAKE, {"ids": ids})
            yield list(self._rows(ids).values())

    @contextmanager
    def marking(self, marks: Sequence[RowMark]) -> Iterator[list[QueueRow]]:
        """Mark the rows that stand as given, and commit when the block ends; only they are in the list."""
        with self._transaction():
            statement = _MARK.format(_AND_RETRY if self.keeps_retries else "")
            marked = self._connection.execute(statement.encode(), self._values(marks))
            yield list(self._rows([request_id for (request_id,) in marked]).values())

    def standing(self, ids: Collection[int]) -> dict[int, QueueRow]:
        """The rows of these requests that somebody has taken, as they stand."""
        with self._transaction():
            return self._rows(ids)

    def settled(self, ids: Collection[int]) -> dict[int, QueueRow]:
        """The same, once whoever is writing them just now has committed or died: a killed process, too."""
        with self._transaction():
            return self._rows(ids, "FOR UPDATE")

    def _choose(self, limit: int | None, ours: Collection[int]) -> list[int]:
        with_others = self._connection.execute(_WITH_OTHERS, {"ours": list(ours)})
        busy = {name for row in with_others for name in _names(*row)}
        with self._connection.cursor(name="pending_requests") as pending:  # locks what is read, no more
            pending.itersize = min(limit or _READ_MOST, _READ_MOST)
            pending.execute(_PENDING.format(_AND_DUE if self.keeps_retries else "").encode())
            free = (request_id for request_id, *row in pending if busy.isdisjoint(_names(*row)))
            return list(islice(free, limit))

    def _rows(self, ids: Collection[int], lock: str = "") -> dict[int, QueueRow]:
        rows = self._connection.execute(f"{_ROWS} {lock}".encode(), {"ids": list(ids)})
        return {
            request_id: QueueRow(request_id, raw or "", stamp, Mark(QueueStatus(status), company_id, error))
            for request_id, raw, stamp, status, company_id, error in rows
            if status in _TAKEN
        }

    def _values(self, marks: Sequence[RowMark]) -> dict[str, list[object]]:
        told = [one.mark for one in marks]
        return {
            "ids": [one.id for one in marks],
            "before": [str(one.status) for one in marks],
            "stamps": [one.stamp for one in marks],
            "statuses": [str(mark.status) for mark in told],
            "company_ids": [mark.company_id for mark in told],
            "errors": [self._error(mark) for mark in told],
            "retries": [mark.retry_at for mark in told],
        }

    def _error(self, mark: Mark) -> str | None:
        return fit(mark.error, self._columns["last_error"]).value if mark.error else None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with explained(TABLE, _NEEDS), self._connection.transaction():
            self._connection.execute(_SEE_COMMITS)
            yield


def _names(raw: str | None, normalized: str | None) -> set[str]:
    """What a request's name is known by: its lookup key, and what its pipeline made of it."""
    return {lookup_key(raw), lookup_key(normalized), (normalized or "").strip()} - {""}
