"""What a queue is told of a request whose name the ledger knows. Pure.

| the name is                                      | mark                                    |
|--------------------------------------------------|-----------------------------------------|
| blank: nobody is named                           | failed `no name`                        |
| cached, with an id                               | done, with the id                       |
| cached without one, by an override               | failed `set by hand: never looked up`   |
| cached by its rows' own keys alone               | none yet                                |
| resolved and flushed                             | done, with the id                       |
| resolved and held                                | failed `held: <why>`                    |
| resolved, and Postgres refused it                | failed, with what Postgres said         |
| resolved, to be flushed                          | none yet                                |
| failed, to be asked again by itself              | still processing, with reason and when  |
| failed for good                                  | failed, with the reason                 |
| pending                                          | none yet                                |
"""

from __future__ import annotations

from eqcbatch.domain.model import Mark, QueuedName, QueueStatus, State

NO_NAME = "no name"
NEVER_LOOKED_UP = "set by hand: never looked up"


def mark_of(name: QueuedName | None) -> Mark | None:
    """The mark of a request by the table above; None leaves standing what stands. name: None if blank."""
    if name is None:
        return _failed(NO_NAME)
    if name.state is State.CACHED:
        return _mark_of_cached(name)
    if name.state is State.RESOLVED:
        return _mark_of_resolved(name)
    if name.state is State.FAILED:
        return _mark_of_failed(str(name.reason), name.due_at)
    return None


def _mark_of_cached(name: QueuedName) -> Mark | None:
    if name.company_id:
        return Mark(QueueStatus.DONE, name.company_id)
    return None if name.confidence is None else _failed(NEVER_LOOKED_UP)


def _mark_of_resolved(name: QueuedName) -> Mark | None:
    if name.held:
        return _failed(f"held: {name.held}")
    if name.flushed:
        return Mark(QueueStatus.DONE, name.company_id)
    return _failed(name.flush_error) if name.flush_error else None


def _mark_of_failed(reason: str, due_at: str | None) -> Mark:
    return Mark(QueueStatus.PROCESSING, None, reason, due_at) if due_at else _failed(reason)


def _failed(error: str) -> Mark:
    return Mark(QueueStatus.FAILED, error=error)
