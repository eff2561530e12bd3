"""What the crash tests stand on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crash.harness import Zygote


@pytest.fixture
def zygote() -> Iterator[Zygote]:
    """What forks the commands."""
    forking = Zygote()
    yield forking
    forking.close()
