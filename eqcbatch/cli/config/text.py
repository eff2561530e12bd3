"""Settings as they hold, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from eqcbatch.cli.config.effective import Effective, Origin
from eqcbatch.cli.config.file import CONFIG_FILE
from eqcbatch.render.plain_text import table

_MANY = 4  # commands: from here on, `all` is said where all that have a setting are meant


def settings_text(
    settings: Sequence[Effective], file: Path | None, strays: Sequence[str], *, single: bool
) -> str:
    """A table for people, one line for all commands with the same value; what is set stands last.

    single: the settings are those of one command.
    """
    headers = ("setting", "value", "from", "for")[: 3 if single else 4]
    rows = [
        (first.option, first.value, first.place, _those(commands, settings, first.option))[: len(headers)]
        for first, commands in _merged(sorted(settings, key=_rank))
    ]
    return "\n".join([table(rows, headers), "", _where(file), *strays])


def settings_json(settings: Iterable[Effective], file: Path | None, strays: Sequence[str]) -> dict[str, Any]:
    """The same for programs, one entry a command and setting."""
    return {
        "config_file": str(file.absolute()) if file else None,
        "settings": [
            {
                "command": one.command or None,
                "option": one.option,
                "value": one.value,
                "from": one.origin.value,
                "where": one.place,
            }
            for one in settings
        ],
        "unknown_variables": list(strays),
    }


def _rank(setting: Effective) -> int:
    """Defaults first, then what is set, and what belongs to no command."""
    return 2 if not setting.command else int(setting.origin is not Origin.DEFAULT)


def _merged(settings: Iterable[Effective]) -> list[tuple[Effective, list[str]]]:
    """Each value of a setting once, with the commands for which it holds."""
    merged: dict[tuple[str, str, str], tuple[Effective, list[str]]] = {}
    for one in settings:
        merged.setdefault((one.option, one.value, one.place), (one, []))[1].append(one.command)
    return list(merged.values())


def _those(commands: list[str], settings: Iterable[Effective], option: str) -> str:
    having = [one.command for one in settings if one.option == option]
    return "all" if len(commands) >= _MANY and len(commands) == len(having) else ", ".join(commands)


def _where(file: Path | None) -> str:
    if file:
        return f"Config file: {file.absolute()}"
    return f"Config file: none; looked for {Path(CONFIG_FILE).absolute()}"
