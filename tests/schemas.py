"""The published JSON schemas, and outputs held against them."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from tests.docs import DOCS


def published(name: str) -> dict[str, Any]:
    """A schema of docs/schema."""
    schema: dict[str, Any] = json.loads((DOCS / f"schema/{name}.schema.json").read_text(encoding="utf-8"))
    return schema


def closed(schema: Any) -> Any:
    """The schema, with no key allowed that it does not name: none is left out of what is published."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    ends = {"additionalProperties": False} if "properties" in schema else {}
    return {key: closed(part) for key, part in schema.items()} | ends


def checked(name: str, out: str) -> dict[str, Any]:
    """Validate what a command printed; all of stdout is one object."""
    content: dict[str, Any] = json.loads(out)
    Draft202012Validator(closed(published(name)), format_checker=FormatChecker()).validate(content)
    return content
