"""Which feeds need somebody: failing, silent, slow, lagging; how often polls find something; how fresh articles are."""

from __future__ import annotations

from worker.kibana.describe import (
    Control,
    Dashboard,
    Listing,
    Metric,
    Number,
    Op,
    OverTime,
    Ranking,
    Row,
    Table,
    Top,
    count,
    last,
    percentile,
)
from worker.kibana.views import ARRIVED, EVENTS, FEEDS, TROUBLED

_POLLS = "type: poll"
_URL = Top("url", "Feed", 15)
_LAGS = (
    percentile(50, "lag.total_s", "Half, in all"),
    percentile(95, "lag.total_s", "19 of 20, in all"),
)

FEEDS_DASHBOARD = Dashboard(
    key="feeds",
    title="Feeds",
    description="Feeds at their last poll: silent, failing, slow, lagging; hit rate, next poll, freshness.",
    view=FEEDS,
    since="now-8d",
    controls=(Control("site", "Site"), Control("troubles", "Trouble"), Control("folder", "Folder")),
    rows=(
        Row(
            5,
            (
                Number(count("Feeds")),
                Number(count("Failing", where="failing: true")),
                Number(count("Silent", where="silent: true")),
                Number(count("Slow", where="slow: true")),
                Number(count("Lagging", where="lagging: true")),
                Number(Metric(Op.MEAN, "Polls that find something", "hit_rate")),
            ),
        ),
        Row(
            12,
            (
                Table(
                    "Silent against their own rhythm",
                    (_URL,),
                    (
                        Metric(Op.MOST, "Silent for", "silent_for_s"),
                        Metric(Op.MOST, "Entries expected", "expected_entries"),
                        Metric(Op.MOST, "Entries a day", "entries_per_day"),
                        Metric(Op.MOST, "Newest entry", "new_entry_at"),
                    ),
                    where="silent: true",
                ),
                Table(
                    "Failing",
                    (_URL,),
                    (
                        Metric(Op.MOST, "Failures in a row", "failures"),
                        last("reason", "Reason", by="at"),
                        last("status", "Status", by="at"),
                        Metric(Op.MOST, "Last success", "succeeded_at"),
                    ),
                    where="failing: true",
                ),
            ),
        ),
        Row(
            12,
            (
                Table(
                    "Slowest",
                    (_URL,),
                    (Metric(Op.MOST, "A poll takes", "took_ms"), Metric(Op.MOST, "Polls", "polls")),
                ),
                Table(
                    "Lagging most",
                    (_URL,),
                    (
                        Metric(Op.MOST, "Half of the articles", "lag.p50_s"),
                        Metric(Op.MOST, "19 of 20", "lag.p95_s"),
                        Metric(Op.MOST, "Articles measured", "lag.articles"),
                    ),
                    where="lag.articles > 0",
                ),
                Table(
                    "Most polled, and how often in vain",
                    (_URL,),
                    (
                        Metric(Op.MOST, "Polls", "polls"),
                        Metric(Op.MOST, "Hit rate", "hit_rate"),
                        Metric(Op.MOST, "Next poll", "next_poll_at"),
                    ),
                ),
            ),
        ),
        Row(
            11,
            (
                OverTime(
                    "Polls by outcome", (count("Polls"),), Top("reason", "Outcome", 10), where=_POLLS, view=EVENTS
                ),
                OverTime(
                    "Share of polls that find something",
                    (Metric(Op.MEAN, "Hit rate", "hit"),),
                    shape="line",
                    where=_POLLS,
                    view=EVENTS,
                ),
            ),
        ),
        Row(
            11,
            (
                OverTime("From publication to the archive", _LAGS, shape="line", view=ARRIVED),
                Ranking(
                    "Articles without a lag, and why",
                    Top("lag.left_out", "Reason", 6),
                    count("Articles"),
                    where="lag.left_out: *",
                    view=ARRIVED,
                ),
            ),
        ),
        Row(
            14,
            (
                Table(
                    "Freshness by feed",
                    (Top("feed", "Feed", 25),),
                    (
                        *reversed(_LAGS),
                        percentile(50, "lag.found_s", "Half, until found"),
                        percentile(95, "lag.found_s", "19 of 20, until found"),
                        count("Articles"),
                    ),
                    where="lag.total_s: *",
                    view=ARRIVED,
                ),
            ),
        ),
        Row(14, (Listing("Feeds in trouble", TROUBLED.key),)),
    ),
)
