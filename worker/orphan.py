"""On Linux the kernel ends a child when its parent dies, however that dies."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PARENT = "_FEEDMILL_PARENT"
"""Environment name by which a supervisor tells its children its process id."""

# Loaded and looked up here: between fork and exec only what takes no lock is safe.
_prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """To be called in the child, also between fork and exec. Elsewhere than on Linux it does nothing.

    The parent is the *thread* that made the child: make children from threads that live as long as the process.
    """
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, number)


def tie_to_parent() -> None:
    """For a process that a supervisor may have started: end with it, also when it died before this line."""
    parent = os.environ.get(PARENT)
    if parent:
        die_with_parent()
        if os.getppid() != int(parent):
            sys.exit(1)
