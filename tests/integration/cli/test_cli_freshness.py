from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.articles import make_article
from tests.integration.cli.conftest import Call
from tests.valkey import Valkey
from worker.index.lag import measured
from worker.models import Article, FeedState, Lag, NoLag
from worker.schedule.hours import DAY_S, FLAT, HOUR_S
from worker.schedule.record import pack
from worker.schedule.rhythm import Rhythm, observe
from worker.state import codec
from worker.state.scripts import Scripts
from worker.stores.sqlite.index import SqliteIndex
from worker.urls import feed_id

FAST, SLOW, QUIET = (f"https://{name}.example/feed.xml" for name in ("fast", "slow", "quiet"))
NOW = datetime.now(UTC).replace(microsecond=0)


def arrived(number: int, feed: str, found_s: float, lag: Lag | None = None) -> Article:
    seen = NOW - timedelta(hours=number + 1)
    article = make_article(
        f"{feed}/{number}", feed=feed, first_seen_at=seen, published_at=seen - timedelta(seconds=found_s),
        fetched_at=seen + timedelta(seconds=4), indexed_at=seen + timedelta(seconds=5), lag=lag,
    )  # fmt: skip
    return replace(article, lag=measured(article, seen + timedelta(seconds=5)))


@pytest.fixture
def filled(tmp_path: Path, server: Valkey, call: Call) -> None:
    """`./data` with the articles of two feeds, and three subscriptions of which one fell silent."""
    index = SqliteIndex(tmp_path / "data")
    index.setup()
    backlog = Lag(left_out=NoLag.BACKLOG)
    index.write(
        [
            *(arrived(number, FAST, 60) for number in range(5)),
            *(arrived(number, SLOW, 7200) for number in range(5)),
            arrived(9, SLOW, 0, backlog),
            arrived(240, SLOW, 99),
        ],
        [],
    )
    index.close()
    for url in (FAST, SLOW, QUIET):
        assert call("feeds", "add", url, "--unchecked").code == 0
    start_s = NOW.timestamp() - 25 * DAY_S
    hourly = [start_s + number * HOUR_S for number in range(20 * 24)]
    silent = observe(observe(Rhythm(), start_s, [], FLAT), NOW.timestamp(), hourly, FLAT)
    key = Scripts(server.client, "feedmill").key("feeds:state")
    state = FeedState(polls=9, polled_at=NOW, succeeded_at=NOW, rhythm=pack(silent))
    server.client.hset(key, feed_id(QUIET), codec.state_json(state))


@pytest.mark.usefixtures("filled")
def test_slowest_first_with_what_was_left_out_and_who_is_silent(call: Call) -> None:
    done = call("freshness")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[2].split()[:2] == ["11", "10"] and lines[2].endswith("all feeds")
    assert lines[3].endswith(SLOW) and "2 h / 2 h" in lines[3]
    assert lines[4].endswith(FAST) and "1 min / 1 min" in lines[4]
    assert lines[5] == "left out: 1 stood in a feed before it was first read"
    assert lines[6].startswith(f"{QUIET}: silent for 5 d, in which its rhythm expects about 1")


@pytest.mark.usefixtures("filled")
def test_for_programs(call: Call) -> None:
    everything, slow, fast, quiet = call("freshness", "--json").rows()
    assert list(everything) == [
        "feed", "articles", "measured", "found", "fetched", "indexed", "total", "left_out", "silence",
    ]  # fmt: skip
    assert (everything["feed"], everything["articles"], everything["silence"]) == (None, 11, None)
    assert (slow["feed"], slow["total"], slow["left_out"]) == (
        SLOW, {"p50_s": 7205.0, "p95_s": 7205.0}, {"backlog": 1},
    )  # fmt: skip
    assert (fast["feed"], fast["found"], fast["fetched"]) == (
        FAST, {"p50_s": 60.0, "p95_s": 60.0}, {"p50_s": 4.0, "p95_s": 4.0},
    )  # fmt: skip
    assert (quiet["feed"], quiet["articles"], quiet["total"]) == (QUIET, 0, None)
    assert quiet["silence"]["flagged"] and quiet["silence"]["probability"] < 1e-6
    assert [row["articles"] for row in call("freshness", "--json", "--since", "30d", "--feed", SLOW).rows()] == [7, 7]


@pytest.mark.usefixtures("filled")
def test_feeds_tell_it_too(call: Call) -> None:
    assert [row["url"] for row in call("feeds", "list", "--silent", "--json").rows()] == [QUIET]
    shown = call("feeds", "show", QUIET)
    assert "    silent for 5 d, in which its rhythm expects about 1" in shown.out
    assert "silent" not in call("feeds", "show", FAST).out
    [row] = call("feeds", "show", FAST, "--json").rows()
    assert row["silence"] is None


@pytest.mark.usefixtures("filled")
def test_nothing_and_nonsense(call: Call) -> None:
    done = call("freshness", "--since", "1970-01-01", "--feed", "https://no.example/")
    assert (done.code, done.out) == (0, "")
    assert "no article was first seen since" in done.err
    assert call("freshness", "--since", "often").code == 2
