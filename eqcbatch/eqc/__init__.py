"""EQC, the company registry (DOMAIN section 2): asking it, keeping what it said, and not too fast.

`client` sends one request and says what it came to; `answers` judges it, `facts` reads what it says of
a company; `archive` keeps every usable answer; `token` knows where tokens come from; `pace` keeps the
send times between processes.
"""

from eqcbatch.eqc.archive import Archive, ArchiveUnusable, open_archive
from eqcbatch.eqc.client import LIGHT_QUESTION, Eqc, retry_delays
from eqcbatch.eqc.company_facts import merged_facts, read_business_info, read_search_item
from eqcbatch.eqc.rate_limiter import RateLimiter, default_pace_file
from eqcbatch.eqc.responses import read_candidates, split_names
from eqcbatch.eqc.token import TokenSource

__all__ = [
    "LIGHT_QUESTION",
    "Archive",
    "ArchiveUnusable",
    "Eqc",
    "RateLimiter",
    "TokenSource",
    "default_pace_file",
    "merged_facts",
    "open_archive",
    "read_business_info",
    "read_candidates",
    "read_search_item",
    "retry_delays",
    "split_names",
]
