"""A worker process for one feed that kills itself with SIGKILL at a given step of a poll.

    python -m tests.manners.mortal SETTINGS-JSON SHIFT-MS STEP

STEP is `port.method` of what a poll uses, before or after the call: `before feeds.save`, `after frontier.offer` ..
It claims what is due, begins, polls, and ends by itself (exit code 0) when the step never came.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import signal
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

from worker.models import ClaimKind
from worker.settings import Settings
from worker.wiring import Wiring, utc_now


class Mortal:
    """Stands before a port and ends the process at one call of one method."""

    def __init__(self, port: Any, method: str, *, after: bool) -> None:
        self._port, self._method, self._after = port, method, after

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._port, name)
        if name != self._method:
            return real

        async def slowly(*given: Any, **named: Any) -> Any:
            if not self._after:
                die()
            await real(*given, **named)
            die()

        def at_once(*given: Any, **named: Any) -> Any:
            if not self._after:
                die()
            real(*given, **named)
            die()

        return slowly if inspect.iscoroutinefunction(real) else at_once


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def main(settings: Settings, shift_ms: int, step: str) -> None:
    when, _, call = step.partition(" ")
    port, _, method = call.partition(".")
    with Wiring(settings) as wiring:
        wiring.scripts.shift_ms = shift_ms
        pipeline = await wiring.pipeline(prewarm=())
        polling = replace(pipeline.polling, clock=lambda: utc_now() + timedelta(milliseconds=shift_ms))
        mortal = Mortal(getattr(polling, port), method, after=when == "after")
        parts: dict[str, Any] = {port: mortal}
        polling = replace(polling, **parts)
        wiring.frontier.release_due_feeds(10)
        claims = [claim for claim in wiring.frontier.claim(10) if claim.kind is ClaimKind.FEED]
        wiring.frontier.begin(claims)
        for claim in claims:
            await polling.poll_feed(claim)
        await pipeline.sandbox.close()
        await pipeline.downloader.close()


if __name__ == "__main__":
    asyncio.run(main(Settings.model_validate(json.loads(sys.argv[1])), int(sys.argv[2]), sys.argv[3]))
