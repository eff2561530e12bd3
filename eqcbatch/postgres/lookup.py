"""The batch lookup of a plan: which keys the index knows, by the way that suits their number.

Few keys go as an array; many by COPY into a temporary table; and where they outnumber the rows of the
index, its rows come here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from itertools import islice
from typing import TYPE_CHECKING

import psycopg

from eqcbatch.domain.id_look import Alphabet, IdLength
from eqcbatch.domain.model import IdSource, IndexKey, Known, LookupType
from eqcbatch.domain.names import usable_id

if TYPE_CHECKING:
    from typing_extensions import LiteralString

Wanted = Mapping[LookupType, Set[str]]  # lookup keys by their type
Row = tuple[str, str, str, float, str]  # lookup_type, lookup_key, company_id, confidence, source

_BLOCK = 20_000  # keys sent, or rows fetched, together
_STREAMED = 1_000  # rows of a stream taken together
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})  # in COPY's text format
_TO_ESCAPE = re.compile(r"[\\\t\n\r]")
_ARRAY_MOST = 5_000  # above this many keys, COPY into a temporary table is the faster way

# An id that is none (docs/domain.md section 4) never outranks a real one, whatever confidence it claims.
NO_ID = """(upper(btrim(i.company_id)) IN ('', 'N', 'NA', 'N/A', 'NONE', 'NULL', 'NAN')
             OR btrim(i.company_id) ~ '^IN[A-Z2-7]{16}$')"""

# A confidence may be out of range, and NaN is none.
_COLUMNS = """i.lookup_type, i.lookup_key, i.company_id,
       (CASE i.confidence WHEN 'NaN' THEN 0 ELSE greatest(0, least(1, i.confidence)) END)::float8, i.source"""

_BY_ARRAY = f"""
SELECT {_COLUMNS}
FROM unnest(%s::text[], %s::text[]) AS wanted (lookup_type, lookup_key)
JOIN enterprise.enrichment_index i USING (lookup_type, lookup_key)"""

_BY_TABLE = f"""
SELECT {_COLUMNS}
FROM wanted_keys JOIN enterprise.enrichment_index i USING (lookup_type, lookup_key)"""

_HAS_MORE_ROWS = "SELECT EXISTS (SELECT FROM enterprise.enrichment_index OFFSET %s)"

_WHOLE = f"""
SELECT {_COLUMNS} FROM enterprise.enrichment_index i
WHERE i.lookup_type IN ('customer_name', 'former_name', 'plan_code', 'plan_customer')"""

_ID_LENGTHS = f"""
SELECT CASE WHEN company_id ~ '^[0-9]+$' THEN '{Alphabet.DIGITS}'
            WHEN company_id ~ '^[0-9A-Za-z]+$' THEN '{Alphabet.ALPHANUMERIC}'
            ELSE '{Alphabet.OTHER}' END, min(length(company_id)), max(length(company_id)), count(*)
FROM enterprise.enrichment_index AS i WHERE NOT {NO_ID} GROUP BY 1"""


def id_lengths(connection: psycopg.Connection) -> list[IdLength]:
    """How long the ids of all rows are, those that are none aside. Inside a transaction."""
    return [IdLength(Alphabet(kind), *lengths) for kind, *lengths in connection.execute(_ID_LENGTHS)]


def look_up(connection: psycopg.Connection, wanted: Wanted, *, sending: bool = True) -> dict[IndexKey, Known]:
    """What the index knows under these keys; ids that are no ids are ignored. Inside a transaction.

    sending: whether keys are sent at all. A database whose encoding lacks a sign of one takes none of them,
    so its rows come here instead.
    """
    kinds = {str(kind): (kind, IdSource.of_index(kind)) for kind in wanted}
    found: dict[IndexKey, Known] = {}
    words: dict[str, str] = {}  # one text for each source, not one a row
    for text, key, company_id, confidence, whose in (
        _rows(connection, wanted) if sending else _by_reading_it(connection, wanted)
    ):
        if usable := usable_id(company_id):
            kind, source = kinds[text]
            found[kind, key] = Known(usable, source, confidence, (kind, key), words.setdefault(whose, whose))
    return found


def _rows(connection: psycopg.Connection, wanted: Wanted) -> Iterator[Row]:
    total = sum(map(len, wanted.values()))
    if total <= _ARRAY_MOST:
        keys = list(_in_order(wanted))
        return iter(connection.execute(_BY_ARRAY, [[kind for kind, _ in keys], [key for _, key in keys]]))
    (has_more_rows,) = connection.execute(_HAS_MORE_ROWS, [total]).fetchone() or (True,)
    return _by_table(connection, wanted) if has_more_rows else _by_reading_it(connection, wanted)


def _by_table(connection: psycopg.Connection, wanted: Wanted) -> Iterator[Row]:
    connection.execute(
        "CREATE TEMPORARY TABLE wanted_keys (lookup_type text, lookup_key text) ON COMMIT DROP"
    )
    keys = _in_order(wanted)
    with connection.cursor() as cursor, cursor.copy("COPY wanted_keys FROM STDIN") as copy:
        while block := "".join(f"{kind}\t{_escaped(key)}\n" for kind, key in islice(keys, _BLOCK)):
            copy.write(block)
    connection.execute("ANALYZE wanted_keys")
    return _read(connection, _BY_TABLE)


def _by_reading_it(connection: psycopg.Connection, wanted: Wanted) -> Iterator[Row]:
    by_text = {str(kind): keys for kind, keys in wanted.items()}
    return (row for row in _read(connection, _WHOLE) if row[1] in by_text.get(row[0], ()))


def _read(connection: psycopg.Connection, statement: LiteralString) -> Iterator[Row]:
    """The rows block by block: they may be millions. Where libpq can, the server goes on meanwhile."""
    if psycopg.capabilities.has_stream_chunked():
        with connection.cursor() as streaming:
            yield from streaming.stream(statement, binary=True, size=_STREAMED)
    else:
        with connection.cursor("found") as cursor:
            cursor.itersize = _BLOCK
            yield from cursor.execute(statement, binary=True)


def _escaped(text: str) -> str:
    """A text as COPY reads it."""
    return text.translate(_ESCAPES) if _TO_ESCAPE.search(text) else text


def _in_order(wanted: Wanted) -> Iterator[tuple[str, str]]:
    """Lookup types, as plain texts, with their keys."""
    for kind in sorted(wanted):
        text = str(kind)
        for key in sorted(wanted[kind]):
            yield text, key
