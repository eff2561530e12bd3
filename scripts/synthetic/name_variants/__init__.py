"""How workbooks write the names of companies: one function a kind, grouped by what happens to the name.

`writer` draws companies and knows whom a name means. `decorated`, `shortened`, `respelled`, `typing_errors`,
`former_names` and `short_names` write names of companies that EQC has; `absent` those of others, near misses
among them. `kinds` is the table of all, with how often each is met.
"""

from synthetic.name_variants.kinds import KINDS, Kind
from synthetic.name_variants.writer import Asked, NameWriter, Needs, NothingFits

__all__ = ["KINDS", "Asked", "Kind", "NameWriter", "Needs", "NothingFits"]
