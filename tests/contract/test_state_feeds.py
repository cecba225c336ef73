"""`FeedStore` over a real Valkey."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.state import NOW, Mill
from tests.valkey import Valkey
from worker.models import Claim, ClaimKind, Feed, FeedState, FeedStatus, Reason, Why
from worker.schedule.record import pack
from worker.schedule.rhythm import Rhythm
from worker.urls import article_id, feed_id

URL = "https://a.example/feed?x=Ü&y=1"
FEED = Feed(feed_id(URL), URL, title="Ä \ud800", language="de", folder="News", origin="file")
NEVER = datetime.fromtimestamp(0, UTC)


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    return Mill(valkey.client)


def test_a_new_feed_is_due_at_once(mill: Mill) -> None:
    assert mill.feeds.put(FEED)
    assert mill.feeds.get(FEED.id) == (FEED, FeedState())
    [(feed, state, next_poll)] = mill.feeds.all()
    assert (feed, state) == (FEED, FeedState())
    assert abs(next_poll - mill.scripts.now()) < timedelta(seconds=5)
    assert mill.claim_one() == Claim(ClaimKind.FEED, FEED.id, "a.example", mill_token(mill, FEED.id))


def mill_token(mill: Mill, id_: str) -> str:
    token: bytes = mill.client.hget(mill.scripts.key("feeds:claim"), id_)
    return token.split()[0].decode()


def test_a_changed_feed_keeps_its_state_and_its_next_poll(mill: Mill) -> None:
    mill.feeds.put(FEED)
    state = full_state()
    due = NOW + timedelta(days=300)
    assert mill.feeds.save(mill.claim_one(), state, due, None)
    changed = Feed(FEED.id, URL, title="Other")
    assert not mill.feeds.put(changed)
    [(feed, kept, next_at)] = mill.feeds.all()
    assert (feed, kept) == (changed, state)
    assert abs(next_at - due) < timedelta(seconds=1)
    assert mill.claim() == []
    mill.audit()


def test_many_at_once_leave_what_is_there_as_it_is(mill: Mill) -> None:
    mill.feeds.put(FEED)
    outline = (("htmlUrl", "https://b.example/"), ("{https://x.example/}y", "ü"))
    other = Feed(feed_id("https://b.example/"), "https://b.example/", outline=outline)
    mill.client.script_flush()  # as after a restart of the server
    assert mill.feeds.put_new([Feed(FEED.id, URL, title="Other"), other]) == 1
    assert mill.feeds.put_new([FEED, other]) == 0
    assert mill.feeds.put_new([]) == 0
    assert sorted(mill.feeds.subscribed(), key=lambda feed: feed.url) == [FEED, other]
    mill.audit()


def full_state() -> FeedState:
    moment = NOW + timedelta(microseconds=1)
    return FeedState(
        etag='W/"\xff\u2028"', last_modified="Fri, 20 Nov 2026 12:00:00 GMT", body_hash="ab" * 16,
        status=FeedStatus.BACKING_OFF, failures=3, polls=17, polled_at=moment, succeeded_at=moment,
        new_entry_at=moment, reason=Reason.TIMEOUT, detail="after 30 s", moved_to="https://b.example/", gone_answers=1,
        title="T", entries_offered=12, hint_s=600.0, ttl_s=3600.5, skip_hours=3, skip_days=96,
        full_answers=2, rhythm=pack(Rhythm(window=7, until_s=5.0)), next_why=Why.HINT, next_expected=0.25,
        push_hits=2, push_heard_at=moment, push_until=moment,
    )  # fmt: skip


def test_every_field_of_the_state_comes_back(mill: Mill) -> None:
    mill.feeds.put(FEED)
    assert mill.feeds.save(mill.claim_one(), full_state(), NOW, {article_id("https://a.example/1"): "t"})
    assert mill.feeds.get(FEED.id) == (FEED, full_state())


def test_feeds_come_in_order_of_url(mill: Mill) -> None:
    urls = [f"https://h{n}.example/feed" for n in range(700)]
    mill.subscribe(reversed(urls))
    assert [feed.url for feed, _, _ in mill.feeds.all()] == sorted(urls)


def test_saving_releases_the_host_after_the_given_delay(mill: Mill) -> None:
    mill.subscribe(["https://a.example/1", "https://a.example/2"])
    assert mill.feeds.save(mill.claim_one(), FeedState(), NOW + timedelta(days=300), None, delay_s=7)
    mill.later(6)
    assert mill.claim() == []
    mill.later(1)
    assert len(mill.claim()) == 1


def test_unpolled_counts_what_is_watched_and_was_not_polled_since(mill: Mill) -> None:
    mill.subscribe([f"https://h{n}.example/feed" for n in range(4)])
    assert mill.feeds.unpolled(NEVER) == 4
    states = [
        FeedState(polled_at=NOW),
        FeedState(polled_at=NOW, status=FeedStatus.BACKING_OFF),
        FeedState(polled_at=NOW, status=FeedStatus.GONE),
    ]
    claims = mill.claim()
    for claim, state in zip(claims, states, strict=False):
        assert mill.feeds.save(claim, state, NOW + timedelta(days=300), None)
    assert mill.feeds.unpolled(NEVER) == 1
    assert mill.feeds.unpolled(NOW) == 1
    assert mill.feeds.unpolled(NOW + timedelta(seconds=1)) == 3
    mill.feeds.remove(feed_id("https://h3.example/feed"))
    assert mill.feeds.get(feed_id("https://h3.example/feed")) is None


def test_what_a_newer_version_wrote_is_still_read(mill: Mill) -> None:
    mill.feeds.put(FEED)
    key = mill.scripts.key
    mill.client.hset(key("feeds:state"), FEED.id, b'{"etag":"x","invented_later":1}')
    assert mill.feeds.get(FEED.id) == (FEED, FeedState(etag="x"))
