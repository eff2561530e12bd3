"""What a demo is made of where nobody says otherwise, and how large it may be."""

from __future__ import annotations

SEED = 714
ROWS = 30_986  # as in production (docs/domain.md section 1)
LEAST_ROWS, MOST_ROWS = 100, 50_000  # above, an index of production's size could not know enough
TIME_SCALE = 240.0  # makes some 1,100 requests last about a minute
