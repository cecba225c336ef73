"""The way of one article, on ports, and before it of its feed (polling.py). Read it top to bottom: fetch -> extract ->
deduplicate.

`schedule` (schedule/loop.py) decides what is due and hands out claims; `index` (index/stage.py) writes in bulk what
ends up in the outbox here. Every article leaves these functions in exactly one of three ways: finished with a
document, finished without one, or back in the frontier.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from worker.deduplicate.addresses import MOST_ALIASES, Found, addresses
from worker.deduplicate.stage import deduplicate, fingerprint_of
from worker.errors import LeaseLost, Quarantine, Refuse, Retry, StageError
from worker.extract.stage import ExtractOptions, extract
from worker.extract.unfurnish import Unfurnished, unfurnish
from worker.fetch.stage import Fetched, Moved, fetch, retry_delay
from worker.index.compose import FOUND_AT, SAME_AS, compose_article, compose_event
from worker.index.documents import content_hash
from worker.index.erased import scrubbed
from worker.models import (
    ArticleId,
    Assignment,
    Claim,
    Extracted,
    Identity,
    Reason,
    Stage,
    State,
    Step,
    WorkItem,
)
from worker.poll.outcome import Polled
from worker.polling import Polling
from worker.ports import (
    Aliases,
    Downloader,
    Frontier,
    Furniture,
    Robots,
    Sandbox,
    Stories,
)  # fmt: skip
from worker.urls import article_id, host_key, site_of
from worker.visit import Visit


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The parts, and the few numbers that the stages need. `clock` returns an aware datetime."""

    downloader: Downloader
    robots: Robots
    sandbox: Sandbox
    frontier: Frontier
    polling: Polling
    stories: Stories
    aliases: Aliases
    furniture: Furniture
    clock: Callable[[], datetime]
    rng: random.Random
    page_deadline_s: float
    max_attempts: int
    retry_base_s: float
    retry_cap_s: float
    host_delay_s: float
    address_delay_s: float
    extract_method: str
    min_words: int
    noindex: str
    """`summary`, `refuse` or `ignore`: what is done with a page that says noindex."""
    agent: str
    """Our name to robots."""
    observe: Callable[[Step], None] = lambda _: None
    """Told of every step as it ends; for metrics."""

    async def poll_feed(self, claim: Claim) -> Polled | None:
        """As `Polling.poll_feed`."""
        return await self.polling.poll_feed(claim)

    async def ingest_article(self, claim: Claim, item: WorkItem) -> State | None:
        """One article through fetch, extract and deduplicate; None when it went back to the frontier.

        Raises LeaseLost when somebody else has it now.
        """
        stage, started = Stage.FETCH, time.monotonic()
        try:
            answer = await self._fetch(claim, item)
            if isinstance(answer, Moved):
                step = self._step(stage, started, "moved", None, answer.url)
                self.frontier.retry(claim, answer.after_s, step, url=answer.url, host=host_key(answer.url))
                return None
            item = self._passed(item, stage, started, str(len(answer.page.body)) + " bytes")
            fetched_at = self.clock()

            stage, started = Stage.EXTRACT, time.monotonic()
            options = ExtractOptions(
                min_words=self.min_words, method=self.extract_method, now=fetched_at,
                agent="" if self.noindex == "ignore" else self.agent,
            )  # fmt: skip
            extracted = await extract(answer.page, item.entry, sandbox=self.sandbox, options=options)
            if extracted.reason is Reason.NOINDEX and self.noindex == "refuse":
                raise Refuse(Reason.NOINDEX, extracted.detail)
            site = site_of(answer.page.url if extracted.fulltext else item.entry.url)
            bare = unfurnish(extracted, site, self.furniture, min_words=self.min_words)
            extracted = bare.extracted
            item = self._passed(item, stage, started, _told(extracted, bare.detail), extracted.reason)

            stage, started = Stage.DEDUPLICATE, time.monotonic()
            self._still_ours(self.frontier.renew([claim]))
            fingerprint = fingerprint_of(extracted)
            found = addresses(answer.page, item, extracted, fingerprint)
            identity = self.aliases.identify(found.addresses)
            if identity.met:
                return self._same_article(claim, item, extracted, identity, started)
            content = identify(identity.id, bare, self.furniture)
            assignment = deduplicate(
                identity.id, extracted, content=content, site=site, now=item.offered_at, stories=self.stories,
                known=fingerprint,
            )  # fmt: skip
            if not assignment.unchanged:
                self.furniture.learn(
                    site, article=identity.id, story=assignment.story.id, title=extracted.title, fetched_at=fetched_at,
                    blocks=bare.lines.blocks(), known=bare.known,
                )  # fmt: skip
        except StageError as error:
            return self._stopped(claim, item, stage, started, error)

        state, reason = _verdict(assignment, extracted)
        step = self._step(stage, started, "ok", reason, "")
        event = compose_event(
            item, site=site, title=extracted.title, state=state, reason=reason,
            detail=_where(identity.id, found, item) or extracted.detail, at=self.clock(), step=step,
        )  # fmt: skip
        if state is State.UNCHANGED:
            self.frontier.finish(claim, event)
        else:
            article = compose_article(
                identity.id, item.feed_url, extracted, assignment, url=found.url, site=site, fetched_at=fetched_at,
                aliases=_aliases(found, identity),
                backlog=item.entry.backlog,
            )  # fmt: skip
            self.frontier.finish_document(claim, event, article)
        return state

    def _same_article(
        self, claim: Claim, item: WorkItem, extracted: Extracted, identity: Identity, started: float
    ) -> State:
        """The page shows, at another address, what is stored or about to be, or a wall instead of it: nothing to do."""
        step = self._step(Stage.DEDUPLICATE, started, "ok", Reason.SAME_CONTENT, f"{SAME_AS}{identity.id}")
        event = compose_event(
            item, site=site_of(item.entry.url), title=extracted.title, state=State.UNCHANGED,
            reason=Reason.SAME_CONTENT, detail=f"{SAME_AS}{identity.id}", at=self.clock(), step=step,
        )  # fmt: skip
        self.frontier.finish(claim, event)
        return State.UNCHANGED

    async def _fetch(self, claim: Claim, item: WorkItem) -> Fetched | Moved:
        """The host is free again as soon as the request is over, not when the text is out."""

        async def stay(url: str) -> bool:
            return self.frontier.domain(host_key(url)) == domain

        domain = self.frontier.domain(claim.host)
        visit = Visit(claim, self.frontier, self.host_delay_s, between_s=self.address_delay_s)
        try:
            answer = await fetch(
                item, downloader=self.downloader, robots=self.robots, visit=visit, deadline_s=self.page_deadline_s,
                gate=stay,
            )  # fmt: skip
        except StageError:
            self._rest_longer(claim, visit)
            raise
        if isinstance(answer, Fetched):
            self._still_ours(self.frontier.release(claim, host_delay_s=visit.delay_s(claim.host)))
        else:
            self._rest_longer(claim, visit)
        return answer

    def _rest_longer(self, claim: Claim, visit: Visit) -> None:
        """What follows frees the host with its usual delay, which may be shorter than what robots.txt asks."""
        delay_s = visit.delay_s(claim.host)
        if delay_s > self.host_delay_s:
            self.frontier.release(claim, host_delay_s=delay_s)

    def _still_ours(self, kept: Collection[str] | bool) -> None:
        """A page whose lease was lost is somebody else's now: no more work for it, and no trace of it."""
        if not kept:
            raise LeaseLost

    def give_up(self, claim: Claim, item: WorkItem, error: Exception) -> State | None:
        """A mistake of ours: tried again like a fault of the network, then `failed`, so that it is seen and ends."""
        detail = f"{type(error).__name__}: {error}"[:200]
        return self._stopped(claim, item, Stage.FETCH, time.monotonic(), Retry(Reason.UNEXPECTED, detail))

    def _stopped(self, claim: Claim, item: WorkItem, stage: Stage, started: float, error: StageError) -> State | None:
        """The error tree's policy: try again later, or end with a reason."""
        # Neither a claim after a redirect nor one that only met a busy host is a new try.
        busy = sum(step.reason is Reason.HOST_BUSY for step in item.steps)
        tries = item.attempt - len(item.hops) - min(busy, MOST_BUSY)
        if isinstance(error, Retry) and tries < self.max_attempts:
            delay = retry_delay(tries, self.retry_base_s, self.retry_cap_s, self.rng)
            after = delay if error.after_s is None else error.after_s  # the server's word, even when it is long
            step = self._step(stage, started, "retry", error.reason, error.detail)
            self.frontier.retry(claim, after, step, block_host=error.block_host)
            return None
        if isinstance(error, Retry) and error.block_host and error.after_s is not None:
            # given up, but the server asked for rest all the same
            self.frontier.release(claim, error.after_s, asked=True)
        state = STATE_OF.get(type(error), State.FAILED)
        step = self._step(stage, started, state.value, error.reason, error.detail)
        event = compose_event(
            item, site=site_of(item.entry.url), title="", state=state, reason=error.reason, detail=error.detail,
            at=self.clock(), step=step,
        )  # fmt: skip
        self.frontier.finish(claim, scrubbed(event) if error.reason is Reason.ERASED else event)
        return state

    def _passed(
        self, item: WorkItem, stage: Stage, started: float, detail: str, reason: Reason | None = None
    ) -> WorkItem:
        return replace(item, steps=(*item.steps, self._step(stage, started, "ok", reason, detail)))

    def _step(self, stage: Stage, started: float, outcome: str, reason: Reason | None, detail: str) -> Step:
        took_ms = int((time.monotonic() - started) * 1000)
        done = Step(stage, self.clock(), outcome, reason, detail[:300], took_ms)
        self.observe(done)
        return done


