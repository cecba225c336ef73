"""`Frontier` over a real Valkey: who gets what, when, and what a lost lease means."""

from __future__ import annotations

import pytest

from tests.state import FEED_ID, FEED_URL, NOW, Mill, indexed, make_entry, make_step, only, refused, urls
from tests.valkey import Valkey
from worker.models import Claim, ClaimKind, FeedState, Reason, RejectedEntry, State, WorkItem
from worker.urls import article_id, feed_id


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    return Mill(valkey.client)


def begin(mill: Mill, claim: Claim) -> WorkItem:
    item = mill.frontier.begin([claim])[claim.id]
    assert item is not None
    return item


def test_an_offered_article_is_claimed_with_its_whole_entry(mill: Mill) -> None:
    entry = make_entry("https://a.example/1", authors=("Zoë",), tags=("x", "y"), published_at=NOW, image="https://i/1")
    id_ = article_id(entry.url)
    assert mill.frontier.offer(FEED_ID, FEED_URL, [(id_, "a.example", entry)]) == 1
    claim = mill.claim_one()
    assert (claim.kind, claim.id, claim.host, claim.alone) == (ClaimKind.ARTICLE, id_, "a.example", False)
    item = begin(mill, claim)
    assert item.entry == entry
    assert (item.url, item.feed_id, item.feed_url, item.attempt) == (entry.url, FEED_ID, FEED_URL, 1)
    assert (item.offer, item.hops, item.steps) == (1, (), ())
    mill.audit()


def test_hostile_text_survives_the_frontier(mill: Mill) -> None:
    entry = make_entry("https://a.example/1", title="a\nb\u2028c\x00\ud800 \U0001f600", summary='"\\{}')
    mill.frontier.offer(FEED_ID, FEED_URL, [(article_id(entry.url), "a.example", entry)])
    assert begin(mill, mill.claim_one()).entry == entry


def test_one_request_per_host_at_a_time(mill: Mill) -> None:
    mill.offer(urls(6, hosts=2))
    first = mill.claim()
    assert {claim.host for claim in first} == {"h0.example", "h1.example"}
    assert mill.claim() == []
    mill.later(100)
    assert mill.claim() == []  # still locked: nobody said that the request is over


def test_a_released_host_rests_for_its_delay(mill: Mill) -> None:
    mill.offer(urls(4))
    mill.frontier.release(mill.claim_one())
    assert mill.claim() == []
    mill.later(2)
    mill.frontier.release(mill.claim_one(), delay_s=10)
    mill.later(5)
    assert mill.claim() == []
    mill.later(5)
    assert len(mill.claim()) == 1
    mill.audit()


def test_the_rest_of_a_host_outlives_its_empty_queue(mill: Mill) -> None:
    mill.offer(["https://a.example/1"])
    claim = mill.claim_one()
    mill.frontier.release(claim, delay_s=30)
    assert mill.frontier.finish(claim, refused("https://a.example/1"))
    mill.offer(["https://a.example/2"])
    assert mill.claim() == []
    mill.later(30)
    assert len(mill.claim()) == 1


def test_feeds_and_articles_of_a_host_take_turns(mill: Mill) -> None:
    mill.subscribe(urls(5, path="feed"))
    mill.offer(urls(5))
    kinds = []
    for _ in range(8):
        claim = mill.claim_one()
        kinds.append(claim.kind)
        mill.frontier.release(claim, delay_s=0)
    assert kinds[:2] != kinds[1:3]
    assert kinds == kinds[:2] * 4


def test_a_thousand_feeds_of_one_host_delay_nobody_else(mill: Mill) -> None:
    mill.subscribe(urls(1000, path="feed"))
    mill.offer(["https://h0.example/article"])
    mill.subscribe(["https://other.example/feed"])
    claims = mill.claim()
    assert {claim.host for claim in claims} == {"h0.example", "other.example"}
    [of_big] = [claim for claim in claims if claim.host == "h0.example"]
    mill.frontier.release(of_big, delay_s=0)
    assert [claim.kind for claim in mill.claim()] == [ClaimKind.ARTICLE]
    mill.audit()


