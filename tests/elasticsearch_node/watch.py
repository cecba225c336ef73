"""Runs the node as a child and makes sure that it ends: `watch.py OWNER_PID FOLDER COMMAND...`

When the owner (the test session) is gone, even by SIGKILL, or when SIGTERM arrives, the child's whole process group is
ended and FOLDER is removed if the owner is gone. Stands alone: started by path, imports nothing of the project.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time

_GRACE_S = 5.0


def main(owner: int, folder: str, command: list[str]) -> int:
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the owner's business; it tells us how to go on
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    while child.poll() is None and not stopping and os.getppid() == owner:
        time.sleep(0.1)
    _end(child)
    if os.getppid() != owner:
        shutil.rmtree(folder, ignore_errors=True)
    return child.returncode


def _end(child: subprocess.Popen[bytes]) -> None:
    for sent, patience in ((signal.SIGTERM, _GRACE_S), (signal.SIGKILL, _GRACE_S)):
        try:
            os.killpg(child.pid, sent)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            child.poll()
            try:
                os.killpg(child.pid, 0)  # the launcher may be gone while its server still ends
            except ProcessLookupError:
                return
            time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2], sys.argv[3:]))
