"""The tables that ship with the package: facts of the country and its writing, each a text file of its own.

A table is read when it is first asked for. What it means is said by who reads it, in `domain/`; where it
comes from stands at its head. `scripts/write_tables.py` writes most of them, from sources that others keep.
"""

from eqcbatch.tables.reading import lines

__all__ = ["lines"]
