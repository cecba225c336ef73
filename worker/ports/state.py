"""The ports to what Redis keeps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from worker.models import (
    Addresses,
    Article,
    ArticleId,
    Asked,
    Assignment,
    Block,
    Claim,
    CleaningJob,
    Counts,
    Decided,
    Entry,
    Event,
    Feed,
    FeedId,
    FeedState,
    Fingerprint,
    Identity,
    Leave,
    Lesson,
    OutboxItem,
    Pace,
    Phase,
    Placed,
    Pushed,
    Reason,
    RebuildState,
    RejectedEntry,
    State,
    Step,
    StoryNow,
    Subscription,
    Taught,
    Trust,
    Unsettled,
    Wish,
    WorkItem,
)


class Frontier(Protocol):
    """Queues per host and who may be asked when: one request at a time per domain (`worker/lanes.py`) and per address,
    over all workers and both kinds of work.

    Both are locked from `claim` until `release` (or `finish*`, `retry`), then rest for their delays.
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
        An article is offered again as changed at most 10 times in 30 days. What was erased is not taken: it is counted
        as refused, once per 30 days, with an event of its hash alone.
        """

    def reject(self, feed_id: FeedId, feed_url: str, entries: Sequence[RejectedEntry]) -> int:
        """Entries without a usable URL: counted as offered and refused, once per 30 days, with an event in the outbox."""

    def release_due_feeds(self, limit: int) -> int:
        """Move due feeds into their hosts' queues (lease runs from here); returns how many. Never the same feed twice."""

    def claim(self, limit: int) -> list[Claim]:
        """Take at most one piece of work per ready domain and per address; lock both. Feeds and articles of a domain take
        turns, and so do its hosts.

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

    def release(
        self, claim: Claim, delay_s: float | None = None, *, host_delay_s: float = 0.0, asked: bool = False
    ) -> bool:
        """The request is over: unlock all; the domain rests `delay_s` (None: the default delay), its host
        `host_delay_s` where that is longer. `asked`: the server asked for `delay_s`, so whatever is its own rests.
        Renews the lease. False when the lease was lost: somebody else has the work now.
        """

    def domain(self, host: str) -> str:
        """What takes turns with this host: equal for hosts that are asked one at a time."""

    def acquire(self, host: str, claim: Claim) -> float:
        """Lock another host's domain for a redirect under the same claim: 0.0 = granted, else seconds to wait."""

    def reach(self, host: str, address: str, claim: Claim) -> float:
        """Lock the address that is about to be connected to for `host`: 0.0 = granted, else seconds to wait.

        Addresses that stand for many machines (a setting, or more domains than a setting) are not locked.
        """

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
        """Back to the frontier: delayed by `after_s`, or at once at another host (`url`, `host`) after a redirect.
        `block_host`: the server asked for it, so the whole domain rests that long.
        """

    def sweep(self) -> dict[str, int]:
        """Return what outlived its lease (feeds, articles, locks of domains); counts by kind, for the log."""

    def pending(self, article_id: ArticleId) -> tuple[str, WorkItem] | None:
        """Where it is now (`queued`, `delayed`, `in_flight`) and its payload; None when it is not here."""

    def depth(self) -> dict[str, float]:
        """queued, delayed, in_flight, feeds_due, feeds_leased, hosts_ready, hosts_locked; oldest_*_s of each.
        Of the hosts that take turns (`domain`) one counts.
        """


