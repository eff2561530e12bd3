"""Write every --help and the ledger's tables into docs/reference.md; --check says if they stand there."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from pathlib import Path

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference.md"


def help_of(command: str) -> str:
    """What `eqcbatch COMMAND --help` prints, 80 columns wide; a group's command is named by two words."""
    from click.testing import CliRunner

    from eqcbatch.cli.app import app

    outcome = CliRunner().invoke(app, [*command.split(), "--help"], prog_name="eqcbatch", terminal_width=80)
    return outcome.output.rstrip()


def help_texts() -> str:
    """All help texts as Markdown."""
    from eqcbatch.cli.app import app
    from eqcbatch.cli.command_tree import runnable

    names = [name for command in app.commands.values() for name in runnable(command)]
    return "\n".join(
        f"<details><summary><code>eqcbatch {name} --help</code></summary>\n\n"
        f"```\n{help_of(name)}\n```\n\n</details>"
        for name in names
    )


def ledger_tables() -> str:
    """The tables of a ledger as it is made today, as Markdown."""
    from eqcbatch.ledger.migrations import migrations
    from eqcbatch.ledger.sqlite import Database

    ledger = Database(memory=True)
    migrations.apply(ledger)
    tables = ledger.execute("SELECT sql FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    ledger.close()
    definitions = [_tidy(definition) for (definition,) in tables if "_sqlite_migrations" not in definition]
    return "```sql\n" + ";\n\n".join(definitions) + ";\n```"


def _tidy(definition: str) -> str:
    """A table's definition with a line for each column, those that were added later too."""
    head, _, body = definition.replace('"', "").partition("\n")
    columns, _, tail = body.rpartition(")")
    lines = re.sub(r"\s*,\s*(?=\w+ (?:TEXT|REAL|INTEGER)\b)", ",\n", columns).strip()
    flush_left = re.sub(r" *\n *", "\n", lines)
    return f"{head}\n{textwrap.indent(flush_left, '    ')}\n){tail.rstrip()}"


GENERATED = {"help": help_texts, "schema": ledger_tables}


def refreshed(text: str) -> str:
    """The page with the help texts and tables of now."""
    for name, generate in GENERATED.items():
        begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
        head, _, rest = text.partition(begin)
        text = f"{head}{begin}\n{generate()}\n{end}" + rest.partition(end)[2]
    return text


def main(arguments: list[str]) -> int:
    """Refresh the page, or check it."""
    for name in [name for name in os.environ if name.startswith(("EQCBATCH_", "COLUMNS"))]:
        del os.environ[name]
    text = REFERENCE.read_text(encoding="utf-8")
    wanted = refreshed(text)
    if arguments == ["--check"]:
        return int(text != wanted)
    REFERENCE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
