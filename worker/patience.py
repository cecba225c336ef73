"""A worker whose broker answers, but takes no changes: it waits until there is room, and says so once a minute."""

from __future__ import annotations

import logging
import time
from typing import Any

from celery.worker.consumer import Consumer

from worker.state.full import refusal

PAUSE_S = 2.0
SAY_EVERY_S = 60.0
CELERY_LOG = "celery.worker.consumer.consumer"


class PatientConsumer(Consumer):
    """Celery's own connects again at once, and is refused again at once."""

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        if refusal(exc):
            time.sleep(PAUSE_S)
        super().on_connection_error_after_connected(exc)


class InOneLine(logging.Filter):
    """For Celery's log: a lost connection that is a full server says what is full and what to do."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        arguments: Any = record.args if isinstance(record.args, tuple) else ()
        full = next((text for each in arguments if isinstance(each, Exception) and (text := refusal(each))), "")
        if not full:
            return True
        if time.monotonic() - self._said.get(full, -SAY_EVERY_S) < SAY_EVERY_S:
            return False
        self._said[full] = time.monotonic()
        record.msg, record.args, record.exc_info = full, (), None
        return True
