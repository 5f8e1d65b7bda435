"""Programs that a run starts: they die with it, and the workspace stays locked until the last of them is gone.

A run that is killed would otherwise leave dbt behind, writing to the working database beside the next run. Linux kills
the child with its parent. Elsewhere, and until it has, the child holds the lock, which it inherits (`runs.exclusive`).
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

PR_SET_PDEATHSIG = 1


def start(command: Sequence[object], **options: Any) -> subprocess.Popen[str]:
    """Starts a program; options are those of subprocess.Popen."""
    return subprocess.Popen(_bound(command), close_fds=False, text=True, encoding="utf-8", **options)


def run(command: Sequence[object], **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end, whatever its exit status; options are those of subprocess.run."""
    return subprocess.run(_bound(command), close_fds=False, text=True, encoding="utf-8", check=False, **options)


def _bound(command: Sequence[object]) -> list[str]:
    return [sys.executable, "-m", "warehouse.child", str(os.getpid()), *map(str, command)]


def _become(parent: int, command: list[str]) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the request
        sys.exit("The run that started this is gone.")
    os.execv(command[0], command)


if __name__ == "__main__":
    _become(int(sys.argv[1]), sys.argv[2:])
