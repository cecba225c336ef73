"""poll: one feed asked whether it changed; its new entries offered to the frontier; what to remember of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from worker.errors import Quarantine, Refuse, Retry, StageError
from worker.models import ArticleId, Claim, Entry, Feed, FeedState, FeedStatus, Page, ParsedFeed, Reason, Sighting
from worker.poll import headers, links
from worker.poll.answer import refuse_other_than_feed
from worker.poll.follow import Followed, by_article, follow, merged
from worker.poll.parse import MAX_ENTRIES
from worker.poll.window import Compared, compare, sample
from worker.poll.wire import parsed_from_json
from worker.ports import Answer, Downloader, Frontier, Sandbox
from worker.urls import host_key
from worker.visit import Visit

FUNCTION = "parse_feed"
"""What the sandbox runs."""

GONE_AFTER = 2
"""Answers 410 in a row before a feed counts as gone; the first may be a slip of the server."""
MAX_REST_S = 60.0
"""The rests before a poll's redirects, all together: a poll that came back later would begin with the first again."""
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
    """Rest that the host asked for; None: its usual delay."""
    retry_after_s: float | None = None
    """Not to be polled again sooner: Retry-After, or the wait for the host of a redirect."""
    sightings: tuple[Sighting, ...] | None = None
    """The document's articles for the schedule; None: nothing was parsed."""


async def poll(
    feed: Feed,
    state: FeedState,
    claim: Claim,
    *,
    downloader: Downloader,
    sandbox: Sandbox,
    frontier: Frontier,
    now: datetime,
    host_delay_s: float,
    deadline_s: float,
) -> Polled:
    """Ask `feed.url`, byte for byte, whether it changed since `state`; no stage error escapes.

    The newest sitemaps of a sitemap index, and after a gap the feed's archive, are read as well: on the same host.
    A 304 and an unchanged body cost no parse. Validators and body hash enter the state only after all entries were
    taken by the frontier, and no error overwrites them: a crash at any point costs a second request, never an entry.
    Before every further request its host is locked and has had its rest, `host_delay_s`.
    Raises only what `frontier` raises when its server is away; then nothing may be saved.
    """
    visit = Visit(
        claim.host,
        lambda host: frontier.acquire(host, claim),
        host_delay_s,
        longest_s=MAX_REST_S,
        budget_s=MAX_REST_S,
    )
    conditions = headers.conditional(state.etag, state.last_modified)
    try:
        await visit.enter(feed.url)
        answer = await downloader.get(feed.url, headers=conditions, gate=visit.enter, deadline_s=deadline_s)
        refuse_other_than_feed(answer, asked_if_changed=bool(conditions), now=now)
        if answer.status == 304:
            return _unchanged(feed, state, answer, Reason.NOT_MODIFIED, now)
        body_hash = hashlib.blake2b(answer.page.body, digest_size=16).hexdigest()
        if body_hash == state.body_hash:
            return _unchanged(feed, state, answer, Reason.SAME_BODY, now)
        parsed = await _parsed(answer.page, sandbox, now)

        async def read(url: str) -> ParsedFeed:
            await visit.enter(url)
            more = await downloader.get(url, gate=visit.enter, deadline_s=deadline_s)
            refuse_other_than_feed(more, asked_if_changed=False, now=now)
            return await _parsed(more.page, sandbox, now)

        children = await follow(parsed.children, claim.host, read=read)
        if parsed.children and not children.documents:
            raise children.error or Refuse(Reason.NOT_A_FEED, "a sitemap index of another host")
        parsed = merged(parsed, children.documents)
        entries = by_article(parsed.entries)
        compared = compare(state.sample, entries)
        archive = Followed()
        if compared.gap and parsed.archive:

            def onwards(found: ParsedFeed) -> str:
                return found.archive if compare(state.sample, by_article(found.entries)).gap else ""

            archive = await follow([parsed.archive], claim.host, read=read, onwards=onwards)
    except StageError as error:
        if isinstance(error, Retry) and error.reason is Reason.HOST_BUSY:
            return _host_busy(feed, state, error)
        return _failed(feed, state, error, now)

    window = {key: change_tag(entry) for key, entry in entries.items()}
    older = by_article(entry for found in archive.documents for entry in found.entries)
    offered, new = _offer(feed, older | entries, compared.known, frontier)
    if parsed.rejected:
        frontier.reject(feed.id, feed.url, parsed.rejected)
    sent = links.header_links(answer.page.headers.get("link", ""))
    kept = _succeeded(state, answer, now)
    if not children.error:  # else the index must come again in full
        kept = replace(
            kept,
            etag=headers.validator(answer.page.headers.get("etag", "")),
            last_modified=headers.validator(answer.page.headers.get("last-modified", "")),
            body_hash=body_hash,
        )
    kept = replace(
        _compared(kept, compared, sample(entries), now),
        new_entry_at=now if offered else state.new_entry_at,
        reason=Reason.NEW_ENTRIES if offered else Reason.NO_NEW_ENTRIES,
        detail=_told(parsed, compared, archive, children),
        title=parsed.title or state.title,
        entries_offered=state.entries_offered + offered,
        hint_s=headers.hint_s(answer.page.headers, now) or 0.0,
        ttl_s=parsed.ttl_s,
        skip_hours=parsed.skip_hours,
        skip_days=parsed.skip_days,
        full_answers=state.full_answers + (not offered and state.polls > 0),
        hubs=_hubs(parsed, sent, answer.page.url),
        topic=parsed.topic or "".join(links.targets(sent, "self", answer.page.url)),
    )
    return Polled(
        feed.url,
        kept,
        Reason.NEW_ENTRIES if offered else Reason.NO_NEW_ENTRIES,
        kept.detail,
        entries_found=len(parsed.entries) + len(parsed.rejected),
        offered=offered,
        rejected=len(parsed.rejected),
        window=window,
        sightings=_sightings(entries, new),
    )


