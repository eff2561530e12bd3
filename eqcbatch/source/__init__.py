"""Where the names come from: a CSV file, a workbook or a Parquet file, read once and tallied, or copied.

`read` turns the rows of a dataset into occurrences: each distinct way in which it names a customer,
with the rows that do so and their weight; `tally_query` does it with what a database has grouped;
`write` copies the dataset with an entry in every row.
pandas, calamine, openpyxl and pyarrow are known in this room only, and imported only when a file needs
them. CSV is read by the standard library's csv, which alone knows how many fields a line has.
"""

from eqcbatch.source.keys import Key
from eqcbatch.source.name_rules import NameRule, read_rules
from eqcbatch.source.overrides import read_overrides
from eqcbatch.source.rewrite import write
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import Entry
from eqcbatch.source.tally import Tally, read, tally_query

__all__ = [
    "Entry",
    "Key",
    "NameRule",
    "SourceSpec",
    "Tally",
    "read",
    "read_overrides",
    "read_rules",
    "tally_query",
    "write",
]
