"""How texts spread: which stories have most copies, who leads them and who copies."""

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
    unique,
)
from worker.kibana.views import COPIES, PUBLISHED, SPREAD, TOLD

_COPIED = "duplicate_of: *"
_TOLD = "articles > 1 and not merged_into: *"

STORIES = Dashboard(
    key="stories",
    title="Stories",
    description="Articles grouped by their text: the most copied stories, who led them, who copied, how they spread.",
    view=PUBLISHED,
    since="now-7d",
    controls=(Control("language", "Language"), Control("site", "Site"), Control("story.id", "Story")),
    rows=(
        Row(
            5,
            (
                Number(unique("story.id", "Stories")),
                Number(unique("story.id", "Stories with copies"), where=_COPIED),
                Number(count("Copies"), where=_COPIED),
                Number(count("Round-ups of several stories"), where="kind: digest"),
            ),
        ),
        Row(
            11,
            (
                OverTime(
                    "Articles and the stories they tell",
                    (count("Articles"), unique("story.id", "Stories"), count("Copies", where=_COPIED)),
                    shape="line",
                ),
            ),
        ),
        Row(
            16,
            (
                Table(
                    "Most copied stories",
                    (Top("story.id", "Story", 25),),
                    (
                        count("Copies"),
                        unique("site", "Sites that copied"),
                        unique("language", "Languages"),
                        last("title.raw", "Newest title", by="published_at"),
                        Metric(Op.LEAST, "First copy", "published_at"),
                        Metric(Op.MOST, "Last copy", "published_at"),
                    ),
                    where=_COPIED,
                ),
            ),
        ),
        Row(
            14,
            (
                Table(
                    "Spread fastest",
                    (Top("id", "Story", 15),),
                    (
                        Metric(Op.MOST, "Articles an hour", "per_hour"),
                        Metric(Op.LEAST, "Half of them after", "half_after_s"),
                        Metric(Op.MOST, "Articles", "articles"),
                        last("title.raw", "Title", by="at"),
                        last("site", "Led by", by="at"),
                    ),
                    where=_TOLD,
                    view=TOLD,
                ),
                Table(
                    "In most languages",
                    (Top("id", "Story", 15),),
                    (
                        Metric(Op.MOST, "Languages", "languages"),
                        Metric(Op.MOST, "Sites", "sites"),
                        Metric(Op.MOST, "From first to last", "spread_s"),
                        last("title.raw", "Title", by="at"),
                    ),
                    where=_TOLD,
                    view=TOLD,
                ),
            ),
        ),
        Row(
            13,
            (
                Ranking("Who copies", Top("site", "Site", 15), count("Copies"), where=_COPIED),
                Ranking("Agencies named", Top("agencies", "Agency", 15), count("Articles"), where="agencies: *"),
                Table(
                    "How alike the copies are",
                    (Top("site", "Site", 15),),
                    (count("Copies"), Metric(Op.MEDIAN, "Text in common, half have more", "story.containment")),
                    where=_COPIED,
                ),
            ),
        ),
        Row(16, (Listing("Stories as they stand", SPREAD.key),)),
        Row(18, (Listing("Copies", COPIES.key),)),
    ),
)
