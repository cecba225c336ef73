"""On Linux the kernel ends a child when its parent dies, however that dies."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PARENT = "_FEEDMILL_PARENT"
"""Environment name by which a supervisor tells its children its process id."""

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """To be called in the child. Elsewhere than on Linux it does nothing.

    The parent is the *thread* that made the child: make children from threads that live as long as the process.
    """
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def tie_to_parent() -> None:
    """For a process that a supervisor may have started: end with it, also when it died before this line."""
    parent = os.environ.get(PARENT)
    if parent:
        die_with_parent()
        if os.getppid() != int(parent):
            sys.exit(1)
