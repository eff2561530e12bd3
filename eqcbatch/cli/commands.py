"""Commands seen from outside: which there are, their options, and the variables that set these."""

from __future__ import annotations

import click


def runnable(command: click.Command) -> dict[str, click.Command]:
    """A command by its name; the commands of a group by theirs behind it, such as `review export`."""
    if not isinstance(command, click.Group):
        return {str(command.name): command}
    return {
        f"{command.name} {name}": found
        for one in command.commands.values()
        for name, found in runnable(one).items()
    }


def options_by_name(command: click.Command) -> dict[str, click.Option]:
    """Return a command's options by their names without dashes."""
    return {
        name.lstrip("-"): option
        for option in command.params
        if isinstance(option, click.Option)
        for name in option.opts
        if name.startswith("--")
    }


def name_variables(command: click.Command) -> None:
    """Let every option of a command come from EQCBATCH_<COMMAND>_<OPTION>, before any other variable.

    Where the command is one of a group, so is the variable: EQCBATCH_REVIEW_EXPORT_<OPTION>.
    """
    for words, one in runnable(command).items():
        for name, option in options_by_name(one).items():
            variable = f"EQCBATCH_{words}_{name}".replace("-", "_").replace(" ", "_").upper()
            others = [option.envvar] if isinstance(option.envvar, str) else option.envvar or []
            option.envvar = [variable, *others]
