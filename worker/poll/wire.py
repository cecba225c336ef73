"""Parsed feeds as plain JSON and back: for the sandbox's pipe and for `feedmill poll --json`. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from worker.errors import Refuse
from worker.models import Entry, ParsedFeed, Reason, RejectedEntry


def entry_to_json(entry: Entry) -> dict[str, Any]:
    """id, url, title, summary, published_at, updated_at, authors, tags, image; times RFC 3339 with zone, or null."""
    return {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "published_at": _time(entry.published_at),
        "updated_at": _time(entry.updated_at),
        "authors": list(entry.authors),
        "tags": list(entry.tags),
        "image": entry.image or None,
    }


def entry_from_json(value: Mapping[str, Any]) -> Entry:
    """The reverse of `entry_to_json`."""
    return Entry(
        id=value["id"],
        url=value["url"],
        title=value["title"],
        summary=value["summary"],
        published_at=_moment(value["published_at"]),
        updated_at=_moment(value["updated_at"]),
        authors=tuple(value["authors"]),
        tags=tuple(value["tags"]),
        image=value["image"] or "",
    )


def parsed_to_json(parsed: ParsedFeed) -> dict[str, Any]:
    skips = {"skip_hours": parsed.skip_hours, "skip_days": parsed.skip_days}
    return {
        "title": parsed.title,
        "link": parsed.link,
        "language": parsed.language,
        "entries": [entry_to_json(entry) for entry in parsed.entries],
        "rejected": [
            {"id": entry.id, "url": entry.url, "title": entry.title, "reason": entry.reason.value}
            for entry in parsed.rejected
        ],
        "truncated": parsed.truncated,
        "ttl_s": parsed.ttl_s,
        "malformed": parsed.malformed,
        **{name: mask for name, mask in skips.items() if mask},
        "hubs": list(parsed.hubs),
        "topic": parsed.topic,
        "archive": parsed.archive,
        "children": list(parsed.children),
    }


def refusal_to_json(refused: Refuse) -> dict[str, Any]:
    return {"refused": refused.reason.value, "detail": refused.detail}


def parsed_from_json(value: Mapping[str, Any]) -> ParsedFeed:
    """The reverse of both; a refusal is raised again as Refuse."""
    if "refused" in value:
        raise Refuse(Reason(value["refused"]), value["detail"])
    return ParsedFeed(
        title=value["title"],
        link=value["link"],
        language=value["language"],
        entries=tuple(entry_from_json(entry) for entry in value["entries"]),
        rejected=tuple(
            RejectedEntry(entry["id"], entry["url"], entry["title"], Reason(entry["reason"]))
            for entry in value["rejected"]
        ),
        truncated=value["truncated"],
        ttl_s=value["ttl_s"],
        malformed=value["malformed"],
        skip_hours=value.get("skip_hours", 0),
        skip_days=value.get("skip_days", 0),
        hubs=tuple(value["hubs"]),
        topic=value["topic"],
        archive=value["archive"],
        children=tuple(value["children"]),
    )


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