def test_hosts_are_served_in_the_order_in_which_they_became_ready(mill: Mill) -> None:
    for number in range(6):
        mill.offer([f"https://h{number}.example/1"])
        mill.later(0.01)
    assert [claim.host for claim in mill.frontier.claim(4)] == [f"h{number}.example" for number in range(4)]


def test_only_new_and_pending_are_told_apart_by_offer(mill: Mill) -> None:
    url = "https://a.example/1"
    assert mill.offer([url]) == 1
    newer = make_entry(url, title="Newer")
    assert mill.frontier.offer(FEED_ID, FEED_URL, [(article_id(url), "a.example", newer)]) == 0
    assert mill.ledger.counts().offered == 1
    claim = mill.claim_one()
    assert begin(mill, claim).entry.title == "Newer"
    mill.frontier.retry(claim, 60, make_step())
    mill.frontier.offer(FEED_ID, FEED_URL, [(article_id(url), "a.example", make_entry(url, title="Newest"))])
    found = mill.frontier.pending(article_id(url))
    assert found is not None
    assert found[0] == "delayed"
    assert (found[1].entry.title, found[1].steps) == ("Newest", (make_step(),))
    assert mill.ledger.counts().offered == 1
    mill.audit()


def test_finish_counts_once_and_a_stale_worker_counts_nothing(mill: Mill) -> None:
    url = "https://a.example/1"
    mill.offer([url])
    stale = mill.claim_one()
    begin(mill, stale)
    mill.later(200)
    assert mill.frontier.sweep() == {"articles": 1, "feeds": 0, "hosts": 0}
    mill.later(2)
    fresh = mill.claim_one()
    mill.offer(["https://a.example/2"])
    assert mill.frontier.begin([stale]) == {}
    assert not mill.frontier.finish(stale, refused(url))
    assert not mill.frontier.finish_document(stale, *indexed(url))
    assert not mill.frontier.retry(stale, 1, make_step())
    assert mill.outbox.size()[0] == 0
    mill.later(10)
    assert mill.claim() == [], "the stale worker must not free the host of the fresh one"
    assert mill.frontier.finish(fresh, refused(url))
    assert not mill.frontier.finish(fresh, refused(url))
    counts = mill.ledger.counts()
    assert (counts.offered, counts.pending, counts.states) == (2, 1, {State.REFUSED: 1})
    assert counts.reasons == {(State.REFUSED, Reason.GONE): 1}
    assert mill.frontier.pending(article_id(url)) is None
    mill.audit()


def test_a_document_is_pending_until_it_is_acknowledged(mill: Mill) -> None:
    url = "https://a.example/1"
    mill.offer([url])
    event, article = indexed(url)
    assert mill.frontier.finish_document(mill.claim_one(), event, article)
    assert mill.ledger.counts().pending == 1
    [item] = mill.outbox.take("w", 10)
    assert (item.event, item.article) == (event, article)
    mill.outbox.ack([(item, State.INDEXED, Reason.STORED)])
    counts = mill.ledger.counts()
    assert (counts.pending, counts.states) == (0, {State.INDEXED: 1})
    assert mill.ledger.recent(5) == [event]


def test_a_retry_comes_back_when_it_is_due_and_before_what_is_queued(mill: Mill) -> None:
    first, second, third = urls(3)
    mill.offer([first, second, third])
    claim = mill.claim_one()
    begin(mill, claim)
    assert mill.frontier.retry(claim, 60, make_step())
    mill.later(2)
    other = mill.claim_one()
    assert other.id == article_id(second)
    mill.frontier.finish(other, refused(second))
    mill.later(58)
    again = mill.claim_one()
    assert again.id == article_id(first)
    item = begin(mill, again)
    assert (item.attempt, item.steps) == (2, (make_step(),))
    mill.audit()


def test_a_blocked_host_rests_as_long_as_it_asked(mill: Mill) -> None:
    mill.offer(urls(2))
    mill.subscribe(["https://h0.example/feed"])
    claim = mill.claim_one()
    if claim.kind is ClaimKind.FEED:
        mill.frontier.release(claim, delay_s=0)
        claim = mill.claim_one()
    mill.frontier.release(claim)  # before the answer was judged
    mill.frontier.retry(claim, 600, make_step(Reason.RATE_LIMITED), block_host=True)
    mill.later(599)
    assert mill.claim() == []
    mill.later(1)
    assert len(mill.claim()) == 1
    mill.audit()


