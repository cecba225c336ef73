"""`Outbox` and `Ledger` over a real Valkey: at least once, counted once."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from tests.articles import make_event
from tests.state import Mill, indexed, refused
from tests.valkey import Valkey
from worker.models import Reason, State
from worker.state.outbox import RedisOutbox


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    return Mill(valkey.client)


def fill(mill: Mill, number: int) -> None:
    for i in range(number):
        mill.outbox.append_direct(*indexed(f"https://a.example/{i}"))


def test_an_empty_outbox_gives_nothing(mill: Mill) -> None:
    assert mill.outbox.take("w", 10) == []
    assert mill.outbox.size() == (0, 0, 0.0)
    assert not mill.outbox.ask(1, 0)


def test_items_come_in_order_and_each_to_one_consumer(mill: Mill) -> None:
    fill(mill, 5)
    first, second = mill.outbox.take("w1", 3), mill.outbox.take("w2", 10)
    assert [item.event.url for item in (*first, *second)] == [f"https://a.example/{i}" for i in range(5)]
    assert [item.deliveries for item in first] == [1, 1, 1]
    assert mill.outbox.take("w3", 10) == []
    assert mill.outbox.size()[0] == 5, "nothing is gone before it is acknowledged"


def test_what_a_dead_consumer_left_goes_to_another_with_its_number_of_deliveries(mill: Mill) -> None:
    impatient = RedisOutbox(mill.scripts, mill.limits, idle_s=0.05)
    fill(mill, 3)
    mill.outbox.take("dead", 2)
    assert impatient.take("w", 1)[0].event.url == "https://a.example/2"
    time.sleep(0.06)
    again = impatient.take("w2", 10)
    assert [(item.event.url, item.deliveries) for item in again] == [(f"https://a.example/{i}", 2) for i in range(3)]


def test_acknowledging_twice_counts_once(mill: Mill) -> None:
    impatient = RedisOutbox(mill.scripts, mill.limits, idle_s=0)
    fill(mill, 2)
    slow = mill.outbox.take("slow", 2)
    fast = impatient.take("fast", 2)
    mill.outbox.ack([(item, State.INDEXED, Reason.STORED) for item in fast])
    mill.outbox.ack([(item, State.UPDATED, Reason.NEW_VERSION) for item in slow])
    mill.outbox.dead_letter(slow[0], "late")
    assert mill.ledger.counts().states == {State.INDEXED: 2}
    assert mill.outbox.size() == (0, 0, 0.0)
    assert mill.outbox.dead(10) == []
    mill.audit()


def test_the_state_at_the_acknowledgement_is_what_counts(mill: Mill) -> None:
    fill(mill, 1)
    [item] = mill.outbox.take("w", 1)
    mill.outbox.ack([(item, State.UNCHANGED, Reason.OLDER_VERSION)])
    assert mill.ledger.counts().reasons == {(State.UNCHANGED, Reason.OLDER_VERSION): 1}
    assert mill.ledger.recent(1)[0].reason is Reason.OLDER_VERSION


def test_an_event_alone_counts_when_it_happens_and_not_again(mill: Mill) -> None:
    mill.outbox.append_direct(refused("https://a.example/1"), None)
    before = mill.ledger.counts()
    assert (before.offered, before.pending, before.states) == (1, 0, {State.REFUSED: 1})
    [item] = mill.outbox.take("w", 1)
    mill.outbox.ack([(item, item.event.state, item.event.reason)])
    assert mill.ledger.counts() == before
    assert mill.outbox.size()[0] == 0


def test_a_dead_letter_is_kept_apart_and_counted_as_failed(mill: Mill) -> None:
    fill(mill, 2)
    first, second = mill.outbox.take("w", 2)
    mill.outbox.dead_letter(first, "no such field \ud800")
    too_large = replace(second.event, state=State.FAILED, reason=Reason.INDEX_TOO_LARGE)
    mill.outbox.dead_letter(replace(second, event=too_large), "413")
    assert mill.ledger.counts().reasons == {
        (State.FAILED, Reason.INDEX_REJECTED): 1,
        (State.FAILED, Reason.INDEX_TOO_LARGE): 1,
    }
    letters = mill.outbox.dead(10)
    assert [(item.article, detail) for item, detail in letters] == [
        (second.article, "413"),
        (first.article, "no such field \ud800"),
    ]
    mill.audit()


def test_the_group_comes_back_after_the_server_lost_it(mill: Mill) -> None:
    fill(mill, 2)
    client: Any = mill.client
    client.xgroup_destroy(mill.scripts.key("outbox"), "index")
    assert len(mill.outbox.take("w", 10)) == 2


def test_size_tells_bytes_and_the_age_of_the_oldest(mill: Mill) -> None:
    fill(mill, 1)
    time.sleep(0.03)
    fill(mill, 1)
    items, taken, age = mill.outbox.size()
    assert items == 2
    assert 400 < taken < 4000
    assert 0.03 <= age < 5


def test_an_index_batch_is_asked_for_when_it_is_full_or_old(mill: Mill) -> None:
    fill(mill, 3)
    assert not mill.outbox.ask(4, 60)
    assert mill.outbox.ask(3, 60)
    assert not mill.outbox.ask(3, 60), "the first ask covers all there is"
    fill(mill, 3)
    assert mill.outbox.ask(3, 60)
    fill(mill, 3)
    assert not mill.outbox.ask(3, 60), "two asks are unanswered"
    mill.outbox.take("w", 3)
    assert mill.outbox.ask(3, 60)
    mill.outbox.take("w", 3)
    mill.outbox.take("w", 3)
    assert not mill.outbox.ask(1, 0), "all are in hands"
    fill(mill, 1)
    assert not mill.outbox.ask(500, 60)
    time.sleep(0.03)
    assert mill.outbox.ask(500, 0.02)


def test_an_index_batch_is_asked_for_when_something_was_left_lying(mill: Mill) -> None:
    impatient = RedisOutbox(mill.scripts, mill.limits, idle_s=0.05)
    fill(mill, 1)
    mill.outbox.take("dead", 1)
    assert not impatient.ask(500, 0)
    time.sleep(0.06)
    assert impatient.ask(500, 0)


def test_recent_is_bounded_and_newest_first(mill: Mill) -> None:
    for i in range(250):
        mill.outbox.append_direct(refused(f"https://a.example/{i}"), None)
    recent = mill.ledger.recent(1000)
    assert len(recent) == 200
    assert recent[0].url == "https://a.example/249"
    assert [event.url for event in mill.ledger.recent(2)] == ["https://a.example/249", "https://a.example/248"]
    assert mill.ledger.recent(0) == []


def test_costs_add_up(mill: Mill) -> None:
    assert mill.ledger.costs() == {}
    mill.ledger.add_cost("fetch", 1.5, 2)
    mill.ledger.add_cost("fetch", 0.25, 1)
    mill.ledger.add_cost("index", 3.0, 500)
    assert mill.ledger.costs() == {"fetch": (1.75, 3), "index": (3.0, 500)}


def test_an_append_whose_answer_was_lost_counts_once(mill: Mill) -> None:
    event = make_event()
    mill.outbox.append_direct(event, None)
    [key] = mill.client.scan_iter(mill.scripts.key("once:*"))
    again = key.decode().removeprefix(mill.scripts.key("once:"))
    assert mill.scripts.run("outbox_append", again, b"", "refused", "gone", b"{}", "") == 0
    assert mill.ledger.counts().offered == 1


def test_what_the_index_did_not_answer_comes_at_once_and_does_not_count(mill: Mill) -> None:
    fill(mill, 3)
    for _ in range(30):
        items = mill.outbox.take("w", 10)
        assert [(item.event.url, item.deliveries) for item in items] == [
            (f"https://a.example/{i}", 1) for i in range(3)
        ]
        mill.outbox.put_back("w", items)
    mill.outbox.put_back("w", [])


def test_an_item_is_found_by_its_article_until_it_is_acknowledged(mill: Mill) -> None:
    event, article = indexed("https://a.example/0")
    assert mill.outbox.find(article.id) is None
    mill.outbox.append_direct(event, article)
    found = mill.outbox.find(article.id)
    assert found is not None
    assert (found.event, found.article) == (event, article)
    mill.outbox.ack([(item, State.INDEXED, Reason.STORED) for item in mill.outbox.take("w", 1)])
    assert mill.outbox.find(article.id) is None
    assert not mill.client.exists(mill.scripts.key("outbox:ids"))
