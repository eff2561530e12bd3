"""Rules for the names that a column gives: in which rows it does, what is cut from their end, what is none.

As settings, in a config file and in the ledger, they read

    计划名称:
      only-where: {计划类型: 单一计划}   # one value or a list; of several columns all must hold
      remove-suffix: 企业年金计划         # one text or a list
      blank-names: ["0", 合计]            # one text or a list
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from eqcbatch.errors import BadInput
from eqcbatch.humanize import did_you_mean

KEYS = ONLY_WHERE, REMOVE_SUFFIX, BLANK_NAMES = "only-where", "remove-suffix", "blank-names"


@dataclass(frozen=True, slots=True)
class NameRule:
    """How a column's cells become names (docs/domain.md section 5.3).

    only_where: columns, each with the values of which it must hold one in the row; none is always true.
    remove_suffixes: of these the longest that a cell ends with is cut off, once.
    blank_names: what names nobody in this column, widths, blanks and case aside.
    """

    column: str
    only_where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    remove_suffixes: tuple[str, ...] = ()
    blank_names: tuple[str, ...] = ()

    def name_in(self, cell: str) -> str:
        """Return the name in a cell: without the suffix, or as it is written where none stands."""
        text = cell.strip()
        found = [suffix for suffix in self.remove_suffixes if text.endswith(suffix)]
        return text.removesuffix(max(found, key=len)).rstrip() if found else cell


def read_rules(settings: Any) -> tuple[NameRule, ...]:
    """Read rules from settings, by column. Raises BadInput, which names the rule that is wrong."""
    if not isinstance(settings, Mapping):
        keys = ", ".join(f"{key}: ..." for key in KEYS)
        raise BadInput(f"Name rules are `column: {{{keys}}}` lines.")
    return tuple(_read_rule(str(column).strip(), rule) for column, rule in settings.items())


def as_settings(rules: Iterable[NameRule]) -> dict[str, Any]:
    """Return the settings from which `read_rules` makes these rules."""
    return {
        rule.column: {
            ONLY_WHERE: {column: list(values) for column, values in rule.only_where},
            REMOVE_SUFFIX: list(rule.remove_suffixes),
            **({BLANK_NAMES: list(rule.blank_names)} if rule.blank_names else {}),
        }
        for rule in rules
    }


def _read_rule(column: str, rule: Any) -> NameRule:
    where = f"The name rule of {column!r}"
    if not isinstance(rule, Mapping) or not rule:
        raise BadInput(f"{where} must hold one of {', '.join(KEYS)}.")
    for key in rule:
        if key not in KEYS:
            hint = did_you_mean(str(key), KEYS, cutoff=0)
            raise BadInput(f"{where} has an unknown key {key!r}. {hint}")
    conditions = rule.get(ONLY_WHERE, {})
    if not isinstance(conditions, Mapping):
        raise BadInput(f"{where}: {ONLY_WHERE} must hold `column: value` lines.")
    return NameRule(
        column,
        tuple(
            (str(name).strip(), _texts(values, f"{where}: {ONLY_WHERE} {name!r}"))
            for name, values in conditions.items()
        ),
        _texts(rule.get(REMOVE_SUFFIX, []), f"{where}: {REMOVE_SUFFIX}"),
        _texts(rule.get(BLANK_NAMES, []), f"{where}: {BLANK_NAMES}"),
    )


def _texts(value: Any, where: str) -> tuple[str, ...]:
    """Read one text or a list of texts, trimmed; an empty one is a slip of the pen."""
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise BadInput(f"{where} takes a text or a list of texts, none of them empty.")
    return tuple(text.strip() for text in texts)
