"""What the newsroom answers to a request: routing, validators, versions. No sockets, no sleeping, no clock."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime

from worker.demo.content import Case, Site, Story, Version
from worker.demo.feeds import FORMATS, Item
from worker.demo.furniture import Sheet
from worker.demo.manifest import EXPECTED, Planned
from worker.demo.pages import PIXEL, article_page, encode, front_page, not_found, pdf


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(slots=True)
class Edition:
    """All sites at one port, as of `opened`. `updated_at` is the moment the changed article changed, None before."""

    sites: Sequence[Site]
    port: int
    opened: datetime
    written: frozenset[str]
    """Paths (host and path) of the articles that were written; the others were made by `scale`."""
    updated_at: datetime | None = None

    def base(self, site: Site) -> str:
        return f"http://{site.host}:{self.port}"

    @property
    def feeds(self) -> tuple[str, ...]:
        return tuple(self.base(site) + site.feed_path for site in self.sites)

    def articles(self) -> tuple[Planned, ...]:
        return tuple(self._planned(site, story) for site in self.sites for story in site.stories)

    def answer(self, host: str, path: str, headers: Mapping[str, str]) -> Reply:
        """The reply to a GET. `headers` have lower-case names. An unknown host or path gets 404."""
        site = next((site for site in self.sites if site.host == host.lower()), None)
        if site is None:
            return Reply(404, {"Content-Type": "text/plain; charset=utf-8"}, b"no such site in this newsroom\n")
        return self._page(site, path.partition("?")[0], headers)

    def _page(self, site: Site, path: str, headers: Mapping[str, str]) -> Reply:
        if path == site.feed_path:
            return self._feed(site, headers)
        if path == "/":
            return self._html(site, 200, front_page(site), headers)
        if path == "/robots.txt" and site.robots:
            return Reply(200, {"Content-Type": "text/plain; charset=utf-8"}, site.robots.encode())
        if path.startswith("/img/"):
            return Reply(200, {"Content-Type": "image/png", "Cache-Control": "max-age=3600"}, PIXEL)
        for story in site.stories:
            if path == story.path:
                return self._article(site, story, headers)
            if path == story.old_path:
                return Reply(301, {"Location": story.path})
        return self._html(site, 404, not_found(site), headers)

    def _article(self, site: Site, story: Story, headers: Mapping[str, str]) -> Reply:
        if story.case is Case.GONE:
            return self._html(site, 404, not_found(site), headers)
        version, updated = self._version(story)
        if story.case is Case.PDF:
            return Reply(200, {"Content-Type": "application/pdf"}, pdf(version.title, " ".join(version.paragraphs)))
        published = self._published(site, story)
        related = tuple(
            (other.path, other.first.title, other.first.summary) for other in site.stories[:6] if other is not story
        )
        sheet = Sheet(site, story, version, self.base(site), published, self._local(site, updated), related)
        return self._html(site, 200, article_page(sheet), headers, updated or published)

    def _feed(self, site: Site, headers: Mapping[str, str]) -> Reply:
        render, kind = FORMATS[site.feed]
        items = sorted((self._item(site, story) for story in site.stories), key=_news_first, reverse=True)
        body = encode(render(site, self.base(site), items), site.charset)
        changes = any(item.updated for item in items)
        changed = self.updated_at if changes and self.updated_at else self.opened
        if site.feed != "json":
            kind += f"; charset={site.charset}"
        return _conditional(site, body, kind, changed, headers)

    def _html(
        self, site: Site, status: int, text: str, headers: Mapping[str, str], changed: datetime | None = None
    ) -> Reply:
        kind = f"text/html; charset={site.charset}" if site.charset_in_header else "text/html"
        body = encode(text, site.charset)
        if status != 200 or changed is None:
            return Reply(status, {"Content-Type": kind}, body)
        return _conditional(site, body, kind, changed, headers)

    def _item(self, site: Site, story: Story) -> Item:
        version, updated = self._version(story)
        link = self.base(site) + story.old_path
        if site.tracked_links:
            link += "?utm_source=feed&utm_medium=rss"
        return Item(story, version, link, self._published(site, story), self._local(site, updated))

    def _version(self, story: Story) -> tuple[Version, datetime | None]:
        if self.updated_at is not None and story.second is not None:
            return story.second, self.updated_at
        return story.first, None

    def _published(self, site: Site, story: Story) -> datetime:
        moment = (self.opened - timedelta(hours=story.hours)).replace(microsecond=0)
        return moment.astimezone(timezone(timedelta(hours=site.utc_offset_h)))

    def _local(self, site: Site, moment: datetime | None) -> datetime | None:
        return moment and moment.replace(microsecond=0).astimezone(timezone(timedelta(hours=site.utc_offset_h)))

    def _planned(self, site: Site, story: Story) -> Planned:
        item = self._item(site, story)
        state, reason, fulltext = EXPECTED[story.case]
        unread = story.case in (Case.GONE, Case.PDF)
        return Planned(
            url=self.base(site) + story.old_path,
            link=item.link,
            final_url=self.base(site) + story.path,
            site=f"{site.host}:{self.port}",
            feed=self.base(site) + site.feed_path,
            title=item.version.title,
            summary=item.version.summary,
            language=site.language.partition("-")[0],
            section=story.section,
            author=story.author,
            tags=story.tags,
            published_at=item.published,
            updated_at=item.updated,
            kind=story.case,
            state=state,
            reason=reason,
            fulltext=fulltext,
            wire=story.wire,
            shortened=story.shortened,
            agencies=story.agencies,
            caption=story.caption,
            paragraphs=() if unread else item.version.paragraphs,
            generated=site.host + story.path not in self.written,
        )


def _news_first(item: Item) -> datetime:
    return item.updated or item.published


def _conditional(site: Site, body: bytes, kind: str, changed: datetime, headers: Mapping[str, str]) -> Reply:
    """200 or 304 after RFC 9110 §13: If-None-Match goes before If-Modified-Since."""
    changed = changed.astimezone(UTC).replace(microsecond=0)
    etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
    out = {}
    if site.validators in ("both", "etag"):
        out["ETag"] = etag
    if site.validators in ("both", "date"):
        out["Last-Modified"] = format_datetime(changed, usegmt=True)
    if "if-none-match" in headers and "ETag" in out:
        same = headers["if-none-match"].removeprefix("W/") == etag
    else:
        same = "Last-Modified" in out and _not_after(changed, headers.get("if-modified-since", ""))
    if same:
        return Reply(304, out)
    out["Content-Type"] = kind
    if site.gzip and "gzip" in headers.get("accept-encoding", ""):
        out["Content-Encoding"] = "gzip"
        out["Vary"] = "Accept-Encoding"
        body = gzip.compress(body, mtime=0)
    return Reply(200, out, body)


def _not_after(changed: datetime, since: str) -> bool:
    try:
        return bool(since) and changed <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False
