"""The command line: parse, call one use case, print. Nothing else knows click, loguru, tqdm or exit codes.

`app` names the commands, each of which has a module of its own; `options`, `sources`, `confidences` and
`database` are what they share; `config_file` and `environment` say where options come from, `layers` which of
these places counts, and `effective` what then holds; `render` and `progress` print; `exits` turns errors into
exit codes.
"""

from eqcbatch.cli.app import main

__all__ = ["main"]