class FeedStore(Protocol):
    def put(self, feed: Feed) -> bool:
        """Add or change a subscription; a new one is due at once. True when it was new.

        One that has moved stays where it is, also when it is given under an address that it had before.
        Raises Refuse(erased) when its domain was erased.
        """

    def remove(self, feed_id: FeedId) -> bool:
        """Subscribed to again within 30 days, the feed goes on with its state, and not before its next poll was due; one
        that failed after five minutes at the latest."""

    def known_as(self, ids: Sequence[FeedId]) -> list[FeedId]:
        """Of the ids of addresses that subscriptions had or came to: theirs. Others as they are."""

    def move(
        self, feed_id: FeedId, url: str, *, why: str, now: datetime, state: FeedState | None = None
    ) -> Feed | None:
        """The subscription goes to `url`, its old address into its history; None when there is no such subscription.

        Where `url` is subscribed to already the two become one: that. With a `state`, which a person's decision comes
        with, a poll under way is void and the feed due at once; without, turn and state stay. Repeating it changes nothing.
        """

    def decline(self, feed_id: FeedId, url: str) -> bool:
        """Remember that `url` is not to be proposed for this feed. False when there is no such subscription."""

    def pause(self, feed_id: FeedId) -> bool:
        """Not to be polled until resumed. False when it is paused already, or not subscribed."""

    def resume(self, feed_id: FeedId) -> bool:
        """Polled again, never sooner than was planned before. False when it is not paused."""

    def get(self, feed_id: FeedId) -> tuple[Feed, FeedState] | None:
        """The state below a pause: what its polls go on from."""

    def show(self, feed_id: FeedId) -> tuple[Feed, FeedState, datetime] | None:
        """Feed, state, next poll, as people see them: paused while it is. None when there is no such subscription."""

    def all(self) -> Iterator[tuple[Feed, FeedState, datetime]]:
        """The same of all; in order of URL."""

    def save(
        self,
        claim: Claim,
        state: FeedState,
        next_poll_at: datetime,
        window: Mapping[ArticleId, str] | None,
        delay_s: float | None = None,
        asked_by: str = "",
        *,
        now: datetime | None = None,
        asked: Asked | None = None,
        in_full: bool = False,
    ) -> bool:
        """The poll is over: state, next poll, window (None: keep), log and the release of all locks, in one transaction.

        `delay_s` is the rest of the claim's domain (None: the default); with `asked_by`, the pause that the server of
        that host asked for, whose whole domain rests. `now`: the caller's clock when `next_poll_at` was planned (None:
        the server's), for only the time between them counts. `in_full`: the server was asked without validators, and
        sent everything with some. False when the lease was lost: nothing was written.
        """

    def ask(self, claim: Claim, asked: Asked, *, rest_s: float, in_full: bool) -> Leave:
        """To be called right before a feed's server is asked, with what it will be asked. Should nothing more be heard of
        it, the feed is not asked again for `rest_s`, and its log says so.

        `in_full`: without validators, although the server may have given some; granted once in 24 hours, whatever
        dies, restarts, or is removed and added again.
        """

    def log(self, feed_id: FeedId) -> list[Asked]:
        """The last polls, oldest first; of an unsubscribed feed for 30 days."""

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


class Pushes(Protocol):
    """What polls and pings tell each other (WebSub)."""

    def look(self, feed_id: FeedId) -> Pushed:
        """The state of the feed's lease, and whether a ping asked for this poll."""

    def polled(self, feed_id: FeedId, *, hubs: Sequence[str], topic: str, wait_s: float, answered: str) -> bool:
        """After a poll of a feed that names hubs, or did. `answered`: `Pushed.ping`, if the poll answered it.

        No ping has the feed polled within `wait_s`. True when one came meanwhile: the feed is due after that.
        """

    def ping(self, feed_id: FeedId) -> bool:
        """The feed's hub says that there is news: due as soon as `earliest` allows. False when it changes nothing."""


