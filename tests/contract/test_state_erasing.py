"""What Redis keeps of articles and sites is found and taken out, over a real Valkey; the bytes go as well."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.articles import make_article, make_event
from tests.contract.test_state_furniture import BOX, Desk
from tests.state import FEED_ID, FEED_URL, LIMITS, NOW, Mill, indexed, make_step, urls
from tests.texts import edited, sentences, text
from tests.valkey import Valkey
from worker.deduplicate.fingerprint import fingerprint
from worker.index.documents import content_hash
from worker.index.erased import hashes_of, is_scrubbed
from worker.models import (
    Article,
    ArticleId,
    Assignment,
    Feed,
    FeedState,
    Poll,
    Reason,
    Sought,
    State,
    StoryNow,
    StoryRef,
    Tombstone,
    TombstoneKind,
    Trust,
)
from worker.state.erasing.disk import SlowLog, rewrite
from worker.state.erasing.sites import Hosts, LearnedFurniture, Polls, Robots, Subscriptions
from worker.state.erasing.texts import Links, Sketches, Versions
from worker.state.erasing.waiting import Dead, Pending, Recent, Waiting
from worker.state.poll_log import RedisPollLog
from worker.state.robots_cache import RedisTextCache
from worker.state.server import EmbeddedValkey
from worker.urls import article_id, feed_id, site_of

URL = "https://example.org/news/quittenkompott"
OTHER = "https://example.org/news/2"
SECRET = "Zuckerwattenmaschine"


def about(*named: str, stories: dict[ArticleId, str] | None = None) -> Sought:
    ids = frozenset(article_id(url) for url in named)
    return Sought(
        ids=ids, keys=frozenset(key for url in named for key in hashes_of(url)), stories=stories or {},
        sites=frozenset(site_of(url) for url in named), urls=frozenset(named),
    )  # fmt: skip


DOMAIN = Sought(domains=frozenset({"example.org"}), keys=frozenset({"example.org"}), sites=frozenset({"example.org"}))


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    return Mill(valkey.client)


def everything(mill: Mill) -> bytes:
    """What a dump of the server would hold, uncompressed."""
    mill.client.config_set("rdbcompression", "no")
    return b"".join(mill.client.dump(key) or b"" for key in mill.client.keys("*"))


# --- the frontier


def test_a_queued_article_is_taken_out_and_counted(mill: Mill) -> None:
    mill.offer([URL, OTHER])
    pending = Pending(mill.scripts)
    assert pending.held(about(URL)) == 1
    assert pending.erase(about(URL)) == 1
    assert (pending.held(about(URL)), pending.erase(about(URL))) == (0, 0)
    assert mill.ledger.counts().reasons == {(State.REFUSED, Reason.ERASED): 1}
    mill.audit()
    assert [claim.id for claim in mill.claim()] == [article_id(OTHER)]
    assert b"quittenkompott" not in everything(mill)


def test_the_last_of_a_host_leaves_no_host_that_waits(mill: Mill) -> None:
    mill.offer([URL])
    Pending(mill.scripts).erase(about(URL))
    assert mill.claim() == []
    assert mill.frontier.ready(10) == 0
    assert mill.frontier.next_work_s() is None


def test_one_that_waits_for_its_next_try_is_taken_out(mill: Mill) -> None:
    mill.offer([URL])
    claim = mill.claim_one()
    mill.frontier.begin([claim])
    mill.frontier.retry(claim, 60, make_step())
    assert Pending(mill.scripts).erase(about(URL)) == 1
    mill.audit()
    mill.later(3600)
    assert mill.claim() == []


def test_a_worker_that_has_it_in_hand_cannot_bring_it_back(mill: Mill) -> None:
    mill.offer([URL])
    claim = mill.claim_one()
    assert mill.frontier.begin([claim])
    assert Pending(mill.scripts).erase(about(URL)) == 1
    mill.offer([OTHER])
    assert mill.claim() == [], "the host is still being asked"
    assert not mill.frontier.release(claim)
    assert mill.frontier.renew([claim]) == set()
    assert not mill.frontier.finish_document(claim, *indexed(URL))
    assert not mill.frontier.retry(claim, 0, make_step())
    assert not mill.frontier.finish(claim, make_event(URL))
    mill.audit()
    assert mill.outbox.size()[0] == 1, "the event of the refusal"
    assert mill.frontier.pending(article_id(URL)) is None


def test_one_that_moved_on_to_an_erased_address_is_found(mill: Mill) -> None:
    short = "https://s.example/x"
    mill.offer([short])
    claim = mill.claim_one()
    mill.frontier.begin([claim])
    mill.frontier.retry(claim, 0, make_step(), url=URL, host="example.org")
    assert Pending(mill.scripts).held(about(URL)) == 1
    assert Pending(mill.scripts).held(DOMAIN) == 1
    assert Pending(mill.scripts).erase(DOMAIN) == 1
    mill.audit()


def test_of_a_domain_all_is_taken_out(mill: Mill) -> None:
    mill.offer([*urls(20, hosts=3), URL, OTHER, "https://blog.example.org/3"])
    assert Pending(mill.scripts).erase(DOMAIN) == 3
    assert mill.ledger.counts().pending == 20
    mill.audit()


# --- the outbox


def finished(mill: Mill, url: str, **changes: Any) -> Article:
    article = replace(make_article(url), **{"title": SECRET, **changes})
    mill.outbox.append_direct(make_event(url, title=SECRET), article)
    return article


def test_a_finished_document_goes_before_it_is_written(mill: Mill) -> None:
    others = [finished(mill, f"https://example.com/{number}", title="kept") for number in range(3)]
    finished(mill, URL)
    assert Waiting(mill.scripts).held(about(URL)) == 1
    assert Waiting(mill.scripts).erase(about(URL)) == 1
    mill.audit()
    items = mill.outbox.take("w", 100)
    assert {item.article.id for item in items if item.article} == {other.id for other in others}
    [told] = [item for item in items if item.article is None]
    assert is_scrubbed(told.event)
    assert (told.event.state, told.event.reason) == (State.REFUSED, Reason.ERASED)
    assert mill.ledger.counts().reasons == {(State.REFUSED, Reason.ERASED): 1}
    assert mill.outbox.find(article_id(URL)) is not None, "explain tells the rest of it"


def test_its_bytes_leave_the_stream_although_neighbours_wait(mill: Mill) -> None:
    """A deleted entry of a stream keeps its bytes as long as one of its node is left: neighbours are moved."""
    neighbours = [f"https://example.com/{number}" for number in range(40)]
    for url in neighbours[:20]:
        mill.outbox.append_direct(make_event(url), make_article(url, body="a"))
    finished(mill, URL, body=" ".join(sentences(5, 40)))
    for url in neighbours[20:]:
        mill.outbox.append_direct(make_event(url), make_article(url, body="a"))
    [(_, fields)] = [
        (receipt, fields)
        for receipt, fields in mill.client.xrange(mill.scripts.key("outbox"))
        if fields[b"a"] == article_id(URL).encode()
    ]
    payload = fields[b"p"][8:200]
    assert payload in everything(mill)
    size = mill.outbox.size()
    assert Waiting(mill.scripts).erase(about(URL)) == 1
    assert payload not in everything(mill)
    assert mill.outbox.size()[0] == size[0], "one went, its event came"
    mill.audit()
    items = mill.outbox.take("w", 100)
    assert {item.article.url for item in items if item.article} == set(neighbours)
    assert {mill.outbox.find(article_id(url)) is not None for url in neighbours} == {True}
    mill.outbox.ack([(item, item.event.state, item.event.reason) for item in items])
    mill.audit()
    assert mill.outbox.size()[:2] == (0, 0)


def test_what_a_worker_has_in_hand_is_waited_for(mill: Mill) -> None:
    finished(mill, URL)
    [item] = mill.outbox.take("w", 10)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            mill.outbox.ack([(item, State.REFUSED, Reason.ERASED)])

    assert Waiting(mill.scripts, sleep).erase(about(URL)) == 0
    assert len(slept) == 3
    mill.audit()


def test_what_a_dead_worker_had_in_hand_is_taken_out_when_it_is_nobodys(mill: Mill) -> None:
    finished(mill, URL)
    items = mill.outbox.take("w", 10)
    mill.outbox.put_back("w", items)  # idle for more than a minute now
    assert Waiting(mill.scripts).erase(about(URL)) == 1
    mill.audit()
    mill.outbox.ack([(item, State.INDEXED, Reason.STORED) for item in items])
    mill.audit()
    assert mill.ledger.counts().reasons == {(State.REFUSED, Reason.ERASED): 1}


def test_dead_letters_and_last_events_go_and_the_others_stay(mill: Mill) -> None:
    for url in (URL, OTHER):
        finished(mill, url)
    for item in mill.outbox.take("w", 10):
        mill.outbox.dead_letter(item, f"refused {SECRET}")
    dead, recent = Dead(mill.scripts), Recent(mill.scripts)
    assert (dead.held(about(URL)), recent.held(about(URL))) == (1, 1)
    assert dead.erase(about(URL)) == 1
    assert recent.erase(about(URL)) == 1
    assert (dead.held(about(URL)), recent.held(about(URL))) == (0, 0)
    [(letter, _)] = mill.outbox.dead(10)
    assert letter.event.url == OTHER
    assert [event.url for event in mill.ledger.recent(10)] == [OTHER]
    assert b"quittenkompott" not in everything(mill)
    assert dead.erase(about(OTHER)) == 1
    assert mill.outbox.dead(10) == []
    mill.audit()


# --- stories, texts, addresses


BODY = sentences(1, 30)


def assigned(mill: Mill, url: str, body: list[str], hours: float = 0) -> tuple[Assignment, Article]:
    words = text(body)
    at = mill.scripts.now() + timedelta(hours=hours)
    article = make_article(url, body=words, word_count=len(words.split()), fetched_at=at, first_seen_at=at)
    answer = mill.stories.assign(
        article.id, site=article.site, language="en", content=content_hash("", "", words),
        fingerprint=fingerprint(words, "en"), now=at,
    )  # fmt: skip
    return answer, replace(article, story=answer.story, duplicate_of=answer.duplicate_of)


def holders(mill: Mill) -> tuple[Sketches, Versions, Links]:
    return Sketches(mill.scripts), Versions(mill.scripts, LIMITS), Links(mill.aliases)


def erase_texts(mill: Mill, article: Article, kept: frozenset[str] = frozenset()) -> None:
    sought = replace(about(article.url, stories={article.id: article.story.id}), kept_stories=kept)
    mill.erased.add([Tombstone(article.id, TombstoneKind.URL, NOW, hashes_of(article.url))])
    for holder in holders(mill):
        holder.erase(sought)
        assert holder.held(sought) == 0, holder.name


def test_a_text_that_was_erased_is_found_by_no_copy(mill: Mill) -> None:
    _, article = assigned(mill, URL, BODY)
    sketches, versions, _ = holders(mill)
    sought = about(URL, stories={article.id: article.story.id})
    assert (sketches.held(sought) > 0, versions.held(sought)) == (True, 1)
    erase_texts(mill, article)
    for host, body in (("one", BODY), ("two", edited(BODY, 2, 40))):
        again, _ = assigned(mill, f"https://{host}.example/1", body)
        assert again.story.id == article_id("https://one.example/1"), "and copies find each other"


def test_a_story_whose_lead_is_gone_is_led_by_the_next_of_its_texts(mill: Mill) -> None:
    _, lead = assigned(mill, URL, BODY)
    copy, document = assigned(mill, "https://copy.example/1", BODY, 1)
    assert copy.duplicate_of == lead.id
    erase_texts(mill, lead, frozenset({lead.id}))
    assert mill.stories.current([lead.id]) == {lead.id: StoryNow(lead.id, None, vacant=True)}
    assert any(work.story == lead.id for work in mill.stories.unsettled(10)), "its documents are looked over"
    assert mill.stories.set_lead(lead.id, document)
    assert mill.stories.current([lead.id])[lead.id].lead == document.id
    leading = replace(document, story=StoryRef(lead.id, True, 1.0), duplicate_of=None)
    known = fingerprint(document.body, "en")
    mill.stories.restore(leading, content=content_hash("", "", document.body), fingerprint=known, trust=Trust.INDEX)
    late, _ = assigned(mill, "https://late.example/1", edited(BODY, 3, 40), 2)
    assert (late.story.id, late.duplicate_of) == (lead.id, document.id)


def test_a_lead_that_does_not_name_its_story_leaves_it_without_one(mill: Mill) -> None:
    first, _ = assigned(mill, "https://first.example/1", BODY[:15])
    second, fuller = assigned(mill, URL, BODY, 1)
    assert (second.story.id, second.duplicate_of) == (first.story.id, None), "the fuller text leads"
    erase_texts(mill, fuller, frozenset({first.story.id}))
    now = mill.stories.current([first.story.id])[first.story.id]
    assert (now.lead, now.vacant) == (None, True)
    third, _ = assigned(mill, "https://third.example/1", BODY[:16], 2)
    assert third.story.is_lead
    assert third.story.id == first.story.id


def test_a_copy_that_goes_leaves_its_lead_alone(mill: Mill) -> None:
    _, lead = assigned(mill, OTHER, BODY)
    _, copy = assigned(mill, URL, BODY, 1)
    erase_texts(mill, copy, frozenset({lead.story.id}))
    assert mill.stories.current([lead.id])[lead.id].lead == lead.id
    assert Versions(mill.scripts, LIMITS).held(about(OTHER)) == 1


def test_what_may_come_again_is_a_new_article(mill: Mill) -> None:
    _, article = assigned(mill, URL, BODY)
    erase_texts(mill, article)
    mill.erased.remove([Tombstone(article.id, TombstoneKind.URL, NOW, hashes_of(URL))])
    again, _ = assigned(mill, URL, BODY, 5)
    assert (again.revision, again.story.id, again.story.is_lead, again.unchanged) == (1, article.id, True, False)


def test_merged_stories_are_found_by_either_name(mill: Mill) -> None:
    _, one = assigned(mill, OTHER, BODY)
    _, two = assigned(mill, URL, sentences(9, 30), 1)
    mill.stories.merge(one.story.id, two.story.id)
    sketches = Sketches(mill.scripts)
    # The document says the older story by now; what is remembered of its text, the younger one.
    sought = replace(about(URL, stories={two.id: one.story.id}), ids=frozenset())
    assert sketches.held(sought) > 0
    sketches.erase(sought)
    assert sketches.held(sought) == 0


def test_seen_windows_and_addresses_are_forgotten(mill: Mill) -> None:
    feed = Feed(FEED_ID, FEED_URL)
    mill.feeds.put(feed)
    [claim] = mill.claim()
    mill.feeds.save(claim, FeedState(), NOW, {article_id(URL): "tag", article_id(OTHER): "tag"})
    mill.offer([URL, OTHER])
    article = make_article(URL, aliases=("https://s.example/x",), body=text(BODY))
    mill.aliases.restore(article, fingerprint(article.body, "en"))
    sought = about(URL)
    links = Links(mill.aliases)
    assert links.held(sought) >= 2
    for holder in (Versions(mill.scripts, LIMITS), links):
        holder.erase(sought)
    assert links.held(sought) == 0
    assert mill.aliases.article_of([article_id("https://s.example/x")]) == {}
    fresh = mill.frontier.unseen(FEED_ID, {article_id(URL): "tag", article_id(OTHER): "tag"})
    assert fresh == {article_id(URL): "new"}


# --- sites


def story_of(number: int) -> str:
    return f"{number:08x}" + "0" * 24


def test_votes_for_furniture_go_with_their_article(valkey: Valkey) -> None:
    desk = Desk(valkey, site="example.org")
    for number in (1, 2):
        desk.learn(number, BOX, story=story_of(number))
    furniture = LearnedFurniture(desk.mill.scripts)
    sought = Sought(ids=frozenset({ArticleId(story_of(2))}), sites=frozenset({"example.org"}))
    assert furniture.held(sought) == 6, "five paragraphs and the box"
    assert furniture.erase(sought) == 6
    assert furniture.held(sought) == 0
    assert desk.learn(3, BOX, story=story_of(3)) == 0, "only two stories have it now"
    assert desk.learn(4, BOX, story=story_of(4)) == 1


def test_of_a_domain_everything_learned_goes(valkey: Valkey) -> None:
    desk, other = Desk(valkey, site="example.org:8080"), Desk(valkey, site="example.com")
    for each in (desk, other):
        for number in range(4):
            each.learn(number, BOX)
        assert each.knows(BOX) == [True]
    furniture = LearnedFurniture(desk.mill.scripts)
    assert furniture.held(DOMAIN) > 3
    furniture.erase(DOMAIN)
    assert furniture.held(DOMAIN) == 0
    assert desk.knows(BOX) == [False]
    assert other.knows(BOX) == [True]
    assert desk.memory.pending() == 1, "the other site's cleaning"
    job = other.memory.claim()
    assert job is None or job.site == "example.com"


def test_subscriptions_polls_robots_and_hosts_of_a_domain_go(mill: Mill) -> None:
    feeds = ["https://example.org/feed", "https://blog.example.org/rss", "https://example.com/feed"]
    mill.subscribe(feeds)
    log, cache = RedisPollLog(mill.scripts), RedisTextCache(mill.scripts)
    for url in feeds:
        log.add(Poll(feed_id(url), url, NOW, False, Reason.NEW_ENTRIES, 10, 5, 5))
        for name in ("robots", "robots-text", "robots-way"):
            cache.set(f"{name}:https://{site_of(url)}", "User-agent: *", 60)
    first, *_ = [claim for claim in mill.claim() if claim.host.endswith("example.org")]
    mill.feeds.save(first, FeedState(), NOW, {article_id(URL): "tag"})
    mill.later(10)
    second, *_ = [claim for claim in mill.claim() if claim.host.endswith("example.org")]
    left = ["https://old.example.org/feed", "https://example.net/feed"]
    mill.subscribe(left)
    for url in left:
        mill.feeds.remove(feed_id(url))
    parts = (Subscriptions(mill.scripts, mill.feeds), Polls(mill.scripts), Robots(mill.scripts))
    hosts = Hosts(mill.scripts)
    assert [part.held(DOMAIN) for part in parts] == [3, 2, 6], "one was unsubscribed, and left its state"
    assert hosts.held(DOMAIN) == 0, "it is being asked right now"
    assert [part.erase(DOMAIN) for part in parts] == [3, 2, 6]
    assert [part.held(DOMAIN) for part in parts] == [0, 0, 0]
    assert [part.held(about(URL)) for part in parts] == [0, 0, 0]
    assert [key.decode() for key in mill.client.keys(mill.scripts.key("left:*"))] == [
        mill.scripts.key(f"left:{feed_id('https://example.net/feed')}")
    ]
    assert not mill.feeds.save(second, FeedState(), NOW, None), "the poll under way finds its lease gone"
    assert hosts.held(DOMAIN) == 1
    assert hosts.erase(DOMAIN) == 1
    assert hosts.held(DOMAIN) == 0
    assert [feed.url for feed, _, _ in mill.feeds.all()] == ["https://example.com/feed"]
    assert [poll.feed_url for poll in log.oldest(10)] == ["https://example.com/feed"]
    assert cache.get("robots:https://example.com") is not None
    assert mill.client.keys(mill.scripts.key("window:*")) == []
    mill.audit()


# --- the server itself


def test_the_slow_log_is_cleared_when_it_names_an_address(mill: Mill) -> None:
    mill.client.config_set("slowlog-log-slower-than", 0)
    mill.offer([URL])
    mill.client.config_set("slowlog-log-slower-than", 10_000)
    log = SlowLog(mill.scripts)
    assert log.held(about(OTHER)) == 0
    assert log.held(DOMAIN) > 0
    assert log.held(about(URL)) > 0
    assert log.erase(about(URL)) > 0
    assert log.held(about(URL)) == 0


def test_the_files_of_the_server_are_written_anew(tmp_path: Any) -> None:
    server = EmbeddedValkey(tmp_path, 1 << 28)
    server.start()
    try:
        from worker.state.server import connect

        client: Any = connect(server.url)
        client.set("gone", SECRET * 20)
        client.set("stays", "Apfelmus")
        client.delete("gone")

        def held() -> bytes:
            return b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

        client.config_set("appendfsync", "always")
        client.set("stays", "Birnenmus")
        assert SECRET.encode() in held()
        assert rewrite(client) == ""
        assert SECRET.encode() not in held()
        assert b"Birnenmus" in held()
        client.close()
    finally:
        server.stop()


def test_a_server_that_may_not_be_asked_says_so(mill: Mill) -> None:
    mill.client.execute_command("ACL", "SETUSER", "small", "on", "nopass", "~*", "+@all", "-bgrewriteaof", "-config")
    try:
        from worker.state.server import connect

        given = mill.client.connection_pool.connection_kwargs
        client: Any = connect(f"unix://small:any@{given['path']}")
        told = rewrite(client)
        assert "bgrewriteaof" in told.lower()
        assert "\n" not in told
        client.close()
    finally:
        mill.client.execute_command("ACL", "DELUSER", "small")
