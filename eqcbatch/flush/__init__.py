"""What is decided goes to Postgres, and only then counts as flushed (promise P5).

`flush` sends all that is due and takes back what does not hold any more; `revert` takes back what one session
sent, `revert_backflow` what a person vouched for, and a preview says what that would be. Both go by turns,
each of which Postgres may fail without loss: `results` are ids of names, in the index; `former_names` stand
in the index, too, and so does `backflow`, ids that a person vouches for; `companies` are what EQC told of
them, in base_info. After the ids, the queue hears what became of its requests. A turn goes by `batches`:
send, commit, and only then mark in the ledger. Killed between these, the next flush sends the same again,
which changes nothing there.

The drain flushes as it goes, the command `flush` when it is told to. Whoever does holds the ledger's lock.
"""

from eqcbatch.flush.flush import Again, flush, revert, revert_backflow, take_back
from eqcbatch.flush.flush_report import Adjustment, FlushReport, RevertReport, Sent, merged
from eqcbatch.flush.revert_preview import RevertPreview, preview_revert, preview_revert_backflow

__all__ = [
    "Adjustment",
    "Again",
    "FlushReport",
    "RevertPreview",
    "RevertReport",
    "Sent",
    "flush",
    "merged",
    "preview_revert",
    "preview_revert_backflow",
    "revert",
    "revert_backflow",
    "take_back",
]
