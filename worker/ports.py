"""The ports: what the pipeline needs of the world, as Protocols whose docstrings are the contract.

Redis-backed ports are synchronous (a call is a fraction of a millisecond on the local network and one script);
the network and the sandbox are asynchronous. All clocks inside `Frontier`, `FeedStore` and `Stories` are the
server's own, so that many processes agree; other functions take `now` as an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from worker.models import (
    Article,
    ArticleId,
    Assignment,
    Block,
    Claim,
    CleaningJob,
    Counts,
    Entry,
    Event,
    Feed,
    FeedId,
    FeedState,
    Fingerprint,
    Known,
    OutboxItem,
    Pace,
    Page,
    Reason,
    RejectedEntry,
    SearchPage,
    State,
    Step,
    StoryNow,
    Unsettled,
    WorkItem,
    WriteResult,
)
from worker.query.ast import Node, Search


class HopGate(Protocol):
    async def __call__(self, url: str) -> bool:
        """May `url` be requested now, as the next hop of a redirect? Asked when the answer before it is in.

        It may take its time (a host rests between two requests) but must come to an end, and may raise.
        """


@dataclass(frozen=True, slots=True)
class Answer:
    """Any HTTP answer. A body is read, to its end, for 2xx only: every other status has an empty one, 304 as well."""

    status: int
    page: Page
    next_url: str = ""
    """Set when the gate said no: the redirect target that was not requested. `status` is then the redirect's."""


class Downloader(Protocol):
    """The only way out. Every hop is checked: scheme, port, every address at connect time."""

    async def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, gate: HopGate | None = None, deadline_s: float
    ) -> Answer:
        """GET with up to 5 redirects followed here; one deadline over all hops, wire and decoded byte caps.

        Cookies, Referer and environment proxies are never sent or used; `headers` (validators) go to the first host only.
        `gate` is asked before every hop, to the same host as well; without it all are followed. When it says no, the
        answer is the redirect with `next_url`; what it raises comes through; its time does not count for the deadline.
        Raises Refuse (address_blocked, port_blocked, scheme_blocked, url_invalid, too_large, decode_error,
        too_many_redirects, redirect_invalid) or Retry (dns_failed, connect_failed, connection_lost, tls_error,
        timeout, protocol_error, truncated). HTTP statuses are not errors here: `fetch.classify` judges them.
        """

    async def close(self) -> None: ...


class Robots(Protocol):
    async def check(self, url: str, gate: HopGate | None) -> float | None:
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


class Frontier(Protocol):
    """Queues per host and who may be hit when. One request per host at a time, over all workers and both kinds of work.

    A host is locked from `claim` until `release` (or `finish*`, `retry`), then rests for its delay.
    Nothing is ever only in a Celery message: a lost claim comes back when its lease runs out.
    """

    def unseen(self, feed_id: FeedId, entries: Mapping[ArticleId, str]) -> dict[ArticleId, str]:
        """entries: article id -> change tag (hash of title and update time). Returns the ids to offer -> `new`|`changed`.

        New: in nobody's seen set and not in this feed's last window. Changed: this feed's last window had another tag.
        Refreshes the 30 days of all that are known.
        """

    def offer(self, feed_id: FeedId, feed_url: str, entries: Sequence[tuple[ArticleId, str, Entry]]) -> int:
        """(article id, host key, entry): queue them, mark them seen, count `offered`; returns how many were taken.

        Atomic per entry; one that is pending already only gets its entry replaced and is not counted again, or, when a
        worker has begun on the old entry, is offered anew the moment that ends.
        An article is offered again as changed at most 10 times in 30 days.
        """

    def reject(self, feed_id: FeedId, feed_url: str, entries: Sequence[RejectedEntry]) -> int:
        """Entries without a usable URL: counted as offered and refused, once per 30 days, with an event in the outbox."""

    def release_due_feeds(self, limit: int) -> int:
        """Move due feeds into their hosts' queues (lease runs from here); returns how many. Never the same feed twice."""

    def claim(self, limit: int) -> list[Claim]:
        """Take at most one piece of work per ready host, feeds and articles of a host in turn; lock those hosts.

        Delayed retries that are due re-enter first. Returns fewer, or none, while in-flight leases or the outbox
        are at their caps (articles only; polls stop when the frontier's own cap is reached).
        An article under which workers died `max_claims` times is quarantined (worker_lost) here instead.
        """

    def begin(self, claims: Sequence[Claim]) -> dict[str, WorkItem | None]:
        """The worker starts: renews the leases that are still ours and returns id -> work (None for feeds).

        Ids whose token is no longer valid are absent: drop them.
        """

    def renew(self, claims: Sequence[Claim]) -> set[str]:
        """The worker still has them in hand: leases and held locks run on. Returns the ids that are still its own."""

    def release(self, claim: Claim, delay_s: float | None = None) -> bool:
        """The request is over: unlock the host; it rests `delay_s` (None: the default delay). Renews the lease.

        False when the lease was lost: somebody else has the work now.
        """

    def acquire(self, host: str, claim: Claim) -> float:
        """Lock another host for a redirect hop under the same claim: 0.0 = granted, else seconds to wait."""

    def finish(self, claim: Claim, event: Event) -> bool:
        """Final without a document: ledger counted, event to the outbox, payload gone, host unlocked. False: lease lost."""

    def finish_document(self, claim: Claim, event: Event, article: Article) -> bool:
        """The document and its event go to the outbox in the same transaction that ends the frontier entry."""

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
        """Back to the frontier: delayed by `after_s`, or at once at another host (`url`, `host`) after a redirect."""

    def sweep(self) -> dict[str, int]:
        """Return what outlived its lease (feeds, articles, host locks); counts by kind, for the log."""

    def pending(self, article_id: ArticleId) -> tuple[str, WorkItem] | None:
        """Where it is now (`queued`, `delayed`, `in_flight`) and its payload; None when it is not here."""

    def depth(self) -> dict[str, float]:
        """queued, delayed, in_flight, feeds_due, feeds_leased, hosts_ready, hosts_locked; oldest_*_s of each."""


