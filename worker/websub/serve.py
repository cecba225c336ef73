"""The process: the callback's server and the subscriber's rounds in one loop, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import structlog
import uvicorn
from redis.exceptions import RedisError
from starlette.applications import Starlette

from worker.state.full import refusal
from worker.websub.subscriber import Subscriber

log = structlog.get_logger("websub")

ROUND_S = 5.0
LONGEST_PAUSE_S = 60.0
CONNECTIONS = 200
KEEP_ALIVE_S = 10
GRACE_S = 5


async def serve(app: Starlette, subscriber: Subscriber, listening: socket.socket) -> None:
    """Ends after SIGTERM or SIGINT, which uvicorn catches, within its grace time; closes the socket."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,  # the paths are secrets
            server_header=False,
            date_header=True,
            lifespan="off",
            ws="none",
            http="h11",
            limit_concurrency=CONNECTIONS,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    rounds = asyncio.create_task(_rounds(subscriber))
    try:
        await server.serve(sockets=[listening])
    finally:
        rounds.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await rounds


async def _rounds(subscriber: Subscriber) -> None:
    """What is cut off in the middle is in the records: the next process goes on with it."""
    pause = ROUND_S
    while True:
        try:
            done = await subscriber.round()
            pause = ROUND_S
            if done.asked or done.failed:
                log.info("asked hubs", asked=done.asked, failed=done.failed)
        except RedisError as error:
            log.warning(refusal(error) or "Redis does not answer", error=str(error), in_s=pause)
            pause = min(LONGEST_PAUSE_S, 2 * pause)
        await asyncio.sleep(pause)
