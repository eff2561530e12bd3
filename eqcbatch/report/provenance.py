"""Provenance: from a name or an id back to the run, the session, the request and the archived answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eqcbatch.domain.model import Endpoint, OverruledRow, StrEnum
from eqcbatch.domain.names import temporary_id
from eqcbatch.errors import BadInput
from eqcbatch.ledger import Ledger
from eqcbatch.ledger.backflow import Vouched
from eqcbatch.ledger.decision_rows import DecisionRow
from eqcbatch.ledger.origins import IdHolders, Provenance
from eqcbatch.ledger.reverified import FoundAgain

if TYPE_CHECKING:
    from eqcbatch.eqc import Archive


class Standing(StrEnum):
    """What of an answer is still in the archive."""

    ARCHIVED = "archived"  # the very answer
    REPLACED = "replaced"  # another one to the same question: it was asked anew
    MISSING = "missing"  # none
    UNKNOWN = "unknown"  # a version before kept no hash to know it by, or there is no archive to look in


@dataclass(frozen=True, slots=True)
class ArchivedAs:
    """An answer by its hash. archived_at: when the one that stands there came; None for none."""

    sha256: str | None
    standing: Standing
    archived_at: str | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """Where the id of a name comes from, back to EQC's answer and to people.

    answer: None where EQC has no part in it. decisions: of people, the first one first. vouched: what a
    person vouches for, overruled: what others keep in the index against the decision; None for nothing.
    """

    provenance: Provenance
    answer: ArchivedAs | None
    decisions: tuple[DecisionRow, ...]
    vouched: Vouched | None
    overruled: OverruledRow | None


@dataclass(frozen=True, slots=True)
class IdReport:
    """Who has an id, and how each of these names came to it.

    temporary: whether it is a temporary one. reverified: what became of its company, None where EQC was not
    asked of it again.
    """

    company_id: str
    temporary: bool
    holders: IdHolders
    names: tuple[Chain, ...]
    reverified: FoundAgain | None


def chain(ledger: Ledger, archive: Archive | None, lookup_key: str) -> Chain | None:
    """Trace one name; None if the ledger does not have it. archive: None where it cannot be looked at."""
    found = ledger.origins.of_name(lookup_key)
    if found is None:
        return None
    decisions = ledger.decisions.of([lookup_key]).get(lookup_key, ())
    vouched = ledger.backflow.of_name(lookup_key)
    overruled = ledger.overruled.of_name(lookup_key)
    return Chain(found, _archived_as(found, archive), decisions, vouched, overruled)


def trace_id(ledger: Ledger, archive: Archive | None, company_id: str, salt: str | None) -> IdReport:
    """Trace every name that has an id, or had it in Postgres. Raises BadInput if there is none.

    salt: what temporary ids are made with; a temporary id is told by its name.
    """
    holders, temporary = ledger.origins.of_id(company_id), False
    if salt and not holders.names:
        keys = ledger.origins.lookup_keys()
        named = tuple(key for key in keys if temporary_id(key, salt) == company_id)
        holders, temporary = IdHolders(named, (), ()), bool(named)
    if not (holders.names or holders.rows or holders.former_names):
        raise BadInput(
            f"The ledger has nothing with the id {company_id!r}. Look it up in the index by its lookup_key "
            "with `eqcbatch report --name`, or name the --ledger that wrote it."
        )
    chains = (chain(ledger, archive, key) for key in holders.names)
    reverified = ledger.reverified.of_company(company_id)
    return IdReport(company_id, temporary, holders, tuple(filter(None, chains)), reverified)


def _archived_as(found: Provenance, archive: Archive | None) -> ArchivedAs | None:
    request, sha256 = found.request, found.answer_sha256
    if request is None and sha256 is None:
        return None
    if archive is None:
        return ArchivedAs(sha256, Standing.UNKNOWN)
    asked = (request and request.parameter) or found.query
    kept = archive.find(Endpoint.SEARCH, asked)
    if kept is None:
        return ArchivedAs(sha256, Standing.MISSING)
    if sha256 is None:
        return ArchivedAs(kept.sha256, Standing.UNKNOWN, kept.archived_at)
    standing = Standing.ARCHIVED if kept.sha256 == sha256 else Standing.REPLACED
    return ArchivedAs(sha256, standing, kept.archived_at)
