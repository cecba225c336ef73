"""Does it run: per stage throughput, time and outcomes; what waits where, and how old the oldest is."""

from __future__ import annotations

from worker.kibana.describe import (
    Control,
    Dashboard,
    Listing,
    Metric,
    Number,
    Op,
    OverTime,
    Row,
    Table,
    Top,
    count,
    percentile,
)
from worker.kibana.views import ENDED_BADLY, EVENTS

_ARTICLES, _STANDING = "type: article", "type: standing"
_NO_STANDING = "not type: standing"
_STAGES = ("poll", "fetch", "extract", "deduplicate", "index")
_DEPTHS = (
    ("depth.queued", "Articles queued"),
    ("depth.delayed", "Articles waiting for a retry"),
    ("depth.in_flight", "Articles in flight"),
    ("depth.feeds_due", "Feeds due"),
    ("depth.outbox", "Documents in the outbox"),
)
_OLDEST = (
    ("oldest.queued_s", "Queued"),
    ("oldest.in_flight_s", "In flight"),
    ("oldest.feeds_due_s", "Feed due"),
    ("oldest.outbox_s", "In the outbox"),
)


def _times(number: int) -> tuple[Metric, ...]:
    return tuple(percentile(number, f"took.{stage}_ms", stage) for stage in _STAGES)


PIPELINE = Dashboard(
    key="pipeline",
    title="Pipeline",
    description="Throughput, time and outcomes of each stage; queues, outbox, and the oldest of what waits.",
    view=EVENTS,
    since="now-24h",
    controls=(Control("site", "Site"), Control("feed", "Feed"), Control("reason", "Reason")),
    rows=(
        Row(
            5,
            (
                Number(count("Entries ended"), where=_ARTICLES),
                Number(count("Not archived"), where=f"{_ARTICLES} and state: (refused or failed or quarantined)"),
                Number(Metric(Op.SUM, "Retries", "retries"), where=_ARTICLES),
                Number(percentile(95, "total_s", "From offer to end, 19 of 20"), where=_ARTICLES),
                Number(Metric(Op.MOST, "Oldest in flight", "oldest.in_flight_s"), where=_STANDING),
                Number(Metric(Op.MOST, "Most in the outbox", "depth.outbox"), where=_STANDING),
            ),
        ),
        Row(
            11,
            (
                OverTime(
                    "Throughput by stage",
                    (count("Passed"),),
                    Top("steps.stage", "Stage", 6),
                    shape="line",
                    where=_NO_STANDING,
                ),
                OverTime("How entries ended", (count("Entries"),), Top("state", "State", 6), where=_ARTICLES),
            ),
        ),
        Row(
            11,
            (
                OverTime("Time by stage, half take at most", _times(50), shape="line", where=_NO_STANDING),
                OverTime("Time by stage, 19 of 20 take at most", _times(95), shape="line", where=_NO_STANDING),
            ),
        ),
        Row(
            14,
            (
                Table(
                    "Outcomes by stage and reason",
                    (Top("ended_in", "Ended in", 6), Top("reason", "Reason", 12)),
                    (count("Entries and polls"),),
                    where=_NO_STANDING,
                ),
                OverTime(
                    "From offer to end",
                    (percentile(50, "total_s", "Half"), percentile(95, "total_s", "19 of 20")),
                    shape="line",
                    where=_ARTICLES,
                ),
            ),
        ),
        Row(
            11,
            (
                OverTime(
                    "What waits",
                    tuple(Metric(Op.MOST, label, field) for field, label in _DEPTHS),
                    shape="line",
                    where=_STANDING,
                ),
                OverTime(
                    "Age of the oldest",
                    tuple(Metric(Op.MOST, label, field) for field, label in _OLDEST),
                    shape="line",
                    where=_STANDING,
                ),
            ),
        ),
        Row(14, (Listing("Entries that were not archived", ENDED_BADLY.key),)),
    ),
)
