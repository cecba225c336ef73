"""robots.txt: RFC 9309 on Protego, remembered for a day in a cache that all workers share."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from typing import Protocol

from protego import Protego

from worker.errors import Refuse, Retry, StageError
from worker.models import Reason
from worker.ports import Answer, Downloader, HopGate, Reach
from worker.urls import clean_url, host_key

MAX_TEXT_BYTES = 500 << 10
"""RFC 9309 2.5: at least this much is read; what follows is ignored."""
COPY_TTL_S = 30 * 86400.0
"""How long an old copy stands in while robots.txt cannot be reached (RFC 9309 2.3.1.4)."""
STAND_IN_TTL_S = 600.0
UNREACHABLE_TTL_S = 60.0
WAY_TTL_S = 600.0
"""How long it is remembered, beyond the wait, where a redirect to a busy host was left off."""
MAX_REDIRECTS = 5
DEADLINE_S = 15.0
PARSED_KEPT = 256

# Redirects that lead nowhere: RFC 9309 2.3.1.2 lets a crawler take them as "there is none". A blocked address or port
# says nothing either: the page's own request meets the same guard.
_AS_NONE = frozenset(
    {
        Reason.TOO_MANY_REDIRECTS,
        Reason.REDIRECT_INVALID,
        Reason.SCHEME_BLOCKED,
        Reason.ADDRESS_BLOCKED,
        Reason.PORT_BLOCKED,
    }
)
_ALLOW_ALL = "allow"
_UNREACHABLE = "unreachable "
_RULES = "rules "
_PRODUCT = re.compile(r"[A-Za-z_-]+")
_USER_AGENT = re.compile(r"user[- ]?agent\b\s*:?\s*(.*)", re.IGNORECASE)
_SITE_WIDE = re.compile(r"(?:site-?maps?|host)\b", re.IGNORECASE)


class TextCache(Protocol):
    """Text by key, shared between processes; forgetting early is allowed, keeping beyond the ttl is not."""

    def get(self, key: str) -> str | None: ...

    def set(self, key: str, text: str, ttl_s: float) -> None: ...


class RobotsRules:
    """`ports.Robots`.

    4xx means no rules; 5xx, 429 and silence mean no entry, unless a copy of the last 30 days is at hand. Per origin the
    cache holds `robots:<origin>`, the verdict of the last fetch, for `ttl_s`, `robots-text:<origin>`, the last
    rules seen, and `robots-way:<origin>`, where to go on when a redirect had to wait: else a host that is busy, or must
    rest for long, would be asked for the same redirect again and again. Parsed rules are kept per process by their
    text's hash.
    """

    def __init__(
        self, downloader: Downloader, cache: TextCache, *, user_agent: str, max_crawl_delay_s: float, ttl_s: float
    ) -> None:
        self._downloader = downloader
        self._cache = cache
        self._agent = product_token(user_agent)
        self._max_crawl_delay_s = max_crawl_delay_s
        self._ttl_s = ttl_s
        self._parsed: OrderedDict[str, Protego] = OrderedDict()

    async def check(self, url: str, gate: HopGate | None, reach: Reach | None = None) -> float | None:
        origin = clean_url("/robots.txt", url).removesuffix("/robots.txt")
        verdict = self._cache.get(f"robots:{origin}") or await self._ask(origin, gate, reach)
        rules = self._rules(origin, verdict)
        if rules is None and verdict.startswith(_RULES):  # the text was forgotten before the verdict
            verdict = await self._ask(origin, gate, reach)
            rules = self._rules(origin, verdict)
        if verdict.startswith(_UNREACHABLE):
            raise Retry(Reason.ROBOTS_UNREACHABLE, verdict.removeprefix(_UNREACHABLE))
        if rules is None:
            return None
        if not rules.can_fetch(url, self._agent):
            raise Refuse(Reason.ROBOTS_DISALLOWED, f"robots.txt disallows it for {self._agent}")
        delay: float | None = rules.crawl_delay(self._agent)
        return None if delay is None else min(delay, self._max_crawl_delay_s)

    async def _ask(self, origin: str, gate: HopGate | None, reach: Reach | None) -> str:
        """Fetch, remember, and return the verdict."""
        followed, at = self._way(origin)

        async def hop(url: str) -> bool:
            nonlocal followed, at
            if followed >= MAX_REDIRECTS:  # those of earlier tries included
                raise Refuse(Reason.TOO_MANY_REDIRECTS, f"more than {MAX_REDIRECTS}")
            followed, at = followed + 1, url
            await _enter(gate, url)
            return True

        try:
            await _enter(gate, at)
            answer = await self._downloader.get(at, gate=hop, reach=reach, deadline_s=DEADLINE_S)
        except StageError as error:
            if error.reason is Reason.HOST_BUSY:
                if followed:
                    wait_s = (error.after_s if isinstance(error, Retry) else None) or 0.0
                    self._cache.set(f"robots-way:{origin}", f"{followed} {at}", wait_s + WAY_TTL_S)
                raise
            if error.reason in _AS_NONE:
                return self._remember(origin, _ALLOW_ALL, self._ttl_s)
            return self._stand_in(origin, str(error))
        if answer.status == 200:
            return self._learn(origin, answer)
        if answer.status == 429 or answer.status >= 500:
            return self._stand_in(origin, f"status {answer.status}")
        return self._remember(origin, _ALLOW_ALL, self._ttl_s)

    def _way(self, origin: str) -> tuple[int, str]:
        """Redirects followed so far, and the URL to ask."""
        followed, _, url = (self._cache.get(f"robots-way:{origin}") or "").partition(" ")
        return (int(followed), url) if url else (0, f"{origin}/robots.txt")

    def _learn(self, origin: str, answer: Answer) -> str:
        text = rules_for(answer.page.body, self._agent)
        self._cache.set(f"robots-text:{origin}", text, COPY_TTL_S)
        return self._remember(origin, _RULES + _digest(text), self._ttl_s)

    def _stand_in(self, origin: str, why: str) -> str:
        copy = self._cache.get(f"robots-text:{origin}")
        if copy is not None:
            return self._remember(origin, _RULES + _digest(copy), STAND_IN_TTL_S)
        return self._remember(origin, _UNREACHABLE + why[:200], UNREACHABLE_TTL_S)

    def _remember(self, origin: str, verdict: str, ttl_s: float) -> str:
        self._cache.set(f"robots:{origin}", verdict, ttl_s)
        return verdict

    def _rules(self, origin: str, verdict: str) -> Protego | None:
        if not verdict.startswith(_RULES):
            return None
        digest = verdict.removeprefix(_RULES)
        rules = self._parsed.get(digest)
        if rules is None:
            text = self._cache.get(f"robots-text:{origin}")
            if text is None:
                return None
            rules = self._parsed[digest] = Protego.parse(text)
            if len(self._parsed) > PARSED_KEPT:
                self._parsed.popitem(last=False)
        self._parsed.move_to_end(digest)
        return rules


class RobotsIgnored:
    """`ports.Robots` where the operator switched robots.txt off."""

    async def check(self, url: str, gate: HopGate | None, reach: Reach | None = None) -> float | None:
        return None


def product_token(user_agent: str) -> str:
    """The name that robots.txt calls us by: the User-Agent's first word without version (RFC 9309 2.2.1)."""
    found = _PRODUCT.match(user_agent)
    return found.group() if found else "*"


