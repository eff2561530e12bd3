"""The command line: parse, call one use case, print. It decides nothing.

`app` is the way in. `commands` has one module a command; `options` reads what they share, `config` says which
of flag, environment, profile, config file and default counts, `terminal` is what people and programs see
meanwhile. Only this room knows click, loguru, tqdm, and the numbers that errors become (`exit_codes`).
Nothing imports it but `python -m eqcbatch` and the installed command.
"""
