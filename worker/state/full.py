"""Redis answers, but takes no more: its disk or its memory is full. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redis.exceptions import OutOfMemoryError, ResponseError

DISK = (
    "Redis cannot write to its disk, so it takes no changes: make room on the disk of the data folder (of the Redis"
    " server, where FEEDMILL_REDIS__URL names one); nothing is lost, it goes on by itself"
)
MEMORY = (
    "Redis has used up its memory, so it takes no new work: raise FEEDMILL_REDIS__MAX_MEMORY_BYTES (of a server, its"
    " maxmemory), or let the workers catch up; nothing is lost"
)


def refusal(error: BaseException) -> str:
    """What is full and what to do, in one line, when `error` is such an answer or was caused by one; else empty."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OutOfMemoryError):
            return MEMORY
        # A pipeline puts the number of its command before the server's words.
        if isinstance(cause, ResponseError) and "MISCONF" in str(cause):
            return DISK
        cause = cause.__cause__
    return ""


def shortage(info: Mapping[str, Any]) -> str:
    """The same from the server's INFO, without asking it for anything; empty when all is well."""
    if info.get("aof_last_write_status", "ok") != "ok" or info.get("rdb_last_bgsave_status", "ok") != "ok":
        return DISK
    used, limit = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    return MEMORY if limit and used >= limit else ""
