"""Every field of a report is in the mapping: with `dynamic: false` another one would vanish in silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.articles import NOON, make_article, make_event
from worker.index.documents import event_from_json
from worker.index.lag import measured
from worker.index.reports import event_document, feed_document, poll_document, standing_document
from worker.kibana.fields import fields_of
from worker.models import (
    Depths,
    Feed,
    FeedId,
    FeedReport,
    FeedState,
    FeedStatus,
    Freshness,
    Poll,
    Quantiles,
    Reason,
    Stage,
    State,
    Step,
)  # fmt: skip
from worker.stores.elasticsearch.source import to_source

DEPTH = dict.fromkeys(
    ("queued", "delayed", "in_flight", "feeds_due", "feeds_leased", "hosts_ready", "hosts_locked"), 3.0
)
STANDING = Depths(NOON, DEPTH | {f"oldest_{name}_s": 1.5 for name in DEPTH}, 7, 700, 2.5, 9)
POLL = Poll(FeedId("f" * 32), "https://example.org/feed", NOON, False, Reason.NEW_ENTRIES, 120, 30, 2)
FEED = Feed(POLL.feed_id, POLL.feed_url, folder="News")
REPORT = FeedReport(
    at=NOON, feed=FEED, state=FeedState(title="Theirs", reason=Reason.NOT_MODIFIED), next_poll_at=NOON,
    entries_per_day=12.3456, silent=False, silent_for_s=60.0, expected_entries=0.5,
    freshness=Freshness(FEED.url, 9, 8, None, None, None, Quantiles(60, 600), {}), slow=False, lagging=False,
)  # fmt: skip
STEPS = (
    Step(Stage.FETCH, NOON, "retry", Reason.TIMEOUT, "", 1000),
    Step(Stage.FETCH, NOON, "ok", None, "", 200),
    Step(Stage.EXTRACT, NOON, "ok", None, "", 30),
    Step(Stage.INDEX, NOON, "ok", Reason.STORED, "", 4),
)
EVENT = make_event(steps=STEPS, at=NOON + timedelta(seconds=90.5), offered_at=NOON)


def leaves(data: Any, before: str = "") -> Iterator[str]:
    if isinstance(data, dict):
        for name, value in data.items():
            yield from leaves(value, f"{before}.{name}" if before else name)
    elif isinstance(data, list) and data and isinstance(data[0], dict):
        yield from (leaf for one in data for leaf in leaves(one, before))
    else:
        yield before


@pytest.mark.parametrize(
    ("index", "document", "unmapped"),
    [
        ("events", event_document(EVENT), {"steps.detail"}),
        ("events", poll_document(POLL), set()),
        ("events", standing_document(STANDING), set()),
        ("feeds", feed_document(REPORT), set()),
        (
            "articles",
            to_source(replace(make_article(), lag=measured(make_article(), NOON))),
            {"captions.text", "captions.credit"},
        ),
    ],
)
def test_every_field_is_mapped(index: str, document: dict[str, Any], unmapped: set[str]) -> None:
    assert set(leaves(document)) - set(fields_of(index)) == unmapped


def test_an_event_says_what_each_stage_took_in_all_its_tries() -> None:
    document = event_document(EVENT)
    assert document["took"] == {"fetch_ms": 1200, "extract_ms": 30, "index_ms": 4}
    assert (document["ended_in"], document["retries"], document["total_s"]) == ("index", 1, 90.5)
    assert event_from_json(document) == EVENT
    nothing = event_document(replace(EVENT, steps=(), at=NOON - timedelta(seconds=5)))
    assert (nothing["ended_in"], nothing["took"], nothing["total_s"]) == (None, {}, 0)


def test_a_poll_reads_like_a_step() -> None:
    document = poll_document(POLL)
    assert (document["state"], document["reason"], document["hit"]) == ("polled", "new_entries", 1)
    assert document["id"] == f"poll-{POLL.feed_id}-{int(NOON.timestamp() * 1000)}"
    assert [step["stage"] for step in document["steps"]] == ["poll"]
    failed = poll_document(replace(POLL, failed=True, reason=Reason.TIMEOUT, offered=0))
    assert (failed["state"], failed["hit"]) == ("failed", 0)


@pytest.mark.parametrize(
    ("state", "changes", "troubles"),
    [
        (FeedState(), {}, ["none"]),
        (FeedState(status=FeedStatus.PAUSED), {}, ["none"]),
        (FeedState(failures=1), {}, ["failing"]),
        (FeedState(status=FeedStatus.GONE), {"slow": True}, ["failing", "slow"]),
        (FeedState(), {"silent": True, "lagging": True, "freshness": None}, ["silent", "lagging"]),
    ],
)
def test_troubles_of_a_feed(state: FeedState, changes: dict[str, Any], troubles: list[str]) -> None:
    document = feed_document(replace(REPORT, state=state, **changes))
    assert document["troubles"] == troubles
    assert [name for name in ("failing", "silent", "slow", "lagging") if document[name]] == (
        [] if troubles == ["none"] else troubles
    )


def test_states_of_events_and_polls_do_not_mix() -> None:
    assert "polled" not in {state.value for state in State}
