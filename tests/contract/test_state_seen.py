"""What the frontier remembers of entries: new, changed, known; for how long, and in how much memory."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pytest

from tests.state import FEED_ID, NOW, Mill, refused
from tests.valkey import Valkey
from worker.models import ArticleId, ClaimKind, FeedState, Fingerprint
from worker.urls import article_id, feed_id

DAY = 86400
FEED = "https://f.example/feed"


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    return Mill(valkey.client)


def article(number: int) -> str:
    return f"https://a.example/{number}"


def ids(*numbers: int, tag: str = "t") -> dict[ArticleId, str]:
    return {article_id(article(number)): tag for number in numbers}


def poll(mill: Mill, window: Mapping[ArticleId, str] | None) -> None:
    """A poll's last step, for the feed that is due."""
    claim = mill.claim_one()
    assert claim.kind is ClaimKind.FEED
    assert mill.feeds.save(claim, FeedState(), mill.scripts.now(), window, 0)


def end(mill: Mill, *numbers: int) -> None:
    """Offer and finish articles, each at once."""
    for number in numbers:
        assert mill.offer([article(number)]) == 1
        [claim] = [claim for claim in mill.frontier.claim(10) if claim.kind is ClaimKind.ARTICLE]
        assert mill.frontier.finish(claim, refused(article(number)))
        mill.later(2)


def test_an_entry_is_new_until_it_was_offered(mill: Mill) -> None:
    wanted = ids(1, 2, 3)
    assert mill.frontier.unseen(FEED_ID, wanted) == dict.fromkeys(wanted, "new")
    mill.offer([article(1), article(2)])
    assert mill.frontier.unseen(FEED_ID, wanted) == dict.fromkeys(ids(3), "new")
    assert mill.frontier.unseen(feed_id("https://another.example/feed"), ids(1)) == {}


def test_an_entry_is_changed_when_this_feeds_window_had_another_tag(mill: Mill) -> None:
    mill.subscribe([FEED])
    end(mill, 1, 2)
    poll(mill, ids(1, 2, tag="old"))
    assert mill.frontier.unseen(feed_id(FEED), ids(1, 2, tag="old")) == {}
    changed = {**ids(1, tag="old"), **ids(2, tag="new")}
    assert mill.frontier.unseen(feed_id(FEED), changed) == dict.fromkeys(ids(2), "changed")
    assert mill.frontier.unseen(FEED_ID, changed) == {}, "another feed's window says nothing"
    poll(mill, changed)
    assert mill.frontier.unseen(feed_id(FEED), changed) == {}


def test_a_large_feed_is_asked_about_in_parts(mill: Mill) -> None:
    wanted = ids(*range(1100))
    assert len(mill.frontier.unseen(FEED_ID, wanted)) == 1100
    mill.subscribe([FEED])
    poll(mill, wanted)
    assert mill.frontier.unseen(feed_id(FEED), wanted) == {}


@pytest.mark.parametrize("start_day", [0, 3.3, 9.99])
def test_seen_lasts_thirty_days_after_the_last_sight_but_not_for_ever(mill: Mill, start_day: float) -> None:
    mill.later(start_day * DAY)
    end(mill, 1)
    mill.later(29.9 * DAY)
    assert mill.frontier.unseen(FEED_ID, ids(1)) == {}  # and counts from here again
    mill.later(29.9 * DAY)
    assert mill.frontier.unseen(FEED_ID, ids(1)) == {}
    mill.later(40.1 * DAY)
    assert mill.frontier.unseen(FEED_ID, ids(1)) == dict.fromkeys(ids(1), "new")


def test_an_entry_that_still_stands_in_its_feed_is_not_new_after_forty_days_of_304s(mill: Mill) -> None:
    mill.subscribe([FEED])
    end(mill, 1, 2)
    poll(mill, ids(1, 2))
    for _ in range(12):
        mill.later(4 * DAY)
        poll(mill, None)
    assert mill.frontier.unseen(feed_id(FEED), ids(1, 2)) == {}
    poll(mill, ids(1))  # the second left the feed; it is known 30 days from now on
    mill.later(29 * DAY)
    assert mill.frontier.unseen(feed_id(FEED), ids(1, 2)) == {}


def test_an_entry_changed_after_forty_days_is_changed_and_not_new(mill: Mill) -> None:
    mill.subscribe([FEED])
    end(mill, 1)
    poll(mill, ids(1, tag="old"))
    mill.later(45 * DAY)
    assert mill.frontier.unseen(feed_id(FEED), ids(1, tag="new")) == dict.fromkeys(ids(1), "changed")


def test_a_restless_article_is_offered_again_ten_times_in_thirty_days(mill: Mill) -> None:
    end(mill, 1)
    again = 0
    for _ in range(25):  # a day apart
        mill.later(DAY)
        mill.frontier.unseen(FEED_ID, ids(1))
        taken = mill.offer([article(1)])
        if taken:
            claim = mill.claim_one()
            mill.frontier.finish(claim, refused(article(1)))
        again += taken
    assert again == 10
    assert mill.ledger.counts().offered == 11
    for _ in range(40):  # it stays in its feed; thirty days after the tenth time it may change again
        mill.later(DAY)
        mill.frontier.unseen(FEED_ID, ids(1))
    assert mill.offer([article(1)]) == 1
    mill.audit()


def test_the_story_record_lives_as_long_as_the_article_is_seen(mill: Mill) -> None:
    id_ = article_id(article(1))
    end(mill, 1)
    mill.stories.assign(id_, site="a", language="en", content=b"1" * 16, fingerprint=Fingerprint(), now=NOW)
    for _ in range(9):
        mill.later(12 * DAY)
        assert mill.frontier.unseen(FEED_ID, ids(1)) == {}
    answer = mill.stories.assign(
        id_, site="a", language="en", content=b"2" * 16, fingerprint=Fingerprint(), now=mill.scripts.now()
    )
    assert (answer.revision, answer.first_seen_at) == (2, NOW)


def test_epochs_are_deleted_as_a_whole(mill: Mill) -> None:
    end(mill, 1)
    client: Any = mill.client
    [bucket] = client.scan_iter(mill.scripts.key("seen:*"))
    assert 30 * DAY * 1000 < client.pttl(bucket) <= 40 * DAY * 1000


def test_a_seen_article_takes_at_most_forty_bytes(valkey: Valkey) -> None:
    """100,000 articles in one epoch, through the script that remembers them, by the server's own account."""
    mill = Mill(valkey.client)
    number = 100_000
    raw = [hashlib.blake2b(str(i).encode(), digest_size=16).digest() for i in range(number)]
    client: Any = valkey.client
    window = mill.scripts.key("window:w")
    before = client.info("memory")["used_memory"]
    for first in range(0, number, 1000):
        part = raw[first : first + 1000]
        # A feed's window knows them, so that `unseen` remembers them without an offer's payload.
        client.hset(window, mapping={id_[:8]: b"tagg" for id_ in part})
        given = [value for id_ in part for value in (id_, b"tagg")]
        answer = mill.scripts.run("unseen", "w", mill.limits.epoch_ms, *given)
        assert answer == b"k" * len(part)
        client.delete(window)
    taken = client.info("memory")["used_memory"] - before
    some = next(iter(client.scan_iter(mill.scripts.key("seen:*"))))
    assert client.object("encoding", some) == b"listpack"
    print(f"{taken / number:.1f} bytes per seen article")
    assert taken / number <= 40
    answer = mill.scripts.run(
        "unseen", "other", mill.limits.epoch_ms, *[v for id_ in raw[:500] for v in (id_, b"0000")]
    )
    assert answer == b"k" * 500