def test_a_redirect_moves_to_the_other_hosts_queue_at_once(mill: Mill) -> None:
    mill.offer(["https://a.example/1", "https://b.example/2"])
    claims = {claim.host: claim for claim in mill.claim()}
    target = "https://b.example/1"
    assert mill.frontier.retry(claims["a.example"], 0, make_step(), url=target, host="b.example")
    assert mill.claim() == []  # b is busy
    mill.frontier.release(claims["b.example"], delay_s=0)
    moved = mill.claim_one()
    item = begin(mill, moved)
    assert (moved.host, item.url, item.hops) == ("b.example", target, ("https://a.example/1",))
    mill.audit()


def test_acquire_locks_a_second_host_until_the_release(mill: Mill) -> None:
    mill.offer(["https://a.example/1"])
    claim = mill.claim_one()
    assert mill.frontier.acquire("b.example", claim) == 0.0
    assert mill.frontier.acquire("b.example", claim) == 0.0
    mill.offer(["https://b.example/1", "https://c.example/1"])
    other = mill.claim_one()
    assert other.host == "c.example"
    assert mill.frontier.acquire("b.example", other) > 0
    mill.frontier.release(claim)
    assert 0 < mill.frontier.acquire("b.example", other) <= 2  # it rests now
    mill.later(2)
    assert mill.frontier.acquire("b.example", other) == 0.0
    mill.audit()


def test_acquire_is_never_granted_to_a_lost_lease(mill: Mill) -> None:
    mill.offer(["https://a.example/1"])
    claim = mill.claim_one()
    mill.later(200)
    mill.frontier.sweep()
    assert mill.frontier.acquire("b.example", claim) > 0


def test_a_lost_message_costs_neither_an_attempt_nor_the_articles_life(mill: Mill) -> None:
    """Claims that no worker ever began: workers may be away for a day."""
    mill.offer(["https://a.example/1"])
    for _ in range(20):
        claim = mill.claim_one()
        mill.later(151)
        assert mill.frontier.sweep()["articles"] == 1
    assert mill.frontier.begin([claim]) == {}
    claim = mill.claim_one()
    assert not claim.alone
    assert begin(mill, claim).attempt == 1
    mill.audit()


def test_an_article_under_which_workers_die_travels_alone_and_ends_quarantined(mill: Mill) -> None:
    url = "https://a.example/1"
    mill.offer([url])
    for death in range(5):
        claim = mill.claim_one()
        assert claim.alone is (death > 0)
        assert begin(mill, claim).attempt == death + 1
        mill.later(151)
        mill.frontier.sweep()
        mill.later(2)
        mill.audit()
    assert mill.claim() == []
    assert mill.ledger.counts().states == {State.QUARANTINED: 1}
    [event] = mill.ledger.recent(10)
    assert (event.state, event.reason, event.url) == (State.QUARANTINED, Reason.WORKER_LOST, url)
    [item] = mill.outbox.take("w", 10)
    assert (item.event, item.article) == (event, None)
    mill.audit()


def test_what_died_waits_behind_its_neighbours(mill: Mill) -> None:
    first, second = urls(2)
    mill.offer([first, second])
    begin(mill, mill.claim_one())
    mill.later(151)
    mill.frontier.sweep()
    mill.later(2)
    assert mill.claim_one().id == article_id(second)


def test_a_scheduler_that_dies_while_it_quarantines_loses_nothing(mill: Mill) -> None:
    mill.offer(["https://a.example/1"])
    for _ in range(5):
        begin(mill, mill.claim_one())
        mill.later(153)
        mill.frontier.sweep()
        mill.later(2)
    limits = mill.limits
    rows = mill.scripts.run(  # the script's half of the claim; the process dies before the other half
        "claim", 10, 180_000, 150_000, limits.max_in_flight, limits.max_pending, limits.max_outbox_bytes, 5
    )
    assert rows[1][0] == b"dead"
    mill.audit()
    assert mill.claim() == []
    mill.later(151)
    mill.frontier.sweep()
    assert mill.claim() == []
    assert mill.ledger.counts().states == {State.QUARANTINED: 1}
    mill.audit()


