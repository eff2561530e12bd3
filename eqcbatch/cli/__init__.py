"""The command line: parse, call one use case, print. Nothing else knows click, loguru, tqdm or exit codes.

`app` names the commands; `options` what they share; `job`, `setup` and `trying` are the commands;
`render` and `progress` print; `exits` turns errors into exit codes.
"""

from eqcbatch.cli.app import main

__all__ = ["main"]
