"""From nothing but Python 3.10 or later to a running eqcbatch, in a virtual environment of its own.

    python3 scripts/bootstrap.py demo     installs and runs `eqcbatch demo`
    python3 scripts/bootstrap.py test     installs and runs lint and all tests

The environment is `.venv` in the checkout; what stands there is used again. Further arguments are
handed on to `eqcbatch demo` or to pytest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
ENVIRONMENT = CHECKOUT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

MEMORY = Path("/dev/shm")
ROOM_BYTES = 8 * 2**30


def run(*command: object, **variables: str) -> int:
    """Run a command in the checkout, with these environment variables besides; its exit code."""
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=CHECKOUT, env=os.environ | variables).returncode


def make_environment(extra: str) -> int:
    """Make the environment where it is missing, and install the checkout with an extra."""
    if not PYTHON.exists() and (failed := run(sys.executable, "-m", "venv", ENVIRONMENT)):
        print("No virtual environment could be made. On Debian or Ubuntu: apt install python3-venv")
        return failed
    print(f"Installing eqcbatch[{extra}] into {ENVIRONMENT} ...", flush=True)
    pip = (PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet")
    if failed := run(*pip, "install", "--upgrade", "pip"):
        return failed
    # What setuptools warns of at every editable installation is nothing for whoever only tries this.
    return run(*pip, "install", "--editable", f".[{extra}]", PYTHONWARNINGS="ignore")


def test(arguments: list[str]) -> int:
    """Run lint and all tests, two at a time: most wait. Their files stand in memory, where there is room.

    Bytecode is kept, whatever the environment says: tests start our commands thousands of times.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        os.environ["TMPDIR"] = str(MEMORY)
    pytest = (PYTHON, "-m", "pytest", "-n", 2, "--hypothesis-profile=gate")
    return run(PYTHON, "scripts/lint.py") or run(*pytest, *arguments)


def main(arguments: list[str]) -> int:
    """Run `demo` or `test`; the exit code of what was run."""
    if sys.version_info < (3, 10):  # noqa: UP036 - whoever runs this has installed nothing yet
        print("eqcbatch needs Python 3.10 or later; this is", sys.version.split()[0])
        return 2
    if arguments[:1] == ["demo"]:
        return make_environment("demo") or run(PYTHON, "-m", "eqcbatch", "demo", *arguments[1:])
    if arguments[:1] == ["test"]:
        return make_environment("test") or test(arguments[1:])
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
