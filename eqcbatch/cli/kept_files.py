"""The files that no output takes the place of: what the settings of all commands name, and what plans read.

A token file that only the config file knows, or last month's source, is as lost as one that stands on the
command line.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import click

from eqcbatch.cli.command_tree import runnable
from eqcbatch.cli.config.file import ConfigFile
from eqcbatch.cli.config.precedence import commands_of, config_of
from eqcbatch.cli.config.variables import variables_of
from eqcbatch.cli.output_files import OutputFile
from eqcbatch.settings import DEFAULT_LEDGER

PACE_VARIABLE = "EQCBATCH_PACE_FILE"
_BESIDE_A_DATABASE = {
    "": "the {}",
    "-wal": "the write-ahead log of the {}",
    "-shm": "the shared memory of the {}",
    "-journal": "the journal of the {}",
}
_BESIDE_A_LEDGER = {".lock": "the lock of the ledger", ".holder.json": "the ledger's note of who writes it"}
_ARCHIVE = ".answers.sqlite"
# What requests and libpq read, where these name it: a variable, or a parameter of a database URL.
_VARIABLES_OF_LIBRARIES = (
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC", "PGPASSFILE", "PGSERVICEFILE"),
    *("PGSSLCERT", "PGSSLKEY", "PGSSLROOTCERT", "PGSSLCRL"),
)
_PARAMETERS_OF_DATABASES = frozenset(["passfile", "sslcert", "sslkey", "sslrootcert", "sslcrl"])


def kept_files(ctx: click.Context) -> dict[Path, str]:
    """What this run reads, or another one with these settings, and what each is."""
    config = config_of(ctx)
    ledgers = _ledgers(ctx, config)
    kept: dict[Path, str] = {}
    for file, what in chain(
        *(files_of_ledger(ledger).items() for ledger in ledgers),
        [(config.path, "the config file")] if config.path else (),
        files_of_pace(Path(pace)).items() if (pace := os.environ.get(PACE_VARIABLE)) else (),
        _own(ctx),
        *(_sources_of(ledger) for ledger in ledgers),
        _named_elsewhere(ctx, config),
    ):
        kept.setdefault(file, what)
    return kept


def files_of_ledger(ledger: Path) -> dict[Path, str]:
    """A ledger, and all that stands beside it by its name, whether it is there just now or not."""
    real = Path(os.path.realpath(ledger))

    def beside(ending: str) -> Path:
        return real.with_name(real.name + ending)

    return {
        **{beside(ending): what.format("ledger") for ending, what in _BESIDE_A_DATABASE.items()},
        **{beside(ending): what for ending, what in _BESIDE_A_LEDGER.items()},
        **{beside(_ARCHIVE + ending): what.format("archive") for ending, what in _BESIDE_A_DATABASE.items()},
    }


def files_of_pace(pace: Path) -> dict[Path, str]:
    """A pace file and its lock."""
    real = os.path.realpath(pace)
    return {Path(real): "the pace file", Path(f"{real}.lock"): "the lock of the pace file"}


def what_names(param: click.Parameter) -> str:
    """Say what the file of a parameter is."""
    return "the source itself" if param.name == "source" else f"what {named(param)} names"


def named(param: click.Parameter) -> str:
    """A parameter as it is typed."""
    return param.opts[-1] if isinstance(param, click.Option) else str(param.name).upper()


def _ledgers(ctx: click.Context, config: ConfigFile) -> list[Path]:
    """The ledger of this run, and those that the settings of others name."""
    own = ctx.params.get("ledger")
    others = [Path(file) for _, file in _settings(ctx, config, _names_a_ledger)]
    return list(dict.fromkeys([*([own] if own else []), *others, Path(DEFAULT_LEDGER)]))


def _own(ctx: click.Context) -> Iterator[tuple[Path, str]]:
    for param in ctx.command.params:
        for file in _files(param, ctx.params.get(param.name or "")):
            yield file, what_names(param)


def _sources_of(ledger: Path) -> Iterator[tuple[Path, str]]:
    if ledger.is_file():
        from eqcbatch.ledger import files_of_sources

        for file in files_of_sources(ledger):
            yield file, "a source of the ledger"


def _named_elsewhere(ctx: click.Context, config: ConfigFile) -> Iterator[tuple[Path, str]]:
    for place, file in _settings(ctx, config, _reads_a_file):
        yield Path(file), f"what {place} names"
    for variable in _VARIABLES_OF_LIBRARIES:
        if value := os.environ.get(variable):
            yield Path(value), f"what {variable} names"
    own = ctx.params.get("database_url")
    for url in (*([own] if own else []), *(url for _, url in _settings(ctx, config, _names_a_database))):
        for name, value in _parameters(url):
            if name in _PARAMETERS_OF_DATABASES:
                yield Path(value), f"what {name} of the database URL names"


def _parameters(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query)
    except ValueError:
        return []  # whoever opens the database says what is wrong


def _settings(
    ctx: click.Context, config: ConfigFile, wanted: Callable[[click.Parameter], bool]
) -> Iterator[tuple[str, str]]:
    """Where a wanted parameter of any command is set, by a variable or in the config file, and to what."""
    params = [param for one in _commands(ctx) for param in one.params if wanted(param)]
    for variable in dict.fromkeys(variable for param in params for variable in variables_of(param)):
        if value := os.environ.get(variable):
            yield variable, value
    options = {_in_config(param) for param in params if isinstance(param, click.Option)}
    for name, value in config.texts_of(options):
        yield f"{name} in {config.path}", value


def _commands(ctx: click.Context) -> Iterable[click.Command]:
    commands = commands_of(ctx) or {"": ctx.command}
    return [leaf for one in commands.values() for leaf in runnable(one).values()]


def _names_a_ledger(param: click.Parameter) -> bool:
    return param.name == "ledger"


def _names_a_database(param: click.Parameter) -> bool:
    return param.name == "database_url"


def _reads_a_file(param: click.Parameter) -> bool:
    """Whether a parameter names a file to read; plan's SOURCE may be a URL, too."""
    read = isinstance(param.type, click.Path) and not isinstance(param.type, OutputFile)
    return read or (isinstance(param, click.Argument) and param.name == "source")


def _in_config(param: click.Parameter) -> str:
    return max(param.opts, key=len).lstrip("-")


def _files(param: click.Parameter, value: object) -> Iterable[Path]:
    if isinstance(param.type, OutputFile) or not value:
        return ()
    if isinstance(value, Path):
        return (value,)
    return (Path(value),) if isinstance(value, str) and isinstance(param, click.Argument) else ()
