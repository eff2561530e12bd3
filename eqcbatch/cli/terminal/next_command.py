"""What to type next, so that it can be pasted: with the options of this command line that still count."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
from click.core import ParameterSource

from eqcbatch.cli.command_tree import options_by_name, runnable

_KEPT = ("ledger", "eqc-url", "time-scale")  # which ledger is meant, and whom a drain asks, how fast
_NEXT = re.compile(r"\bNext\b[^:\n]*: .*")
_OPTION = r" --[a-z-]+(?: [^\s-][^\s,]*)?"
_FILE = r" (?:SOURCE|'[^']+'|[^\s'-]\S*\.(?:xlsx|csv))"
_COMMAND = re.compile(rf"eqcbatch (?P<words>[a-z-]+(?: [a-z]+)?)(?:{_FILE})?(?:{_OPTION})*")


def with_options_kept(text: str) -> str:
    """Return a text whose `Next:` commands have the options that were typed, as far as they take them.

    What comes from a variable or the config file holds anyway. A URL with a password is not repeated.
    """
    ctx = click.get_current_context(silent=True)
    if ctx is None or "Next" not in text:
        return text
    kept = dict(_typed(ctx))
    return _NEXT.sub(lambda line: _COMMAND.sub(lambda one: _completed(ctx, one, kept), line[0]), text)


def _typed(ctx: click.Context) -> Iterator[tuple[str, str]]:
    options = options_by_name(ctx.command)
    for name in (name for name in _KEPT if name in options):
        key = str(options[name].name)
        if ctx.get_parameter_source(key) is ParameterSource.COMMANDLINE:
            value = ctx.params.get(key)
            typed = f"{value:g}" if isinstance(value, float) else str(value)
            if "@" not in typed or name == "ledger":
                yield name, shlex.quote(typed)


def _completed(ctx: click.Context, command: re.Match[str], kept: dict[str, str]) -> str:
    root = ctx.find_root().command
    every = dict(root.commands) if isinstance(root, click.Group) else {}
    leaves = {words: leaf for one in every.values() for words, leaf in runnable(one).items()}
    called = leaves.get(command["words"]) or leaves.get(command["words"].split(" ")[0])
    takes = options_by_name(called) if called else {}
    added = "".join(
        f" --{name} {value}"
        for name, value in kept.items()
        if name in takes and f"--{name} " not in command[0]
    )
    return command[0] + added
