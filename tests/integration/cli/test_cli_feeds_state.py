"""`feeds pause`, `resume`, `accept`, `decline`, and what `list` and `show` say of feeds in trouble."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.cli.conftest import Call
from tests.valkey import Valkey
from worker.models import FeedState, FeedStatus, Proposal, Reason, Why
from worker.state import codec
from worker.urls import feed_id

FEED, FOUND = "https://example.org/feed.xml", "https://example.org/feeds/all"
NOW = datetime.now(UTC).replace(microsecond=0)
LOST = FeedState(
    polls=9, failures=5, failing_since=NOW - timedelta(days=3), polled_at=NOW, status=FeedStatus.FAILING,
    reason=Reason.CLIENT_ERROR, detail="status 404", etag="x", title="Example", next_why=Why.BACKOFF,
    sought_at=NOW, searches=1, proposal=Proposal(FOUND, "Example", NOW, same=True),
)  # fmt: skip


@pytest.fixture
def lost(call: Call, server: Valkey) -> None:
    call("feeds", "add", "--unchecked", FEED, "--title", "Mine")
    set_state(server, LOST)


def set_state(server: Valkey, state: FeedState) -> None:
    server.client.hset("{feedmill}:feeds:state", feed_id(FEED), codec.state_json(state))


def row(call: Call, *options: str) -> dict[str, object]:
    [found] = call("feeds", "list", "--json", *options).rows()
    return found


def test_pause_and_resume(call: Call, server: Valkey) -> None:
    call("feeds", "add", "--unchecked", FEED)
    assert call("feeds", "pause", FEED).err == f"paused: {FEED}\n"
    assert call("feeds", "pause", feed_id(FEED)).err == f"paused already: {FEED}\n"
    assert row(call, "--failing")["status"] == "paused"
    out = call("feeds", "show", FEED).out
    assert "paused, not polled yet, not polled until resumed" in out
    assert "next poll when it is resumed" in out
    assert call("feeds", "resume", FEED).err == f"resumed: {FEED}\n"
    assert call("feeds", "resume", FEED).err == f"not paused: {FEED}\n"
    assert row(call)["status"] == "active"


@pytest.mark.usefixtures("lost")
def test_a_proposal_is_shown_and_accepted(call: Call) -> None:
    found = row(call, "--proposals")
    assert found["proposal"] == {"url": FOUND, "title": "Example", "at": found["polled_at"], "same": True}
    assert (found["status"], found["failing_since"] is not None) == ("failing", True)
    out = call("feeds", "show", FEED).out
    assert "client_error, 5 times in a row since " in out
    assert f"found on its site, the same feed: {FOUND}  Example" in out
    assert f"`feedmill feeds accept {feed_id(FEED)}` moves there" in out
    done = call("feeds", "accept", FEED)
    assert (done.code, done.err) == (0, f"{FEED} is subscribed to at {FOUND} from now on\n")
    after = row(call)
    assert (after["id"], after["url"], after["title"]) == (feed_id(FEED), FOUND, "Mine")
    assert (after["status"], after["failures"], after["polls"], after["proposal"]) == ("active", 0, 9, None)
    [former] = after["former"]  # type: ignore[misc]
    assert (former["url"], former["why"]) == (FEED, "accepted")
    assert f"was {FEED} until " in call("feeds", "list").out
    # Either address means it.
    assert call("feeds", "show", FEED, "--json").rows()[0]["url"] == FOUND
    assert call("feeds", "add", "--unchecked", FOUND).err == f"already subscribed to {FOUND}\n"
    assert call("feeds", "accept", FOUND).code == 1
    assert call("feeds", "remove", FEED).err == f"unsubscribed from {FOUND}\n"


@pytest.mark.usefixtures("lost")
def test_a_proposal_is_declined(call: Call, server: Valkey) -> None:
    assert call("feeds", "decline", FEED).err == f"{FOUND} is not proposed again for {FEED}\n"
    assert call("feeds", "list", "--proposals", "--json").rows() == []
    assert "nothing was found in its place" in call("feeds", "show", FEED).out
    done = call("feeds", "accept", FEED)
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert call("feeds", "decline", FEED).code == 1
    set_state(server, replace(LOST, proposal=Proposal("https://example.org/other", "", NOW, same=False)))
    assert "perhaps another feed: https://example.org/other" in call("feeds", "list").out


@pytest.mark.usefixtures("lost")
def test_accepting_what_is_subscribed_to_already_makes_one_of_two(call: Call) -> None:
    call("feeds", "add", "--unchecked", FOUND)
    assert call("feeds", "accept", FEED).err.splitlines()[1] == "that was subscribed to already: the two are one now"
    assert row(call)["url"] == FOUND


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("command", ["pause", "resume", "accept", "decline"])
def test_what_is_not_subscribed(call: Call, command: str) -> None:
    done = call("feeds", command, FEED)
    assert (done.code, done.err.startswith("feedmill: no such subscription")) == (1, True)
    assert call("feeds", command, "nonsense").code == 2


def test_what_else_is_out_of_the_ordinary_is_told(call: Call, server: Valkey) -> None:
    call("feeds", "add", "--unchecked", FEED)
    set_state(server, FeedState(polls=3, status=FeedStatus.MOVED, moved_to=FOUND, moved_polls=2, moved_since=NOW))
    assert f"redirected for good to {FOUND}: 2 of 3 polls" in call("feeds", "show", FEED).out
    set_state(server, FeedState(polls=3, lies=1, distrusted_until=NOW + timedelta(days=7)))
    out = call("feeds", "show", FEED).out
    assert 'said "not modified" although there was news (1 time); asked without validators until ' in out
    assert row(call)["validators_distrusted_until"] is not None
