"""The synthetic registry in which scripts/quality.py measures verdicts: made up, asked, drained and counted.

`places`, `vocabulary` and `names` say what a name is made of; `company_generator`, `near_misses` and `world`
make up companies; `name_variants` (a package: one function a kind) and `workbook` write names of known
truth; `fit` and `resolvable` tell which of them can be told. `labelled` gives them with EQC's answers and the
truth, without HTTP; `drained` drains them; `figures` and `display` count and print.
"""
