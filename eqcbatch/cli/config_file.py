"""The config file, and options whose value is a block of its lines."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from eqcbatch.cli.commands import options_by_name, runnable
from eqcbatch.cli.values import Value, reading
from eqcbatch.errors import BadInput

CONFIG_FILE = "eqcbatch.yml"
STRUCTURE = click.UNPROCESSED  # the type of an option that is a block of lines in a config file
_UNSET = ("", "~", "null")  # how YAML writes nothing


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


def _settings(command: click.Command) -> dict[str, click.Option]:
    """Return the options of a command that a config file may hold: all but the one that names the file.

    The section of a group holds options of any of its commands.
    """
    return {
        name: option
        for one in runnable(command).values()
        for name, option in options_by_name(one).items()
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


config_option = click.option(
    "--config",
    type=click.Path(path_type=Path),
    is_eager=True,
    expose_value=False,
    callback=_load_config,
    help=f"Options from this YAML file.  [default: {CONFIG_FILE}, if there is one]",
)
