"""Ids set by hand: a YAML file, by name and by plan code (docs/domain.md section 5.4)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from eqcbatch.domain.coverage import Overrides
from eqcbatch.domain.names import lookup_key, usable_id
from eqcbatch.errors import BadInput

EMPTY = "__EMPTY__"
PLAN_CODES = "plan_code"


def read_overrides(path: Path) -> Overrides:
    """Read the file, whose lines are a name (or, under `plan_code:`, a plan code) and an id.

    Names count by their lookup key. `__EMPTY__` for an id means: never look this up.
    Raises BadInput if a line is anything else, or the file cannot be read.
    """
    content = _load(path)
    by_plan_code = content.pop(PLAN_CODES, None) or {}
    if not isinstance(by_plan_code, Mapping):
        raise BadInput(f"{path}: {PLAN_CODES} must hold `code: company_id` lines.")
    return Overrides(
        {str(code).strip(): _id(path, code, value) for code, value in by_plan_code.items()},
        _by_key(path, content),
    )


def _load(path: Path) -> dict[Any, Any]:
    try:
        # Scalars stay the text they are: 0012 is an id, no octal number.
        content = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())[:160]
        raise BadInput(f"The overrides {path} cannot be read: {reason}") from None
    if not isinstance(content, dict):
        raise BadInput(f'The overrides {path} must hold `name: "company_id"` lines.')
    return content


def _by_key(path: Path, content: Mapping[Any, Any]) -> dict[str, str | None]:
    by_name: dict[str, str | None] = {}
    for name, value in content.items():
        key, company_id = lookup_key(name), _id(path, name, value)
        if not key:
            raise BadInput(f"{path}: {name!r} is blank by the name rules; take the line out.")
        if by_name.get(key, company_id) != company_id:
            raise BadInput(f"{path}: {name!r} has two different ids; its lookup key is {key!r}.")
        by_name[key] = company_id
    return by_name


def _id(path: Path, name: Any, value: Any) -> str | None:
    if value == EMPTY:
        return None
    company_id = usable_id(value)
    if company_id is None or len(company_id) > 100:
        raise BadInput(f'{path}: {value!r} for {name!r} is no company id. Write it in quotes, or "{EMPTY}".')
    return company_id