class FeedStore(Protocol):
    def put(self, feed: Feed) -> bool:
        """Add or change a subscription; a new one is due at once. True when it was new."""

    def remove(self, feed_id: FeedId) -> bool: ...

    def get(self, feed_id: FeedId) -> tuple[Feed, FeedState] | None: ...

    def show(self, feed_id: FeedId) -> tuple[Feed, FeedState, datetime] | None:
        """Feed, state, next poll; None when there is no such subscription."""

    def all(self) -> Iterator[tuple[Feed, FeedState, datetime]]:
        """Feed, state, next poll; in order of URL."""

    def save(
        self,
        claim: Claim,
        state: FeedState,
        next_poll_at: datetime,
        window: Mapping[ArticleId, str] | None,
        delay_s: float | None = None,
    ) -> bool:
        """The poll is over: state, next poll, window (None: keep) and the host's release, in one transaction.

        False when the lease was lost: nothing was written.
        """

    def unpolled(self, since: datetime) -> int:
        """How many active feeds have not been polled since then."""


class Pacer(Protocol):
    """How fast all feeds together are polled: a record shared by all processes."""

    def pace(self) -> Pace:
        """The present one; may be some seconds old."""

    def polled(self, weights: Mapping[int, float], *, counts: bool) -> None:
        """A poll is over. `weights`: what its new entries add to the 48 hours' profile; `counts`: against the budget."""

    def steer(self) -> float | None:
        """Move the threshold when a step is due; returns it, or None when none is, or another process took it."""


class Stories(Protocol):
    def assign(
        self,
        article_id: ArticleId,
        *,
        site: str,
        language: str,
        content: bytes,
        fingerprint: Fingerprint,
        now: datetime,
    ) -> Assignment:
        """Story and revision of one document version, in one atomic script. `content`: 16-byte hash of title, summary, body.

        The first document of a text names the story and leads it until a much fuller one comes. An equal text joins
        first; else the text with the highest containment that the rules (`deduplicate/parameters.py`) accept. A known
        article keeps its story unless its text is another one. The same (article, content) gets the same answer,
        seen through what was merged meanwhile. A merge that it finds due, or a change of lead, is queued in the same
        script, for `unsettled`.
        """

    def restore(self, article: Article, *, content: bytes, fingerprint: Fingerprint) -> None:
        """Teach the script a document that the index already holds (import, rebuild), with the story it has there.

        Idempotent; what is known already stays. Copies join it again while its story is open (4 to 8 days).
        """

    def current(self, story_ids: Iterable[str]) -> Mapping[str, StoryNow]:
        """What each of the stories has become by merges, and who leads it."""

    def merge(self, story: str, other: str) -> tuple[str, str]:
        """Make two stories one; from here on both ids mean the older. -> (older, younger); again: the same."""

    def set_lead(self, story: str, lead: Article) -> None:
        """For a story whose lead has gone over to another text."""

    def unsettled(self, limit: int) -> list[Unsettled]:
        """Stories whose documents must be looked over, longest waiting first; they stay until `settled`."""

    def settled(self, work: Unsettled) -> bool:
        """Done. False, and it stays, when it was asked for again meanwhile."""


