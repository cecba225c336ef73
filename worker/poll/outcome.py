"""What one poll came to: the state to be saved, and what its server was asked and has answered. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from worker.errors import Quarantine, Retry, StageError
from worker.models import Answered, ArticleId, Feed, FeedState, Reason, Sighting
from worker.models.asked import NOTHING
from worker.poll import headers
from worker.ports import Answer
from worker.retry_after import retry_after_s

_MAX_DETAIL = 200


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll gave. `state` is to be saved together with `window` and the next poll; the entries are offered."""

    feed_url: str
    state: FeedState
    reason: Reason
    detail: str = ""
    entries_found: int = 0
    offered: int = 0
    rejected: int = 0
    window: dict[ArticleId, str] | None = None
    """Article id -> change tag of the whole document; None: nothing was parsed, keep the old one."""
    delay_s: float | None = None
    """Rest that the server of `asked_by` asked for; None: the usual one."""
    asked_by: str = ""
    """A host."""
    retry_after_s: float | None = None
    """Not to be polled again sooner: Retry-After, or the wait for its address."""
    sightings: tuple[Sighting, ...] | None = None
    """The document's articles for the schedule; None: nothing was parsed."""
    moved_to: str = ""
    """Where the feed was, behind redirects of which every one is for good (301, 308)."""
    in_full: bool = False
    """The document came as a whole, and can be read."""
    answered: Answered = NOTHING
    further: tuple[str, ...] = ()
    """URLs that were asked after the first."""
    unasked: bool = False
    """Everything was sent to a question without validators, and with some: it could have been less."""


def succeeded(state: FeedState, now: datetime) -> FeedState:
    return replace(state, failures=0, polls=state.polls + 1, polled_at=now, succeeded_at=now)


def validated(state: FeedState, feed: Feed, answer: Answer) -> FeedState:
    """With the validators of a document, and nothing of those before: they are its own, or there are none."""
    sent, url = answer.page.headers, answer.page.url
    etag, modified = headers.validator(sent.get("etag", "")), headers.validator(sent.get("last-modified", ""))
    given_by = url if (etag or modified) and url != feed.url else ""
    return replace(state, etag=etag, last_modified=modified, validators_of=given_by)


def unchanged(feed: Feed, state: FeedState, answer: Answer, reason: Reason, now: datetime) -> Polled:
    sent = answer.page.headers
    hint = headers.hint_s(sent, now)
    kept = succeeded(state, now)
    if reason is Reason.SAME_BODY:
        kept = validated(kept, feed, answer)
    kept = replace(
        kept,
        # RFC 9111 4.3.4: what a 304 sends replaces what is stored; what it leaves out stays.
        etag=headers.validator(sent.get("etag", "")) or kept.etag,
        last_modified=headers.validator(sent.get("last-modified", "")) or kept.last_modified,
        reason=reason,
        detail="",
        hint_s=state.hint_s if hint is None else hint,
        full_answers=0 if reason is Reason.NOT_MODIFIED else state.full_answers + 1,
    )
    return Polled(feed.url, kept, reason, moved_to=moved_to(answer), in_full=reason is Reason.SAME_BODY)


def host_busy(feed: Feed, state: FeedState, error: Retry) -> Polled:
    """Nothing was asked: not a failure and not a poll. The feed comes back when its server has time."""
    kept = replace(state, reason=error.reason, detail=error.detail)
    return Polled(feed.url, kept, error.reason, error.detail, retry_after_s=error.after_s or 0.0)


def failed(feed: Feed, state: FeedState, error: StageError, now: datetime, host: str) -> Polled:
    """`host`: who was asked last."""
    detail = error.detail[:_MAX_DETAIL]
    if isinstance(error, Quarantine):
        detail = f"the parser had to be stopped{': ' if detail else ''}{detail}"
    kept = replace(
        state,
        failures=state.failures + 1,
        polls=state.polls + 1,
        polled_at=now,
        reason=error.reason,
        detail=detail,
    )
    after_s = error.after_s if isinstance(error, Retry) else None
    delay_s = after_s if isinstance(error, Retry) and error.block_host else None
    asked_by = host if delay_s is not None else ""
    return Polled(feed.url, kept, error.reason, detail, delay_s=delay_s, asked_by=asked_by, retry_after_s=after_s)


def with_exchange(
    polled: Polled, urls: Sequence[str], answer: Answer | None, *, conditional: bool, now: datetime
) -> Polled:
    """`urls`: all that were asked; `conditional`: validators were sent to whoever gave `answer`."""
    further = tuple(urls[1:])
    if answer is None:
        return replace(polled, further=further)
    sent = answer.page.headers
    etag, modified = sent.get("etag", ""), sent.get("last-modified", "")
    told = Answered(answer.status, answer.received, etag, modified, retry_after_s(sent, now))
    could = bool(headers.validator(etag) or headers.validator(modified))
    unasked = not conditional and could and 200 <= answer.status <= 299
    # Whatever the status: who names a time wants to be left alone until then.
    waits_s = told.retry_after_s if polled.retry_after_s is None else polled.retry_after_s
    return replace(polled, further=further, answered=told, unasked=unasked, retry_after_s=waits_s)


def moved_to(answer: Answer) -> str:
    return answer.page.url if answer.page.hops and answer.page.permanent else ""
