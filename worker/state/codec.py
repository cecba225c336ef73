"""The frontier's values as bytes, both ways. Pure.

A payload is lines of JSON: the origin, the entry, then a journal (what happened to the article on its way), so that a
script can replace the entry or add a line without reading JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import xxhash

from worker.index.documents import event_from_json, event_to_json, parse_time, step_from_json, step_to_json
from worker.models import (
    ArticleId,
    Entry,
    Event,
    Feed,
    FeedId,
    FeedState,
    FeedStatus,
    Former,
    Proposal,
    Reason,
    Step,
    Why,
    WorkItem,
)


@dataclass(frozen=True, slots=True)
class Meta:
    """The part of an article's record that the scripts write."""

    offer: int
    offered_at: datetime
    attempt: int
    deaths: int


def dumps(value: Any) -> bytes:
    """One line of compact JSON; what the web sent may hold lone surrogates."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def loads(data: bytes) -> Any:
    return json.loads(data.decode("utf-8", "surrogatepass"))


def from_ms(moment: int) -> datetime:
    return datetime.fromtimestamp(moment // 1000, UTC).replace(microsecond=moment % 1000 * 1000)


def to_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def tag_bytes(tag: str) -> bytes:
    """4 bytes of a change tag: two versions of an entry are confused once in four thousand million."""
    return xxhash.xxh32_digest(tag.encode("utf-8", "surrogatepass"))


def origin_line(url: str, feed_id: FeedId, feed_url: str) -> bytes:
    return dumps({"url": url, "feed_id": feed_id, "feed_url": feed_url})


def entry_line(entry: Entry) -> bytes:
    """Only what is set: most entries have no more than id, URL, title, summary and one date."""
    return dumps(
        {
            name: value
            for name, value in {
                "id": entry.id,
                "url": entry.url,
                "title": entry.title,
                "summary": entry.summary,
                "published_at": _moment(entry.published_at),
                "updated_at": _moment(entry.updated_at),
                "authors": entry.authors,
                "tags": entry.tags,
                "image": entry.image,
                "backlog": entry.backlog,
            }.items()
            if value
        }
    )


def step_line(step: Step) -> bytes:
    return b"\n" + dumps({"step": step_to_json(step)})


def moved_line(url: str) -> bytes:
    return b"\n" + dumps({"moved": url})


def read_meta(data: bytes) -> Meta:
    offer, offered, attempt, deaths, _ = data.split(b" ", 4)
    return Meta(int(offer), from_ms(int(offered)), int(attempt), int(deaths))


def read_item(article_id: ArticleId, payload: bytes, meta: Meta) -> WorkItem:
    origin, entry, *journal = (loads(line) for line in payload.split(b"\n"))
    url: str = origin["url"]
    hops: list[str] = []
    steps: list[Step] = []
    for line in journal:
        if "moved" in line:
            hops.append(url)
            url = line["moved"]
        else:
            steps.append(step_from_json(line["step"]))
    return WorkItem(
        article_id=article_id,
        url=url,
        entry=read_entry(entry),
        feed_id=FeedId(origin["feed_id"]),
        feed_url=origin["feed_url"],
        offered_at=meta.offered_at,
        offer=meta.offer,
        attempt=meta.attempt,
        hops=tuple(hops),
        steps=tuple(steps),
    )


def read_entry(data: Mapping[str, Any]) -> Entry:
    return Entry(
        id=data.get("id", ""),
        url=data.get("url", ""),
        title=data.get("title", ""),
        summary=data.get("summary", ""),
        published_at=_parse(data.get("published_at")),
        updated_at=_parse(data.get("updated_at")),
        authors=tuple(data.get("authors", ())),
        tags=tuple(data.get("tags", ())),
        image=data.get("image", ""),
        backlog=data.get("backlog", False),
    )


def feed_json(feed: Feed) -> bytes:
    values = {field.name: getattr(feed, field.name) for field in fields(feed)}
    for name in ("outline", "former", "declined"):
        if not values[name]:
            del values[name]
    if feed.former:
        values["former"] = [(each.url, _moment(each.until), each.why) for each in feed.former]
    return dumps(values)


def read_feed(data: bytes) -> Feed:
    values = _known(Feed, loads(data))
    values["outline"] = tuple((name, value) for name, value in values.get("outline", ()))
    values["former"] = tuple(Former(url, parse_time(until), why) for url, until, why in values.get("former", ()))
    values["declined"] = tuple(values.get("declined", ()))
    return Feed(**values)


def state_json(state: FeedState) -> bytes:
    """What is as in a new state is left out: most feeds never have any trouble."""
    values = {name: value for name, usual in _STATE.items() if (value := getattr(state, name)) != usual}
    if state.proposal is not None:
        found = state.proposal
        values["proposal"] = [found.url, found.title, _moment(found.at), found.same]
    return dumps({name: _moment(value) if isinstance(value, datetime) else value for name, value in values.items()})


def read_state(data: bytes) -> FeedState:
    values = _known(FeedState, loads(data))
    values["hubs"] = tuple(values.get("hubs", ()))
    for name in _MOMENTS:
        values[name] = _parse(values.get(name))
    reason = values.get("reason")
    values["reason"] = Reason(reason) if reason else None
    why = values.get("next_why")
    values["next_why"] = Why(why) if why in list(Why) else None
    status = values.get("status")
    values["status"] = FeedStatus(status) if status in list(FeedStatus) else FeedStatus.ACTIVE
    if found := values.get("proposal"):
        url, title, at, same = found
        values["proposal"] = Proposal(url, title, parse_time(at), same)
    return FeedState(**values)


def event_json(event: Event) -> bytes:
    return dumps(event_to_json(event))


def read_event(data: bytes) -> Event:
    return event_from_json(loads(data))


def _known(kind: type[Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """A newer version may have written more fields, an older one fewer."""
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in data.items() if name in names}


_STATE = {field.name: field.default for field in fields(FeedState)}
_MOMENTS = [name for name in _STATE if name.endswith(("_at", "_until", "_since"))]


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _parse(text: str | None) -> datetime | None:
    return parse_time(text) if text else None
