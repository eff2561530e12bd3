"""The cells that tell rows apart -> the key of a row: its name, plan code and id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter

from eqcbatch.domain.names import lookup_key
from eqcbatch.safe_text import cell_as_it_was
from eqcbatch.source.columns import Layout, condition_columns
from eqcbatch.source.name_rules import NameRule
from eqcbatch.source.spec import SourceSpec

Cells = tuple[str, ...]
Key = tuple[str, str, str]  # raw, plan code and id, "" where there is none


class LookupKeys(dict[str, str]):
    """The lookup keys of names as they are written, each found out once; that of a blank is empty."""

    def __missing__(self, name: str) -> str:
        self[name] = key = lookup_key(name)
        return key


def key_reader(spec: SourceSpec, layout: Layout, lookup_keys: LookupKeys) -> Callable[[Cells], Key]:
    """Return what makes a row's key of its `layout.telling` cells: of several names the first not blank."""
    width = len(layout.names)
    has_plan_code, has_id = layout.plan_code is not None, layout.known_id is not None
    names = _name_readers(spec, width, width + has_plan_code + has_id)

    def key_of(cells: Cells) -> Key:
        plan_code = cells[width].strip() if has_plan_code else ""
        known_id = cell_as_it_was(cells[width + has_plan_code].strip()) if has_id else ""
        for name_of in names:
            name = name_of(cells)
            if lookup_keys[name]:
                return name, plan_code, known_id
        return "", plan_code, known_id

    return key_of


def _name_readers(spec: SourceSpec, width: int, behind: int) -> list[Callable[[Cells], str]]:
    """Return what reads each asked column. behind: where in the cells the conditions begin."""
    conditions = {column: place for place, column in enumerate(condition_columns(spec), behind)}
    rules = [spec.rule_of(column) for column in spec.columns]
    return [
        _ruled(place, rule, conditions) if rule else itemgetter(place)
        for place, rule in zip(range(width), rules, strict=True)
    ]


def _ruled(place: int, rule: NameRule, conditions: Mapping[str, int]) -> Callable[[Cells], str]:
    needed = [(conditions[column], values) for column, values in rule.only_where]

    def name_of(cells: Cells) -> str:
        holds = all(cells[place].strip() in values for place, values in needed)
        return rule.name_in(cells[place]) if holds else ""

    return name_of
