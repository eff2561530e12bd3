"""The tree of commands seen from outside: which can be run, by which words, and with which options."""

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
