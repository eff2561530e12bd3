"""`python -m eqcbatch` is the `eqcbatch` command."""

from eqcbatch.cli.app import main

if __name__ == "__main__":
    main()
