"""The life of a subscription, and what a hub may and may not do to it."""

from __future__ import annotations

import hashlib
import hmac
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.models import FeedId, Standing, Subscription
from worker.websub import lease

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOPIC = "https://example.org/feed.xml"
HUBS = ("https://hub.example/", "https://other.example/hub")
NEW = lease.made(FeedId("f" * 32), HUBS, TOPIC, token="t" * 43, secret="s" * 43, now=NOW)
ASKED = lease.accepted(NEW, NOW)
GOOD = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "abc", "hub.lease_seconds": "864000"}


def rng() -> random.Random:
    return random.Random(3)


def active(lease_s: str = "864000") -> Subscription:
    found = lease.confirmed(ASKED, GOOD | {"hub.lease_seconds": lease_s}, NOW, rng())
    assert found is not None
    return found


def test_asked_confirmed_and_renewed_before_the_lease_ends() -> None:
    assert ASKED.standing is Standing.ASKED
    assert lease.form(NEW, "https://us.example/websub/x", 864000.5) == {
        "hub.callback": "https://us.example/websub/x",
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.verify": "async",
        "hub.lease_seconds": "864000",
        "hub.secret": "s" * 43,
    }
    held = active()
    assert (held.standing, held.until, held.tries) == (Standing.ACTIVE, NOW + timedelta(days=10), 0)
    assert NOW + timedelta(days=7) <= held.due_at <= NOW + timedelta(days=8)
    renewal = lease.accepted(held, held.due_at)
    assert renewal.standing is Standing.ACTIVE
    assert renewal.token == held.token


NOT_OURS = [
    {"hub.topic": "https://evil.example/feed"},
    {"hub.topic": ""},
    {"hub.mode": "unsubscribe"},
    {"hub.mode": "publish"},
    {"hub.mode": ""},
    {"hub.challenge": ""},
    {"hub.challenge": "<script>"},
    {"hub.challenge": "a" * 3000},
    {"hub.challenge": "a\nb"},
]


@pytest.mark.parametrize("changed", NOT_OURS, ids=str)
def test_only_what_was_asked_for_is_confirmed(changed: dict[str, str]) -> None:
    for found in (ASKED, active()):
        assert lease.confirmed(found, GOOD | changed, NOW, rng()) is None


def test_nothing_is_confirmed_that_nobody_asked_for() -> None:
    late = lease.failed(ASKED, NOW, rng(), "not in time")
    assert late is not None
    no = lease.denied(ASKED, GOOD, NOW)
    assert no is not None
    leaving = lease.left(active(), NOW)
    assert leaving is not None
    for found in (NEW, late, no, leaving):
        assert lease.confirmed(found, GOOD, NOW, rng()) is None
    assert lease.confirmed(leaving, GOOD | {"hub.mode": "unsubscribe"}, NOW, rng()) is not None


@pytest.mark.parametrize(
    ("given_s", "lent_s"),
    [("60", 60.0), ("864000", 864000.0), ("99999999999", 30 * 86400.0), ("0", 86400.0), ("-5", 86400.0), ("", 86400.0),
     ("1e9", 86400.0), ("²", 86400.0), ("9" * 500, 86400.0)],
)  # fmt: skip
def test_a_lease_is_what_the_hub_says_within_reason(given_s: str, lent_s: float) -> None:
    held = active(given_s)
    assert held.until == NOW + timedelta(seconds=lent_s)
    assert (held.due_at - NOW).total_seconds() >= lease.SHORTEST_RENEWAL_S


def test_denied_may_come_at_any_time_and_is_asked_again_after_a_week() -> None:
    for found in (ASKED, active()):
        no = lease.denied(found, {"hub.topic": TOPIC, "hub.reason": "x" * 1000}, NOW)
        assert no is not None
        assert (no.standing, no.until, no.due_at) == (Standing.DENIED, None, NOW + timedelta(days=7))
        assert len(no.detail) == 200
        assert lease.accepted(no, no.due_at).standing is Standing.ASKED
        assert lease.denied(found, {"hub.topic": "https://evil.example/"}, NOW) is None