MOST_BUSY = 20
"""Turns that may be lost to a busy host of a redirect or robots.txt before they count as tries."""

STATE_OF: dict[type[StageError], State] = {Refuse: State.REFUSED, Quarantine: State.QUARANTINED}


def identify(identity: ArticleId, bare: Unfurnished, furniture: Furniture) -> bytes:
    """The hash of this version. That less furniture was known when it was stored makes no other version of it."""
    page = bare.extracted
    content = content_hash(page.title, page.summary, page.body)
    if bare.marks:
        furniture.settle(
            identity,
            content=content,
            earlier=lambda: [content_hash(page.title, page.summary, body) for body in bare.earlier()],
        )
    return content


def _verdict(assignment: Assignment, extracted: Extracted) -> tuple[State, Reason]:
    """A page that was no article is indexed with the feed's own words, and says so by its reason."""
    if assignment.unchanged:
        return State.UNCHANGED, Reason.SAME_CONTENT
    if assignment.revision > 1:
        return State.UPDATED, extracted.reason or Reason.NEW_VERSION
    return State.INDEXED, extracted.reason or Reason.STORED


def _where(identity: ArticleId, found: Found, item: WorkItem) -> str:
    """For the ledger: where the article is, when its id is not that of the URL that was offered."""
    if identity == item.article_id:
        return ""
    return f"{FOUND_AT}{found.url}" if identity == article_id(found.url) else f"{SAME_AS}{identity}"


def _aliases(found: Found, identity: Identity) -> tuple[str, ...]:
    believed = (found.canonical,) if identity.canonical and found.canonical else ()
    return tuple(dict.fromkeys((*believed, *found.aliases)))[:MOST_ALIASES]


def _told(extracted: Extracted, cut: str) -> str:
    text = f"{extracted.method}, {len(extracted.body)} characters"
    return "; ".join(filter(None, (text, cut, extracted.detail)))
