"""Whether a company is there at all, by the status that the register gives it."""

from __future__ import annotations

GONE = ("注销", "吊销")


def is_gone(status: str | None) -> bool:
    """Whether a registered status, such as `注销` or `吊销，未注销`, says that the company is no more."""
    return any(word in (status or "") for word in GONE)
