"""What is meant by a request: every address of its articles, their documents, and what stays beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from worker.erasing.request import Named, Request, is_home, spellings
from worker.errors import Refuse
from worker.index.compose import FOUND_AT, SAME_AS
from worker.index.erased import hashes_of, keys_of
from worker.models import Article, ArticleId, Event, Sought, Tombstone, TombstoneKind
from worker.places import claim_on, may_be_article
from worker.ports import Aliases, ArticleIndex
from worker.query.ast import Equals, Node, Or
from worker.urls import article_id, site_of

AT_ONCE = 200
"""Values in one query: both indexes take more, none gains by it."""
MANY_CLAIMS = 2
"""So many documents of other stories that name one URL as theirs name it by mistake."""


class Unwritten(Protocol):
    def __call__(self, sought: Sought, /) -> Iterable[Article]:
        """Documents on their way to the index."""


@dataclass(frozen=True, slots=True)
class Found:
    tombstones: tuple[Tombstone, ...]
    """To be put: what they hold stays away."""
    sought: Sought
    documents: tuple[Article, ...]
    """What goes, without bodies; at most a few hundred, `number` says how many there are."""
    number: int
    again: bool
    """Some of it was erased before."""
    copies: tuple[Article, ...]
    """Documents of the same stories that stay, without bodies."""


SHOWN = 200


def find(request: Request, *, index: ArticleIndex, aliases: Aliases, unwritten: Unwritten, now: datetime) -> Found:
    """Raises IndexUnavailable. Nothing is changed."""
    gathered = Gathered()
    tombstones: list[Tombstone] = []
    known = {each.id: each for each in index.tombstones()} if request.articles or request.domains else {}
    again = False
    for named in request.articles:
        article = _Addresses(named, index, aliases, unwritten)
        article.gather(known.values())
        for document in article.documents.values():
            gathered.add(document)
        before = next((each for each in known.values() if not article.ids.isdisjoint(each.hashes)), None)
        again = again or before is not None
        tombstone = Tombstone(
            id=before.id if before else named.id,
            kind=TombstoneKind.URL,
            erased_at=before.erased_at if before else now,
            hashes=tuple(sorted(article.hashes() | set(before.hashes if before else ()))),
            note=request.note or (before.note if before else ""),
        )
        tombstones.append(tombstone)
        gathered.ids |= article.ids
        gathered.urls |= article.urls
    for domain in request.domains:
        id_ = f"domain:{domain}"
        before = known.get(id_)
        again = again or before is not None
        note = request.note or (before.note if before else "")
        tombstones.append(
            Tombstone(id_, TombstoneKind.DOMAIN, before.erased_at if before else now, domain=domain, note=note)
        )
        for document in index.of_domain(domain):
            gathered.add(document)
        for document in unwritten(Sought(domains=frozenset({domain}), keys=frozenset({domain}))):
            gathered.add(document)
    keys = frozenset(key for each in tombstones for key in each.keys)
    sought = Sought(
        ids=frozenset(gathered.ids),
        domains=frozenset(request.domains),
        keys=keys,
        stories=gathered.stories,
        sites=frozenset(gathered.sites | {site_of(url) for url in gathered.urls}),
        urls=frozenset(gathered.urls),
    )
    copies = list(_staying(index, sought))
    sought = replace(sought, kept_stories=frozenset(copy.story.id for copy in copies))
    return Found(tuple(tombstones), sought, tuple(gathered.shown), len(gathered.stories), again, tuple(copies[:SHOWN]))


class Gathered:
    """What is remembered of documents while they stream by."""

    def __init__(self) -> None:
        self.ids: set[ArticleId] = set()
        self.stories: dict[ArticleId, str] = {}
        self.sites: set[str] = set()
        self.urls: set[str] = set()
        self.shown: list[Article] = []

    def add(self, document: Article) -> None:
        if document.id not in self.stories and len(self.shown) < SHOWN:
            self.shown.append(bare(document))
        self.ids.add(document.id)
        self.stories[document.id] = document.story.id
        self.sites.add(document.site)


class _Addresses:
    """All addresses of one article, gathered until no new one is found."""

    def __init__(self, named: Named, index: ArticleIndex, aliases: Aliases, unwritten: Unwritten) -> None:
        self._index, self._aliases, self._unwritten = index, aliases, unwritten
        self._named = named
        self.ids: set[ArticleId] = {named.id}
        self.urls: set[str] = {named.url} if named.url else set()
        self.documents: dict[ArticleId, Article] = {}
        self._claims: set[str] = set()

    def gather(self, tombstones: Iterable[Tombstone]) -> None:
        for each in tombstones:
            if self._named.id in each.hashes:
                self.ids |= {ArticleId(key) for key in each.hashes}
        size = 0
        looked: set[ArticleId] = set()
        while size != len(self.ids) + len(self.urls):
            size = len(self.ids) + len(self.urls)
            self.ids |= set(self._aliases.article_of(sorted(self.ids)).values())
            forms = {form for url in self.urls for form in spellings(url)}
            ids = {*self.ids, *(article_id(form) for form in forms)}
            wanted: list[Node] = [Equals("id", id_) for id_ in sorted(ids)]
            wanted += [Equals(field, form) for form in sorted(forms) for field in ("url", "aliases")]
            for document in scan_any(self._index, wanted):
                if document.id in ids or self._shares_a_key(document):
                    self._take(document)
            for document in self._unwritten(Sought(ids=frozenset(ids), keys=frozenset(self._direct()))):
                self._take(document)
            for id_ in sorted(self.ids - looked):
                self._follow(self._index.events(id_))
            looked |= self.ids
            for id_, url in self._index.other_addresses(sorted(self.ids), sorted(self.urls)).items():
                self.ids.add(id_)
                self.urls.add(url)
        self._claims = {claim_on(url).hex() for url in self.urls}
        claimants = self._claimants()
        mine = {document.story.id for document in self.documents.values()}
        if len({document.story.id for document in claimants} - mine) >= MANY_CLAIMS:
            self._claims = set()
            return
        for document in claimants:
            self._take(document)

    def _follow(self, events: Iterable[Event]) -> None:
        """Where the ledger says that an address led."""
        for event in events:
            if event.detail.startswith(SAME_AS):
                self.ids.add(ArticleId(event.detail.removeprefix(SAME_AS)))
            if event.detail.startswith(FOUND_AT):
                self.urls.add(event.detail.removeprefix(FOUND_AT))

    def hashes(self) -> set[str]:
        """By which the article stays away, pages that name it as their own included."""
        return self._direct() | self._claims

    def _direct(self) -> set[str]:
        return {*self.ids, *(key for url in self.urls for key in hashes_of(url))}

    def _shares_a_key(self, document: Article) -> bool:
        return not keys_of(document).isdisjoint(self._direct())

    def _take(self, document: Article) -> None:
        self.documents[document.id] = document
        self.ids.add(document.id)
        self.urls |= {url for url in (document.url, *document.aliases) if not is_home(url)}
        self.ids |= {article_id(url) for url in self.urls}

    def _claimants(self) -> list[Article]:
        """Pages of the same site that say that they are this one."""
        forms = sorted({form for url in self.urls for form in spellings(url)})
        found = scan_any(self._index, [Equals("canonical_url", form) for form in forms])
        return [document for document in found if document.id not in self.documents and _believable(document)]


def scan_any(index: ArticleIndex, wanted: Sequence[Node]) -> Iterator[Article]:
    for first in range(0, len(wanted), AT_ONCE):
        yield from index.scan(Or(tuple(wanted[first : first + AT_ONCE])))


def is_sought(sought: Sought, document: Article) -> bool:
    return document.id in sought.ids or not keys_of(document).isdisjoint(sought.keys)


def _staying(index: ArticleIndex, sought: Sought) -> Iterator[Article]:
    """Documents of the same stories, of other addresses. A story may be named by an article that is gone."""
    stories = sorted({*sought.stories.values(), *sought.ids})
    for document in scan_any(index, [Equals("story.id", story) for story in stories]):
        if not is_sought(sought, document):
            yield bare(document)


def bare(document: Article) -> Article:
    return replace(document, body="", summary="", captions=())


def _believable(document: Article) -> bool:
    try:
        return may_be_article(document.canonical_url, document.url)
    except Refuse:
        return False
