"""A simulated world around eqcbatch: time, threads, network, disk and Postgres, all by one seed.

`scheduler` decides which thread runs and when time goes on; `processes` are what is killed; `network` and
`eqc_server` are EQC as sockets show it; `vfs` and `disk` are the file system that SQLite writes to, and what
a kill or a power cut leaves of it; `postgres_model` is a Postgres in memory. A `story` is the steps that a
seed draws, `world` takes them, `truth` knows what EQC said, and `promises` checks after each step what must
hold, `verdicts` among it.
`shrinking` makes a failing story short; `defects` are planted, to show that the simulation can fail.
"""
