"""Where the names come from: a CSV file, a workbook or a Parquet file, read once and counted, or copied.

`tally` turns the rows of a file, or what a database has grouped, into occurrences: each distinct way in which
a row names a customer, with the rows that do so and their weight. `rewrite` copies a file with an entry in
every row. Between them and the files stand `formats`, which opens a file by its ending, `columns`, which
finds the asked ones, and `keys`, which reads a row's name, plan code and id by the `name_rules`. `overrides`
and `sheets` are files that people write, and imported from there by whoever reads them.

It promises that memory grows with what is distinct and not with the rows, and that a copy keeps every other
byte of a CSV file and every other cell of a workbook. `excel` is a room of its own, which makes cells of
workbooks and knows nothing of sources. openpyxl, xlrd and pyarrow are known in this room only, and imported
only when a file needs them. CSV is read by the standard library's csv, which alone knows how many fields a
line has.
"""

from eqcbatch.source.entries import ANY_ID, TEMPORARY, Entry, Standing, settle
from eqcbatch.source.keys import Key
from eqcbatch.source.name_rules import NameRule, read_rules
from eqcbatch.source.rewrite import write
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.tally import Tally, read, tally_query

__all__ = [
    "ANY_ID",
    "TEMPORARY",
    "Entry",
    "Key",
    "NameRule",
    "SourceSpec",
    "Standing",
    "Tally",
    "read",
    "read_rules",
    "settle",
    "tally_query",
    "write",
]
