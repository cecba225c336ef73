"""The Lua scripts: loaded as files, called by their hash, sent again when the answer may simply be lost."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

import redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError
from redis.exceptions import TimeoutError as RedisTimeoutError

INCLUDE = re.compile(r"^-- include: (.+)$", re.MULTILINE)

# After a broken connection nobody knows whether a script ran. These are not sent twice: a second run would take other
# work and leave the first to its lease. Every other script is guarded by a token, a receipt, an epoch or a name and
# changes nothing the second time.
TAKES_WORK = frozenset({"claim", "outbox_take", "outbox_ask", "furniture_claim", "push_take"})
PAUSES_S = (0.05, 0.2, 0.8)


@cache
def source(name: str) -> str:
    """The script with its includes in place, right after the first line (`#!lua`, with its flags)."""
    folder = resources.files("worker.state") / "lua"
    text = (folder / f"{name}.lua").read_text("utf-8")

    def included(match: re.Match[str]) -> str:
        return "\n".join((folder / f"{part}.lua").read_text("utf-8") for part in match[1].split())

    return INCLUDE.sub(included, text, count=1)


@cache
def digest(name: str) -> str:
    return hashlib.sha1(source(name).encode(), usedforsecurity=False).hexdigest()


class Scripts:
    """Runs scripts on one server under one prefix. `shift_ms` moves their clock (tests live through 40 days with it).

    Raises redis.RedisError as it comes: nothing is ever half done, so the caller may leave the work to its lease.
    """

    def __init__(self, client: redis.Redis, prefix: str, *, shift_ms: int = 0) -> None:
        self.client = client
        self.base = f"{{{prefix}}}:"
        self.shift_ms = shift_ms

    def key(self, name: str) -> str:
        return self.base + name

    def now(self) -> datetime:
        """The server's clock, to the millisecond."""
        client: Any = self.client
        seconds, micros = client.time()
        whole = datetime.fromtimestamp(int(seconds), UTC) + timedelta(milliseconds=int(micros) // 1000)
        return whole + timedelta(milliseconds=self.shift_ms)

    def run(self, name: str, *arguments: bytes | str | int | float) -> Any:
        pauses = iter(() if name in TAKES_WORK else PAUSES_S)
        while True:
            try:
                return self._once(name, arguments)
            except (RedisConnectionError, RedisTimeoutError):
                pause = next(pauses, None)
                if pause is None:
                    raise
                time.sleep(pause)

    def run_many(self, name: str, calls: Sequence[Sequence[bytes | str | int | float]]) -> list[Any]:
        """`run` for each of `calls` in one round trip, every one a script of its own; not for those that take work."""
        assert name not in TAKES_WORK
        pauses = iter(PAUSES_S)
        while True:
            try:
                return self._many(name, calls)
            except (RedisConnectionError, RedisTimeoutError):
                pause = next(pauses, None)
                if pause is None:
                    raise
                time.sleep(pause)

    def _many(self, name: str, calls: Sequence[Sequence[bytes | str | int | float]]) -> list[Any]:
        pipe: Any = self.client.pipeline(transaction=False)
        for arguments in calls:
            pipe.evalsha(digest(name), 1, self.base, self.shift_ms, *arguments)
        try:
            return list(pipe.execute())
        except NoScriptError:  # then none of them ran
            client: Any = self.client
            client.script_load(source(name))
            return self._many(name, calls)

    def _once(self, name: str, arguments: tuple[bytes | str | int | float, ...]) -> Any:
        given = (1, self.base, self.shift_ms, *arguments)
        # Any: redis-py types the same call as an awaitable too.
        client: Any = self.client
        try:
            return client.evalsha(digest(name), *given)
        except NoScriptError:  # a new server, or one that was restarted
            return client.eval(source(name), *given)


def text(value: bytes | str) -> str:
    """What a script answered, as text; hostile input may hold lone surrogates."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogatepass")


def ms(seconds: float) -> int:
    return round(seconds * 1000)
