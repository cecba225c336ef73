"""The ports to the web, and to the child that reads what came from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from worker.models import (
    Page,
)


class HopGate(Protocol):
    async def __call__(self, url: str) -> bool:
        """May `url` be requested now, as the next hop of a redirect? Asked when the answer before it is in.

        It may take its time (a host rests between two requests) but must come to an end, and may raise.
        """


class Reach(Protocol):
    def __call__(self, host: str, address: str) -> float:
        """About to send a request for `host` to `address`: seconds to wait, 0.0 = go. Asked for every connection, also
        for one that is open already."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Any HTTP answer. A body is read, to its end, for 2xx only: every other status has an empty one, 304 as well."""

    status: int
    page: Page
    received: int = 0
    """Bytes of the body as they were sent."""
    next_url: str = ""
    """Set when the gate said no: the redirect target that was not requested. `status` is then the redirect's."""


class Downloader(Protocol):
    """The only way out. Every hop is checked: scheme, port, every address at connect time."""

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        headers_for: str = "",
        gate: HopGate | None = None,
        reach: Reach | None = None,
        deadline_s: float,
    ) -> Answer:
        """GET with up to 5 redirects followed here; one deadline over all hops, wire and decoded byte caps.

        Cookies, Referer and environment proxies are never sent or used; `headers` (validators) are sent with requests
        for `headers_for` only, be it reached by redirects (empty: `url` itself).
        `gate` is asked before every hop, to the same host as well; without it all are followed. When it says no, the
        answer is the redirect with `next_url`; what it raises comes through; its time does not count for the deadline.
        Where `reach` lets none of the host's addresses be asked: Retry(host_busy), and nothing was sent; what it raises
        comes through, too.
        Raises Refuse (address_blocked, port_blocked, scheme_blocked, url_invalid, too_large, decode_error,
        too_many_redirects, redirect_invalid) or Retry (dns_failed, connect_failed, connection_lost, tls_error,
        timeout, protocol_error, truncated). HTTP statuses are not errors here: `fetch.classify` judges them.
        """

    async def post(
        self, url: str, form: Mapping[str, str], *, gate: HopGate | None = None, deadline_s: float
    ) -> Answer:
        """POST of a form (UTF-8, urlencoded) under the same guards; only 307 and 308 are followed, with the form.

        Any other redirect is the answer. Errors as of `get`.
        """

    async def close(self) -> None: ...


class Robots(Protocol):
    async def check(self, url: str, gate: HopGate | None, reach: Reach | None = None) -> float | None:
        """RFC 9309 for our agent: returns the crawl delay in seconds (capped) or None when none is asked.

        Raises Refuse(robots_disallowed), or Retry(robots_unreachable) while robots.txt answers 5xx or not at all
        and no copy is at hand. At most one fetch per authority per day per process group (cached in Redis).
        `gate` is asked before every request, the first and those of redirects: there robots.txt may be on any host.
        When it says no or raises Retry(host_busy), so does this; no verdict is remembered then, and the next check
        goes on at the redirect that had to wait. None: nobody minds (a person asks, once).
        """


class Sandbox(Protocol):
    """A killable child process beside this worker process. Pure functions only, by name; results are plain values."""

    async def call(self, function: str, argument: Mapping[str, Any], body: bytes) -> dict[str, Any]:
        """Run `function(argument, body)` in the child; waits its turn, one call at a time.

        Raises Quarantine(extract_timeout | extract_memory | extract_crashed) when the child had to be killed or died;
        the next call gets a fresh child. The deadline counts from the start of the work, not of the wait.
        Raises Retry(unexpected) when no child can be started or it cannot load the function: that is not the page's fault.
        """

    async def close(self) -> None: ...
