"""Names of the indices, aliases and templates. Pure.

Articles lie in one index per month of `first_seen_at`, which never changes: the place of a document can be computed,
so writing it again meets it. Events lie in one index per day, so that old ones are dropped without a delete query.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

SCHEMA = 1
"""Part of each index name. A change that existing indices cannot take gets the next number."""


def articles_alias(name: str) -> str:
    return f"{name}-articles"


def events_alias(name: str) -> str:
    return f"{name}-events"


def articles_index(name: str, first_seen_at: datetime) -> str:
    moment = first_seen_at.astimezone(UTC)
    return f"{name}-articles-v{SCHEMA}-{moment.year:04}.{moment.month:02}"


def events_index(name: str, at: datetime) -> str:
    moment = at.astimezone(UTC)
    return f"{name}-events-v{SCHEMA}-{moment.year:04}.{moment.month:02}.{moment.day:02}"


def events_pattern(name: str) -> str:
    return f"{name}-events-v*"


def events_end(name: str, index: str) -> datetime | None:
    """The moment after the last event that `index` can hold; None when it is no events index of `name`."""
    start, _, day = index.rpartition("-")
    if start not in {f"{name}-events-v{version}" for version in range(1, SCHEMA + 1)}:
        return None
    try:
        return datetime.strptime(day, "%Y.%m.%d").replace(tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