def test_the_same_message_twice_after_the_request_does_not_skip_the_hosts_rest(mill: Mill) -> None:
    mill.offer(urls(2))
    claim = mill.claim_one()
    begin(mill, claim)
    mill.frontier.release(claim)
    assert mill.frontier.begin([claim]) == {}, "the host rests: the work waits its turn again"
    assert mill.claim() == []
    mill.later(2)
    assert len(mill.claim()) == 1
    mill.audit()


def test_claims_that_could_not_be_published_are_given_back_as_if_never_taken(mill: Mill) -> None:
    mill.offer(urls(2))
    mill.subscribe(["https://f.example/feed"])
    claims = mill.claim()
    assert mill.frontier.give_back(claims) == 2
    mill.audit()
    again = mill.claim()
    assert {(claim.kind, claim.id) for claim in again} == {(claim.kind, claim.id) for claim in claims}
    assert mill.frontier.begin(claims) == {}
    [article] = only(again, ClaimKind.ARTICLE)
    assert begin(mill, article).attempt == 1
    assert mill.frontier.give_back([article]) == 0, "a worker has it in hand"


def test_articles_are_held_back_at_the_cap_of_leases_but_feeds_are_not(valkey: Valkey) -> None:
    mill = Mill(valkey.client, max_in_flight=3)
    mill.offer(urls(10, hosts=10))
    mill.subscribe(["https://f.example/feed"])
    claims = mill.claim()
    assert len(only(claims, ClaimKind.ARTICLE)) == 3
    assert len(only(claims, ClaimKind.FEED)) == 1
    assert mill.claim() == []
    done = only(claims, ClaimKind.ARTICLE)[0]
    mill.frontier.finish(done, refused("https://h0.example/a/0"))
    assert len(mill.claim()) == 1


def test_articles_are_held_back_while_the_outbox_is_full(valkey: Valkey) -> None:
    mill = Mill(valkey.client, max_outbox_bytes=1000)
    mill.outbox.append_direct(*indexed("https://z.example/1"))
    mill.outbox.append_direct(*indexed("https://z.example/2"))
    assert mill.outbox.size()[1] >= 1000
    mill.offer(urls(3, hosts=3))
    assert mill.claim() == []
    mill.outbox.ack([(item, State.INDEXED, Reason.STORED) for item in mill.outbox.take("w", 10)])
    assert len(mill.claim()) == 3


def test_no_feed_is_polled_while_the_frontier_is_full(valkey: Valkey) -> None:
    mill = Mill(valkey.client, max_pending=3)
    mill.subscribe(["https://f.example/feed"])
    assert mill.frontier.release_due_feeds(10) == 1
    mill.offer(urls(3, hosts=3))
    mill.subscribe(["https://g.example/feed"])
    assert mill.frontier.release_due_feeds(10) == 0
    claims = mill.frontier.claim(10)
    assert only(claims, ClaimKind.FEED) == []
    mill.frontier.finish(claims[0], refused("https://h0.example/a/0"))
    assert len(only(mill.claim(), ClaimKind.FEED)) == 2


def test_a_feed_is_released_once_and_leased_once(mill: Mill) -> None:
    mill.subscribe(["https://a.example/feed"])
    assert mill.frontier.release_due_feeds(10) == 1
    assert mill.frontier.release_due_feeds(10) == 0
    claim = mill.claim_one()
    assert mill.frontier.begin([claim]) == {claim.id: None}
    mill.later(181)
    assert mill.frontier.sweep()["feeds"] == 1
    mill.later(2)
    again = mill.claim_one()
    assert again.id == claim.id
    assert not mill.feeds.save(claim, FeedState(etag="stale"), NOW, {})
    assert mill.feeds.save(again, FeedState(etag="fresh"), NOW, {})
    found = mill.feeds.get(feed_id("https://a.example/feed"))
    assert found is not None
    assert found[1].etag == "fresh"
    mill.audit()


def test_a_feed_that_kills_its_worker_comes_back_later_each_time(mill: Mill) -> None:
    mill.subscribe(["https://a.example/feed"])
    waited = []
    for _ in range(4):
        claim = mill.claim_one()
        mill.frontier.begin([claim])
        mill.later(181)
        mill.frontier.sweep()
        seconds = 2
        mill.later(2)
        while not (claims := mill.claim()):
            mill.later(10)
            seconds += 10
        mill.frontier.give_back(claims)
        waited.append(seconds)
    assert waited == [2, 32, 62, 122]


