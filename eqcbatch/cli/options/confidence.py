"""What a match is worth, and what may reach Postgres: the options of the confidence rule."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from eqcbatch.cli.config.file import CONFIG_FILE, STRUCTURE, reading_yaml
from eqcbatch.cli.options.shared import in_order
from eqcbatch.cli.parsing import Number
from eqcbatch.settings import DEFAULT_CONFIDENCES, ConfidenceRule, read_confidences

_OPTIONS = in_order(
    click.option(
        "--min-confidence",
        type=Number(0, 1),
        default=ConfidenceRule().minimum,
        show_default=True,
        help="The least that goes to Postgres.",
    ),
    click.option(
        "--confidences",
        type=STRUCTURE,
        callback=reading_yaml(read_confidences),
        metavar="YAML",
        help="What an answer is worth, by EQC's match type. "
        f"Best written at the top of {CONFIG_FILE}, for drain and review.",
    ),
)


def confidence_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--min-confidence and --confidences: the command is given them as one `rule`."""

    @functools.wraps(command)
    def run(
        *arguments: Any, min_confidence: float, confidences: dict[str, float] | None, **others: Any
    ) -> Any:
        rule = ConfidenceRule(confidences or DEFAULT_CONFIDENCES, min_confidence)
        return command(*arguments, rule=rule, **others)

    return _OPTIONS(run)
