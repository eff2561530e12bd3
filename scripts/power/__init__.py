"""What `scripts/power_loss.py` is made of: recorded runs, the disks that a power cut may leave, their check.

`operations` says what a program did to its files; `strace` reads it from a trace, `recording` makes one.
`disk` replays it and knows what is synced, `states` what a cut may leave of the rest. `scenarios` are the
commands that are recorded in the `workplace`; `promises` must hold in each state, `pace` among them, with the
Postgres of that moment (`postgres_history`). `sweep` goes through all states of a run,
and `trial` is all of that for one command.
"""
