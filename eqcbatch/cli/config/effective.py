"""The settings as they hold, each with the place it comes from. No secret leaves this module."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import click

from eqcbatch.cli.command_tree import options_by_name, runnable
from eqcbatch.cli.config.file import ConfigFile, Setting
from eqcbatch.cli.config.variables import variable_in_use
from eqcbatch.errors import BadInput
from eqcbatch.humanize import shorten

SET, NOT_SET = "set", "not set"
_SECRET = ("token", "token-command")  # a command may hold what the token is got with
_DATABASES = ("database-url", "source")


class Origin(str, Enum):
    """The places, the strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    PROFILE = "profile"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Effective:
    """A setting of a command as it holds. value: fit to be seen. place: the flag, variable or line."""

    command: str
    option: str
    value: str
    origin: Origin
    place: str


@dataclass(frozen=True, slots=True)
class Layers:
    """What lies over the defaults: the file, a profile of it, and the flags of one command."""

    config: ConfigFile
    profile: str | None = None
    flags: Sequence[str] = ()

    def effective(self, words: str, command: click.Command) -> list[Effective]:
        """The settings of a command, called by these words. Raises BadInput if the profile does not exist."""
        typed, settings = self._typed(words, command), self.config.settings(command, words.split()[0])
        options = _settable(command)
        if "profile" in options and (profile := _profile(typed, settings, options["profile"])):
            settings |= self.config.profile(command, profile)
        return [
            _effective(words, name, option, typed.get(str(option.name)), settings.get(name))
            for name, option in options.items()
        ]

    def _typed(self, words: str, command: click.Command) -> Mapping[str, Any]:
        ctx = click.Context(command, info_name=f"eqcbatch {words}")
        found = command.make_parser(ctx).parse_args(list(self.flags))[0]
        typed = {name: value for name, value in found.items() if isinstance(value, (str, bool, int, list))}
        return {"profile": self.profile, **typed} if self.profile else typed


def leaves(commands: Iterable[click.Command]) -> dict[str, click.Command]:
    """Every command that does something, by the words that call it."""
    return {words: one for command in commands for words, one in runnable(command).items()}


def _place_of_database(url: str) -> str:
    """Where a database is, without user and password; `set` where that cannot be told."""
    from eqcbatch.postgres import EMBEDDED, Postgres

    if url == EMBEDDED:
        return url
    try:
        return Postgres(url).name
    except BadInput:
        return f"{SET}, but no URL that can be read"


def _settable(command: click.Command) -> dict[str, click.Parameter]:
    """The options that can be set from elsewhere, and arguments that have a variable."""
    options = {name: one for name, one in options_by_name(command).items() if one.expose_value}
    arguments = {
        str(one.name): one for one in command.params if isinstance(one, click.Argument) and one.envvar
    }
    return {**arguments, **options}


def _profile(
    typed: Mapping[str, Any], settings: Mapping[str, Setting], option: click.Parameter
) -> str | None:
    variable = variable_in_use(option)
    in_file = settings["profile"].value if "profile" in settings else None
    return typed.get("profile") or (os.environ[variable] if variable else in_file)


def _effective(
    words: str, name: str, option: click.Parameter, typed: Any, setting: Setting | None
) -> Effective:
    variable = variable_in_use(option)
    if typed is not None:
        place = f"--{name}" if isinstance(option, click.Option) else name.upper()
        return Effective(words, name, _fit(name, typed), Origin.FLAG, place)
    if variable:
        return Effective(words, name, _fit(name, os.environ[variable]), Origin.ENVIRONMENT, variable)
    if setting:
        origin = Origin.PROFILE if setting.profile else Origin.FILE
        return Effective(words, name, _fit(name, setting.value), origin, setting.place)
    return Effective(words, name, _fit(name, option.to_info_dict()["default"]), Origin.DEFAULT, "default")


def _fit(name: str, value: Any) -> str:
    """A value as it may be seen."""
    if value is None or value == "":
        return NOT_SET
    if name in _SECRET:
        return SET
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in _DATABASES and _looks_like_database(str(value), name):
        return _place_of_database(str(value))
    text = value if isinstance(value, str) else _plain(value)
    return shorten(_without_credentials(text))


def _plain(value: Any) -> str:
    if isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value):
        return " ".join(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _looks_like_database(text: str, name: str) -> bool:
    return name == "database-url" or "://" in text or "=" in text


def _without_credentials(text: str) -> str:
    """Without what stands before the @ of a URL, or behind `password=`."""
    text = re.sub(r"://.*@", "://***@", text)
    return re.sub(r"(?i)(password\s*=\s*)('[^']*'|[^\s&]+)", r"\1***", text)
