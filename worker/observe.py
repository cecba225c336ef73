"""Structured logs: readable on a terminal, else one JSON object per line. Nothing from the web can break a line."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from worker.settings import Log

# C0, C1, bidi controls and line separators: a title must not move the cursor or forge a second line.
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
LONGEST_VALUE = 500


def printable(text: str, longest: int = LONGEST_VALUE) -> str:
    """One line of harmless text; what was cut is shown by an ellipsis."""
    clean = UNSAFE.sub(" ", text)
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def configure(log: Log) -> None:
    """Everything to stderr: results own stdout. Libraries speak from WARNING on."""
    level = getattr(logging, log.level.upper())
    console = log.format == "console" or (log.format == "auto" and sys.stderr.isatty())
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if console
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        *([] if console else [structlog.processors.format_exc_info]),
        _clean,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processors=[_drop_meta, renderer], foreign_pre_chain=shared)
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)


def _clean(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in list(event.items()):
        if value is None:
            del event[key]
        elif isinstance(value, str) and key not in ("exception", "stack"):
            event[key] = printable(value)
    return event


def _drop_meta(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    return event
