"""What stands in Postgres, held against what the ledgers decided and call flushed (P5, P11)."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from eqcbatch.domain.model import LookupType
from simulated.postgres_tables import Row, Tables, numeric
from simulated.story import HOMES

if TYPE_CHECKING:
    from simulated.homes import Home
    from simulated.story import Step
    from simulated.world import Ran, World

LEAST_CONFIDENCE, LEAST_OF_FORMER_NAMES = 0.70, 0.60
OURS = "eqcbatch"
# What looks again at what was flushed before, and what sends all that is due, and takes back the rest.
LOOKING = ("calm night", "last night", "flush", "verify", "plan")
SENDING = ("calm night", "last night", "flush", "verify", "review", "rescore", "revert")
_KEPT = 4  # states of Postgres, that a failover may go back to
Name = dict[str, Any]


class Warehouse:
    """The checks of Postgres in one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._right: set[tuple[str, str, object]] = set()  # what some ledger had decided for good
        self._of_others: set[str] = set()  # keys that others wrote
        self._known: dict[str, set[str]] = {name: set() for name in HOMES}
        self._unseen: set[str] = set()  # ledgers that have not looked since something was lost
        self._gone_back: set[str] = set()  # keys of which Postgres, or a ledger, is of another day
        self._past: list[Tables] = []
        self._before: dict[str, Row | None] = {}  # what stood where we wrote last

    def others_wrote(self, key: str) -> None:
        """Somebody else has written what stands under a key."""
        self._of_others.add(key)

    def go_back(self, dice: random.Random) -> bool:
        """Put an earlier state in the place of today's, as a failover does; whether there is one."""
        if self._past:
            now, then = self._world.server.tables.index, dice.choice(self._past).copy()
            places = now.keys() | then.index.keys()
            self._gone_back.update(
                key
                for kind, key in places
                if _facts(now.get((kind, key))) != _facts(then.index.get((kind, key)))
            )
            self._world.server.tables, self._unseen = then, set(HOMES)
        return bool(self._past)

    def restored(self, home: Home) -> None:
        """A ledger is of some days ago: what it wrote since is somebody else's to it."""
        self._unseen.add(home.name)
        with closing(sqlite3.connect(home.ledger)) as ledger:
            flushed = dict(ledger.execute("SELECT lookup_key, flushed_company_id FROM names"))
        for (kind, key), row in self._world.server.tables.index.items():
            if kind is LookupType.CUSTOMER_NAME and flushed.get(key, row.company_id) != row.company_id:
                self._of_others.add(key)
            if row.source_domain == OURS and flushed.get(key) != row.company_id:
                self._gone_back.add(key)

    def broken(self, step: Step, ran: Sequence[Ran], home: Home, names: Sequence[Name]) -> Iterator[str]:
        """What a ledger says of Postgres."""
        well = step.calm and ran[-1].error is None and getattr(ran[-1].value, "trouble", None) is None
        if step.kind in LOOKING and well:
            self._unseen.discard(home.name)
        for name in names:
            key = name["lookup_key"]
            self._known[home.name].add(key)
            if name["state"] == "resolved" and not name["held"]:
                self._right.add((key, name["company_id"], numeric(name["confidence"])))
            if name["flushed_at"]:
                yield from self._of_flushed(home, name)
        if step.kind in SENDING and well:
            yield from self._of_revoked(names)
            yield from self._of_reverted(names)
        self._note_writes(names)
        if step.kind == "last night":
            yield from _of_unflushed(names)

    def of_all(self, step: Step) -> Iterator[str]:
        """P5: what we wrote was decided, and is worth it."""
        for (kind, key), row in self._world.server.tables.index.items():
            if row.source_domain != OURS:
                continue
            of_names = kind is LookupType.CUSTOMER_NAME
            if row.confidence < numeric(LEAST_CONFIDENCE if of_names else LEAST_OF_FORMER_NAMES):
                yield f"P5: {key} went to Postgres with a confidence of {row.confidence}"
            if of_names and (key, row.company_id, row.confidence) not in self._right:
                yield f"P5: {key} went to Postgres as {row.company_id}, which nobody decided"
        self._past = [*self._past, self._world.server.tables.copy()][-_KEPT:]

    def _of_revoked(self, names: Sequence[Name]) -> Iterator[str]:
        """P5: once all is sent, nothing of ours is left that does not hold any more."""
        for name in names:
            held = name["held"] and name["held"] != "reverted"
            if not (held or (name["state"], name["reason"]) == ("failed", "not_found")):
                continue
            row = self._world.server.tables.index.get((LookupType.CUSTOMER_NAME, name["lookup_key"]))
            if row and row.source_domain == OURS and not self._excused(name["lookup_key"], gone_back=True):
                why = name["held"] or name["reason"]
                yield f"P5: {name['lookup_key']} is {name['state']} ({why}), Postgres has it still"

    def _of_reverted(self, names: Sequence[Name]) -> Iterator[str]:
        """P5: once all is sent, what stood before we wrote stands again where that was reverted."""
        for key in (name["lookup_key"] for name in names if name["held"] == "reverted"):
            row = self._world.server.tables.index.get((LookupType.CUSTOMER_NAME, key))
            differs = key in self._before and _facts(row) != _facts(self._before[key])
            if differs and not self._excused(key, gone_back=True):
                yield f"P5: {key} is reverted, and Postgres has not what it had before"

    def _note_writes(self, names: Sequence[Name]) -> None:
        """Remember what stood where we have written now, until that is taken back."""
        past, index = self._past[-1].index if self._past else {}, self._world.server.tables.index
        for name in names:
            key, place = name["lookup_key"], (LookupType.CUSTOMER_NAME, name["lookup_key"])
            row, before = index.get(place), past.get(place)
            if _facts(row) != _facts(before):
                if row and row.source_domain == OURS and name["state"] == "resolved" and not name["held"]:
                    self._before[key] = before
                else:
                    self._before.pop(key, None)

    def _of_flushed(self, home: Home, name: Name) -> Iterator[str]:
        """P11: what is called flushed stands in Postgres, if nobody else has written since."""
        key = name["lookup_key"]
        if name["flushed_company_id"] != name["company_id"]:
            yield f"P11: {key} is called flushed, and {name['flushed_company_id']} was"
        if home.name in self._unseen or self._excused(key):
            return
        row = self._world.server.tables.index.get((LookupType.CUSTOMER_NAME, key))
        if row is None:
            yield f"P11: {key} is called flushed, and Postgres has nothing"
        elif row.company_id != name["flushed_company_id"]:
            yield f"P11: {key} is flushed as {name['flushed_company_id']}, Postgres has {row.company_id}"

    def _excused(self, key: str, *, gone_back: bool = False) -> bool:
        """Whether others write what stands under a key, or both ledgers do, or it is of another day."""
        others = key in self._of_others or all(key in keys for keys in self._known.values())
        return others or (gone_back and key in self._gone_back)


def _facts(row: Row | None) -> tuple[object, ...] | None:
    return (row.company_id, row.confidence, row.source, row.source_domain) if row else None


def _of_unflushed(names: Sequence[Name]) -> Iterator[str]:
    for name in names:
        waits = name["state"] == "resolved" and not (name["held"] or name["flushed_at"])
        if waits and name["flush_error"] is None:
            yield f"P5: {name['lookup_key']} never reached Postgres"
