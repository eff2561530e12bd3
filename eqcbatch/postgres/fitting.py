"""What of a value its column takes: pure. A value that does not fit costs no other, and never its row.

| column | value | becomes |
|---|---|---|
| number | `80000.00万元` | 80000.0: without 万元, 万, 元 and commas it is one (docs/domain.md section 2) |
| number | `--`, `1,000.5万美元`, beyond the range | null |
| text with a length | longer | its first characters; of a list of names, those that fit whole |
| date, timestamp | `2001年2月3日` | 2001-02-03 |
| date, timestamp | `长期` | null |
| enum | no label of it | null |
| json, jsonb | NaN and infinities | null in their place |
| jsonb | NUL and lone surrogates | U+FFFD in their place |
| any other type | anything | null |
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from eqcbatch.postgres.column_types import TEXT, Column

_RANGES = {"int2": 15, "int4": 31, "int8": 63}  # bits
_FLOAT4_MOST = 3.4e38
_MOST_DIGITS = 1_000
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(\s+\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})()")
# Strings with what is escaped in them, so that nothing else is taken for what stands between them.
_JSON_PARTS = re.compile(r'"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity)', re.DOTALL)
_ESCAPES = re.compile(
    r"\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}"
    r"|(?P<none>\\u0000|\\u[dD][89a-fA-F][\da-fA-F]{2})|\\.",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a column takes of a value, as text. problem: what is the matter where that is not the value."""

    value: str | None
    problem: str | None = None


def fit(value: str, column: Column, separators: str = "") -> Fitted:
    """What a column takes of a value, by the table above. separators: between the names of a list."""
    if column.is_of(TEXT):
        return _fit_text(value, column, separators)
    if column.base in ("float4", "float8", "numeric", *_RANGES):
        number = _number(value, column)
        return Fitted(number) if number is not None else Fitted(None, "no number that the column takes")
    if column.base in ("date", "timestamp", "timestamptz"):
        moment = _moment(value)
        return Fitted(moment) if moment else Fitted(None, "no date")
    if column.base in ("json", "jsonb"):
        return _fit_json(value, column)
    if value in column.labels:
        return Fitted(value)
    return Fitted(None, f"nothing that the type {column.type} takes")


def _fit_text(value: str, column: Column, separators: str) -> Fitted:
    length = column.length
    if length is None or len(value) <= length:
        return Fitted(value)
    kept = value[:length]
    if separators and value[length] not in separators:
        ends = [at for at, sign in enumerate(kept) if sign in separators]
        kept = kept[: ends[-1]] if ends else ""
    return Fitted(kept.rstrip(separators + " ") or None, f"longer than {length} characters")


def _number(value: str, column: Column) -> str | None:
    plain = re.sub("[万元,]", "", value).strip()
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    if "_" in plain or not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        return None
    if column.base in _RANGES or column.digits:
        return _bounded(number, column)
    most = _FLOAT4_MOST if column.base == "float4" else math.inf
    if column.base != "numeric" and not abs(float(number)) < most:
        return None
    return str(float(number)) if column.base.startswith("float") else str(number)


def _bounded(number: Decimal, column: Column) -> str | None:
    """A number of so many digits, rounded as Postgres rounds."""
    precision, scale = column.digits or (19, 0)
    if abs(number) >= Decimal(10) ** (precision - scale):
        return None
    rounded = number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    bits = _RANGES.get(column.base, 0)
    most = 1 << bits if bits else 10 ** (precision - scale)
    return format(rounded, "f") if abs(rounded) < most else None


def _moment(value: str) -> str | None:
    try:
        return datetime.fromisoformat(value).isoformat() if "T" in value else _day(value)
    except ValueError:
        return None


def _day(value: str) -> str | None:
    found = _DATE.fullmatch(value.strip()) or _COMPACT_DATE.fullmatch(value.strip())
    if found is None:
        return None
    year, month, day, time = found.groups()
    return date(int(year), int(month), int(day)).isoformat() + (time or "")


def _fit_json(value: str, column: Column) -> Fitted:
    strict = column.base == "jsonb"
    fitted = _JSON_PARTS.sub(lambda part: _json_part(part[0], strict), value)
    return Fitted(fitted, None if fitted == value else "JSON with what is none (NaN, NUL, half a sign)")


def _json_part(part: str, strict: bool) -> str:
    if not part.startswith('"'):
        return "null"
    if not strict or "\\u" not in part:
        return part
    return _ESCAPES.sub(lambda escape: "\\ufffd" if escape["none"] else escape[0], part)
