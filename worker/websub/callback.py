"""The callback: a small ASGI app that hubs speak to. It answers at once, keeps nothing of what it is sent, and says
nothing about what exists: a wrong token is 404 to a verification and 410 to a notification (WebSub 5.3, 7).
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable
from datetime import datetime

import structlog
from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from worker.models import Standing, Subscription
from worker.ports import Pushes, Subscriptions
from worker.websub import lease

log = structlog.get_logger("websub")

PATH = "/websub/"
MAX_QUERY_CHARS = 8192
BODY_S = 15.0
"""For the whole body of a notification."""
TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")
TRIES = 3
SAFE = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


def make_callback(
    subscriptions: Subscriptions,
    pushes: Pushes,
    *,
    clock: Callable[[], datetime],
    rng: random.Random,
    max_body_bytes: int,
) -> Starlette:
    """Answers at `.../websub/<token>`, under whatever path the proxy before it adds, and `/health`."""
    here = _Callback(subscriptions, pushes, clock, rng, max_body_bytes)
    return Starlette(
        routes=[
            Route("/health", _health, methods=["GET"]),
            Route("/{path:path}", here.verify, methods=["GET"]),
            Route("/{path:path}", here.notified, methods=["POST"]),
        ]
    )


async def _health(request: Request) -> Response:
    return PlainTextResponse("ok", headers=SAFE)


class _Callback:
    def __init__(
        self,
        subscriptions: Subscriptions,
        pushes: Pushes,
        clock: Callable[[], datetime],
        rng: random.Random,
        max_body_bytes: int,
    ) -> None:
        self._subscriptions = subscriptions
        self._pushes = pushes
        self._clock = clock
        self._rng = rng
        self._max_body_bytes = max_body_bytes

    async def verify(self, request: Request) -> Response:
        """GET: the hub asks whether we meant it, or says that it will not."""
        if len(request.url.query) > MAX_QUERY_CHARS:
            return _answer(404)
        try:
            return await run_in_threadpool(self._verify, _token(request), dict(request.query_params))
        except RedisError as error:
            return _away(error)

    def _verify(self, token: str, query: dict[str, str]) -> Response:
        for _ in range(TRIES):  # the subscriber may write the same record at this moment
            found = self._subscriptions.get(token) if token else None
            if found is None:
                return _answer(404)
            now = self._clock()
            if query.get("hub.mode") == "denied":
                then, said = lease.denied(found, query, now), "denied"
            else:
                then, said = lease.confirmed(found, query, now, self._rng), query.get("hub.challenge", "")
            if then is None:
                return _answer(404)
            over = found.standing is Standing.LEAVING
            if self._subscriptions.put(found, None if over else then):
                log.info(_WORDS[then.standing], topic=found.topic, until=then.until and then.until.isoformat())
                return PlainTextResponse(said if said != "denied" else "", headers=SAFE)
        return _answer(503)

    async def notified(self, request: Request) -> Response:
        """POST: a ping. Its body is only hashed, for the signature; a false one is thanked for and ignored."""
        try:
            found = await run_in_threadpool(self._get, _token(request))
        except RedisError as error:
            return _away(error)
        if found is None or found.standing is Standing.LEAVING:
            return _answer(410)
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > self._max_body_bytes:
            return _answer(413)
        signature = lease.Signature(found.secret, request.headers.get("x-hub-signature", ""))
        room = self._max_body_bytes
        try:
            async with asyncio.timeout(BODY_S):
                async for part in request.stream():
                    room -= len(part)
                    if room < 0:
                        return _answer(413)
                    signature.update(part)
        except TimeoutError:
            return _answer(408)
        except ClientDisconnect:
            return _answer(400)
        if not signature.true():
            log.info("a notification without its signature was ignored", topic=found.topic)
        elif found.standing in (Standing.ACTIVE, Standing.ASKED):
            try:
                await run_in_threadpool(self._pushes.ping, found.feed_id)
            except RedisError as error:
                return _away(error)
        return _answer(202)

    def _get(self, token: str) -> Subscription | None:
        return self._subscriptions.get(token) if token else None


_WORDS = {Standing.ACTIVE: "a hub has confirmed", Standing.DENIED: "a hub has denied", Standing.LEAVING: "left a hub"}


def _token(request: Request) -> str:
    _, slash, token = request.url.path.rpartition(PATH)
    return token if slash and TOKEN.fullmatch(token) else ""


def _answer(status: int) -> Response:
    return Response(status_code=status, headers=SAFE)


def _away(error: RedisError) -> Response:
    """The hub comes again."""
    log.warning("Redis does not answer", error=str(error))
    return _answer(503)
