"""Write every command's --help into README.md, or with --check say whether it stands there already."""

from __future__ import annotations

import os
import sys
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- help:begin -->", "<!-- help:end -->"


def help_of(command: str) -> str:
    """What `eqcbatch COMMAND --help` prints, 80 columns wide; a group's command is named by two words."""
    from click.testing import CliRunner

    from eqcbatch.cli.app import app

    outcome = CliRunner().invoke(app, [*command.split(), "--help"], prog_name="eqcbatch", terminal_width=80)
    return outcome.output.rstrip()


def blocks() -> str:
    """All help texts as Markdown."""
    from eqcbatch.cli.app import app
    from eqcbatch.cli.commands import runnable

    names = [name for command in app.commands.values() for name in runnable(command)]
    parts = [
        f"<details><summary><code>eqcbatch {name} --help</code></summary>\n\n"
        f"```\n{help_of(name)}\n```\n\n</details>"
        for name in names
    ]
    return f"{BEGIN}\n" + "\n".join(parts) + f"\n{END}"


def refreshed(text: str) -> str:
    """The README with the help texts of now."""
    head, _, rest = text.partition(BEGIN)
    return head + blocks() + rest.partition(END)[2]


def main(arguments: list[str]) -> int:
    """Refresh the README, or check it."""
    for name in [name for name in os.environ if name.startswith(("EQCBATCH_", "COLUMNS"))]:
        del os.environ[name]
    text = README.read_text(encoding="utf-8")
    wanted = refreshed(text)
    if arguments == ["--check"]:
        return int(text != wanted)
    README.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
