"""EQC, the company registry (docs/domain.md section 2): asking it, keeping what it said, and not too fast.

What the room promises: one call sends one HTTP request and waits for no turn; a token is shown to EQC's host
alone (P8); a usable answer is archived and read back before anybody hears of it (P2); the send times of all
processes of a user are in one place (P3). Booking, budget and retries are the caller's.

Who may enter: the drain and the check, by `eqcbatch.booking` where a request is sent.

`client` asks; `transport` sends one GET over a connection of its own, `deadline` and `watchdog` bound its
time, and `one_answer` sees to it that one answer comes; `responses` judges an answer, `company_facts` reads
what it says of a company; `archive` keeps usable answers; `token` knows where tokens come from;
`rate_limiter` keeps the send times between processes.
"""

from eqcbatch.eqc.archive import Archive, ArchiveUnusable, archive_to_read, open_archive
from eqcbatch.eqc.client import LIGHT_QUESTION, Eqc, retry_delays
from eqcbatch.eqc.company_facts import merged_facts, read_business_info, read_search_item
from eqcbatch.eqc.rate_limiter import RateLimiter, default_pace_file
from eqcbatch.eqc.responses import read_candidates, read_search_body, split_names
from eqcbatch.eqc.token import TokenSource

__all__ = [
    "LIGHT_QUESTION",
    "Archive",
    "ArchiveUnusable",
    "Eqc",
    "RateLimiter",
    "TokenSource",
    "archive_to_read",
    "default_pace_file",
    "merged_facts",
    "open_archive",
    "read_business_info",
    "read_candidates",
    "read_search_body",
    "read_search_item",
    "retry_delays",
    "split_names",
]
