"""What was erased does not come in: every script that takes something asks first, over a real Valkey."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources

import pytest

from tests.articles import make_article
from tests.state import FEED_ID, FEED_URL, NOW, Mill, make_entry
from tests.texts import sentences, text
from tests.valkey import Valkey
from worker.deduplicate.fingerprint import fingerprint
from worker.errors import Refuse
from worker.index.erased import domains_over, hashes_of, is_scrubbed
from worker.models import Addresses, Feed, Reason, State, Tombstone, TombstoneKind
from worker.places import claim_on, place_of
from worker.urls import article_id, feed_id, host_key

AT = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
URL = "https://example.org/news/1"
DAY = 86400
TOMBSTONE = Tombstone(article_id(URL), TombstoneKind.URL, AT, (*hashes_of(URL), claim_on(URL).hex()))


def of_domain(domain: str) -> Tombstone:
    return Tombstone(f"domain:{domain}", TombstoneKind.DOMAIN, AT, domain=domain)


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    return Mill(valkey.client)


# --- offered


@pytest.mark.parametrize("url", [URL, "http://example.org/news/1?utm_source=feed", "https://www.example.org/news/1/"])
def test_an_erased_article_is_not_taken_under_any_form_of_its_address(mill: Mill, url: str) -> None:
    mill.erased.add([TOMBSTONE])
    assert mill.offer([url, "https://example.org/news/2"]) == 1
    assert mill.frontier.pending(article_id(url)) is None
    counts = mill.ledger.counts()
    assert (counts.offered, counts.reasons) == (2, {(State.REFUSED, Reason.ERASED): 1})
    mill.audit()


def test_it_is_refused_once_in_thirty_days_by_its_hash_alone(mill: Mill) -> None:
    mill.erased.add([TOMBSTONE])
    for _ in range(3):
        mill.offer([URL])
    assert mill.ledger.counts().reasons == {(State.REFUSED, Reason.ERASED): 1}
    [item] = mill.outbox.take("w", 10)
    assert is_scrubbed(item.event)
    assert (item.event.article_id, item.event.feed, item.article) == (article_id(URL), FEED_URL, None)
    assert is_scrubbed(mill.ledger.recent(1)[0])
    assert mill.frontier.unseen(FEED_ID, {article_id(URL): "tag"}) == {}, "known: the feed's rhythm is not disturbed"
    mill.later(41 * DAY)
    mill.offer([URL])
    assert mill.ledger.counts().reasons == {(State.REFUSED, Reason.ERASED): 2}


@pytest.mark.parametrize("host", ["example.org", "blog.example.org", "example.org:8080"])
def test_nothing_of_an_erased_domain_is_taken(mill: Mill, host: str) -> None:
    mill.erased.add([of_domain("example.org")])
    assert mill.offer([f"https://{host}/1", "https://example.com/1", "https://notexample.org/1"]) == 2


def test_scripts_and_python_agree_on_what_is_below_a_domain(mill: Mill) -> None:
    rng = random.Random(7)
    names = ["a", "b", "example", "org", "co"]
    hosts = [".".join(rng.choices(names, k=rng.randint(1, 4))) + rng.choice(["", ":80", ":8080"]) for _ in range(150)]
    hosts += ["127.0.0.1", "127.0.0.1:80", "10.0.0.1:8080", "[::1]", "[::1]:80", "[2001:db8::1]:8080"]
    folder = resources.files("worker.state") / "lua"
    parts = [(folder / f"{part}.lua").read_text("utf-8") for part in ("_base", "_erased")]
    script = mill.client.register_script("\n".join(["#!lua", *parts, "return is_erased_host(ARGV[2]) and 1 or 0"]))
    for _ in range(60):
        domain = rng.choice([*hosts, "0.0.1", "0.1"])
        mill.client.flushall()
        mill.erased.add([of_domain(domain)])
        for host in rng.sample(hosts, 25):
            got = bool(script(keys=[mill.scripts.base], args=[0, host]))
            assert got is (domain in set(domains_over(host))), (host, domain)


def test_an_entry_that_waits_already_is_not_replaced(mill: Mill) -> None:
    mill.offer([URL])
    mill.erased.add([TOMBSTONE])
    changed = [(article_id(URL), host_key(URL), replace(make_entry(URL), title="Another title"))]
    assert mill.frontier.offer(FEED_ID, FEED_URL, changed) == 0
    pending = mill.frontier.pending(article_id(URL))
    assert pending is not None
    assert pending[1].entry.title != "Another title"


# --- on its way


@pytest.mark.parametrize(
    "addresses",
    [
        Addresses(article_id(URL), article_id(URL)),
        Addresses(article_id("https://s.example/x"), article_id(URL), evidence=b"12345678abc", place=place_of(URL)),
        Addresses(article_id(URL), article_id("https://example.org/news/one"), place=b"p" * 16),
        Addresses(article_id("https://x.example/1"), article_id("https://x.example/1"), place=place_of(URL)),
        Addresses(
            article_id("https://x.example/1"), article_id("https://x.example/1"), evidence=b"12345678abc",
            place=b"p" * 16, canonical_place=place_of(URL), claim=claim_on(URL),
        ),
        Addresses(article_id("https://x.example/1"), article_id("https://x.example/2"), hops=(article_id(URL),)),
    ],
    ids=["itself", "led to", "moved from", "variant", "claimed", "passed through"],
)  # fmt: skip
def test_a_page_that_is_it_is_refused_and_leaves_no_trace(mill: Mill, addresses: Addresses) -> None:
    mill.erased.add([TOMBSTONE])
    before = set(mill.client.keys("*"))
    with pytest.raises(Refuse) as caught:
        mill.aliases.identify(addresses)
    assert caught.value.reason is Reason.ERASED
    assert set(mill.client.keys("*")) == before


def test_a_page_found_on_an_erased_domain_is_refused(mill: Mill) -> None:
    mill.erased.add([of_domain("example.org")])
    id_ = article_id("https://s.example/x")
    with pytest.raises(Refuse):
        mill.aliases.identify(Addresses(id_, article_id(URL), place=place_of(URL), host="www.example.org"))
    assert mill.aliases.identify(Addresses(id_, id_, place=b"p" * 16, host="s.example")).id == id_


@pytest.mark.parametrize("tombstone", [TOMBSTONE, of_domain("example.org")], ids=["article", "domain"])
def test_it_gets_no_story_and_is_not_learned_from(mill: Mill, tombstone: Tombstone) -> None:
    mill.erased.add([tombstone])
    before = set(mill.client.keys("*"))
    article = make_article(URL, body=text(sentences(1, 30)))
    known = fingerprint(article.body, "en")
    with pytest.raises(Refuse):
        mill.stories.assign(article.id, site=article.site, language="en", content=b"1" * 16, fingerprint=known, now=NOW)
    mill.stories.restore(article, content=b"1" * 16, fingerprint=known)
    assert mill.stories.set_lead("0" * 32, article) is False
    if tombstone is TOMBSTONE:
        mill.aliases.restore(replace(article, aliases=("https://s.example/x",)), known)
    assert set(mill.client.keys("*")) == before


def test_a_feed_of_an_erased_domain_is_not_subscribed_to(mill: Mill) -> None:
    mill.erased.add([of_domain("example.org")])
    assert mill.erased.domains() == {"example.org"}
    own = Feed(feed_id("https://blog.example.org/feed"), "https://blog.example.org/feed")
    other = Feed(feed_id("https://example.com/feed"), "https://example.com/feed")
    with pytest.raises(Refuse):
        mill.feeds.put(own)
    assert mill.feeds.put_new([own, other]) == 1
    assert [feed.url for feed, _, _ in mill.feeds.all()] == [other.url]
    mill.audit()


# --- the copy of the tombstones


def test_filling_takes_what_the_index_says_and_keeps_what_comes_meanwhile(mill: Mill) -> None:
    other = Tombstone("f" * 32, TombstoneKind.URL, AT, ("f" * 32,))
    mill.erased.add([other, of_domain("gone.example")])

    def read() -> list[Tombstone]:
        mill.erased.add([of_domain("late.example")])  # another process, while this one reads the index
        return [TOMBSTONE, of_domain("example.org")]

    assert mill.erased.fill(read) == 2
    key = mill.scripts.key
    assert mill.client.smembers(key("erased:hashes")) == {bytes.fromhex(each) for each in TOMBSTONE.hashes}
    assert mill.client.smembers(key("erased:domains")) == {b"example.org", b"late.example"}


def test_what_may_come_again_is_taken_again(mill: Mill) -> None:
    mill.erased.add([TOMBSTONE])
    mill.offer([URL])
    assert mill.erased.refused() == [article_id(URL)]
    mill.erased.remove([TOMBSTONE])
    mill.erased.forget_refused()
    assert mill.erased.refused() == []
    assert mill.offer([URL]) == 1
    mill.audit()
