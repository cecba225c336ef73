"""A WebSub hub for tests, of its own making: real HTTP on loopback, and as dishonest as it is told to be."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

import aiohttp

from tests.web import Given, Web

CHALLENGE = "chal-lenge_42"


@dataclass
class Hub(Web):
    """Takes subscriptions with 202. `verifies`: it asks back at once, by itself; `lease_s` is what it then lends."""

    verifies: bool = True
    lease_s: str = "3600"
    status: int = 202
    mode: str = ""
    """What it says instead of the mode that it was asked for: a liar's."""
    requests: list[dict[str, str]] = field(default_factory=list)
    confirmed: list[tuple[str, int, str]] = field(default_factory=list)
    """(mode, status, body) of every verification that it made."""
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def answer(self, path: str, body: bytes) -> Given:
        form = dict(parse_qsl(body.decode()))
        if not form:
            return super().answer(path, body)
        self.requests.append(form)
        if self.verifies and self.status == 202:
            self.tasks.append(asyncio.create_task(self._later(form)))
        return self.status, {}, b""

    async def _later(self, form: dict[str, str]) -> None:
        await self.verify(form)

    async def verify(self, form: dict[str, str] | None = None, **changes: str) -> tuple[int, str]:
        """Ask the callback of the last request (or `form`) back -> status and body."""
        form = form or self.requests[-1]
        query = {
            "hub.mode": self.mode or form["hub.mode"],
            "hub.topic": form["hub.topic"],
            "hub.challenge": CHALLENGE,
            "hub.lease_seconds": self.lease_s,
        } | {f"hub.{name}": value for name, value in changes.items()}
        async with aiohttp.ClientSession() as http, http.get(f"{form['hub.callback']}?{urlencode(query)}") as answer:
            body = await answer.text()
            self.confirmed.append((query["hub.mode"], answer.status, body))
            return answer.status, body

    async def notify(
        self, body: bytes = b"<rss/>", *, secret: str | None = None, method: str = "sha256", header: str | None = None
    ) -> int:
        """Send a notification to the callback of the last request, signed -> status."""
        form = self.requests[-1]
        key = form.get("hub.secret", "") if secret is None else secret
        sign = f"{method}={hmac.new(key.encode(), body, getattr(hashlib, method)).hexdigest()}"
        headers = {"X-Hub-Signature": sign if header is None else header}
        async with (
            aiohttp.ClientSession() as http,
            http.post(form["hub.callback"], data=body, headers=headers) as answer,
        ):
            return answer.status

    async def done(self) -> None:
        """All verifications that it owes are made."""
        tasks, self.tasks = self.tasks, []
        await asyncio.gather(*tasks)
