"""A worker whose broker answers, but takes no changes: it waits until there is room, and says so once a minute."""

from __future__ import annotations

import logging
import time
import warnings

from celery.exceptions import CPendingDeprecationWarning
from celery.worker.consumer import Consumer

from worker.state.full import refusal

PAUSE_S = 2.0
SAY_EVERY_S = 60.0


class PatientConsumer(Consumer):
    """Celery's own connects again at once, and is refused again at once."""

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        if refusal(exc):
            time.sleep(PAUSE_S)
        with warnings.catch_warnings():  # of a default that we want: what runs, runs on
            warnings.simplefilter("ignore", CPendingDeprecationWarning)
            super().on_connection_error_after_connected(exc)


class InOneLine(logging.Filter):
    """For the handlers of the logs of Celery and kombu: instead of each error, and its traceback, what is full."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        named: tuple[object, ...] = record.args if isinstance(record.args, tuple) else ()
        thrown = record.exc_info[1] if record.exc_info else None
        full = next((text for each in (*named, thrown) if isinstance(each, Exception) and (text := refusal(each))), "")
        if not full:
            return True
        if time.monotonic() - self._said.get(full, -SAY_EVERY_S) < SAY_EVERY_S:
            return False
        self._said[full] = time.monotonic()
        record.msg, record.args, record.exc_info = full, (), None
        return True
