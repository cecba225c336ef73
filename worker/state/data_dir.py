"""One owner of a data folder: a `feedmill run`, or for a moment a command that needs its state."""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from typing import IO

from worker.errors import DataDirError

WAIT_S = 3.0
"""A command that looked something up is done by then; a `run` is not."""


class DataDirLock:
    """The kernel frees the lock when the holder dies, however it dies. Entering raises DataDirError in one line."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "run.lock"
        self._file: IO[str] | None = None

    def __enter__(self) -> None:
        deadline = time.monotonic() + WAIT_S
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("a+")
            while True:
                try:
                    fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        self._file.close()
                        raise DataDirError(
                            f"another `feedmill run` already uses {self._path.parent};"
                            " stop it, or name another folder with --data"
                        ) from None
                    time.sleep(0.05)
        except OSError as error:
            raise DataDirError(f"the data folder {self._path.parent} cannot be used: {error.strerror}") from None

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
