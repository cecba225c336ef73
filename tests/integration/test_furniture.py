"""Site furniture from page to index, and back out of it: a real newsroom, real workers, each index."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from tests.mill import Mill
from worker.demo.content import load_sites
from worker.demo.manifest import Planned
from worker.demo.server import Newsroom
from worker.models import ArticleId, Entry, State
from worker.urls import feed_id, host_key

pytestmark = pytest.mark.timeout(180)

BOXES = ("newsletter", "donation", "comments", "cookies", "imprint")
WORDS = {site.host: [site.words[box] for box in BOXES if box in site.words] for site in load_sites()}
DOZEN = 12


def furniture_in(document: dict[str, Any]) -> list[str]:
    host = document["site"].partition(":")[0]
    return [words for words in WORDS[host] if words in document["body"]]


def by_site(mill: Mill) -> dict[str, list[dict[str, Any]]]:
    """In the order in which they were fetched."""
    found = sorted(mill.documents().values(), key=lambda document: document["fetched_at"])
    ordered = sorted(found, key=lambda document: str(document["site"]))
    return {site: list(rows) for site, rows in itertools.groupby(ordered, key=lambda document: str(document["site"]))}


def missing(article: Planned, document: dict[str, Any]) -> list[str]:
    text = " ".join(document["body"].split())
    return [paragraph for paragraph in article.paragraphs if paragraph not in text]


def div_soup(sites: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The articles of the site that has its boxes among the paragraphs of every text of its own."""
    [rows] = [rows for site, rows in sites.items() if site.startswith("elbkurier.")]
    return [row for row in rows if row["extraction"]["fulltext"] and not row["agencies"]]


def cut_on_the_way(mill: Mill, ids: Sequence[str]) -> list[bool]:
    """Whether the extract step of each article says that furniture was cut; what was cleaned later does not."""
    with mill.wiring() as wiring:
        events = [wiring.index.events(ArticleId(id_))[0] for id_ in ids]
    return [any("of site furniture cut" in step.detail for step in event.steps) for event in events]


def test_later_bodies_are_clean_and_after_the_cleaning_all_are(
    make_mill: Callable[..., Mill], index_environment: dict[str, str]
) -> None:
    with Newsroom(scale=180, slow_s=0.1) as newsroom:
        truth = {article.final_url: article for article in newsroom.manifest}
        mill = make_mill(list(newsroom.feeds), **index_environment)
        mill.run_until_idle(150)
        sites = by_site(mill)
        for document in itertools.chain.from_iterable(sites.values()):
            assert furniture_in(document) == [], document["url"]
            if document["extraction"]["fulltext"]:
                assert missing(truth[document["url"]], document) == [], document["url"]
            assert document["revision"] == 1

        soup = div_soup(sites)
        assert len(soup) > DOZEN + 5
        assert all(document["extraction"]["cut"] for document in soup)
        assert sum(len(document["extraction"]["cut"]) for document in soup) > 2 * len(soup)
        on_the_way = cut_on_the_way(mill, [document["id"] for document in soup])
        assert not any(on_the_way[:2]), "nothing is known of a site at first; these were cleaned"
        assert all(on_the_way[DOZEN:])
        assert "of its site's furniture cut" in mill.command("explain", soup[0]["url"])

        # Offered again, the same pages are the same versions: those that were cleaned, too.
        with mill.wiring() as wiring:
            before = wiring.ledger.counts()
            rows = [Entry(row["url"], row["url"], row["title"], row["summary"]) for row in soup]
            offers = [
                (ArticleId(row["id"]), host_key(row["url"]), entry) for row, entry in zip(soup, rows, strict=True)
            ]
            assert wiring.frontier.offer(feed_id(soup[0]["feed"]), soup[0]["feed"], offers) == len(soup)
        mill.run_until_idle(150)
        assert by_site(mill) == sites
        with mill.wiring() as wiring:
            assert wiring.ledger.counts().states[State.UNCHANGED] - before.states.get(State.UNCHANGED, 0) == len(soup)

        # Redis is lost with all it knew: the documents teach it again.
        with mill.wiring() as wiring:
            wiring.redis.flushall()
        said = mill.command("index", "relearn", "--site", soup[0]["site"])
        assert said == ""  # what is for people goes to stderr
        with mill.wiring() as wiring:
            marks = [bytes.fromhex(mark) for mark in soup[0]["extraction"]["cut"]]
            assert wiring.furniture.look(soup[0]["site"], marks).keys() == set(marks)


def test_switched_off_nothing_is_cut(make_mill: Callable[..., Mill]) -> None:
    with Newsroom(slow_s=0.1) as newsroom:
        mill = make_mill(list(newsroom.feeds), FEEDMILL_FURNITURE__ENABLED="false")
        mill.run_until_idle(150)
        soup = div_soup(by_site(mill))
        assert all(furniture_in(document) for document in soup), "the boxes are there to be learned"
        assert not any("cut" in document["extraction"] for document in soup)