def change_tag(entry: Entry) -> str:
    """Differs when the title or the time of the update does: 12 hex digits."""
    updated = entry.updated_at.isoformat() if entry.updated_at else ""
    return hashlib.blake2b(f"{updated}\n{entry.title}".encode(), digest_size=6).hexdigest()


async def _parsed(page: Page, sandbox: Sandbox, now: datetime) -> ParsedFeed:
    argument = {
        "content_type": page.content_type,
        "url": page.url,
        "now": now.isoformat(),
        "max_entries": MAX_ENTRIES,
    }
    parsed = parsed_from_json(await sandbox.call(FUNCTION, argument, page.body))
    if parsed.malformed and not parsed.entries and not parsed.rejected:
        # Remembering its validators would make a broken document the truth until it changes.
        raise Refuse(Reason.NOT_A_FEED, "not well-formed, and no entry could be read")
    return parsed


def _offer(
    feed: Feed, entries: Mapping[ArticleId, Entry], known: frozenset[ArticleId], frontier: Frontier
) -> tuple[int, set[ArticleId]]:
    tags = {key: change_tag(entry) for key, entry in entries.items() if key not in known}
    wanted = frontier.unseen(feed.id, tags) if tags else {}
    offers = [(key, host_key(entry.url), entry) for key, entry in entries.items() if key in wanted]
    offered = frontier.offer(feed.id, feed.url, offers) if offers else 0
    return offered, {key for key, kind in wanted.items() if kind == "new"}


def _sightings(entries: Mapping[ArticleId, Entry], new: set[ArticleId]) -> tuple[Sighting, ...]:
    return tuple(Sighting(entry.published_at or entry.updated_at, key in new) for key, entry in entries.items())


