"""Data views and saved searches."""

from __future__ import annotations

from worker.kibana.describe import Format, Search, View

_LAGS = {f"lag.{part}_s": Format.SECONDS for part in ("found", "fetched", "indexed", "total")}
_ARTICLE = {**_LAGS, "url": Format.LINK, "feed": Format.LINK}

PUBLISHED = View("published", "Articles by publication", "articles", "published_at", _ARTICLE)
ARRIVED = View("arrived", "Articles by arrival", "articles", "first_seen_at", _ARTICLE)
TOLD = View(
    "stories",
    "Stories by their last print",
    "stories",
    "last_at",
    {"url": Format.LINK, "spread_s": Format.SECONDS, "half_after_s": Format.SECONDS},
)
FEEDS = View(
    "feeds",
    "Feeds",
    "feeds",
    "at",
    {
        "url": Format.LINK,
        "hit_rate": Format.PERCENT,
        "took_ms": Format.MILLISECONDS,
        "silent_for_s": Format.SECONDS,
        "lag.p50_s": Format.SECONDS,
        "lag.p95_s": Format.SECONDS,
    },
)
EVENTS = View(
    "events",
    "Pipeline events",
    "events",
    "at",
    {
        "url": Format.LINK,
        "feed": Format.LINK,
        "hit": Format.PERCENT,
        "total_s": Format.SECONDS,
        "outbox_bytes": Format.BYTES,
        **{f"took.{stage}_ms": Format.MILLISECONDS for stage in ("poll", "fetch", "extract", "deduplicate", "index")},
        **{f"oldest.{place}_s": Format.SECONDS for place in ("queued", "delayed", "in_flight", "feeds_due", "outbox")},
    },
)
VIEWS = (PUBLISHED, ARRIVED, TOLD, FEEDS, EVENTS)

NEWEST = Search(
    "newest",
    "Newest articles",
    "Every article, the newest publication first.",
    PUBLISHED,
    ("title.raw", "site", "language", "section", "word_count", "url"),
)
COPIES = Search(
    "copies",
    "Copies",
    "Articles whose text stands in another article that led the story.",
    PUBLISHED,
    ("title.raw", "site", "story.containment", "story.id", "url"),
    where="duplicate_of: *",
)
SPREAD = Search(
    "spread-stories",
    "Stories",
    "Stories that were printed more than once, the last print first: how often, where, how fast.",
    TOLD,
    ("title.raw", "articles", "sites", "in_languages", "first_at", "last_at", "half_after_s", "url"),
    where="articles > 1 and not merged_into: *",
)
TROUBLED = Search(
    "troubled-feeds",
    "Feeds in trouble",
    "Feeds that fail, are silent against their own rhythm, slow or lagging.",
    FEEDS,
    ("url", "troubles", "status", "reason", "succeeded_at", "new_entry_at", "next_poll_at"),
    where="not troubles: none",
)
ENDED_BADLY = Search(
    "ended-badly",
    "Entries that were not archived",
    "Refused, failed or quarantined, with the reason; `feedmill explain URL` tells the rest.",
    EVENTS,
    ("state", "reason", "ended_in", "site", "url"),
    where="type: article and state: (refused or failed or quarantined)",
)
SEARCHES = (NEWEST, COPIES, SPREAD, TROUBLED, ENDED_BADLY)
