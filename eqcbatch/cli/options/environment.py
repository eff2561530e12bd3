"""The variables of the environment that hold secrets."""

from __future__ import annotations

import os

from eqcbatch.settings import TOKEN_VARIABLES

SOURCE_VARIABLE = "EQCBATCH_PLAN_SOURCE"  # plan's SOURCE, which may be a database URL
DATABASE_VARIABLES = ("EQCBATCH_DATABASE_URL", "WDH_DATABASE__URI")


def scrub_environment() -> None:
    """Take token and database URLs out of the environment, so that no child process inherits them."""
    for variable in TOKEN_VARIABLES:
        os.environ.pop(variable, None)
    for variable in list(os.environ):
        ours = variable.startswith("EQCBATCH_") and variable.endswith("_DATABASE_URL")
        if ours or variable in (*DATABASE_VARIABLES, SOURCE_VARIABLE):
            del os.environ[variable]
