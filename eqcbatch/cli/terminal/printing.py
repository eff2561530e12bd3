"""What programs read on stdout."""

from __future__ import annotations

import json
from typing import Any

import click


def print_json(content: Any) -> None:
    """One JSON object on stdout."""
    click.echo(json.dumps(content, ensure_ascii=False))