def _compared(state: FeedState, compared: Compared, sampled: str, now: datetime) -> FeedState:
    """What cannot be told this time stays as it was."""
    unstable, rewritten = compared.unstable_ids, compared.rewritten_links
    return replace(
        state,
        sample=sampled or state.sample,
        gaps=state.gaps + compared.gap,
        gaps_in_a_row=state.gaps_in_a_row + 1 if compared.gap else 0,
        gap_at=now if compared.gap else state.gap_at,
        unstable_ids=state.unstable_ids if unstable is None else unstable,
        rewritten_links=state.rewritten_links if rewritten is None else rewritten,
    )


def _hubs(parsed: ParsedFeed, sent: Sequence[links.Link], url: str) -> tuple[str, ...]:
    """Header first: that is where WebSub 4 tells a subscriber to look first."""
    return tuple(dict.fromkeys((*links.targets(sent, "hub", url, links.MAX_HUBS), *parsed.hubs)))[: links.MAX_HUBS]


def _succeeded(state: FeedState, answer: Answer, now: datetime) -> FeedState:
    page = answer.page
    return replace(
        state,
        status=FeedStatus.PAUSED if state.status is FeedStatus.PAUSED else FeedStatus.ACTIVE,
        failures=0,
        polls=state.polls + 1,
        polled_at=now,
        succeeded_at=now,
        moved_to=page.url if page.hops and page.permanent else "",
        gone_answers=0,
    )


def _unchanged(feed: Feed, state: FeedState, answer: Answer, reason: Reason, now: datetime) -> Polled:
    sent = answer.page.headers
    hint = headers.hint_s(sent, now)
    kept = replace(
        _succeeded(state, answer, now),
        # RFC 9111 4.3.4: what a 304 sends replaces what is stored; what it leaves out stays.
        etag=headers.validator(sent.get("etag", "")) or state.etag,
        last_modified=headers.validator(sent.get("last-modified", "")) or state.last_modified,
        reason=reason,
        detail="",
        hint_s=state.hint_s if hint is None else hint,
        full_answers=0 if reason is Reason.NOT_MODIFIED else state.full_answers + 1,
    )
    return Polled(feed.url, kept, reason)


def _host_busy(feed: Feed, state: FeedState, error: Retry) -> Polled:
    """Not a failure and not a poll: the feed comes back when the host of its redirect is free."""
    kept = replace(state, reason=error.reason, detail=error.detail)
    return Polled(feed.url, kept, error.reason, error.detail, retry_after_s=error.after_s or 0.0)


def _failed(feed: Feed, state: FeedState, error: StageError, now: datetime) -> Polled:
    gone = state.gone_answers + 1 if error.reason is Reason.GONE else 0
    status = FeedStatus.GONE if gone >= GONE_AFTER else FeedStatus.BACKING_OFF
    detail = error.detail[:_MAX_DETAIL]
    if isinstance(error, Quarantine):
        detail = f"the parser had to be stopped{': ' if detail else ''}{detail}"
    kept = replace(
        state,
        status=FeedStatus.PAUSED if state.status is FeedStatus.PAUSED else status,
        failures=state.failures + 1,
        polls=state.polls + 1,
        polled_at=now,
        reason=error.reason,
        detail=detail,
        gone_answers=gone,
    )
    after_s = error.after_s if isinstance(error, Retry) else None
    delay_s = after_s if isinstance(error, Retry) and error.block_host else None
    return Polled(feed.url, kept, error.reason, detail, delay_s=delay_s, retry_after_s=after_s)


def _told(parsed: ParsedFeed, compared: Compared, archive: Followed, children: Followed) -> str:
    read = f", {len(archive.documents)} of its archive read" if archive.documents else ""
    parts = [
        f"{len(parsed.rejected)} without a usable URL" if parsed.rejected else "",
        f"{parsed.truncated} beyond the limit" if parsed.truncated else "",
        "not well-formed" if parsed.malformed else "",
        f"nothing of the last document is left{read}" if compared.gap else "",
        f"only {len(children.documents)} of its sitemaps could be read" if children.error else "",
    ]
    return ", ".join(part for part in parts if part)
