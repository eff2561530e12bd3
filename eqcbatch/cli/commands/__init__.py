"""One module a command, called like it: its options, one use case, and what is printed of the result.

A module imports what its options need at the top, and what the use case needs inside the function: `--help`
and the shell's completion must not load pandas, psycopg or requests.
"""
