"""The `Aliases` port: which article a URL is another address of. One script decides, by addresses and texts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import Any

from worker.deduplicate.evidence import evidence
from worker.errors import Refuse
from worker.models import Addresses, Article, ArticleId, Fingerprint, Identity, Reason, Taught
from worker.places import may_be_article, place_of
from worker.state import codec
from worker.state.limits import Limits
from worker.state.scripts import Scripts
from worker.urls import article_id

CHUNK = 500
_ID_BYTES, _FIELD_BYTES = 16, 8


class RedisAliases:
    def __init__(self, scripts: Scripts, limits: Limits) -> None:
        self._scripts = scripts
        self._epoch_ms = limits.epoch_ms

    def identify(self, addresses: Addresses) -> Identity:
        found: Any = self._scripts.run(
            "identify",
            self._epoch_ms,
            bytes.fromhex(addresses.found),
            bytes.fromhex(addresses.offered),
            addresses.evidence,
            addresses.place,
            addresses.canonical_place,
            addresses.offered_place,
            addresses.host,
            addresses.claim,
            *map(bytes.fromhex, addresses.hops),
        )
        if not found:
            raise Refuse(Reason.ERASED)
        article, met, canonical = found
        return Identity(ArticleId(article.hex()), bool(met), bool(canonical))

    def article_of(self, ids: Sequence[ArticleId]) -> Mapping[ArticleId, ArticleId]:
        found: dict[ArticleId, ArticleId] = {}
        for first in range(0, len(ids), CHUNK):
            part = ids[first : first + CHUNK]
            answer = self._scripts.run("links", self._epoch_ms, *map(bytes.fromhex, part))
            found.update((id_, ArticleId(raw.hex())) for id_, raw in zip(part, answer, strict=True) if raw)
        return found

    def restore(self, article: Article, fingerprint: Fingerprint) -> None:
        self._scripts.run("links_restore", *self._taught(article, fingerprint, seen=False))

    def restore_all(self, given: Sequence[Taught]) -> None:
        if given:
            calls = [self._taught(each.article, each.fingerprint, seen=True) for each in given]
            self._scripts.run_many("links_restore", calls)

    def _taught(self, article: Article, fingerprint: Fingerprint, *, seen: bool) -> tuple[bytes | int | str, ...]:
        told = evidence(article.title, fingerprint) if article.extraction.fulltext else b""
        place, canonical = _places(article) if told else (b"", b"")
        return (
            self._epoch_ms,
            bytes.fromhex(article.id),
            told,
            place,
            canonical,
            codec.to_ms(max(article.fetched_at, article.first_seen_at)) if seen else "",
            *map(bytes.fromhex, _other_ids(article)),
        )

    def forget(self, ids: Collection[ArticleId], *, only_count: bool = False) -> int:
        raws = {bytes.fromhex(id_) for id_ in ids}
        fields = {raw[:_FIELD_BYTES] for raw in raws}
        client: Any = self._scripts.client
        found = 0
        for kind in ("link", "place"):
            keys = client.scan_iter(self._scripts.key(f"{kind}:*"), count=CHUNK)
            while part := list(islice(keys, CHUNK)):
                pipe = client.pipeline(transaction=False)
                for key in part:
                    pipe.hgetall(key)
                for key, rows in zip(part, pipe.execute(), strict=True):
                    # Places are no ids of URLs: there only the article in the value counts.
                    gone = [
                        field
                        for field, value in rows.items()
                        if value[:_ID_BYTES] in raws or (kind == "link" and field in fields)
                    ]
                    found += len(gone)
                    if gone and not only_count:
                        client.hdel(key, *gone)
        return found


def _places(article: Article) -> tuple[bytes, bytes]:
    """Where it was found, and what it names as canonical on its own site."""
    try:
        place = place_of(article.url)
        named = article.canonical_url
        return place, place_of(named) if named and may_be_article(named, article.url) else b""
    except Refuse:
        return b"", b""


def _other_ids(article: Article) -> list[ArticleId]:
    """A canonical URL that was only named, and never seen to show the text, is linked by nobody."""
    found: list[ArticleId] = []
    for url in (article.url, *article.aliases):
        try:
            if url != article.canonical_url:
                found.append(article_id(url))
        except Refuse:
            continue
    return [id_ for id_ in dict.fromkeys(found) if id_ != article.id]
