"""The table of requests that were taken from a queue, as a migration lays it: once released, never edited."""

from __future__ import annotations

from eqcbatch.domain.model import QueueStatus

_STATUSES = ", ".join(f"'{status}'" for status in QueueStatus)
QUEUED = f"""CREATE TABLE queued (
            queue TEXT NOT NULL,
            request_id INTEGER NOT NULL,
            raw TEXT NOT NULL,
            lookup_key TEXT NOT NULL,
            stamp TEXT,
            status TEXT CHECK (status IN ({_STATUSES})),
            company_id TEXT,
            error TEXT,
            next_stamp TEXT,
            noted_at TEXT NOT NULL,
            lost_at TEXT,
            due INTEGER NOT NULL CHECK (due IN (0, 1)),
            PRIMARY KEY (queue, request_id),
            CHECK ((stamp IS NULL) = (status IS NULL)),
            CHECK (stamp IS NOT NULL OR next_stamp IS NOT NULL)
        ) WITHOUT ROWID"""
