"""What Redis keeps besides our keys: files that have what was erased until they are written anew, and a slow log."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import redis
from redis.exceptions import ResponseError

from worker.models import Sought
from worker.state.scripts import Scripts

PATIENCE_S = 300.0
LOOK_AGAIN_S = 0.1
MOST_CALLS = 1024
_KEEP = "until that is done, they keep what was erased"
_FIELDS = {
    "aof": ("aof_rewrite_in_progress", "aof_rewrite_scheduled", "aof_last_bgrewrite_status"),
    "rdb": ("rdb_bgsave_in_progress", "rdb_bgsave_in_progress", "rdb_last_bgsave_status"),
}


class SlowLog:
    """Calls that took long, with their arguments: an offer names URLs and titles."""

    name = "slow log"

    def __init__(self, scripts: Scripts) -> None:
        self._client: Any = scripts.client

    def held(self, sought: Sought) -> int:
        words = [word.encode() for word in (*sought.urls, *sought.domains)]
        try:
            calls = self._client.slowlog_get(MOST_CALLS) if words else []
        except ResponseError:  # not allowed to ask
            return 0
        return sum(any(word in call["command"] for word in words) for call in calls)

    def erase(self, sought: Sought) -> int:
        """All of it: single calls cannot be taken out."""
        found = self.held(sought)
        if found:
            self._client.slowlog_reset()
        return found


def rewrite(client: redis.Redis, sleep: Callable[[float], None] = time.sleep) -> str:
    """Have the server write its files anew, and wait for it. What could not be done, in one line; else empty."""
    server: Any = client
    try:
        wanted = {"aof": server.info("persistence").get("aof_enabled"), "rdb": _snapshots(server)}
        for kind, ask in (("aof", server.bgrewriteaof), ("rdb", server.bgsave)):
            if not wanted[kind]:
                continue
            # One that is under way began before, so it holds what was erased.
            if not _is_done(server, kind, sleep):
                return f"Redis still writes its files anew; {_KEEP}"
            ask()
            if not _is_done(server, kind, sleep):
                return f"Redis still writes its files anew; {_KEEP}"
            if server.info("persistence").get(_FIELDS[kind][2], "ok") != "ok":
                return f"Redis failed to write its files anew; {_KEEP}"
    except ResponseError as error:
        return f"Redis does not write its files anew ({error}); {_KEEP}"
    return ""


def _is_done(server: Any, kind: str, sleep: Callable[[float], None]) -> bool:
    running, scheduled, _ = _FIELDS[kind]
    waited = 0.0
    while (info := server.info("persistence")).get(running) or info.get(scheduled):
        if waited > PATIENCE_S:
            return False
        sleep(LOOK_AGAIN_S)
        waited += LOOK_AGAIN_S
    return True


def _snapshots(server: Any) -> bool:
    try:
        return bool(server.config_get("save").get("save"))
    except ResponseError:  # not allowed to ask
        return False
