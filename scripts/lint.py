"""Lint the checkout: ruff, mypy strict, and the layer contracts of setup.cfg. Run: python scripts/lint.py"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
CHECKS = {
    "ruff check": ["-m", "ruff", "check"],
    "ruff format": ["-m", "ruff", "format", "--check"],
    "mypy": ["-m", "mypy"],
    "import-linter": ["-c", "from importlinter.cli import lint_imports_command as run; run()"],
}


def main() -> int:
    """Run every check; how many of them failed."""
    failed = 0
    for name, arguments in CHECKS.items():
        print("lint:", name, flush=True)
        failed += subprocess.run([sys.executable, *arguments], cwd=CHECKOUT).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