class Furniture(Protocol):
    """Per site: which blocks stand in the texts of several stories. Bounded, and forgotten when not seen any more.

    A site starts with none. Whatever is lost here is learned anew from new articles, or from the index (`relearn`).
    """

    def look(self, site: str, marks: Sequence[bytes]) -> dict[bytes, int]:
        """Those of the marks that are furniture of the site -> a number that grows in the order they became it."""

    def learn(
        self,
        site: str,
        *,
        story: str,
        title: str,
        fetched_at: datetime,
        blocks: Sequence[Block],
        known: Collection[bytes],
    ) -> int:
        """One article's blocks, those that were cut included; returns how many became furniture by it. Atomic.

        A block becomes furniture with its third story (a setting). Two articles count as one story when their story
        id is the same, when their titles are related, or when they have four fifths of the shorter one's words in
        common, or half of them with the lead: so copies, updates and further addresses of one text never make
        furniture of it. Repeating a call
        changes nothing. `known` is what `look` said; where more is furniture by now the site is marked for cleaning,
        as it is by everything newly learned.
        """

    def settle(self, article_id: ArticleId, *, content: bytes, earlier: Callable[[], Sequence[bytes]]) -> bool:
        """If the newest known version of the article has one of the `earlier` contents, it has `content` from now on.

        `earlier` is called only where another content is known: nearly every article is new.

        Called before `Stories.assign`: that less of the same text is cut or more is no new version.
        """

    def claim(self) -> CleaningJob | None:
        """A site whose stored articles are to be cleaned, under a lease; None when there is none, or not yet."""

    def done(self, job: CleaningJob, cursor: datetime | None) -> bool:
        """That share is over: go on from `cursor`, or None: the site is done, if nothing was learned meanwhile.

        False when the lease was lost: somebody else does it again.
        """

    def pending(self) -> int:
        """Sites that are to be cleaned."""


class Outbox(Protocol):
    """Redis stream with one consumer group: at-least-once, acknowledged only after the index has answered."""

    def take(self, consumer: str, limit: int) -> list[OutboxItem]:
        """First what another consumer left idle for a minute, then new items."""

    def ack(self, items: Sequence[tuple[OutboxItem, State, Reason]]) -> None:
        """Count the final states and delete the items; an item acknowledged before is not counted again."""

    def put_back(self, consumer: str, items: Sequence[OutboxItem]) -> None:
        """The index did not answer: the next `take` gets them at once, and this delivery does not count."""

    def find(self, article_id: ArticleId) -> OutboxItem | None:
        """The newest item of this article that waits to be written."""

    def dead_letter(self, item: OutboxItem, detail: str) -> None:
        """Keep a rejected document apart (bounded) and acknowledge it as failed."""

    def size(self) -> tuple[int, int, float]:
        """Items, bytes, age of the oldest in seconds."""

    def append_direct(self, event: Event, article: Article | None) -> None:
        """For `import`: a finished document that never was in the frontier; counted as offered here."""


class Ledger(Protocol):
    def counts(self) -> Counts:
        """One consistent reading."""

    def recent(self, limit: int) -> list[Event]:
        """The newest final outcomes, newest first, for the live display."""

    def add_cost(self, stage: str, cpu_ms: float, items: int) -> None: ...

    def costs(self) -> Mapping[str, tuple[float, int]]: ...


class ArticleIndex(Protocol):
    """The archive. Two backends, one contract suite: the same query gives the same documents."""

    def setup(self) -> None:
        """Create or upgrade what the index needs; idempotent. Raises ServerError when that cannot be."""

    def write(self, articles: Sequence[Article], events: Sequence[Event]) -> list[WriteResult]:
        """Store whole documents, then events; one result per article, in order.

        A document whose `version` is lower than the stored one is STALE; an equal one is written again.
        Raises IndexUnavailable when nothing is known about the outcome: write again later.
        """

    def known(self, ids: Sequence[ArticleId]) -> Mapping[ArticleId, Known]: ...

    def get(self, article_id: ArticleId) -> Article | None: ...

    def search(self, search: Search) -> SearchPage: ...

    def scan(self, query: Node) -> Iterator[Article]:
        """Every matching document, oldest `first_seen_at` first; safe while others write."""

    def events(self, article_id: ArticleId) -> list[Event]:
        """Newest first."""

    def expire_events(self, before: datetime) -> int: ...

    def stats(self) -> Mapping[str, Any]:
        """documents, stories, bytes, newest_indexed_at, oldest_published_at."""

    def refresh(self) -> None:
        """Make everything written so far visible to search (Elasticsearch); nothing to do on SQLite."""

    def close(self) -> None: ...