def test_a_removed_feed_leaves_no_work_behind(mill: Mill) -> None:
    mill.subscribe(["https://a.example/feed", "https://a.example/feed2"])
    assert mill.frontier.release_due_feeds(10) == 2
    assert mill.feeds.remove(feed_id("https://a.example/feed"))
    assert not mill.feeds.remove(feed_id("https://a.example/feed"))
    left = mill.claim_one()
    assert left.id == feed_id("https://a.example/feed2")
    mill.frontier.release(left, delay_s=0)
    assert mill.claim() == []
    mill.audit()


def test_unusable_entries_are_counted_and_told_once_in_thirty_days(mill: Mill) -> None:
    bad = [
        RejectedEntry("1", "javascript:alert(1)", "Bad \ud800", Reason.SCHEME_BLOCKED),
        RejectedEntry("2", "", "None", Reason.URL_MISSING),
    ]
    assert mill.frontier.reject(FEED_ID, FEED_URL, bad) == 2
    assert mill.frontier.reject(FEED_ID, FEED_URL, bad) == 0
    counts = mill.ledger.counts()
    assert (counts.offered, counts.pending, counts.states) == (2, 0, {State.REFUSED: 2})
    items = mill.outbox.take("w", 10)
    assert [(item.event.url, item.event.reason) for item in items] == [(entry.url, entry.reason) for entry in bad]
    assert len({item.event.id for item in items}) == 2
    mill.outbox.ack([(item, item.event.state, item.event.reason) for item in items])
    assert mill.ledger.counts() == counts
    mill.later(41 * 86400)
    assert mill.frontier.reject(FEED_ID, FEED_URL, bad) == 2
    mill.audit()


def test_depth_says_what_waits_where_and_how_long(mill: Mill) -> None:
    mill.offer(urls(3, hosts=3))
    mill.subscribe(["https://f.example/feed", "https://f.example/feed2", "https://f.example/feed3"])
    mill.later(10)
    mill.frontier.release_due_feeds(2)
    claims = mill.frontier.claim(2)
    mill.frontier.retry(claims[0], 60, make_step()) if claims[0].kind is ClaimKind.ARTICLE else None
    depth = mill.frontier.depth()
    assert depth["queued"] + depth["delayed"] + depth["in_flight"] == 3
    assert depth["feeds_due"] + depth["feeds_leased"] == 3
    assert depth["hosts_locked"] == 1
    assert 10 <= max(depth["oldest_queued_s"], depth["oldest_feeds_due_s"]) < 20
    names = {"queued", "delayed", "in_flight", "feeds_due", "feeds_leased", "hosts_ready", "hosts_locked"}
    assert set(depth) == names | {f"oldest_{name}_s" for name in names}


def test_a_lock_whose_claim_is_gone_ends_by_itself(mill: Mill) -> None:
    mill.subscribe(["https://a.example/feed", "https://a.example/feed2"])
    claim = mill.claim_one()
    mill.feeds.remove(feed_id("https://a.example/feed"))
    mill.feeds.remove(feed_id("https://a.example/feed2"))
    mill.offer(["https://a.example/1"])
    assert mill.claim() == []
    mill.later(181)
    assert mill.frontier.sweep()["hosts"] == 1
    mill.later(2)
    assert mill.claim_one().host == claim.host


def test_the_owner_of_all_workers_ends_all_leases_at_once(mill: Mill) -> None:
    mill.subscribe(["https://f.example/feed.xml"])
    mill.offer(urls(4, hosts=2))
    mill.frontier.release_due_feeds(10)
    held = mill.claim()
    for claim in only(held, ClaimKind.ARTICLE):
        begin(mill, claim)
    assert mill.frontier.end_leases() == {"articles": 2, "feeds": 1, "hosts": 0}
    mill.audit()
    mill.later(5)  # the hosts rest as after any request
    again = mill.claim()
    assert {(claim.kind, claim.host) for claim in again} == {(claim.kind, claim.host) for claim in held}
    assert not {claim.token for claim in again} & {claim.token for claim in held}
    assert mill.frontier.begin(held) == {}


