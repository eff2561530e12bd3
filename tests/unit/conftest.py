"""What unit tests share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def alone(without_environment: None) -> None:
    """Every test has an environment of its own, and a directory only if it asks for one."""
