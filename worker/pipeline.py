"""The way of one feed and of one article, on ports. Read it top to bottom: poll -> fetch -> extract -> deduplicate.

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
from urllib.parse import urlsplit

from worker.deduplicate.stage import deduplicate
from worker.errors import LeaseLost, Quarantine, Refuse, Retry, StageError
from worker.extract.stage import ExtractOptions, extract
from worker.extract.unfurnish import Unfurnished, unfurnish
from worker.fetch.stage import Fetched, Moved, fetch, retry_delay
from worker.index.compose import FOUND_AT, compose_article, compose_event
from worker.index.documents import content_hash
from worker.models import (
    ArticleId,
    Assignment,
    Claim,
    Extracted,
    FeedId,
    Page,
    Reason,
    Stage,
    State,
    Step,
    WorkItem,
)
from worker.poll.stage import Polled, poll
from worker.ports import Downloader, FeedStore, Frontier, Furniture, Pacer, Robots, Sandbox, Stories
from worker.schedule.policy import Limits, next_poll
from worker.urls import article_id, canonical_url, host_key, site_of
from worker.visit import Visit


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The parts, and the few numbers that the stages need. `clock` returns an aware datetime."""

    downloader: Downloader
    robots: Robots
    sandbox: Sandbox
    frontier: Frontier
    feeds: FeedStore
    pacer: Pacer
    stories: Stories
    furniture: Furniture
    clock: Callable[[], datetime]
    rng: random.Random
    polling: Limits
    feed_deadline_s: float
    page_deadline_s: float
    max_attempts: int
    retry_base_s: float
    retry_cap_s: float
    host_delay_s: float
    extract_method: str
    min_words: int

    async def poll_feed(self, claim: Claim) -> Polled | None:
        """One poll: entries offered to the frontier first, then state, validators and next poll in one write."""
        found = self.feeds.get(FeedId(claim.id))
        if found is None:  # removed while it waited
            self.frontier.release(claim)
            return None
        feed, state = found
        polled = await poll(
            feed,
            state,
            claim,
            downloader=self.downloader,
            sandbox=self.sandbox,
            frontier=self.frontier,
            now=self.clock(),
            host_delay_s=self.host_delay_s,
            deadline_s=self.feed_deadline_s,
        )
        plan = next_poll(polled, self.clock(), self.rng, self.polling, self.pacer.pace())
        if self.feeds.save(claim, plan.state, plan.at, polled.window, polled.delay_s):
            # A first poll is no part of the steady stream: adding ten thousand feeds must not slow the others.
            self.pacer.polled(plan.weights, counts=state.polls > 0 and polled.reason is not Reason.HOST_BUSY)
        return polled

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
            options = ExtractOptions(min_words=self.min_words, method=self.extract_method, now=fetched_at)
            extracted = await extract(answer.page, item.entry, sandbox=self.sandbox, options=options)
            url, identity = _found_at(answer.page, item, extracted)
            site = site_of(url)
            bare = unfurnish(extracted, site, self.furniture, min_words=self.min_words)
            extracted = bare.extracted
            item = self._passed(item, stage, started, _told(extracted, bare.detail), extracted.reason)

            stage, started = Stage.DEDUPLICATE, time.monotonic()
            self._still_ours(self.frontier.renew([claim]))
            content = identify(identity, bare, self.furniture)
            assignment = deduplicate(
                identity, extracted, content=content, site=site, now=item.offered_at, stories=self.stories
            )
            if not assignment.unchanged:
                self.furniture.learn(
                    site, story=assignment.story.id, title=extracted.title, fetched_at=fetched_at,
                    blocks=bare.lines.blocks(), known=bare.known,
                )  # fmt: skip
        except StageError as error:
            return self._stopped(claim, item, stage, started, error)

        state, reason = _verdict(assignment, extracted)
        step = self._step(stage, started, "ok", reason, "")
        event = compose_event(
            item, site=site, title=extracted.title, state=state, reason=reason,
            detail=extracted.detail if identity == item.article_id else f"{FOUND_AT}{url}", at=self.clock(), step=step,
        )  # fmt: skip
        if state is State.UNCHANGED:
            self.frontier.finish(claim, event)
        else:
            article = compose_article(
                identity, item.feed_url, extracted, assignment, url=url, site=site, fetched_at=fetched_at
            )
            self.frontier.finish_document(claim, event, article)
        return state

    async def _fetch(self, claim: Claim, item: WorkItem) -> Fetched | Moved:
        """The host is free again as soon as the request is over, not when the text is out."""

        async def stay(url: str) -> bool:
            return host_key(url) == claim.host

        visit = Visit(claim.host, lambda host: self.frontier.acquire(host, claim), self.host_delay_s)
        try:
            answer = await fetch(
                item, downloader=self.downloader, robots=self.robots, visit=visit, deadline_s=self.page_deadline_s,
                gate=stay,
            )  # fmt: skip
        except StageError:
            self._rest_longer(claim, visit)
            raise
        if isinstance(answer, Fetched):
            self._still_ours(self.frontier.release(claim, visit.delay_s(claim.host)))
        else:
            self._rest_longer(claim, visit)
        return answer

    def _rest_longer(self, claim: Claim, visit: Visit) -> None:
        """What follows frees the host with its usual delay, which may be shorter than what robots.txt asks."""
        delay_s = visit.delay_s(claim.host)
        if delay_s > self.host_delay_s:
            self.frontier.release(claim, delay_s)

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
            self.frontier.release(claim, error.after_s)  # given up, but the host asked for rest all the same
        state = STATE_OF.get(type(error), State.FAILED)
        step = self._step(stage, started, state.value, error.reason, error.detail)
        event = compose_event(
            item, site=site_of(item.entry.url), title="", state=state, reason=error.reason, detail=error.detail,
            at=self.clock(), step=step,
        )  # fmt: skip
        self.frontier.finish(claim, event)
        return state

    def _passed(
        self, item: WorkItem, stage: Stage, started: float, detail: str, reason: Reason | None = None
    ) -> WorkItem:
        return replace(item, steps=(*item.steps, self._step(stage, started, "ok", reason, detail)))

    def _step(self, stage: Stage, started: float, outcome: str, reason: Reason | None, detail: str) -> Step:
        took_ms = int((time.monotonic() - started) * 1000)
        return Step(stage, self.clock(), outcome, reason, detail[:300], took_ms)


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


def _found_at(page: Page, item: WorkItem, extracted: Extracted) -> tuple[str, ArticleId]:
    """The article's URL and identity. A redirect decides both, so that short links and feed proxies make no copies;

    but not one to a home page, a login or an error page: many articles may end there.
    """
    if not extracted.fulltext:
        return canonical_url(item.entry.url), item.article_id
    url = canonical_url(page.url)
    if not page.hops or urlsplit(url).path in ("", "/"):
        return url, item.article_id
    return url, article_id(url)


def _told(extracted: Extracted, cut: str) -> str:
    text = f"{extracted.method}, {len(extracted.body)} characters"
    return "; ".join(filter(None, (text, cut, extracted.detail)))
