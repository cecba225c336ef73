"""The feeds of a site, found from any of its addresses: few requests, one after the other, within a site's manners."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from worker.errors import Quarantine, Refuse, Retry, StageError
from worker.models import ArticleId, Page, ParsedFeed, Reason
from worker.poll import links
from worker.poll.answer import refuse_other_than_feed
from worker.poll.follow import by_article
from worker.poll.site_links import (
    MAX_LINKS,
    How,
    SiteLink,
    guesses,
    links_from_json,
    of_comments,
)
from worker.poll.wire import parsed_from_json
from worker.ports import Downloader, HopGate, Reach, Robots, Sandbox
from worker.urls import clean_url

MAX_REQUESTS = 6
PAGE_FUNCTION = "feed_links"
FEED_FUNCTION = "parse_feed"
"""What the sandbox runs."""

_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(rss|feed|rdf|urlset|sitemapindex)[\s>]", re.IGNORECASE)
_AUTHORITY = re.compile(
    r"[^\s/?#@:]+\.[^\s/?#@:.]+\.?(?::\d{1,5})?(?:[/?#]|\Z)|\[[0-9A-Fa-f:.]+\]|localhost(?:[:/]|\Z)"
)
_NO_ANSWER = frozenset(
    {Reason.CONNECT_FAILED, Reason.TLS_ERROR, Reason.CONNECTION_LOST, Reason.PROTOCOL_ERROR, Reason.TIMEOUT}
)


class Format(StrEnum):
    RSS = "RSS"
    RDF = "RSS 1.0"
    ATOM = "Atom"
    JSON = "JSON Feed"
    SITEMAP = "news sitemap"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A feed that was asked for and read. `url` is to be subscribed to as it stands."""

    url: str
    title: str
    format: Format
    entries: int
    newest_at: datetime | None
    """The newest date of its entries."""
    how: How
    comments: bool = False
    """It looks like a feed of what readers wrote."""
    same_as: str = ""
    """URL of a candidate before this that has the same articles, in another format or under another address."""
    articles: frozenset[ArticleId] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, best first; feeds of comments and doubles come last."""

    candidates: tuple[Candidate, ...]
    unasked: tuple[SiteLink, ...] = ()
    """What the page names or links to beyond the number of requests."""
    requests: int = 0

    @property
    def plain(self) -> tuple[Candidate, ...]:
        """Those that differ and are no feeds of comments; if it is only comments, then those."""
        distinct = tuple(each for each in self.candidates if not each.same_as)
        return tuple(each for each in distinct if not each.comments) or distinct


def spellings(address: str) -> tuple[str, ...]:
    """The URLs that a person may mean, cleaned; the likelier first. Raises Refuse as `clean_url` does.

    `feed:` goes; without a scheme it is https, or else http.
    """
    address = address.strip()
    if address[:5].lower() == "feed:":  # of old it meant http; now nearly all have https
        address = address[5:].lstrip("/")
    if "://" not in address.partition("?")[0] and _AUTHORITY.match(address):
        address = f"https://{address}"
        return clean_url(address), clean_url(f"http{address[5:]}")
    return (clean_url(address),)


async def find_feeds(
    address: str,
    *,
    downloader: Downloader,
    sandbox: Sandbox,
    robots: Robots,
    gate: HopGate,
    now: datetime,
    deadline_s: float,
    typed: bool = False,
    most: int = MAX_REQUESTS,
) -> Found:
    """The feed at `address`, or those of the site whose page is there, with at most `most` requests in all.

    Redirects and robots.txt count as requests; `gate` is awaited before each of them (`Visit.enter`). robots.txt is
    obeyed for pages and guessed addresses; a feed that the page itself names is exempt as every feed is, and with
    `typed`, so is the address that a person typed. Raises the StageError of that address when it cannot be had.
    """
    asking = _Asking(downloader, sandbox, robots, gate, now, deadline_s, most)
    *first, last = spellings(address)
    for url in first:
        try:
            return await _found(url, asking, typed)
        except Retry as error:
            if error.reason not in _NO_ANSWER or asking.left <= 0:
                raise
    return await _found(last, asking, typed)


async def find_again(
    addresses: Sequence[str],
    *,
    downloader: Downloader,
    sandbox: Sandbox,
    robots: Robots,
    gate: HopGate,
    reach: Reach,
    learn: Callable[[str, float | None], None],
    now: datetime,
    deadline_s: float,
    most: int = MAX_REQUESTS,
) -> Found:
    """As `find_feeds`, for a worker that has lost a feed: at the first of `addresses` where any are, robots.txt obeyed.

    `learn` is told of the delays that it asks for (`Visit.learn`). An address that cannot be had is passed over;
    raises only Retry(host_busy), when `gate` does or `reach` lets nobody through.
    """
    asking = _Asking(downloader, sandbox, robots, gate, now, deadline_s, most, learn, reach)
    for address in dict.fromkeys(addresses):
        try:
            found = await _found(clean_url(address), asking, typed=False)
        except _SpentError:
            break
        except StageError as error:
            if error.reason is Reason.HOST_BUSY:
                raise
            continue
        if found.candidates:
            return found
    return Found((), requests=asking.made)


def format_of(body: bytes) -> Format:
    """By the first thing that stands in it; RSS where it cannot be told."""
    head = body[:8192].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if head[:1] in (b"{", b"["):
        return Format.JSON
    root = _ROOT.search(head)
    return _FORMATS[root[1].lower()] if root else Format.RSS


def ranked(candidates: Iterable[tuple[Candidate, frozenset[ArticleId]]]) -> tuple[Candidate, ...]:
    """Doubles marked, and behind; feeds of comments behind those."""
    seen: dict[frozenset[ArticleId], str] = {}
    told: list[Candidate] = []
    for candidate, articles in candidates:
        same = seen.get(articles, "") if articles else ""
        if articles:
            seen.setdefault(articles, candidate.url)
        told.append(replace(candidate, same_as=same))
    return tuple(sorted(told, key=lambda each: (each.comments, bool(each.same_as))))


_FORMATS = {
    b"rss": Format.RSS,
    b"rdf": Format.RDF,
    b"feed": Format.ATOM,
    b"urlset": Format.SITEMAP,
    b"sitemapindex": Format.SITEMAP,
}


class _SpentError(Retry):
    """No request is left. A busy host to those that know nothing of it: they leave no verdict behind."""

    def __init__(self) -> None:
        super().__init__(Reason.HOST_BUSY, "as many requests as one search may make")


class _Asking:
    """All requests of one search."""

    def __init__(
        self,
        downloader: Downloader,
        sandbox: Sandbox,
        robots: Robots,
        gate: HopGate,
        now: datetime,
        deadline_s: float,
        most: int,
        learn: Callable[[str, float | None], None] = lambda url, delay_s: None,
        reach: Reach | None = None,
    ) -> None:
        self._downloader = downloader
        self._sandbox = sandbox
        self._robots = robots
        self._gate = gate
        self._now = now
        self._deadline_s = deadline_s
        self._most = most
        self._learn = learn
        self._reach = reach
        self.left = most

    @property
    def made(self) -> int:
        return self._most - self.left

    async def allowed(self, url: str) -> None:
        """Raises what `Robots.check` does."""
        self._learn(url, await self._robots.check(url, self._enter, self._reach))

    async def page(self, url: str) -> Page:
        await self._enter(url)
        answer = await self._downloader.get(url, gate=self._enter, reach=self._reach, deadline_s=self._deadline_s)
        refuse_other_than_feed(answer, asked_if_changed=False, now=self._now)
        return answer.page

    async def feed(self, page: Page) -> ParsedFeed:
        """Raises Refuse(not_a_feed) for a page."""
        argument = {"content_type": page.content_type, "url": page.url, "now": self._now.isoformat()}
        parsed = parsed_from_json(await self._sandbox.call(FEED_FUNCTION, argument, page.body))
        if parsed.malformed and not parsed.entries and not parsed.rejected:
            raise Refuse(Reason.NOT_A_FEED, "not well-formed, and no entry could be read")
        return parsed

    async def links(self, page: Page) -> tuple[SiteLink, ...]:
        """Of the header (RFC 8288), then of the page."""
        header = links.alternates(page.headers.get("link", ""), page.url)
        argument = {"content_type": page.content_type, "url": page.url}
        try:
            found = links_from_json(await self._sandbox.call(PAGE_FUNCTION, argument, page.body))
        except Quarantine:  # a page that breaks the limits names nothing; its site may have a feed all the same
            found = ()
        every = {link.url: link for link in (*found, *(SiteLink(url, title) for url, title in header))}
        return tuple(sorted(every.values(), key=lambda link: (of_comments(link.url, link.title), _TRUST[link.how])))

    async def _enter(self, url: str) -> bool:
        if self.left <= 0:
            raise _SpentError
        self.left -= 1
        return await self._gate(url)


_TRUST = {how: number for number, how in enumerate(How)}


async def _found(url: str, asking: _Asking, typed: bool) -> Found:
    if not typed:
        await asking.allowed(url)
    page = await asking.page(url)
    try:
        parsed = await asking.feed(page)
    except Refuse as refused:
        if refused.reason is not Reason.NOT_A_FEED:
            raise
    else:
        return Found((_candidate(SiteLink(url, "", How.GIVEN), page, parsed),), requests=asking.made)
    named = await asking.links(page)
    asked: set[str] = {url, page.url}
    good: list[tuple[Candidate, frozenset[ArticleId]]] = []
    # What the page names goes before what it links to, and guesses come last: each only where the one before gave none.
    for how, addresses in ((How.NAMED, named), (How.LINKED, named), (How.GUESSED, guesses(page.url))):
        if any(not candidate.comments for candidate, _ in good):
            break
        for link in addresses:
            if link.how is not how or link.url in asked or asking.left <= 0:
                continue
            asked.add(link.url)
            try:
                if how is not How.NAMED:
                    await asking.allowed(link.url)
                page = await asking.page(link.url)
                parsed = await asking.feed(page)
            except _SpentError:
                asked.discard(link.url)
                continue
            except StageError as error:
                if isinstance(error, Quarantine | Refuse) or error.reason is not Reason.HOST_BUSY:
                    continue
                raise
            candidate = _candidate(link, page, parsed)
            good.append((candidate, candidate.articles))
            if how is How.GUESSED:
                break
    unasked = tuple(link for link in named if link.url not in asked and _worth_telling(link, good))
    return Found(ranked(good), unasked[:MAX_LINKS], asking.made)


def _worth_telling(link: SiteLink, good: Sequence[tuple[Candidate, frozenset[ArticleId]]]) -> bool:
    """Links in the text only where they are all there is."""
    return link.how is How.NAMED or not any(candidate.how is How.NAMED for candidate, _ in good)


def _candidate(link: SiteLink, page: Page, parsed: ParsedFeed) -> Candidate:
    # A feed that a person gave stays as it was given: what a redirect means is seen over days, by its polls.
    url = page.url if page.permanent and link.how is not How.GIVEN else link.url
    dates = [date for entry in parsed.entries if (date := entry.published_at or entry.updated_at)]
    title = parsed.title or link.title
    return Candidate(
        url=url,
        title=title,
        format=format_of(page.body),
        entries=len(parsed.entries),
        newest_at=max(dates, default=None),
        how=link.how,
        comments=of_comments(link.url, f"{link.title} {parsed.title}") and link.how is not How.GIVEN,
        articles=frozenset(by_article(parsed.entries)),
    )
