"""The config file: options at the top level, in a section by command, and in a profile by dataset.

Only this module knows what the file looks like; `precedence` puts it below the environment.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import click

from eqcbatch.cli.command_tree import options_by_name, runnable
from eqcbatch.cli.config.variables import sections_of
from eqcbatch.cli.parsing import Value, reading
from eqcbatch.errors import BadInput
from eqcbatch.humanize import did_you_mean
from eqcbatch.ownership import stranger_of

CONFIG_FILE = "eqcbatch.yml"
PROFILES = "profiles"
# How a dataset is read, whatever its file is called this month.
PROFILE_OPTIONS = frozenset(
    [
        "as",
        "column",
        "sheet",
        "header-row",
        "plan-code-column",
        "id-column",
        "weight-column",
        "evidence-column",
        "counted",
        "blank-names",
        "name-rules",
        "overrides",
        "sql",
    ]
)
STRUCTURE = click.UNPROCESSED  # the type of an option that is a block of lines in a config file
_UNSET = ("", "~", "null")  # how YAML writes nothing


class Setting(NamedTuple):
    """A value as its option takes it, and where in the file it stands, such as `eqcbatch.yml, drain`."""

    value: Any
    place: str
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A config file whose keys are all known. path: None where there is no file; then all is empty."""

    path: Path | None = None
    top: Mapping[str, Any] = field(default_factory=dict)
    sections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    profiles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def settings(self, command: click.Command, word: str) -> dict[str, Setting]:
        """What is said of a command's options, by their names. word: the command, or its group."""
        found = self._read(command, self.top, "")
        for name, options in sections_of(word).items():
            of_section = self.sections.get(name, {})
            counting = {key: of_section[key] for key in of_section if options is None or key in options}
            found |= self._read(command, counting, f", {name}")
        return found

    def profile(self, command: click.Command, name: str) -> dict[str, Setting]:
        """What a profile says of a command's options. Raises BadInput if no profile is called so."""
        if name not in self.profiles:
            raise BadInput(f"There is no profile {name!r}. {self._known_profiles(name)}")
        found = self._read(command, self.profiles[name], f", profile {name}")
        return {option: setting._replace(profile=name) for option, setting in found.items()}

    def texts_of(self, options: Collection[str]) -> Iterator[tuple[str, str]]:
        """Each text that stands anywhere in the file for one of these options, with its option."""
        for settings in (self.top, *self.sections.values(), *self.profiles.values()):
            for name in settings.keys() & options:
                texts = settings[name] if isinstance(settings[name], list) else [settings[name]]
                yield from ((name, text) for text in texts if isinstance(text, str) and text not in _UNSET)

    def _read(self, command: click.Command, settings: Mapping[str, Any], where: str) -> dict[str, Setting]:
        here, place = options_by_name(command), f"{self.path}{where}"
        return {
            name: Setting(_value(place, name, setting, here[name]), place)
            for name, setting in settings.items()
            if name in here and here[name].expose_value and setting not in _UNSET
        }

    def _known_profiles(self, name: str) -> str:
        if self.path is None:
            return f"Profiles stand in a config file, and there is no {CONFIG_FILE} in {Path.cwd()}."
        known = ", ".join(self.profiles) or "none"
        return f"{_near(name, self.profiles)}{self.path} has: {known}."


def read_config(named: Path | None, commands: Mapping[str, click.Command]) -> ConfigFile:
    """Read the named file, else `eqcbatch.yml` where there is one.

    commands: all there are, by name. Raises BadInput if the file cannot be read, or a key in it is no option;
    or if it only happens to be there, and others own it or may write it: it says where the token goes, and
    what is run to get one.
    """
    path = named or Path(CONFIG_FILE)
    if named is None and not path.is_file():
        return ConfigFile()
    if named is None and (why := stranger_of(path)):
        raise BadInput(
            f"The config file {path.absolute()} is not ours alone: {why}. "
            f"Work elsewhere, run `chmod go-w {path}`, or say that it is meant: --config {path}"
        )
    everywhere = {name for command in commands.values() for name in _settings(command)}
    top: dict[str, Any] = {}
    sections: dict[str, Mapping[str, Any]] = {}
    profiles: dict[str, Mapping[str, Any]] = {}
    for key, setting in _load(path).items():
        if key == PROFILES:
            profiles = _read_profiles(path, setting)
        elif key in commands and isinstance(setting, Mapping):
            _expect_known(path, setting, _settings(commands[key]), f"{key}: ")
            sections[key] = setting
        elif key in commands and key not in everywhere and setting:
            raise BadInput(f"{path}: {key} is a section. Indent its `option: value` lines under it.")
        else:
            _expect_known(path, {key: setting}, everywhere | set(commands) | {PROFILES}, "")
            top[key] = setting
    return ConfigFile(path, top, sections, profiles)


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


def _read_profiles(path: Path, profiles: Any) -> dict[str, Mapping[str, Any]]:
    if not isinstance(profiles or {}, Mapping):
        raise BadInput(f"{path}: {PROFILES} must hold names, and under each its `option: value` lines.")
    for name, settings in (profiles or {}).items():
        if not isinstance(settings, Mapping):
            raise BadInput(f"{path}: {PROFILES}: {name} must hold `option: value` lines.")
        _expect_known(path, settings, PROFILE_OPTIONS, f"{PROFILES}: {name}: ")
    return dict(profiles or {})


def _load(path: Path) -> Mapping[str, Any]:
    import yaml

    try:
        config = _load_yaml(path.read_text(encoding="utf-8-sig")) or {}
    except OSError as error:
        raise BadInput(f"The config file {path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise BadInput(f"The config file {path} is no text in UTF-8. Save it as one.") from None
    except yaml.YAMLError as error:
        # YAML's own message would quote the line, and a password may stand there.
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "it is no YAML"
        raise BadInput(
            f"The config file {path} cannot be read: {where}. "
            "Look for a tab or an open bracket; a value that begins with a sign needs quotes."
        ) from None
    if not isinstance(config, Mapping):
        raise BadInput(f"The config file {path} must hold `option: value` lines.")
    return config


def _load_yaml(text: str) -> Any:
    import yaml

    # Scalars stay the text they are: 22:00 is a time, no number of minutes, and 0012 a name.
    return yaml.load(text, Loader=yaml.BaseLoader)


def _value(where: str, name: str, setting: Any, option: click.Option) -> Any:
    """Return a setting as its option takes it: a text, a list of texts where it may be repeated, or more."""
    if option.type is STRUCTURE:
        return setting
    multiple = option.multiple
    texts = setting if isinstance(setting, list) else [setting]
    if not all(isinstance(text, str) for text in texts) or (isinstance(setting, list) and not multiple):
        raise BadInput(f"{where}: {name} takes one value{' or a list of them' if multiple else ''}.")
    return texts if multiple else texts[0]


def _settings(command: click.Command) -> set[str]:
    """Return the options of a command that a config file may hold: all but the one that names the file.

    The section of a group holds options of any of its commands.
    """
    return {
        name
        for one in runnable(command).values()
        for name, option in options_by_name(one).items()
        if option.expose_value
    }


def _expect_known(path: Path, settings: Mapping[str, Any], known: Collection[str], where: str) -> None:
    for key in settings:
        if key not in known:
            raise BadInput(f"{path}: {where}there is no option {key!r}. {_near(str(key), known)}".strip())


def _near(word: str, known: Iterable[str]) -> str:
    hint = did_you_mean(word, known)
    return f"{hint} " if hint else ""
