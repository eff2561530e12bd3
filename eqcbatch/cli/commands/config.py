"""The command config."""

from __future__ import annotations

import os

import click

from eqcbatch.cli.config.effective import NOT_SET, SET, Effective, Layers, Origin, leaves
from eqcbatch.cli.config.precedence import commands_of, config_of
from eqcbatch.cli.config.variables import stray_variables
from eqcbatch.cli.options.shared import output_options
from eqcbatch.cli.options.temporary_ids import SALT_VARIABLE
from eqcbatch.cli.terminal.output import print_json, show
from eqcbatch.errors import BadInput
from eqcbatch.humanize import did_you_mean
from eqcbatch.settings import TOKEN_VARIABLES

_PACE_FILE = "EQCBATCH_PACE_FILE"


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, metavar="[COMMAND [OPTIONS]]", type=click.UNPROCESSED)
@click.option("--changed", is_flag=True, help="Leave out what stands at its default.")
@click.option("--profile", metavar="NAME", help="With this profile, for the commands that know profiles.")
@output_options
@click.pass_context
def config(
    ctx: click.Context,
    words: tuple[str, ...],
    changed: bool,
    profile: str | None,
    as_json: bool,
) -> None:
    """Show the settings as they hold, and where each comes from: flag, environment, profile, file, default.

    With a COMMAND, only its settings; with options behind it, as they would hold if it were run so:
    `eqcbatch config drain --budget 600`. Tokens are shown as `set` or `not set`, a database without user
    and password. Nothing is opened but the config file.
    """
    from eqcbatch.cli.config.text import settings_json, settings_text

    commands = commands_of(ctx)
    file = config_of(ctx)
    chosen, flags = _choose(words, leaves(commands.values()))
    layers = Layers(file, profile, flags)
    settings = [one for name, command in chosen.items() for one in layers.effective(name, command)]
    if changed:
        settings = [one for one in settings if one.origin is not Origin.DEFAULT]
    settings += [
        _pace_file(),
        _secret("EQC token", TOKEN_VARIABLES),
        _secret("salt of temporary ids", (SALT_VARIABLE,)),
    ]
    strays = stray_variables(commands.values(), os.environ)
    if as_json:
        print_json(settings_json(settings, file.path, strays))
    else:
        show(settings_text(settings, file.path, strays, single=len(chosen) == 1))


def _choose(
    words: tuple[str, ...], known: dict[str, click.Command]
) -> tuple[dict[str, click.Command], tuple[str, ...]]:
    """The commands that are meant by the first words, and what is given to one of them behind these."""
    if not words:
        return known, ()
    for length in (2, 1):
        name, rest = " ".join(words[:length]), words[length:]
        chosen = {one: known[one] for one in known if one == name or one.startswith(f"{name} ")}
        if chosen and not (rest and len(chosen) > 1):
            return chosen, rest
    hint = did_you_mean(
        " ".join(words[:2]), known, f"There are: {', '.join(known)}.", quote=lambda name: f"`config {name}`"
    )
    raise BadInput(f"What stands behind config is no command. {hint}")


def _pace_file() -> Effective:
    """Where the pace is kept; like the secrets it has no option."""
    path = os.environ.get(_PACE_FILE)
    if path:
        return Effective("", "pace file", path, Origin.ENVIRONMENT, _PACE_FILE)
    return Effective("", "pace file", "one a host, in your state directory", Origin.DEFAULT, "default")


def _secret(name: str, variables: tuple[str, ...]) -> Effective:
    """Whether a secret is there."""
    variable = next((one for one in variables if os.environ.get(one, "").strip()), None)
    if variable is None:
        return Effective("", name, NOT_SET, Origin.DEFAULT, f"looked for {' and '.join(variables)}")
    return Effective("", name, SET, Origin.ENVIRONMENT, variable)
