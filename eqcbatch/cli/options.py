"""What the commands share: options, the config file, and the environment they read."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from eqcbatch.errors import BadInput
from eqcbatch.settings import DEFAULT_LEDGER, TOKEN_VARIABLES, Rate

CONFIG_FILE = "eqcbatch.yml"
_DATABASE_VARIABLES = ("EQCBATCH_DATABASE_URL", "WDH_DATABASE__URI")

Command = TypeVar("Command", bound=Callable[..., Any])
Value = TypeVar("Value")


def reading(parse: Callable[[str], Value]) -> Callable[[click.Context, click.Parameter, Any], Value | None]:
    """A click callback that reads an option's text by `parse`; its BadInput becomes a usage error."""

    def callback(ctx: click.Context, param: click.Parameter, value: Any) -> Value | None:
        if value is None:
            return None
        try:
            return parse(str(value))
        except BadInput as error:
            raise click.BadParameter(str(error), ctx, param) from None

    return callback


def parse_budget(text: str) -> int | None:
    """Read a number of requests, or `all` as None; BadInput for anything else."""
    text = text.strip().lower()
    if text == "all":
        return None
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise BadInput(f"{text!r} is not a budget. Write a number of requests from 1, or `all`.")


def ledger_option(command: Command) -> Command:
    """--ledger."""
    return click.option(
        "--ledger",
        type=click.Path(path_type=Path),
        default=DEFAULT_LEDGER,
        show_default=True,
        envvar="EQCBATCH_LEDGER",
        help="The work ledger, a SQLite file.",
    )(command)


def database_option(command: Command) -> Command:
    """--database-url."""
    return click.option(
        "--database-url",
        metavar="URL",
        envvar=list(_DATABASE_VARIABLES),
        help="Postgres, or `embedded`; without one results stay in the ledger. "
        "Give it by EQCBATCH_DATABASE_URL: an argument is visible to others.",
    )(command)


def rate_option(command: Command) -> Command:
    """--rate."""
    return click.option(
        "--rate",
        callback=reading(Rate.parse),
        metavar="N/TIME",
        default="10/60s",
        show_default=True,
        help="EQC's limit, kept in every window.",
    )(command)


def output_options(command: Command) -> Command:
    """--json, --log-file, -v, -q, --config."""
    for option in (
        click.option(
            "--config",
            type=click.Path(path_type=Path),
            is_eager=True,
            expose_value=False,
            callback=_load_config,
            help=f"Options from this YAML file.  [default: {CONFIG_FILE}, if there is one]",
        ),
        click.option("-q", "--quiet", is_flag=True, help="Only warnings and the summary."),
        click.option("-v", "--verbose", is_flag=True, help="Each request with its timing."),
        click.option("--log-file", type=click.Path(path_type=Path), help="Append the log to this file, too."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout."),
    ):
        command = option(command)
    return command


def scrub_environment(database_url: str | None) -> None:
    """Take token and database URL out of the environment, so that no child process inherits them."""
    for variable in TOKEN_VARIABLES:
        os.environ.pop(variable, None)
    for variable in [
        name for name in os.environ if name in _DATABASE_VARIABLES or name.endswith("_DATABASE_URL")
    ]:
        if os.environ[variable] == database_url or variable in _DATABASE_VARIABLES:
            del os.environ[variable]


def _load_config(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    path = value or Path(CONFIG_FILE)
    if value is None and not path.is_file():
        return
    config = _read_config(path)
    sections = (
        ctx.parent.command.commands if ctx.parent and isinstance(ctx.parent.command, click.Group) else {}
    )
    options = {name: option.name for option in ctx.command.params for name in _config_names(option)}
    everywhere = {
        name for command in sections.values() for option in command.params for name in _config_names(option)
    }
    defaults: dict[str, Any] = {}
    for key, setting in config.items():
        if key in sections and isinstance(setting, Mapping):
            if key == ctx.info_name:
                _expect_known(path, setting, set(options), f"{key}: ")
                defaults |= {str(options[name]): content for name, content in setting.items()}
        elif key in everywhere:
            if key in options:
                defaults.setdefault(str(options[key]), setting)
        else:
            _expect_known(path, {key: setting}, everywhere | set(sections), "")
    ctx.default_map = defaults


def _read_config(path: Path) -> Mapping[str, Any]:
    import yaml

    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(
            f"The config file {path} cannot be read: {' '.join(str(error).split())[:160]}"
        ) from None
    if not isinstance(config, Mapping):
        raise BadInput(f"The config file {path} must hold `option: value` lines.")
    return config


def _config_names(option: click.Parameter) -> list[str]:
    return [name.lstrip("-") for name in option.opts if name.startswith("--")]


def _expect_known(path: Path, setting: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in setting:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise BadInput(f"{path}: {where}there is no option {key!r}.{hint}")