def test_a_worker_that_is_alive_keeps_its_leases_and_locks(mill: Mill) -> None:
    mill.subscribe(["https://f.example/feed.xml"])
    mill.offer(urls(2, hosts=2))
    claims = mill.claim()
    mill.frontier.begin(claims)
    for _ in range(5):
        mill.later(mill.limits.article_lease_s / 2)
        assert mill.frontier.renew(claims) == {claim.id for claim in claims}
        assert mill.frontier.sweep() == {"articles": 0, "feeds": 0, "hosts": 0}
    mill.audit()
    mill.later(2 * mill.limits.article_lease_s)
    mill.frontier.sweep()
    assert mill.frontier.renew(claims) == set()
    assert not mill.frontier.release(only(claims, ClaimKind.ARTICLE)[0])
    mill.audit()


def test_renewing_does_not_lock_a_host_that_was_released(mill: Mill) -> None:
    mill.offer(urls(2))
    claim = mill.claim_one()
    begin(mill, claim)
    assert mill.frontier.release(claim, delay_s=0)
    assert mill.frontier.renew([claim]) == {claim.id}
    assert len(mill.claim()) == 1
    mill.audit()


def test_a_worker_that_stops_gives_back_what_it_had_begun(mill: Mill) -> None:
    mill.subscribe(["https://f.example/feed.xml"])
    mill.offer(urls(1))
    claims = mill.claim()
    assert begin(mill, only(claims, ClaimKind.ARTICLE)[0]).attempt == 1
    mill.frontier.begin(only(claims, ClaimKind.FEED))
    assert mill.frontier.give_back(claims) == 0, "only the worker itself may"
    assert mill.frontier.give_back(claims, by_worker=True) == 2
    mill.audit()
    assert mill.claim() == [], "the hosts may just have been asked: they rest"
    mill.later(5)
    again = mill.claim()
    assert len(again) == 2
    item = begin(mill, only(again, ClaimKind.ARTICLE)[0])
    assert (item.attempt, item.steps) == (1, ())
    assert not any(claim.alone for claim in again), "no worker died"


def test_an_entry_that_changes_under_a_worker_is_offered_anew_when_that_ends(mill: Mill) -> None:
    url = "https://a.example/1"
    mill.offer([url])
    claim = mill.claim_one()
    begin(mill, claim)
    changed = make_entry(url, title="Corrected")
    assert mill.frontier.offer(FEED_ID, FEED_URL, [(article_id(url), "a.example", changed)]) == 0
    assert mill.frontier.finish(claim, refused(url))
    mill.audit()
    mill.later(5)
    item = begin(mill, again := mill.claim_one())
    assert (item.entry, item.offer, item.attempt, item.steps) == (changed, 2, 1, ())
    assert mill.frontier.finish(again, refused(url, 2))
    mill.audit()
    assert mill.ledger.counts().offered == 2
    assert mill.claim() == []


def test_an_entry_that_changes_before_a_worker_reads_it_is_one_offer(mill: Mill) -> None:
    url = "https://a.example/1"
    mill.offer([url])
    claim = mill.claim_one()
    changed = make_entry(url, title="Corrected")
    mill.frontier.offer(FEED_ID, FEED_URL, [(article_id(url), "a.example", changed)])
    assert begin(mill, claim).entry == changed
    assert mill.frontier.finish(claim, refused(url))
    assert mill.ledger.counts().offered == 1
    mill.audit()


def test_a_feed_subscribed_again_still_tells_a_changed_entry(mill: Mill) -> None:
    url = "https://f.example/feed.xml"
    feed = feed_id(url)
    id_ = article_id("https://a.example/1")
    mill.subscribe([url])
    claim = mill.claim_one()
    mill.frontier.begin([claim])
    assert mill.frontier.unseen(feed, {id_: "one"}) == {id_: "new"}
    mill.offer(["https://a.example/1"], feed)
    assert mill.feeds.save(claim, FeedState(polls=1), NOW, {id_: "one"})
    mill.feeds.remove(feed)
    mill.subscribe([url])
    assert mill.frontier.unseen(feed, {id_: "one"}) == {}
    assert mill.frontier.unseen(feed, {id_: "two"}) == {id_: "changed"}
