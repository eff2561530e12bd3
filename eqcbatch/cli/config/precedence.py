"""Which of its places an option's value comes from: flag, environment, profile, config file or default.

click knows the first two and the last; the file and its profiles are put between them, as its default map.

Why: docs/decisions/0013.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
from click.core import ParameterSource

from eqcbatch.cli.command_tree import options_by_name
from eqcbatch.cli.config.file import (
    CONFIG_FILE,
    PROFILES,
    ConfigFile,
    Setting,
    read_config,
)
from eqcbatch.cli.config.variables import variable_in_use

_CONFIG = "eqcbatch.config"
_PLACES = "eqcbatch.places"


def config_of(ctx: click.Context) -> ConfigFile:
    """Return the config file of this run."""
    config: ConfigFile = ctx.meta[_CONFIG]
    return config


def place_of(ctx: click.Context, param: click.Parameter) -> str:
    """Name the variable, or the place in the config file, that sets a parameter; "" for anything else."""
    source = ctx.get_parameter_source(param.name or "")
    if source is ParameterSource.ENVIRONMENT:
        return variable_in_use(param) or ""
    if source is ParameterSource.DEFAULT_MAP:
        return str(ctx.meta.get(_PLACES, {}).get(param.name, ""))
    return ""


def commands_of(ctx: click.Context) -> dict[str, click.Command]:
    """Return all commands there are, by their first word."""
    root = ctx.find_root().command
    return dict(root.commands) if isinstance(root, click.Group) and root is not ctx.command else {}


def _load_config(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    config = ctx.meta[_CONFIG] = read_config(value, commands_of(ctx))
    _put_below(ctx, config.settings(ctx.command, _word_of(ctx)))


def _take_profile(ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Put a profile above the sections. Options that are not on the command line have not been read yet."""
    if value is not None:
        _put_below(ctx, config_of(ctx).profile(ctx.command, value))
    return value


def _put_below(ctx: click.Context, settings: Mapping[str, Setting]) -> None:
    """Let settings count where neither a flag nor a variable does."""
    here = options_by_name(ctx.command)
    values = {str(here[name].name): setting.value for name, setting in settings.items()}
    places = {str(here[name].name): setting.place for name, setting in settings.items()}
    ctx.default_map = {**(ctx.default_map or {}), **values}
    ctx.meta[_PLACES] = {**ctx.meta.get(_PLACES, {}), **places}


def _word_of(ctx: click.Context) -> str:
    """Return the first word of a command: of a group's command, the group."""
    while ctx.parent and ctx.parent.parent:
        ctx = ctx.parent
    return ctx.info_name or ""


config_option = click.option(
    "--config",
    type=click.Path(path_type=Path),
    is_eager=True,
    expose_value=False,
    callback=_load_config,
    help=f"Options from this YAML file.  [default: {CONFIG_FILE}, if there is one]",
)

# To be declared before the options that a profile may set.
profile_option = click.option(
    "--profile",
    metavar="NAME",
    callback=_take_profile,
    help=f"How the dataset is read, as it stands under `{PROFILES}:` in {CONFIG_FILE}.",
)
