"""The plan of the house: small files and functions, short chains of imports, names that mean one thing."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
LONGEST_MODULE, LONGEST_FUNCTION, LONGEST_CHAIN = 300, 45, 20

# The names that several files share, each of them for one thing on several floors.
ONE_THING = {
    "apply": "the command, its use case, its text",
    "audit": "the command, the use case with its room, its text",
    "check": "the command, the doctor, its text",
    "companies": "the details of companies: values, rows of the ledger, on the way to Postgres",
    "config": "the settings of a run, and the command that shows them",
    "decisions": "what people decide of names: values, rows of the ledger",
    "demo": "the command, the job it does, its text",
    "drain": "the command, its options, the sessions, their text",
    "eqc": "the registry, and what the doctor says of it",
    "flush": "the command, its use case, its text",
    "forecast": "how long the rest takes, and its text",
    "name_details": "all that is known of a name, and its text",
    "names": "the names of customers: their rules, their rows in the ledger",
    "plan": "the command, its use case, its text",
    "postgres": "the server, and what the doctor says of it",
    "provenance": "where an id comes from, and its text",
    "remarks": "what is noticed of a source: values, their counter, their text",
    "replay": "all verdicts once more, and their text",
    "report": "the command, what it tells, its text",
    "request_queue": "the queue of requests for names: values, rows of the ledger, use case",
    "requests": "the requests to EQC: values, rows of the ledger",
    "results": "what is found for names: values, on the way to Postgres",
    "review": "the commands, their use cases, their text",
    "second_questions": "rows of the ledger, and what they came to as text",
    "settings": "those that several rooms share, and those of a drain",
    "simulate": "the command, and the simulated EQC",
    "source": "where names come from, and the options that say so",
    "sources": "those that count: rows of the ledger, use case, command, text",
    "watch": "the report again and again: when, and what is shown",
    "temporary_ids": "ids that stand in for others: their salt, those that are resolved, their text",
}


@cache
def graph() -> grimp.ImportGraph:
    """The imports of the package that happen when it runs."""
    return grimp.build_graph("eqcbatch", exclude_type_checking_imports=True)


@cache
def longest_chain(module: str) -> tuple[str, ...]:
    """The longest chain of imports that begins with a module; there is no circle, as the layers see to."""
    further = (longest_chain(one) for one in graph().find_modules_directly_imported_by(module))
    return (module, *max(further, key=len, default=()))


def sources() -> Iterator[Path]:
    """All modules that are run, of the package and the scripts."""
    for directory in ("eqcbatch", "scripts"):
        yield from (ROOT / directory).rglob("*.py")


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All that a module says, read once."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """The functions of a module, with the lines that each takes."""
    for node in nodes(path):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_module_is_longer_than_300_lines() -> None:
    """A longer one holds two subjects."""
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert [] == [str(path) for path, count in lines.items() if count > LONGEST_MODULE]


def test_no_function_is_longer_than_45_lines() -> None:
    """Its body does not fit one look."""
    long = [
        f"{path}: {name}" for path in sources() for name, lines in functions(path) if lines > LONGEST_FUNCTION
    ]
    assert [] == long


def test_no_chain_of_imports_is_longer_than_20() -> None:
    """Whoever follows a call passes through no more floors."""
    chain = max((longest_chain(module) for module in graph().modules), key=len)
    assert len(chain) <= LONGEST_CHAIN, " -> ".join(chain)


def test_a_name_means_one_thing() -> None:
    """Files that share a name are one thing on several floors, and said to be so above."""
    by_name = defaultdict(list)
    for module in graph().modules:
        by_name[module.rpartition(".")[2]].append(module)
    shared = {name: modules for name, modules in by_name.items() if len(modules) > 1}
    assert {} == {name: modules for name, modules in shared.items() if name not in ONE_THING}
    assert set() == ONE_THING.keys() - shared.keys()


def test_what_is_printed_is_made_safe_by_one_room() -> None:
    """Save versions, `cli/terminal/output.py` alone prints: others could forget whose text it is."""
    printing = {
        path.name
        for path in (ROOT / "eqcbatch").rglob("*.py")
        for node in nodes(path)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("click.echo", "click.secho", "print")
    }
    assert {"output.py", "versions.py"} == printing


@pytest.mark.parametrize(
    "package", sorted(str(path.relative_to(ROOT).parent) for path in (ROOT / "eqcbatch").rglob("__init__.py"))
)
def test_the_init_of_a_package_holds_names_only(package: str) -> None:
    """What a package does stands in files that say so by their names."""
    tree = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8"))
    beside = [node for node in tree.body if not isinstance(node, (ast.Expr, ast.Import, ast.ImportFrom))]
    assert {"__all__", "__version__"} >= {_assigned(node) for node in beside}


def _assigned(node: ast.stmt) -> str:
    """The name that a statement sets, "" if it is none that does so."""
    return ast.unparse(node.targets[0]) if isinstance(node, ast.Assign) else ""


def test_no_text_names_a_class_of_python() -> None:
    """`type(error).__name__` tells a user nothing: say what happened."""
    found = [
        f"{path}:{node.lineno}"
        for path in sorted((Path(__file__).parents[2] / "eqcbatch").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "__name__"
        if isinstance(node.value, ast.Call)
    ]
    assert [] == found
