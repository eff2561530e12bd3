"""A checkup as text and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from eqcbatch.humanize import count
from eqcbatch.safe_text import visible_lines

if TYPE_CHECKING:
    from eqcbatch.check import Checkup, Finding

_COLOURS = {"ok": "green", "warning": "yellow", "failed": "red"}
_INDENT = " " * 22  # as wide as the two words before a finding


def checkup_text(done: Checkup, *, quiet: bool, paint: Callable[[str, str], str]) -> str:
    """Lines for people; `quiet` leaves out what is ok. paint: gives a word a colour."""
    shown = [one for one in done.findings if not (quiet and one.is_ok)]
    return "\n".join([*(line for one in shown for line in _lines(one, paint)), _summary(done)])


def checkup_json(done: Checkup, exit_code: int) -> dict[str, Any]:
    """The same for programs."""
    return {
        "checks": [
            {"subject": str(one.subject), "status": str(one.severity), "says": one.says, "remedy": one.remedy}
            for one in done.findings
        ],
        "warnings": done.warnings,
        "failed": done.failed,
        "requests": done.requests,
        "exit_code": exit_code,
    }


def _lines(finding: Finding, paint: Callable[[str, str], str]) -> Iterator[str]:
    word = paint(f"{finding.severity:<7}", _COLOURS[str(finding.severity)])
    yield f"{word}  {finding.subject:<11}  {_told(finding.says)}"
    if finding.remedy:
        yield f"{_INDENT}{_told(finding.remedy)}"


def _told(text: str) -> str:
    """A text in its column, which no line of it leaves."""
    return visible_lines(text).replace("\n", f"\n{_INDENT}")


def _summary(done: Checkup) -> str:
    if done.failed:
        return f"{done.failed:,} failed, {count(done.warnings, 'warning')}: a drain would end with an error."
    return f"Nothing failed, {count(done.warnings, 'warning')}."
