"""What `scripts/benchmark.py` runs: one module a section, beside what the sections share.

`findings` says what is asked and what was found; `rounds` runs rivals by turns; `processes` starts
commands and weighs them; `homes` is the working directory of a job, `traffic` what a local EQC saw of it.
`children` holds what runs as a process of its own, the rivals above all.
"""
