"""Runs of mutants: pytest collects the tests once, and for each mutant a fork runs them until one fails.

The test that failed last goes first: the next change is beside the last one, and mostly falls to the same.

In a fork, a function that was changed gets its new code, and a constant that was changed its new value in
every module that has it. What stands in a class outside its methods (a field, a member of an enum) is there
too early for that: then the fork imports everything anew.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import inspect
import math
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.sharedctypes import RawValue
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
from mutants import Mutant

TOLD_EVERY = 25
PATIENCE_S, PATIENCE = 2.0, 2.0  # of CPU, and so many times as much as the unchanged module takes
STANDSTILL_S = 900.0
OURS = ("eqcbatch", "tests", "conftest", "test_")
OPTIONS = (
    *("-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:terminal", "--hypothesis-seed=0"),
    *("-o", "addopts=-p no:anyio --import-mode=importlib"),
)
UNREWRITTEN = ("-W", "ignore::pytest.PytestAssertRewriteWarning")  # of what is imported before pytest begins


class MutantRuns:
    """A plugin of pytest that runs each mutant instead of the tests once. survivors: whom no test noticed."""

    def __init__(self, name: str, path: Path, mutants: Sequence[Mutant], arguments: Sequence[str]) -> None:
        self.survivors: list[Mutant] = []
        self.passes = False
        self._name, self._path, self._mutants, self._arguments = name, path, mutants, arguments
        self._ran = RawValue("i", 0)  # how many tests a fork has begun

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests in forks, first as the module is."""
        importlib.import_module(self._name)
        session.items.sort(key=_is_property)
        failed, cpu_s = _fails(lambda: self._run(session), 3600.0)
        self.passes, limit_s = not failed, PATIENCE_S + PATIENCE * cpu_s
        for number, mutant in enumerate(self._mutants if self.passes else (), 1):
            self._ran.value = 0
            failed, _ = _fails(self._work(session, mutant), limit_s)
            if not failed:
                self.survivors.append(mutant)
            elif self._ran.value:
                session.items.insert(0, session.items.pop(self._ran.value - 1))
                session.items.sort(key=_is_property)
            _clear(session)
            if number % TOLD_EVERY == 0:
                told = f"{number} of {len(self._mutants)}, {len(self.survivors)} survive"
                print(f"{self._name}: {told}", file=sys.stderr)
        return True

    def _work(self, session: pytest.Session, mutant: Mutant) -> Callable[[], bool]:
        module = sys.modules[self._name]

        def in_place() -> bool:
            transplant(module, mutant)
            return self._run(session)

        def anew() -> bool:
            for name in [name for name in sys.modules if name.startswith(OURS)]:
                del sys.modules[name]
            sys.meta_path.insert(0, Changed(self._name, self._path, mutant.source))
            return pytest.main([*self._arguments, *UNREWRITTEN]) == 0

        return in_place if mutant.in_function or mutant.in_module else anew

    def _run(self, session: pytest.Session) -> bool:
        """Whether all tests pass."""
        for item, after in _in_pairs(session.items):
            self._ran.value += 1
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if session.testsfailed:
                return False
        return True


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a changed source."""

    def __init__(self, name: str, path: Path, source: str) -> None:
        self._name, self._path, self._source = name, path, source

    def find_spec(self, fullname: str, path: object, target: ModuleType | None = None) -> Any:
        """Answer for that module alone."""
        return importlib.util.spec_from_loader(fullname, self) if fullname == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed source."""
        module.__file__ = str(self._path)
        exec(compile(self._source, str(self._path), "exec"), module.__dict__)


def transplant(module: ModuleType, mutant: Mutant) -> None:
    """Let a module that is in use be as its mutant."""
    changed = ModuleType(module.__name__)
    changed.__file__ = module.__file__
    exec(compile(mutant.source, str(module.__file__), "exec"), changed.__dict__)
    _replace_constants(module, changed, object if mutant.in_module else str)
    if mutant.in_module:
        return
    old, new = (_function(one, mutant.function) for one in (module, changed))
    old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__


def _replace_constants(module: ModuleType, changed: ModuleType, kind: type) -> None:
    """Those that are not the same any more; of a function's mutant, the SQL that is made of it."""
    for name, value in vars(changed).items():
        before = vars(module).get(name)
        if name.startswith("__") or isinstance(value, (type, FunctionType, ModuleType)) or value == before:
            continue
        if not isinstance(value, kind):
            continue
        for other in list(sys.modules.values()):
            if getattr(other, "__dict__", {}).get(name) is before:
                setattr(other, name, value)


def _function(module: ModuleType, names: Sequence[str]) -> FunctionType:
    found: Any = module
    for name in names:
        found = vars(found)[name]
    found = getattr(found, "fget", None) or getattr(found, "__func__", found)
    if hasattr(found, "cache_clear"):
        found.cache_clear()
    unwrapped = inspect.unwrap(found)
    assert isinstance(unwrapped, FunctionType)
    return unwrapped


def _is_property(item: pytest.Item) -> bool:
    """Whether a test is of many examples: most mutants fall to those of one, which take a moment."""
    return bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False))


def _in_pairs(items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, [*items[1:], None], strict=True)


def _fails(passes: Callable[[], bool], limit_s: float) -> tuple[bool, float]:
    """Whether what is done in a fork fails, or takes too long; and the seconds of CPU that it took."""
    child = os.fork()
    if not child:
        status = 1
        try:
            os.setpgid(0, 0)
            resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(limit_s), resource.RLIM_INFINITY))
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nowhere, stream)
            status = int(not passes())
        finally:
            os._exit(status)
    until = time.monotonic() + STANDSTILL_S
    while time.monotonic() < until:
        ended, status, usage = os.wait4(child, os.WNOHANG)
        if ended:
            return status != 0, usage.ru_utime + usage.ru_stime
        time.sleep(0.002)  # os.wait4 has no limit of time
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True, STANDSTILL_S


def _clear(session: pytest.Session) -> None:
    """Take away the files of the last run."""
    place = Path(str(session.config.option.basetemp))
    for left in place.iterdir() if place.is_dir() else ():
        shutil.rmtree(left, ignore_errors=True)
