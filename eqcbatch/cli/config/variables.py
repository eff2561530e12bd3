"""The variables that set options, and the commands that take settings of another one.

An option comes from EQCBATCH_<COMMAND>_<OPTION>; check, audit and the forecasts borrow from drain.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping

import click

from eqcbatch.cli.command_tree import options_by_name, runnable
from eqcbatch.humanize import did_you_mean

# The doctor looks at what a drain would use, a forecast goes by it, and an audit asks as a drain does: these
# of their options take a drain's settings, too.
_LENDER = "drain"
_FORECAST = frozenset(
    ["budget", "daily-budget", "until", "max-minutes", "in-flight", "details", "rate", "time-scale"],
)
_BORROWED = {
    "plan": _FORECAST,
    "report": _FORECAST,
    "audit": frozenset(
        [
            *("ledger", "database-url", "rate", "eqc-url", "ca-bundle", "token-file", "token-command"),
            *("connect-timeout", "timeout", "retries", "in-flight", "daily-budget"),
            *("min-confidence", "confidences", "time-scale"),
        ]
    ),
    "check": frozenset(
        [
            "ledger",
            "database-url",
            "rate",
            "eqc-url",
            "ca-bundle",
            "token-file",
            "token-command",
            "connect-timeout",
            "timeout",
            "daily-budget",
        ]
    ),
}
_OTHER_VARIABLES = ("EQCBATCH_EQC_TOKEN", "EQCBATCH_PACE_FILE", "EQCBATCH_TEMP_ID_SALT")


def name_variables(command: click.Command) -> None:
    """Let every option of a command come from EQCBATCH_<COMMAND>_<OPTION>, before any other variable.

    Where the command is one of a group, so is the variable: EQCBATCH_REVIEW_EXPORT_<OPTION>.
    """
    for words, one in runnable(command).items():
        for name, option in options_by_name(one).items():
            borrowed = [_variable(_LENDER, name)] if name in _BORROWED.get(words, ()) else []
            option.envvar = [_variable(words, name), *borrowed, *variables_of(option)]


def variables_of(param: click.Parameter) -> list[str]:
    """Return the variables that a parameter comes from, the strongest first."""
    return [param.envvar] if isinstance(param.envvar, str) else list(param.envvar or [])


def variable_in_use(param: click.Parameter) -> str | None:
    """Return the variable that sets a parameter, None if none does; an empty one counts as not set."""
    return next((name for name in variables_of(param) if os.environ.get(name)), None)


def sections_of(word: str) -> dict[str, frozenset[str] | None]:
    """Return the sections of a config file that hold a command's settings, the strongest last.

    word: the command, or its group. Of each section: which options count there, None for all.
    """
    return ({_LENDER: _BORROWED[word]} if word in _BORROWED else {}) | {word: None}


def stray_variables(commands: Iterable[click.Command], environ: Mapping[str, str]) -> tuple[str, ...]:
    """Say of each variable that looks like ours and is none what it may be meant for."""
    known = {
        *_OTHER_VARIABLES,
        *(
            variable
            for command in commands
            for one in runnable(command).values()
            for param in one.params
            for variable in variables_of(param)
        ),
    }
    strays = sorted(name for name in environ if name.startswith("EQCBATCH_") and name not in known)
    return tuple(f"There is no variable {name}.{_near(name, known)}" for name in strays)


def _near(name: str, known: Collection[str]) -> str:
    drains = _variable(_LENDER, "")
    hint = (
        did_you_mean(name, sorted(known), quote=str, cutoff=0.9)
        # Without a command it may be meant for drain, from which others borrow.
        or did_you_mean(name.replace("EQCBATCH_", drains, 1), sorted(known), quote=str, cutoff=0.9)
        or did_you_mean(name, sorted(known), quote=str)
    )
    return f" {hint}" if hint else ""


def _variable(words: str, option: str) -> str:
    return f"EQCBATCH_{words}_{option}".replace("-", "_").replace(" ", "_").upper()