def rules_for(body: bytes, agent: str) -> str:
    """The groups of a robots.txt that concern `agent` or everybody, as a robots.txt again; the rest is left out.

    Read as UTF-8, at most 500 KiB, cut at the last whole line: half a rule could mean its opposite. Leaving groups of
    others out keeps the cache small, and it bounds the parser, whose work is agents times rules. Names are compared
    whole and without case (RFC 9309 2.2.1).
    """
    if len(body) > MAX_TEXT_BYTES:
        body = body[:MAX_TEXT_BYTES].rpartition(b"\n")[0]
    kept: list[str] = []
    names: set[str] = set()
    reading_names = False
    for raw in body.decode("utf-8-sig", "replace").splitlines():
        line = raw.partition("#")[0].strip()
        if not line or _SITE_WIDE.match(line):
            continue
        named = _USER_AGENT.match(line)
        if named is None:
            reading_names = False
            if names:
                kept.append(line)
            continue
        if not reading_names:
            names, reading_names = set(), True
        name = _group_name(named.group(1), agent)
        if name and name not in names:
            names.add(name)
            kept.append(f"User-agent: {name}")
    return "\n".join(kept)


def _group_name(value: str, agent: str) -> str:
    if value.startswith("*"):
        return "*"
    return agent if product_token(value).lower() == agent.lower() else ""


async def _enter(gate: HopGate | None, url: str) -> None:
    if gate is not None and not await gate(url):
        raise Retry(Reason.HOST_BUSY, f"waits for {host_key(url)}")


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
