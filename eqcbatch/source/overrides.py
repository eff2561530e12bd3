"""Ids set by hand: a YAML file, by name and by plan code (docs/domain.md section 5.4)."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from eqcbatch.domain.coverage import Overrides
from eqcbatch.domain.names import lookup_key
from eqcbatch.errors import BadInput
from eqcbatch.source.cell_values import company_id_in, name_in, plan_code_in

EMPTY = "__EMPTY__"
PLAN_CODES = "plan_code"
_FORMER_PLAN_CODES = "plan_overrides"  # how the system of today has called them

# FP0001, AN-12. A number alone may be an account's; a company may be called 3M.
_LIKE_A_PLAN_CODE = re.compile(r"[A-Za-z]{1,6}-?\d{2,}[0-9A-Za-z]*")
_LIKE_A_CODE = re.compile(r"[A-Za-z]{0,6}-?\d{2,}[0-9A-Za-z]*")


def read_overrides(path: Path) -> Overrides:
    """Read the file, whose lines are a name (or, under `plan_code:`, a plan code) and an id.

    A file of plan codes alone needs no `plan_code:`. Names count by their lookup key, codes and ids by
    their shown form. `__EMPTY__` for an id means: never look this up.
    Raises BadInput if a line is anything else, or the file cannot be read.
    """
    content = _load(path)
    nested = [content.pop(section, None) or {} for section in (PLAN_CODES, _FORMER_PLAN_CODES)]
    for by_plan_code in nested:
        if not isinstance(by_plan_code, Mapping):
            raise BadInput(f"{path}: {PLAN_CODES} must hold `code: company_id` lines.")
    if content and all(_LIKE_A_PLAN_CODE.fullmatch(str(key).strip()) for key in content):
        nested.append(content)
        content = {}
    codes = ((code, value) for by_plan_code in nested for code, value in by_plan_code.items())
    return Overrides(_by_plan_code(path, codes), _by_key(path, content), path.name)


class _LineByLine(yaml.BaseLoader):
    """Scalars stay the text they are: 0012 is an id, no octal number. What stands twice is refused."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[str, object] = {}
        for key, value in node.value:
            if seen.setdefault(str(key.value), value.value) != value.value:
                raise yaml.YAMLError(f"{key.value!r} stands in it twice, with two different ids")
        return super().construct_mapping(node, deep)


def _load(path: Path) -> dict[Any, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_LineByLine) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())[:160]
        raise BadInput(f"The overrides {path} cannot be read: {reason}") from None
    if not isinstance(content, dict):
        raise BadInput(f'The overrides {path} must hold `name: "company_id"` lines.')
    return content


def _by_plan_code(path: Path, codes: Iterable[tuple[Any, Any]]) -> dict[str, str | None]:
    by_plan_code: dict[str, str | None] = {}
    for written, value in codes:
        code, company_id = plan_code_in(str(written)), _id(path, written, value)
        if not code:
            raise BadInput(f"{path}: {written!r} is no plan code; take the line out.")
        if by_plan_code.setdefault(code, company_id) != company_id:
            raise BadInput(f"{path}: the plan code {code!r} has two different ids.")
    return by_plan_code


def _by_key(path: Path, content: Mapping[Any, Any]) -> dict[str, str | None]:
    by_name: dict[str, str | None] = {}
    for name, value in content.items():
        if _LIKE_A_CODE.fullmatch(str(name).strip()):
            raise BadInput(
                f"{path}: {name!r} stands among names and looks like a code. "
                f"Put plan codes under a line `{PLAN_CODES}:`; account numbers are not looked at."
            )
        key, company_id = lookup_key(name_in(name)), _id(path, name, value)
        if not key:
            raise BadInput(f"{path}: {name!r} is blank by the name rules; take the line out.")
        if by_name.setdefault(key, company_id) != company_id:
            raise BadInput(f"{path}: {name!r} has two different ids; its lookup key is {key!r}.")
    return by_name


def _id(path: Path, name: Any, value: Any) -> str | None:
    if value == EMPTY:
        return None
    company_id = company_id_in(value) if isinstance(value, str) else None
    if company_id is None:
        raise BadInput(f'{path}: {value!r} for {name!r} is no company id. Write it in quotes, or "{EMPTY}".')
    return company_id
