"""Run a command, and print its seconds, CPU seconds and peak memory as a last line of JSON.

Nothing is imported in vain: Linux counts the memory of whoever forks a process as that process's first
peak, so it must be a small one.
"""

import json
import os
import subprocess
import sys
import time

MIB = 2**20


def main(command: list[str]) -> int:
    """Run it; its exit code."""
    started = time.perf_counter()
    process = subprocess.Popen(command)
    weighed = _wait(process)
    seconds = time.perf_counter() - started
    print("\n" + json.dumps({"seconds": seconds, **weighed}), flush=True)
    return process.returncode


def _wait(process: "subprocess.Popen[bytes]") -> "dict[str, float | None]":
    if sys.platform == "win32":
        process.wait()
        return {"cpu_s": None, "peak_mib": None}
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
    return {"cpu_s": usage.ru_utime + usage.ru_stime, "peak_mib": usage.ru_maxrss * unit / MIB}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
