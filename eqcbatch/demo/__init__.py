"""The demo: the whole job on a generated month, an embedded PostgreSQL and a local EQC, time-scaled.

`month` makes the rows and what the index knows of them, `companies` the names and the ways of writing
them; `story` plays the acts through the same use cases as the commands, on a `stage`; `outcome` does
the sums.
"""

SEED = 714
ROWS = 30_986  # as in production (DOMAIN section 1)
LEAST_ROWS, MOST_ROWS = 100, 50_000  # above, an index of production's size could not know enough
TIME_SCALE = 240.0  # makes some 1,100 requests last about a minute
