"""The salt that temporary ids are made with: from the environment alone, as it is a secret."""

from __future__ import annotations

import os

from eqcbatch.errors import BadInput

SALT_VARIABLE = "EQCBATCH_TEMP_ID_SALT"


def salt_if_any() -> str | None:
    """The salt, None where none is set."""
    return os.environ.get(SALT_VARIABLE) or None


def required_salt(otherwise: str) -> str:
    """The salt. Raises BadInput where none is set; `otherwise`: what else can be done."""
    salt = salt_if_any()
    if salt is None:
        raise BadInput(
            f"Temporary ids need a salt, and {SALT_VARIABLE} is not set. Set it to the one your other "
            f"pipelines use{otherwise}."
        )
    return salt
