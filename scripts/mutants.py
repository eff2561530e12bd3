"""Mutants of a module: its source with one small change each, by the operators of mutmut and a few for SQL.

mutmut itself changes the bodies of functions, and no text in three quotes: neither the tables and patterns of
a module nor its SQL. Both are what most of the mutated modules are made of, so its operators are applied to
every node of a module here, and what is SQL has operators of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, WhitespaceInclusivePositionProvider
from mutmut.mutation.mutators import mutation_operators

# What says nothing of behaviour: types, docstrings, imports; messages of errors, checks for a type checker.
_LEFT_ALONE = (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom, cst.Raise, cst.Assert)
_COMMENT = re.compile(r"  # .*")
_SQL = re.compile(r"\b(SELECT|UPDATE|INSERT|DELETE|WHERE|AND|FROM|SET|IN \(|state = )")
_SWAPS = (
    (r"\bAND\b", "OR"),
    (r"\bOR\b(?! UPDATE| REPLACE)", "AND"),
    (r"\bIS NOT\b", "IS"),
    (r"\bIS(?! NOT)\b", "IS NOT"),
    (r"\bNOT IN\b", "IN"),
    (r"(?<!NOT )\bIN(?= [(\\{])", "NOT IN"),
    (r"\bNOT EXISTS\b", "EXISTS"),
    (r"<>", "="),
    (r"<=", "<"),
    (r">=", ">"),
    (r"(?<![-<])<(?![=>])", "<="),
    (r"(?<![-<])>(?!=)", ">="),
    (r"\bDESC\b", "ASC"),
    (r"\bmax\(", "min("),
    (r"\bmin\(", "max("),
    (r"\+ 1\b", "- 1"),
    (r"- 1\b", "+ 1"),
    (r"(?<=[<>=] )0\b", "1"),
    (r"(?<=[<>=] )1\b", "2"),
    (r"(?<=\bWHERE )(\w+(?:\.\w+)?) = ", r"\1 <> "),
    (r"(?<=\bAND )(\w+(?:\.\w+)?) = ", r"\1 <> "),
    (r"'(\w+)'", r"'not \1'"),
    (r"(?<=\bSET )\w+ = [^,()]+, ", ""),  # an assignment less
    (r",\s+\w+ = (\?|:\w+|NULL|0|'\w+'|\w+ [-+] \d)(?=[,\s]|\Z)", ""),
    (r", (lookup_key|raw|id)(?= LIMIT|\"|\Z)", ""),  # an order less
)

Where = tuple[tuple[str, ...], tuple[str, ...]]  # classes, functions


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change.

    classes, functions: those around it, from the outside inwards. what: the lines as they were, and as
    they are, for people.
    """

    classes: tuple[str, ...]
    functions: tuple[str, ...]
    what: str
    source: str

    @property
    def name(self) -> str:
        """What it is listed by; it does not move with the lines above it."""
        return f"{'.'.join(self.classes + self.functions) or 'module'}: {self.what}"

    @property
    def in_module(self) -> bool:
        """Whether it stands in no class or function."""
        return not self.classes and not self.functions

    @property
    def in_function(self) -> bool:
        """Whether it stands in a function, or in a method of a class."""
        return bool(self.functions) and len(self.classes) <= 1

    @property
    def function(self) -> tuple[str, ...]:
        """Where the function is: its class, if it has one, and its name."""
        return (*self.classes, self.functions[0])


def mutants_of(path: Path) -> list[Mutant]:
    """All mutants of a module, those of one name numbered."""
    text = path.read_text(encoding="utf-8")
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    extents, starts = wrapper.resolve(WhitespaceInclusivePositionProvider), _line_starts(text)
    found: list[Mutant] = []
    seen: Counter[str] = Counter()
    for where, node, changed in _changes(wrapper.module, ((), ())):
        begin, end = (starts[at.line - 1] + at.column for at in (extents[node].start, extents[node].end))
        code = text[:begin] + wrapper.module.code_for_node(changed) + text[end:]
        if code != text and _compiles(code):
            mutant = Mutant(*where, _difference(text, code), code)
            seen[mutant.name] += 1
            number = seen[mutant.name]
            found.append(mutant if number == 1 else replace(mutant, what=f"{mutant.what} ({number})"))
    return found


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _changes(node: cst.CSTNode, where: Where) -> Iterator[tuple[Where, Any, Any]]:
    """Every node with each of its changed forms, and the names of the classes and functions around it."""
    if isinstance(node, _LEFT_ALONE) or _is_docstring(node) or _is_for_types(node):
        return
    if isinstance(node, cst.ClassDef):
        where = ((*where[0], node.name.value), where[1])
    elif isinstance(node, cst.FunctionDef):
        where = (where[0], (*where[1], node.name.value))
    for kind, operator in mutation_operators:
        if isinstance(node, kind):
            for changed in operator(node):
                if not _says_the_same(node, changed):
                    yield where, node, changed
    if isinstance(node, (cst.SimpleString, cst.FormattedStringText)):
        for value in _sql_changes(node.value):
            yield where, node, node.with_changes(value=value)
    for child in node.children:
        yield from _changes(child, where)


def _sql_changes(text: str) -> Iterator[str]:
    if not _SQL.search(text):
        return
    for pattern, replacement in _SWAPS:
        for match in re.finditer(pattern, text):
            yield text[: match.start()] + match.expand(replacement) + text[match.end() :]


def _says_the_same(node: cst.CSTNode, changed: cst.CSTNode) -> bool:
    """SQL in the other case. What it has in quotes is changed by operators of its own."""
    if not isinstance(node, cst.SimpleString) or not isinstance(changed, cst.SimpleString):
        return False
    return bool(_SQL.search(node.value)) and node.value.lower() == changed.value.lower()


def _is_docstring(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Expr) and isinstance(node.value, cst.SimpleString)


def _is_for_types(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.If):
        return isinstance(node.test, cst.Name) and bool(node.test.value == "TYPE_CHECKING")
    if isinstance(node, cst.Assign):
        target = node.targets[0].target
        return isinstance(target, cst.Name) and bool(target.value == "__all__")
    return False


def _compiles(code: str) -> bool:
    try:
        compile(code, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def _difference(before: str, after: str) -> str:
    old, new = before.splitlines(), after.splitlines()
    ahead = _alike(old, new)
    old, new = old[ahead:], new[ahead:]
    behind = _alike(old[::-1], new[::-1])
    return f"{_line(old[: len(old) - behind])} -> {_line(new[: len(new) - behind])}"


def _alike(old: list[str], new: list[str]) -> int:
    """How many lines are the same from the first on."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _line(lines: list[str]) -> str:
    return " ".join(_COMMENT.sub("", line).strip() for line in lines)
