"""The pages are as hard as meant: our extractor gets every true paragraph, and where it gets more is written down."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.demo.content import Case, load_sites
from worker.demo.manifest import Planned
from worker.demo.newsroom import Edition
from worker.demo.scaling import scale
from worker.extract.page import extract
from worker.models import Extracted

OPENED = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
EDITION = Edition(sites=load_sites(), port=8600, opened=OPENED, written=frozenset())
SCALED = Edition(sites=scale(load_sites(), 110, 1), port=8600, opened=OPENED, written=frozenset())

LEAKS = ("elbkurier.localhost:8600/",)
"""Appeals between paragraphs, in divs of the same make: what learned furniture is for."""


def _extracted(edition: Edition, article: Planned) -> Extracted:
    host, _, path = article.final_url.removeprefix("http://").partition(":8600")
    reply = edition.answer(host, path, {})
    kind = reply.headers["Content-Type"]
    return extract(reply.body, content_type=kind, url=article.final_url, feed_title=article.title, now=OPENED)


READ = [item for item in EDITION.articles() if item.fulltext]
WALLED = [item for item in EDITION.articles() if not item.fulltext and item.kind not in (Case.GONE, Case.ROBOTS)]
MADE_UP = [item for item in SCALED.articles() if item.fulltext and item.url not in {read.url for read in READ}]


@pytest.mark.parametrize("article", READ, ids=[item.url.removeprefix("http://") for item in READ])
def test_every_true_paragraph_comes_out(article: Planned) -> None:
    found = _extracted(EDITION, article)
    assert found.reason is None
    text = " ".join(found.body.split())
    assert [paragraph for paragraph in article.paragraphs if paragraph not in text] == []
    assert (found.title, found.language) == (article.title, article.language)
    if not article.url.removeprefix("http://").startswith(LEAKS):
        assert found.body == "\n\n".join(article.paragraphs)


@pytest.mark.parametrize("article", WALLED, ids=[item.kind for item in WALLED])
def test_what_is_no_article_is_refused_for_the_reason_in_the_manifest(article: Planned) -> None:
    assert _extracted(EDITION, article).reason == article.reason


def test_made_up_articles_can_be_extracted_too() -> None:
    assert len(MADE_UP) == 50
    for article in MADE_UP:
        found = _extracted(SCALED, article)
        assert found.reason is None
        assert found.language == article.language
        assert all(paragraph in " ".join(found.body.split()) for paragraph in article.paragraphs)
