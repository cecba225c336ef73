"""What a changed template means for the indices that exist: taken in place, or only by a migration."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch

from worker.stores.elasticsearch.connect import one_line
from worker.stores.elasticsearch.template_files import Template

_FIXED = ("analysis", "sort")
"""Groups of settings that an index has from its birth; `_LIVE` may change at any time."""
_LIVE = ("auto_expand_replicas", "refresh_interval", "gc_deletes", "merge", "mapping", "query")
_NAMED = 4


def extend(client: Elasticsearch, indices: Collection[str], component: Template) -> str:
    """New fields go to all `indices`, or to none; then it says in a few words what they cannot take."""
    if not indices:
        return ""
    settings = client.indices.get_settings(index=list(indices)).body
    wanted = component["template"]["settings"]["index"]
    differing = {
        part
        for found in settings.values()
        for group in _FIXED
        for part in _differing(group, wanted.get(group, {}), found["settings"]["index"].get(group, {}))
    }
    if differing:
        named = sorted(differing)
        more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
        return f"changed {', '.join(named[:_NAMED])}{more}"
    mappings = component["template"]["mappings"]
    try:
        client.indices.put_mapping(
            index=list(indices), properties=mappings["properties"], dynamic=mappings.get("dynamic"),
            ignore_unavailable=True,
        )  # fmt: skip
    except BadRequestError as error:
        return one_line(error).removeprefix("400 ")
    return ""


def adjust(client: Elasticsearch, indices: Collection[str]) -> None:
    """Settings that may change at any time become what the templates say now, the operator's own ones included."""
    for index, found in client.indices.get_settings(index=list(indices)).body.items() if indices else ():
        wanted = client.indices.simulate_index_template(name=index)["template"]["settings"]["index"]
        has = found["settings"]["index"]
        changed = {group: wanted[group] for group in _LIVE if group in wanted and wanted[group] != has.get(group)}
        if changed:
            client.indices.put_settings(index=index, settings={"index": changed})


def _differing(group: str, wanted: Mapping[str, Any], has: Mapping[str, Any]) -> Iterator[str]:
    if group == "analysis":
        for kind, parts in wanted.items():
            there = has.get(kind, {})
            yield from (f"{kind} {name}" for name, part in parts.items() if _as_kept(part) != there.get(name))
    elif _as_kept(wanted) != has:
        yield group


def _as_kept(value: Any) -> Any:
    """As the server gives settings back: every value is a text."""
    if isinstance(value, Mapping):
        return {key: _as_kept(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_kept(inner) for inner in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