class Subscriptions(Protocol):
    """Every subscription at a hub, by its token."""

    def changed(self, limit: int) -> list[Wish]:
        """Feeds whose wish is to be looked at; they come again until `settled`."""

    def settled(self, wish: Wish) -> None: ...

    def wishes(self, ids: Sequence[FeedId]) -> list[Wish]: ...

    def due(self, limit: int) -> list[Subscription]:
        """Those whose hub is to be asked now; no other process gets them for five minutes."""

    def get(self, token: str) -> Subscription | None: ...

    def put(self, old: Subscription | None, new: Subscription | None) -> bool:
        """Replace one record by another, or by none; False when it is no longer `old`."""


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
        script, for `unsettled`. Raises Refuse(erased) for an article, or one of a domain, that was erased.
        """

    def restore(
        self, article: Article, *, content: bytes, fingerprint: Fingerprint, trust: Trust = Trust.STATE
    ) -> None:
        """Teach the script a document that the index already holds, with the story it has there.

        Idempotent; what is known for certain stays, unless `trust` says otherwise. Copies join it again while its story is open
        (4 to 8 days from `fetched_at`).
        """

    def restore_all(self, given: Sequence[Taught]) -> None:
        """The same for many documents, one after the other, in one round trip."""

    def placed(self, ids: Sequence[ArticleId]) -> Mapping[ArticleId, Placed]:
        """Where the articles belong now, of those that are known. `story.provisional`: a rebuild is at work that has not decided it yet."""

    def current(self, story_ids: Iterable[str]) -> Mapping[str, StoryNow]:
        """What each of the stories has become by merges, and who leads it."""

    def merge(self, story: str, other: str) -> tuple[str, str]:
        """Make two stories one; from here on both ids mean the older. -> (older, younger); again: the same."""

    def set_lead(self, story: str, lead: Article) -> bool:
        """For a story whose lead has gone over to another text, or was erased. False: this one was erased itself."""

    def unsettled(self, limit: int) -> list[Unsettled]:
        """Stories whose documents must be looked over, longest waiting first; they stay until `settled`."""

    def settled(self, work: Unsettled) -> bool:
        """Done. False, and it stays, when it was asked for again meanwhile."""


class Rebuild(Protocol):
    """Redis is being taught again what it lost (`rebuilding/`). One at a time, under a lease; what it came to stays noted.

    From `begin` to `end` what is assigned in ignorance of the texts before says so (`StoryRef.provisional`).
    """

    def state(self) -> RebuildState | None:
        """Of the one at work, or of the last one; None: there was none."""

    def ignorant_since(self) -> datetime | None:
        """Texts are assigned here since then (or from now on), without knowing those of before; None once the window (8 days) is known."""

    def begin(self, host: str, *, anew: bool = False) -> RebuildState:
        """Take the lease; one that was not finished is gone on with, unless `anew`. Raises RebuildTaken while another is at work."""

    def beat(self, **noted: Phase | datetime | int) -> None:
        """Keep the lease, note how far it is (`phase`, `reached`, `read`). Raises RebuildTaken, as all that follow, when the lease is lost."""

    def enlist(self, given: Sequence[tuple[Taught, datetime]]) -> int:
        """Documents whose story is provisional, with their turn, are to be decided again; others are left out."""

    def decide(self, limit: int) -> Decided:
        """Up to `limit` of them, in order: as they would have been assigned had all been known. Atomic for each.

        When none is left nothing that is assigned is provisional any more.
        """

    def decided(self) -> list[ArticleId]:
        """Articles whose documents have to follow what was decided; they stay until `written`."""

    def written(self, ids: Collection[ArticleId]) -> None: ...

    def end(self, *, done: bool) -> None: ...


class Aliases(Protocol):
    """Other addresses of articles: the feed's URL, redirects, variants and canonical URLs that show the same text.

    Known as long as `Frontier.unseen` knows articles. What is lost is found out again when a page is fetched, or taught
    from the index (`restore`).
    """

    def identify(self, addresses: Addresses) -> Identity:
        """Which article a fetched page is, in one atomic script; its addresses lead there from now on.

        An address or article that is known decides; else a page that claims to be at the same place as another one (a variant of
        its URL, or by its canonical URL) and has the same text is that article; else it is an article of its own. Three different
        texts that name one canonical URL make it nobody's, also for what was believed because of it.
        Raises Refuse(erased) for what was erased under any of the addresses.
        """

    def article_of(self, ids: Sequence[ArticleId]) -> Mapping[ArticleId, ArticleId]:
        """Of those ids of URLs that are other addresses: the article's id."""

    def restore(self, article: Article, fingerprint: Fingerprint) -> None:
        """Teach the addresses of a document (`url`, `aliases`, `canonical_url`) again. Idempotent; what is known stays."""

    def restore_all(self, given: Sequence[Taught]) -> None:
        """The same for many, in one round trip; the entries of feeds that lead to them are known as seen again, too."""

    def forget(self, ids: Collection[ArticleId], *, only_count: bool = False) -> int:
        """Forget every address of these articles, and what these ids of URLs were addresses of; how many there were.

        Reads the whole memory of addresses: for the rare erasure.
        """


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
        article: ArticleId | None = None,
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
        changes nothing, and so does one about an `article` or a site that was erased. `known` is what `look` said; where
        more is furniture by now the site is marked for cleaning, as it is by everything newly learned.
        """

    def learn_all(self, lessons: Sequence[Lesson]) -> int:
        """The same for many articles, one after the other, in one round trip."""

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