def test_failures_wait_longer_each_time_and_try_the_other_hub() -> None:
    found, hubs, waits = ASKED, [], []
    for _ in range(12):
        then = lease.failed(found, NOW, rng(), "no")
        assert then is not None
        hubs.append(then.hub)
        waits.append((then.due_at - NOW).total_seconds())
        found = then
    assert hubs[:5] == [HUBS[0], HUBS[1], HUBS[1], HUBS[0], HUBS[0]]
    assert waits == sorted(waits)
    assert 400 < waits[0] <= 600
    assert waits[-1] <= 86400
    asked = lease.failed(ASKED, NOW, rng(), "no", after_s=7200.0)
    assert asked is not None
    assert asked.due_at == NOW + timedelta(hours=2)


def test_leaving_ends_even_when_the_hub_says_nothing() -> None:
    assert lease.left(NEW, NOW) is None
    leaving: Subscription | None = lease.left(active(), NOW)
    tries = 0
    while leaving is not None:
        assert lease.form(leaving, "x", 1.0)["hub.mode"] == "unsubscribe"
        leaving = lease.failed(lease.accepted(leaving, NOW), NOW, rng(), "no")
        tries += 1
    assert tries == 3


def test_a_hub_that_never_confirms_is_found_out() -> None:
    assert not lease.overdue(ASKED, NOW + timedelta(minutes=59))
    assert lease.overdue(ASKED, NOW + timedelta(minutes=60))
    assert not lease.overdue(active(), NOW + timedelta(days=100))


EVENTS = st.lists(
    st.one_of(
        st.just("ask"),
        st.just("fail"),
        st.just("leave"),
        st.fixed_dictionaries(
            {
                "hub.mode": st.sampled_from(["subscribe", "unsubscribe", "denied", "x"]),
                "hub.topic": st.sampled_from([TOPIC, "https://evil.example/"]),
                "hub.challenge": st.sampled_from(["abc", "<b>", ""]),
                "hub.lease_seconds": st.sampled_from(["1", "3600", "x", "999999999999"]),
            }
        ),
    ),
    max_size=30,
)


@given(EVENTS, st.integers(0, 10_000))
def test_no_order_of_events_gives_a_hub_more_than_it_was_asked_for(events: list[object], step_s: int) -> None:
    found: Subscription | None = NEW
    now = NOW
    left = False
    for event in events:
        assert found is not None
        before, now = found, now + timedelta(seconds=step_s)
        if event == "ask":
            found = lease.accepted(found, now)
        elif event == "fail":
            found = lease.failed(found, now, rng(), "no")
        elif event == "leave":
            left, found = True, lease.left(found, now)
        elif isinstance(event, dict):
            told = lease.denied if event["hub.mode"] == "denied" else None
            then = told(found, event, now) if told else lease.confirmed(found, event, now, rng())
            if event["hub.topic"] != TOPIC:
                assert then is None
            found = then or found
        if found is None:
            return
        assert (found.token, found.secret, found.topic, found.feed_id) == (NEW.token, NEW.secret, TOPIC, NEW.feed_id)
        assert found.hub in HUBS
        if found.until is not None and found.until != before.until:
            assert (found.until - now).total_seconds() <= lease.LONGEST_LEASE_S
            assert not left
        if left:
            assert found.standing is Standing.LEAVING
        if found != before and found.standing is not Standing.LEAVING:
            assert found.due_at >= now + timedelta(seconds=lease.BACKOFF_S * 0.8 - 1)


BODY = b"<rss>...</rss>"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_signatures(method: str) -> None:
    right = hmac.new(b"key", BODY, getattr(hashlib, method)).hexdigest()
    for header, true in (
        (f"{method}={right}", True),
        (f"{method}={right.upper()}", True),
        (f"{method}={right[:-1]}0" if right[-1] != "0" else f"{method}={right[:-1]}1", False),
        (f"sha224={right}", False),
        (f"md5={right}", False),
        (right, False),
        ("", False),
        (f"{method}=", False),
        (f"{method}={right} " + "x" * 500, False),
    ):
        signature = lease.Signature("key", header)
        for at in range(0, len(BODY), 5):
            signature.update(BODY[at : at + 5])
        assert signature.true() is true, header
    other = lease.Signature("another", f"{method}={right}")
    other.update(BODY)
    assert not other.true()
