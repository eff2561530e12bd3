"""The demo: the whole job on a generated month, an embedded PostgreSQL and a simulated EQC, time-scaled.

`walkthrough` runs plan, drain and report through the same use cases as the commands, in a directory of its
own (`demo_directory`). `month` makes the rows, and what the index knows of them, from a seed; `company_names`
the names and the ways of writing them. `outcome` puts what was measured beside the targets of
docs/domain.md section 1. `defaults` is apart so that the command line can show them without loading anything
else.

It promises that the same seed makes the same month on any machine, and that nothing outside its directory is
touched. The command `demo` alone may enter.
"""
