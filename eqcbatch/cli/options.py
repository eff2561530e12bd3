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
STRUCTURE = click.UNPROCESSED  # the type of an option that is a block of lines in a config file
SOURCE_VARIABLE = "EQCBATCH_PLAN_SOURCE"  # plan's SOURCE, which may be a database URL
_DATABASE_VARIABLES = ("EQCBATCH_DATABASE_URL", "WDH_DATABASE__URI")
_UNSET = ("", "~", "null")  # how YAML writes nothing

Command = TypeVar("Command", bound=Callable[..., Any])
Value = TypeVar("Value")


def reading(parse: Callable[[Any], Value]) -> Callable[[click.Context, click.Parameter, Any], Value | None]:
    """A click callback that reads an option's value by `parse`; its BadInput becomes a usage error."""

    def callback(ctx: click.Context, param: click.Parameter, value: Any) -> Value | None:
        if value is None:
            return None
        try:
            return parse(value)
        except BadInput as error:
            raise click.BadParameter(str(error), ctx, param) from None

    return callback


def reading_yaml(
    parse: Callable[[Any], Value],
) -> Callable[[click.Context, click.Parameter, Any], Value | None]:
    """A click callback for a STRUCTURE: `parse` reads the block of a config file, or the YAML of a text."""

    def parse_block(setting: Any) -> Value:
        import yaml

        try:
            return parse(_load_yaml(setting) if isinstance(setting, str) else setting)
        except yaml.YAMLError:
            raise BadInput(f"It is no YAML. Better write it as a block of lines in {CONFIG_FILE}.") from None

    return reading(parse_block)


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


def config_option(command: Command) -> Command:
    """--config."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        is_eager=True,
        expose_value=False,
        callback=_load_config,
        help=f"Options from this YAML file.  [default: {CONFIG_FILE}, if there is one]",
    )(command)


def output_options(command: Command) -> Command:
    """--json, --log-file, -v, -q, --config."""
    for option in (
        config_option,
        click.option("-q", "--quiet", is_flag=True, help="Only warnings and the summary."),
        click.option("-v", "--verbose", is_flag=True, help="Each request with its timing."),
        click.option("--log-file", type=click.Path(path_type=Path), help="Append the log to this file, too."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout."),
    ):
        command = option(command)
    return command


def runnable(command: click.Command) -> dict[str, click.Command]:
    """A command by its name; the commands of a group by theirs behind it, such as `review export`."""
    if not isinstance(command, click.Group):
        return {str(command.name): command}
    return {
        f"{command.name} {name}": found
        for one in command.commands.values()
        for name, found in runnable(one).items()
    }


def name_variables(command: click.Command) -> None:
    """Let every option of a command come from EQCBATCH_<COMMAND>_<OPTION>, before any other variable.

    Where the command is one of a group, so is the variable: EQCBATCH_REVIEW_EXPORT_<OPTION>.
    """
    for words, one in runnable(command).items():
        for name, option in _options(one).items():
            variable = f"EQCBATCH_{words}_{name}".replace("-", "_").replace(" ", "_").upper()
            others = [option.envvar] if isinstance(option.envvar, str) else option.envvar or []
            option.envvar = [variable, *others]


def scrub_environment() -> None:
    """Take token and database URLs out of the environment, so that no child process inherits them."""
    for variable in TOKEN_VARIABLES:
        os.environ.pop(variable, None)
    for variable in list(os.environ):
        ours = variable.startswith("EQCBATCH_") and variable.endswith("_DATABASE_URL")
        if ours or variable in (*_DATABASE_VARIABLES, SOURCE_VARIABLE):
            del os.environ[variable]


def _load_config(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    path = value or Path(CONFIG_FILE)
    if value is None and not path.is_file():
        return
    root = ctx.find_root().command
    commands = root.commands if isinstance(root, click.Group) and root is not ctx.command else {}
    chosen = _word_of(ctx)
    here = _settings(ctx.command)
    everywhere = {name for command in commands.values() for name in _settings(command)}
    top: dict[str, Any] = {}
    section: dict[str, Any] = {}
    for key, setting in _read_config(path).items():
        if key in commands and isinstance(setting, Mapping):
            _expect_known(path, setting, set(_settings(commands[key])), f"{key}: ")
            section |= setting if key == chosen else {}
        elif key in commands and key not in everywhere and setting:
            raise BadInput(f"{path}: {key} is a section. Indent its `option: value` lines under it.")
        else:
            _expect_known(path, {key: setting}, everywhere | set(commands), "")
            top[key] = setting
    ctx.default_map = {
        str(here[name].name): _value(path, name, setting, here[name])
        for name, setting in (top | section).items()
        if name in here and setting not in _UNSET
    }


def _read_config(path: Path) -> Mapping[str, Any]:
    import yaml

    try:
        config = _load_yaml(path.read_text(encoding="utf-8")) or {}
    except OSError as error:
        raise BadInput(f"The config file {path} cannot be read: {error.strerror or error}.") from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        # YAML's own message would quote the line, and a password may stand there.
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else type(error).__name__
        raise BadInput(
            f"The config file {path} cannot be read: {where}. "
            "Look for an open bracket; a value that begins with a sign needs quotes."
        ) from None
    if not isinstance(config, Mapping):
        raise BadInput(f"The config file {path} must hold `option: value` lines.")
    return config


def _load_yaml(text: str) -> Any:
    import yaml

    # Scalars stay the text they are: 22:00 is a time, no number of minutes, and 0012 a name.
    return yaml.load(text, Loader=yaml.BaseLoader)


def _value(path: Path, name: str, setting: Any, option: click.Option) -> Any:
    """Return a setting as its option takes it: a text, a list of texts where it may be repeated, or more."""
    if option.type is STRUCTURE:
        return setting
    multiple = option.multiple
    texts = setting if isinstance(setting, list) else [setting]
    if not all(isinstance(text, str) for text in texts) or (isinstance(setting, list) and not multiple):
        raise BadInput(f"{path}: {name} takes one value{' or a list of them' if multiple else ''}.")
    return texts if multiple else texts[0]


def _options(command: click.Command) -> dict[str, click.Option]:
    """Return a command's options by their names without dashes."""
    return {
        name.lstrip("-"): option
        for option in command.params
        if isinstance(option, click.Option)
        for name in option.opts
        if name.startswith("--")
    }


def _settings(command: click.Command) -> dict[str, click.Option]:
    """Return the options of a command that a config file may hold: all but the one that names the file.

    The section of a group holds options of any of its commands.
    """
    return {
        name: option
        for one in runnable(command).values()
        for name, option in _options(one).items()
        if option.expose_value
    }


def _word_of(ctx: click.Context) -> str | None:
    """Return the first word of a command: of a group's command, the group."""
    while ctx.parent and ctx.parent.parent:
        ctx = ctx.parent
    return ctx.info_name


def _expect_known(path: Path, setting: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in setting:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise BadInput(f"{path}: {where}there is no option {key!r}.{hint}")
