"""Postgres, its tables and what this role may do there. Pure verdicts over an inspection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eqcbatch.check.finding import Finding, Subject, failed, ok, warning
from eqcbatch.errors import PostgresUnavailable
from eqcbatch.humanize import duration
from eqcbatch.postgres import (
    BASE_INFO,
    ENRICHMENT_INDEX,
    ENRICHMENT_REQUESTS,
    Inspection,
    TableFacts,
    TableNeeds,
    obstacles,
)

_ALL = (ENRICHMENT_INDEX, BASE_INFO, ENRICHMENT_REQUESTS)
_INIT = "Run `eqcbatch init-db`, or look at the database URL."


def judge_postgres(seen: Inspection) -> Iterator[Finding]:
    """Judge the server, the tables and the permissions, each with one line where all is well."""
    yield _judge_server(seen)
    yield from _judge_encoding(seen)
    yield from _judge_ids(seen)
    yield from list(_judge_tables(seen)) or [ok(Subject.TABLES, f"{_names(seen.tables)}: as expected")]
    yield from list(_judge_permissions(seen)) or [
        ok(Subject.PERMISSIONS, f"{seen.role} may read and write what eqcbatch reads and writes")
    ]


def _names(tables: Mapping[str, TableFacts]) -> str:
    return "enterprise: " + ", ".join(needs.name for needs in _ALL if needs.name in tables)


def _judge_server(seen: Inspection) -> Finding:
    says = f"{seen.place}, version {seen.version}, answers in {duration(seen.answered_s)}"
    if seen.read_only:
        return failed(
            Subject.POSTGRES,
            PostgresUnavailable,
            f"{says}, but only reads, as a standby does",
            "Give the URL of the primary server.",
        )
    return ok(Subject.POSTGRES, says)


def _judge_encoding(seen: Inspection) -> Iterator[Finding]:
    if seen.encoding != "UTF8":
        means = (
            "it takes any bytes, and a name that another program wrote otherwise than in UTF-8 is not found"
            if seen.encoding == "SQL_ASCII"
            else "a name with a sign that it lacks is not found, and its result waits in the ledger"
        )
        yield warning(
            Subject.POSTGRES,
            f"its encoding is {seen.encoding}: {means}",
            "Only a database with the encoding UTF8 holds every name.",
        )


def _judge_ids(seen: Inspection) -> Iterator[Finding]:
    if seen.ids_behind:
        table = ENRICHMENT_INDEX.table
        yield failed(
            Subject.TABLES,
            PostgresUnavailable,
            f"the sequence of {table}.id is {seen.ids_behind:,} behind its rows, as a restore leaves it",
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table};",
        )


def judge_flushed(looked_at: int, lost: int) -> Iterator[Finding]:
    """Judge whether the latest of what was flushed stands there."""
    if lost:
        yield warning(
            Subject.TABLES,
            f"{lost:,} of the latest {looked_at:,} flushed results are not in enterprise.enrichment_index "
            "any more: a crash, a failover or a restored backup lost them",
            "Run `eqcbatch flush`, which looks at all and sends the lost ones again.",
        )


def _judge_tables(seen: Inspection) -> Iterator[Finding]:
    for needs in _ALL:
        table = seen.tables.get(needs.name)
        if table is None:
            yield _lacking(Subject.TABLES, needs, f"enterprise.{needs.name} is missing", _INIT)
            continue
        for told in obstacles(needs, table.shape):
            yield _lacking(Subject.TABLES, needs, told, "Mend it there: eqcbatch alters no table of others.")
        if missing := needs.others - table.shape.columns.keys():
            yield warning(
                Subject.TABLES,
                f"enterprise.{needs.name} lacks {_listed(missing)}; eqcbatch does without",
            )
        yield from _judge_constraints(needs, table)


def _judge_constraints(needs: TableNeeds, table: TableFacts) -> Iterator[Finding]:
    if needs.unique_key and table.is_table and needs.unique_key not in table.unique_keys:
        columns = ", ".join(sorted(needs.unique_key))
        yield _lacking(
            Subject.TABLES,
            needs,
            f"enterprise.{needs.name} has no unique key ({columns})",
            f"Every upsert rests on it: ALTER TABLE enterprise.{needs.name} ADD UNIQUE ({columns}).",
        )
    if any("lookup_type" in check and "former_name" not in check for check in table.checks):
        yield warning(
            Subject.TABLES,
            f"enterprise.{needs.name} takes no former names, as older ones do not; they are left out",
            "Widen the CHECK on lookup_type by 'former_name' if you want them.",
        )


def _judge_permissions(seen: Inspection) -> Iterator[Finding]:
    if seen.may_use_schema is False:
        yield failed(
            Subject.PERMISSIONS,
            PostgresUnavailable,
            f"{seen.role} may not use the schema enterprise",
            f'GRANT USAGE ON SCHEMA enterprise TO "{seen.role}";',
        )
    for needs in _ALL:
        if table := seen.tables.get(needs.name):
            yield from _judge_grants(seen.role, needs, table)
            if table.hides_rows:
                yield warning(
                    Subject.PERMISSIONS,
                    f"row-level security holds for {seen.role} on {needs.table}: rows that its policies hide "
                    "are not found, and those that they forbid are refused",
                    f"Let a policy give {seen.role} all rows.",
                )
    if not seen.may_use_temporary:
        yield warning(
            Subject.PERMISSIONS,
            f"{seen.role} may not create temporary tables: a plan of over 5,000 names needs one",
            f'GRANT TEMPORARY ON DATABASE ... TO "{seen.role}";',
        )


def _judge_grants(role: str, needs: TableNeeds, table: TableFacts) -> Iterator[Finding]:
    name = f"enterprise.{needs.name}"
    if missing := needs.privileges - table.privileges:
        yield _lacking(
            Subject.PERMISSIONS,
            needs,
            f"{role} may not {_listed(missing)} on {name}",
            f'GRANT {_listed(missing)} ON {name} TO "{role}";',
        )
    for sequence in table.denied_sequences if "INSERT" in needs.privileges else ():
        yield _lacking(
            Subject.PERMISSIONS,
            needs,
            f"{role} may not draw ids for {name}",
            f'GRANT USAGE ON SEQUENCE enterprise.{sequence} TO "{role}";',
        )
    if needs is ENRICHMENT_INDEX and not missing and "DELETE" not in table.privileges:
        yield warning(
            Subject.PERMISSIONS,
            f"{role} may not DELETE on {name}: a review or `flush --revert` cannot take rows back",
            f'GRANT DELETE ON {name} TO "{role}";',
        )


def _lacking(subject: Subject, needs: TableNeeds, says: str, remedy: str) -> Finding:
    """Without the index nothing works; without the others, one thing does not."""
    if needs is ENRICHMENT_INDEX:
        return failed(subject, PostgresUnavailable, f"{says}: needed for {needs.purpose}", remedy)
    return warning(subject, f"{says}: needed for {needs.purpose} only", remedy)


def _listed(words: frozenset[str]) -> str:
    return ", ".join(sorted(words))
