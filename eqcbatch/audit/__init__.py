"""The audit: which ids in the index are wrong, by what is stored, without a request.

`audit` reads index and base_info whole, as they stand at one moment, and has each row judged by
`eqcbatch.domain.index_audit`; `evidence` puts beside a row what the ledger knows of its name, and `ranking`
keeps the rows that are worth a look. Nothing is written, unless a sample is wanted (`drawing`): then the
ledger knows which rows a session of the drain is to ask.
"""

from eqcbatch.audit.audit import AuditReport, VerdictCount, audit
from eqcbatch.audit.drawing import audit_with_sample

__all__ = ["AuditReport", "VerdictCount", "audit", "audit_with_sample"]
