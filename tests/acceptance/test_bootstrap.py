"""From a bare checkout: what can be known of scripts/bootstrap.py and the package without installing."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.processes import CHECKOUT

BOOTSTRAP = CHECKOUT / "scripts" / "bootstrap.py"


@pytest.mark.parametrize("arguments", [[], ["dmeo"], ["--help"]])
def test_without_a_known_command_the_usage_is_shown(arguments: list[str], tmp_path: Path) -> None:
    """Exit 2; nothing is made or installed."""
    copy = tmp_path / "scripts" / "bootstrap.py"
    copy.parent.mkdir()
    shutil.copy(BOOTSTRAP, copy)
    ran = subprocess.run([sys.executable, copy, *arguments], capture_output=True, text=True)
    assert (2, "") == (ran.returncode, ran.stderr)
    assert "bootstrap.py demo" in ran.stdout
    assert "bootstrap.py test" in ran.stdout
    assert ["scripts"] == [path.name for path in tmp_path.iterdir()]


def test_an_old_python_gets_as_far_as_the_message() -> None:
    """The script is Python 3.8 in its syntax and imports nothing but what 3.8 has."""
    tree = ast.parse(BOOTSTRAP.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        )
    }
    assert {"__future__", "os", "pathlib", "shutil", "subprocess", "sys"} == imported


def test_everything_agrees_on_the_versions_of_python() -> None:
    """setup.cfg, pyproject.toml, tox.ini, bootstrap.py and the README."""
    setup, tox = ConfigParser(), ConfigParser()
    setup.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    tox.read(CHECKOUT / "tox.ini", encoding="utf-8")
    bootstrap, project, readme = (
        (CHECKOUT / name).read_text(encoding="utf-8")
        for name in ("scripts/bootstrap.py", "pyproject.toml", "README.md")
    )
    classified = re.findall(r"Python :: 3\.(\d+)", setup["metadata"]["classifiers"])
    oldest, newest = classified[0], classified[-1]
    assert classified == re.findall(r"py3(\d+)", tox["tox"]["env_list"])
    assert f">=3.{oldest}" == setup["options"]["python_requires"]
    assert f"sys.version_info < (3, {oldest})" in bootstrap
    assert f'target-version = "py3{oldest}"' in project
    assert f"Python 3.{oldest} or later" in readme
    assert f"Python 3.{oldest} to 3.{newest}" in readme


@pytest.mark.skipif(find_spec("setuptools") is None, reason="setuptools is not installed")
def test_a_build_has_every_module_and_the_mark_of_types(tmp_path: Path) -> None:
    """What setuptools makes of a copy of the checkout holds all of eqcbatch, and nothing else."""
    source, built = tmp_path / "source", tmp_path / "built"
    shutil.copytree(CHECKOUT / "eqcbatch", source / "eqcbatch", ignore=shutil.ignore_patterns("__pycache__"))
    (source / "tests").mkdir()
    (source / "tests" / "__init__.py").touch()
    for name in ("setup.py", "setup.cfg", "README.md", "LICENSE"):
        shutil.copy(CHECKOUT / name, source)

    command = [sys.executable, "setup.py", "-q", "build", "--build-lib", str(built)]
    ran = subprocess.run(command, cwd=source, capture_output=True, text=True)

    def files(root: Path) -> set[str]:
        return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}

    assert 0 == ran.returncode, ran.stderr
    assert files(source / "eqcbatch") == files(built / "eqcbatch")
    assert "py.typed" in files(built / "eqcbatch")
    assert ["eqcbatch"] == [path.name for path in built.iterdir()]
