"""What was published, where, about what; and the newest of it."""

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
from worker.kibana.views import NEWEST, PUBLISHED, TOLD

_ARTICLES = count("Articles")

NEWSROOM = Dashboard(
    key="newsroom",
    title="Newsroom",
    description="What was published: volume by language, site and section, the largest stories, the newest articles.",
    view=PUBLISHED,
    since="now-7d",
    controls=(Control("language", "Language"), Control("site", "Site"), Control("section", "Section")),
    rows=(
        Row(
            5,
            (
                Number(_ARTICLES),
                Number(unique("site", "Sites")),
                Number(unique("story.id", "Stories")),
                Number(Metric(Op.MEDIAN, "Words, half have more", "word_count")),
            ),
        ),
        Row(11, (OverTime("Articles by language", (_ARTICLES,), Top("language", "Language", 8, other=True)),)),
        Row(
            13,
            (
                Ranking("Articles by site", Top("site", "Site", 15), _ARTICLES),
                Ranking("Articles by section", Top("section", "Section", 15), _ARTICLES, where="section: *"),
                Ranking("Articles by kind", Top("kind", "Kind", 6), _ARTICLES),
            ),
        ),
        Row(
            14,
            (
                Table(
                    "Largest stories",
                    (Top("id", "Story", 15),),
                    (
                        Metric(Op.MOST, "Articles", "articles"),
                        Metric(Op.MOST, "Sites", "sites"),
                        Metric(Op.MOST, "Languages", "languages"),
                        last("title.raw", "Title", by="at"),
                        Metric(Op.LEAST, "First print", "first_at"),
                        Metric(Op.MOST, "Last print", "last_at"),
                    ),
                    where="articles > 1 and not merged_into: *",
                    view=TOLD,
                ),
            ),
        ),
        Row(18, (Listing("Newest articles", NEWEST.key),)),
    ),
)
