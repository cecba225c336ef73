"""The `Frontier` port: queues per host and who may be asked when. The work is done by the scripts in `lua/`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from itertools import islice
from typing import Any

from worker.index.compose import compose_event
from worker.index.erased import erased_event
from worker.lanes import Lanes, host_of
from worker.models import (
    Article,
    ArticleId,
    Claim,
    ClaimKind,
    Entry,
    Event,
    FeedId,
    Reason,
    RejectedEntry,
    Stage,
    State,
    Step,
    WorkItem,
)
from worker.places import place_of
from worker.state import codec
from worker.state.envelope import document_arguments, seal
from worker.state.limits import Limits
from worker.state.rejected import rejected_event, rejected_id
from worker.state.scripts import Scripts, ms, text
from worker.urls import site_of

CHUNK = 250  # entries per script: a feed of 2,000 does not hold up the others for more than a few milliseconds
SWEEP_AT_ONCE = 1000
CODES = {"n": "new", "c": "changed"}


FULL_SHARE = 0.85
"""Of maxmemory. The rest is for what is on its way: documents in the outbox, Celery's messages, leases."""
FULL_CHECK_S = 2.0


class RedisFrontier:
    """One script per call; safe for any number of processes at once."""

    def __init__(self, scripts: Scripts, limits: Limits) -> None:
        self._scripts = scripts
        self._limits = limits
        self._delay = ms(limits.host_delay_s)
        self._lanes = Lanes(limits.many_sites)
        self._shared = lru_cache(CHUNK)(lambda address: _within(address, limits.shared_addresses))
        self._client: Any = scripts.client
        self._full = False
        self._full_until = 0.0

    def unseen(self, feed_id: FeedId, entries: Mapping[ArticleId, str]) -> dict[ArticleId, str]:
        found: dict[ArticleId, str] = {}
        pairs = iter(entries.items())
        while chunk := list(islice(pairs, CHUNK)):
            given = [part for id_, tag in chunk for part in (bytes.fromhex(id_), codec.tag_bytes(tag))]
            answer = text(self._scripts.run("unseen", feed_id, self._limits.epoch_ms, *given))
            found.update((id_, CODES[code]) for (id_, _), code in zip(chunk, answer, strict=True) if code in CODES)
        return found

    def offer(self, feed_id: FeedId, feed_url: str, entries: Sequence[tuple[ArticleId, str, Entry]]) -> int:
        taken = 0
        for first in range(0, len(entries), CHUNK):
            given: list[bytes | str] = []
            for id_, host, entry in entries[first : first + CHUNK]:
                origin = codec.origin_line(entry.url, feed_id, feed_url)
                lane = self._lanes.of(host)
                given += (id_, bytes.fromhex(id_), place_of(entry.url), lane, origin, codec.entry_line(entry))
            number, *erased = self._scripts.run("offer", self._limits.epoch_ms, *given)
            taken += int(number)
            # Of what was erased the hash alone is told.
            self._refuse(
                [ArticleId(text(id_)) for id_ in erased],
                lambda id_, offer, now: erased_event(id_, offer, feed_url, now),
            )
        return taken

    def reject(self, feed_id: FeedId, feed_url: str, entries: Sequence[RejectedEntry]) -> int:
        by_id = {rejected_id(feed_id, entry): entry for entry in entries}
        new = self.unseen(feed_id, dict.fromkeys(by_id, ""))
        left = [id_ for id_ in by_id if id_ in new]
        return self._refuse(left, lambda id_, offer, now: rejected_event(id_, by_id[id_], feed_url, offer, now))

    def _refuse(self, ids: Sequence[ArticleId], told: Callable[[ArticleId, int, datetime], Event]) -> int:
        """Counted and told of, each once in 30 days; returns how many were. `told` gets the number of its offer."""
        if not ids:
            return 0
        serial = int(self._client.incrby(self._scripts.key("offers"), len(ids)))
        now = self._scripts.now()
        given: list[bytes | str] = []
        for number, id_ in enumerate(ids):
            event = told(id_, serial - number, now)
            given += (bytes.fromhex(id_), event.reason.value, seal(event, None), codec.event_json(event))
        return int(self._scripts.run("reject", self._limits.epoch_ms, *given))

    def release_due_feeds(self, limit: int) -> int:
        return 0 if self.is_full() else int(self._scripts.run("feeds_release", limit, self._limits.max_pending))

    def claim(self, limit: int) -> list[Claim]:
        limits = self._limits
        wall, *rows = self._scripts.run(
            "claim",
            limit,
            ms(limits.feed_lease_s),
            ms(limits.article_lease_s),
            limits.max_in_flight,
            0 if self.is_full() else limits.max_pending,
            limits.max_outbox_bytes,
            limits.max_claims,
            ms(limits.address_delay_s),
        )
        claims: list[Claim] = []
        for kind, id_, lane, token, deaths, *dead in rows:
            host = host_of(text(lane))
            if dead:
                claim = Claim(ClaimKind.ARTICLE, text(id_), host, text(token))
                self._end_dead(claim, *dead, now_ms=int(wall))
            else:
                claims.append(Claim(ClaimKind(text(kind)), text(id_), host, text(token), alone=int(deaths) > 0))
        return claims

    def _end_dead(self, claim: Claim, payload: bytes, meta: bytes, *, now_ms: int) -> None:
        """Under its own lease, like any other end: if this process dies here, the next claim does it again."""
        known = codec.read_meta(meta)
        item = codec.read_item(ArticleId(claim.id), payload, known)
        at = codec.from_ms(now_ms)
        event = compose_event(
            item,
            site=site_of(item.entry.url),
            title="",
            state=State.QUARANTINED,
            reason=Reason.WORKER_LOST,
            detail=f"a worker died under it {known.deaths} times",
            at=at,
            step=Step(Stage.SCHEDULE, at, State.QUARANTINED.value, Reason.WORKER_LOST),
        )
        self._finish(claim, event, None)

    def begin(self, claims: Sequence[Claim]) -> dict[str, WorkItem | None]:
        given = [part for claim in claims for part in (claim.kind.value, claim.id, claim.token)]
        limits = self._limits
        rows = self._scripts.run("begin", self._delay, ms(limits.feed_lease_s), ms(limits.article_lease_s), *given)
        found: dict[str, WorkItem | None] = {}
        for id_, *rest in rows:
            name = text(id_)
            if rest:
                payload, meta = rest
                found[name] = codec.read_item(ArticleId(name), payload, codec.read_meta(meta))
            else:
                found[name] = None
        return found

    def renew(self, claims: Sequence[Claim]) -> set[str]:
        given = [part for claim in claims for part in (claim.kind.value, claim.id, claim.token)]
        limits = self._limits
        ours = self._scripts.run("renew", ms(limits.feed_lease_s), ms(limits.article_lease_s), *given)
        return {text(id_) for id_ in ours}

    def release(
        self, claim: Claim, delay_s: float | None = None, *, host_delay_s: float = 0.0, asked: bool = False
    ) -> bool:
        kept = self._scripts.run(
            "release",
            claim.kind.value,
            claim.id,
            self._lanes.of(claim.host),
            claim.token,
            self._delay if delay_s is None else ms(delay_s),
            ms(host_delay_s),
            "1" if asked else "0",
            self._lease_ms(claim),
        )
        return bool(kept)

    def domain(self, host: str) -> str:
        return self._lanes.domain(host)

    def acquire(self, host: str, claim: Claim) -> float:
        lane = self._lanes.of(host)
        wait = self._scripts.run("acquire", claim.kind.value, claim.id, claim.token, lane, self._lease_ms(claim))
        return int(wait) / 1000

    def reach(self, host: str, address: str, claim: Claim) -> float:
        if self._shared(address):
            return 0.0
        wait = self._scripts.run(
            "reach",
            claim.kind.value,
            claim.id,
            claim.token,
            self._lanes.of(host),
            address,
            self._lease_ms(claim),
            ms(self._limits.address_delay_s),
            self._limits.address_sites,
        )
        return int(wait) / 1000

    def finish(self, claim: Claim, event: Event) -> bool:
        return self._finish(claim, event, None)

    def finish_document(self, claim: Claim, event: Event, article: Article) -> bool:
        return self._finish(claim, event, article)

    def _finish(self, claim: Claim, event: Event, article: Article | None) -> bool:
        done = self._scripts.run(
            "finish",
            claim.id,
            self._lanes.of(claim.host),
            claim.token,
            self._delay,
            seal(event, article),
            event.state.value,
            event.reason.value,
            codec.event_json(event),
            *document_arguments(article, self._limits.epoch_ms),
        )
        return bool(done)

    def retry(
        self,
        claim: Claim,
        after_s: float,
        step: Step,
        *,
        block_host: bool = False,
        url: str | None = None,
        host: str | None = None,
    ) -> bool:
        journal = codec.step_line(step) + (codec.moved_line(url) if url is not None else b"")
        done = self._scripts.run(
            "retry",
            claim.id,
            self._lanes.of(claim.host),
            claim.token,
            self._delay,
            ms(after_s),
            journal,
            "1" if block_host else "0",
            "" if host is None else self._lanes.of(host),
        )
        return bool(done)

    def give_back(self, claims: Sequence[Claim], *, by_worker: bool = False) -> int:
        """Claims that nobody works on: as if never claimed. Returns how many still were ours.

        What a worker has begun only that worker gives back (`by_worker`), when it stops.
        """
        given = [part for claim in claims for part in (claim.kind.value, claim.id, claim.token)]
        return int(self._scripts.run("give_back", "1" if by_worker else "0", self._delay, *given))

    def is_full(self) -> bool:
        """Redis is so full that nothing new may come in; what is in goes on to its end. Asked at most once in 2 s."""
        now = time.monotonic()
        if now >= self._full_until:
            memory = self._client.info("memory")
            most = int(memory.get("maxmemory", 0))
            self._full = most > 0 and int(memory["used_memory"]) > FULL_SHARE * most
            self._full_until = now + FULL_CHECK_S
        return self._full

    def sweep(self) -> dict[str, int]:
        articles, feeds, hosts = self._scripts.run("sweep", self._delay, SWEEP_AT_ONCE)
        return {"articles": articles, "feeds": feeds, "hosts": hosts}

    def now(self) -> tuple[float, int]:
        """The seconds by which all waits are measured, and the ms by which the server's clock was set so far."""
        now, set_by = self._scripts.run("clock_read")
        return int(now) / 1000, int(set_by)

    def clock_was_set(self, seconds: float, known_ms: int) -> bool:
        """Measure on as if it had not been; False when another process was quicker."""
        return bool(self._scripts.run("clock_set", known_ms, ms(seconds)))

    def end_leases(self) -> dict[str, int]:
        """All leases end now. Only for the owner of all workers while none runs, as a `run` that starts again."""
        for name in ("articles:inflight", "feeds:lease", "domains:locked"):
            key = self._scripts.key(name)
            self._client.zunionstore(key, {key: 0})
        ended = self.sweep()
        while any((more := self.sweep()).values()):
            ended = {kind: number + more[kind] for kind, number in ended.items()}
        return ended

    def pending(self, article_id: ArticleId) -> tuple[str, WorkItem] | None:
        answer = self._scripts.run("pending", article_id)
        if not answer:
            return None
        place, payload, meta = answer
        return text(place), codec.read_item(article_id, payload, codec.read_meta(meta))

    def ready(self, most: int) -> int:
        """How much could be claimed now, up to `most`; for the scheduler, which waits for full batches a moment."""
        return int(self._scripts.run("ready", most))

    def depth(self) -> dict[str, float]:
        rows = self._scripts.run("depth", ms(self._limits.feed_lease_s), ms(self._limits.article_lease_s))
        found: dict[str, float] = {}
        for name, number, oldest in rows:
            found[text(name)] = float(number)
            found[f"oldest_{text(name)}_s"] = int(oldest) / 1000
        return found

    def next_work_s(self) -> float | None:
        """Seconds until anything here can go on: 0 while something is under way, None when nothing waits at all.

        What waits is articles and feeds that are due, for a retry or for a host that rests. Feeds that are due later
        do not count.
        """
        wait = int(self._scripts.run("next_work"))
        return None if wait < 0 else wait / 1000

    def _lease_ms(self, claim: Claim) -> int:
        limits = self._limits
        return ms(limits.feed_lease_s if claim.kind is ClaimKind.FEED else limits.article_lease_s)


def _within(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    parsed = ip_address(address)
    return any(parsed in network for network in networks)
