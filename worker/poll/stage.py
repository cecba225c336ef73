"""poll: one feed asked whether it changed; its new entries offered to the frontier; what to remember of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from worker.errors import Refuse, Retry, StageError
from worker.models import ArticleId, Claim, Entry, Feed, FeedState, Page, ParsedFeed, Reason, Sighting
from worker.poll import headers, links
from worker.poll.answer import refuse_other_than_feed
from worker.poll.follow import Followed, by_article, follow, merged
from worker.poll.outcome import Polled, failed, host_busy, moved_to, succeeded, unchanged, validated, with_exchange
from worker.poll.parse import MAX_ENTRIES
from worker.poll.window import Compared, compare, sample
from worker.poll.wire import parsed_from_json
from worker.ports import Answer, Downloader, Frontier, Sandbox
from worker.urls import clean_url, host_key
from worker.visit import Visit

FUNCTION = "parse_feed"
"""What the sandbox runs."""

MAX_REST_S = 60.0
"""The waits before a poll's redirects, all together: a poll that came back later would ask the first again."""


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
    conditional: bool = True,
    address_delay_s: float = 0.0,
    patience_s: float = MAX_REST_S,
) -> Polled:
    """Ask `feed.url`, byte for byte, whether it changed since `state`; no stage error escapes.

    Not `conditional`: what it is, whatever the validators say (`schedule/validators.py`).

    The newest sitemaps of a sitemap index, and after a gap the feed's archive, are read as well: on the same host.
    A 304 and an unchanged body cost no parse. Validators and body hash enter the state only after all entries were
    taken by the frontier, and no error overwrites them: a crash at any point costs a second request, never an entry.
    Before every further request its host is locked and has had its rest, `host_delay_s`; `address_delay_s` passes
    between two requests to different domains; a poll waits `patience_s` in all.
    Raises only what `frontier` raises when its server is away; then nothing may be saved.
    """
    visit = Visit(
        claim,
        frontier,
        host_delay_s,
        between_s=address_delay_s,
        longest_s=patience_s,
        budget_s=patience_s,
        patient=True,
    )
    conditions = headers.conditional(state.etag, state.last_modified) if conditional else {}
    answer: Answer | None = None
    asked = False

    def told(polled: Polled) -> Polled:
        return with_exchange(polled, visit.asked, answer, conditional=asked, now=now)

    try:
        await visit.enter(feed.url)
        answer = await downloader.get(
            feed.url, headers=conditions, headers_for=state.validators_of, gate=visit.enter, reach=visit.reach,
            deadline_s=deadline_s,
        )  # fmt: skip
        asked = bool(conditions) and answer.page.url == clean_url(state.validators_of or feed.url)
        refuse_other_than_feed(answer, asked_if_changed=asked, now=now)
        if answer.status == 304:
            return told(unchanged(feed, state, answer, Reason.NOT_MODIFIED, now))
        body_hash = hashlib.blake2b(answer.page.body, digest_size=16).hexdigest()
        if body_hash == state.body_hash:
            return told(unchanged(feed, state, answer, Reason.SAME_BODY, now))
        parsed = await _parsed(answer.page, sandbox, now)

        async def read(url: str) -> ParsedFeed:
            await visit.enter(url)
            more = await downloader.get(url, gate=visit.enter, reach=visit.reach, deadline_s=deadline_s)
            refuse_other_than_feed(more, asked_if_changed=False, now=now)
            return await _parsed(more.page, sandbox, now)

        children = await follow(parsed.children, host_key(answer.page.url), read=read)
        if parsed.children and not children.documents:
            raise children.error or Refuse(Reason.NOT_A_FEED, "a sitemap index of another host")
        parsed = merged(parsed, children.documents)
        entries = by_article(parsed.entries)
        compared = compare(state.sample, entries)
        archive = Followed()
        if compared.gap and parsed.archive:

            def onwards(found: ParsedFeed) -> str:
                return found.archive if compare(state.sample, by_article(found.entries)).gap else ""

            archive = await follow([parsed.archive], host_key(answer.page.url), read=read, onwards=onwards)
    except StageError as error:
        if isinstance(error, Retry) and error.reason is Reason.HOST_BUSY:
            if not visit.asked:
                return host_busy(feed, state, error)
            error = Retry(Reason.TIMEOUT, f"no time for its redirect: {error.detail}")
        return told(failed(feed, state, error, now, visit.host))

    window = {key: change_tag(entry) for key, entry in entries.items()}
    older = by_article(entry for found in archive.documents for entry in found.entries)
    offered, new = _offer(feed, older | entries, compared.known, frontier, backlog=state.succeeded_at is None)
    if parsed.rejected:
        frontier.reject(feed.id, feed.url, parsed.rejected)
    sent = links.header_links(answer.page.headers.get("link", ""))
    kept = succeeded(state, now)
    if not children.error:  # else the index must come again in full
        kept = replace(validated(kept, feed, answer), body_hash=body_hash)
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
        full_answers=state.full_answers + (state.polls > 0 and not (offered and asked)),
        hubs=_hubs(parsed, sent, answer.page.url),
        topic=parsed.topic or "".join(links.targets(sent, "self", answer.page.url)),
        site=parsed.link or state.site,
    )
    polled = Polled(
        feed.url,
        kept,
        Reason.NEW_ENTRIES if offered else Reason.NO_NEW_ENTRIES,
        kept.detail,
        entries_found=len(parsed.entries) + len(parsed.rejected),
        offered=offered,
        rejected=len(parsed.rejected),
        window=window,
        sightings=_sightings(entries, new),
        moved_to=moved_to(answer),
        in_full=True,
    )
    return told(polled)


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
    feed: Feed, entries: Mapping[ArticleId, Entry], known: frozenset[ArticleId], frontier: Frontier, *, backlog: bool
) -> tuple[int, set[ArticleId]]:
    tags = {key: change_tag(entry) for key, entry in entries.items() if key not in known}
    wanted = frontier.unseen(feed.id, tags) if tags else {}
    # A changed entry may take the place of one that still waits, of which nobody knows here whether it was backlog.
    offers = [
        (key, host_key(entry.url), replace(entry, backlog=backlog or wanted[key] == "changed"))
        for key, entry in entries.items()
        if key in wanted
    ]
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
