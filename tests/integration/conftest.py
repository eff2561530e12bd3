"""What the integration tests share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eqcbatch.simulate import Simulator
from tests.conftest import Run
from tests.drains import Job


@pytest.fixture
def job(eqcbatch: Run, simulator: Callable[..., Simulator]) -> Callable[..., Job]:
    """Make a job with a simulator of these options."""
    return lambda **options: Job(eqcbatch, simulator(**options))
