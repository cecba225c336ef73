"""A saved object as the request that Kibana would send for it: what the columns of a Lens mean in Elasticsearch.

Read from the objects as they are imported, not from what they were made of. The part of KQL that we write is turned
into Lucene's query string, which reads the same for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

_METRICS = {"unique_count": "cardinality", "average": "avg", "sum": "sum", "max": "max", "min": "min"}
_FIELD = re.compile(r"([a-z_][\w.]*)\s*(?::|>=|<=|>|<)")


@dataclass(frozen=True, slots=True)
class Asked:
    """What one panel or saved search asks of one index."""

    name: str
    index: str
    time_field: str
    since: str
    where: str
    columns: Json = field(default_factory=dict)
    listed: tuple[str, ...] = ()

    @property
    def filters(self) -> list[str]:
        """Every KQL in it."""
        inner = [column["filter"]["query"] for column in self.columns.values() if "filter" in column]
        return [text for text in (self.where, *inner) if text]

    def uses(self) -> Iterator[tuple[str, str]]:
        """(what is done with it, field)."""
        yield "time", self.time_field
        for text in self.filters:
            for name in fields_in(text):
                yield "where", name
        for name in self.listed:
            yield "shown", name
        for column in self.columns.values():
            if column["operationType"] != "count":
                yield column["operationType"], column["sourceField"]
            if column["operationType"] == "last_value":
                yield "time", column["params"]["sortField"]

    def body(self) -> Json:
        query = {"bool": {"filter": [{"range": {self.time_field: {"gte": self.since, "lte": "now"}}}, kql(self.where)]}}
        if self.listed:
            return {"query": query, "fields": list(self.listed), "sort": [{self.time_field: "desc"}], "size": 500}
        return {"query": query, "size": 0, "aggs": self._nested(list(self.columns)), "track_total_hits": True}

    def _nested(self, left: list[str]) -> Json:
        if not left:
            return {}
        name, column = left[0], self.columns[left[0]]
        if not column["isBucketed"]:
            return {name: _metric(column, name)} | self._nested(left[1:])
        inner = self._nested(left[1:])
        return {name: {**self._bucket(column), **({"aggs": inner} if inner else {})}}

    def _bucket(self, column: Json) -> Json:
        if column["operationType"] == "date_histogram":
            return {"date_histogram": {"field": column["sourceField"], "fixed_interval": "1h", "min_doc_count": 1}}
        ranked = column["params"]["orderBy"]["columnId"]
        # A split over time is ranked over all of it, in a request of its own; its order is the same.
        over_time = any(one["operationType"] == "date_histogram" for one in self.columns.values())
        deep = len([one for one in self.columns.values() if one["operationType"] == "terms"]) > 1
        order = {"_count": "desc"} if over_time or deep else {_path(self.columns[ranked], ranked): "desc"}
        return {"terms": {"field": column["sourceField"], "size": column["params"]["size"], "order": order}}


def fields_in(text: str) -> list[str]:
    return _FIELD.findall(re.sub(r'"[^"]*"', '""', text))


def kql(text: str) -> Json:
    if not text:
        return {"match_all": {}}
    lucene = re.sub(r"\b(and|or|not)\b", lambda word: word[0].upper(), text)
    lucene = re.sub(r"\s*(>=|<=|>|<)\s*", r":\1", re.sub(r":\s+", ":", lucene))
    return {"query_string": {"query": lucene}}


def _metric(column: Json, name: str) -> Json:
    plain = _unfiltered(column)
    if "filter" not in column:
        return plain
    return {"filter": kql(column["filter"]["query"]), "aggs": {name: plain}}


def _unfiltered(column: Json) -> Json:
    kind, source = column["operationType"], column["sourceField"]
    if kind == "count":
        return {"value_count": {"field": "_index"}}
    if kind in ("median", "percentile"):
        return {"percentiles": {"field": source, "percents": [column["params"].get("percentile", 50)]}}
    if kind == "last_value":
        sort = [{column["params"]["sortField"]: "desc"}]
        return {"top_hits": {"size": 1, "sort": sort, "_source": False, "docvalue_fields": [source]}}
    return {_METRICS[kind]: {"field": source}}


def _path(column: Json, name: str) -> str:
    before = f"{name}>" if "filter" in column else ""
    kind = column["operationType"]
    if kind in ("median", "percentile"):
        return f"{before}{name}.{column['params'].get('percentile', 50)}"
    return f"{before}{name}.value"


def figures(answer: Mapping[str, Any], asked: Asked) -> dict[str, int]:
    """Column -> in how many buckets it has a figure (a count of nothing is none)."""
    found = dict.fromkeys(asked.columns, 0)

    def walk(aggregations: Mapping[str, Any]) -> None:
        for name, column in asked.columns.items():
            if name not in aggregations:
                continue
            result = aggregations[name]
            if column["isBucketed"]:
                found[name] += len(result["buckets"])
                for bucket in result["buckets"]:
                    walk(bucket)
            else:
                found[name] += _has_figure(result[name] if "filter" in column else result, column)

    walk(answer.get("aggregations", {}))
    return found


def _has_figure(result: Mapping[str, Any], column: Mapping[str, Any]) -> bool:
    match column["operationType"]:
        case "count" | "unique_count":
            return bool(result["value"])
        case "median" | "percentile":
            return next(iter(result["values"].values())) is not None
        case "last_value":
            return bool(result["hits"]["hits"] and result["hits"]["hits"][0].get("fields"))
    return result["value"] is not None


def asked_by(objects: list[Json]) -> list[Asked]:
    """Every panel and every saved search of an import file."""
    views = {one["id"]: one["attributes"] for one in objects if one["type"] == "index-pattern"}
    found = []
    for one in objects:
        if one["type"] == "search":
            view = views[one["references"][0]["id"]]
            source = json.loads(one["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
            found.append(
                Asked(
                    one["attributes"]["title"], view["title"], view["timeFieldName"], "now-7d",
                    source["query"]["query"], listed=tuple(one["attributes"]["columns"]),
                )
            )  # fmt: skip
        if one["type"] == "dashboard":
            found += [*_panels(one, views), *_controls(one, views)]
    return found


def _panels(dashboard: Json, views: Mapping[str, Any]) -> Iterator[Asked]:
    for panel in json.loads(dashboard["attributes"]["panelsJSON"]):
        if panel["type"] != "lens":
            continue
        attributes = panel["embeddableConfig"]["attributes"]
        view = views[attributes["references"][0]["id"]]
        [layer] = attributes["state"]["datasourceStates"]["formBased"]["layers"].values()
        yield Asked(
            f"{panel['panelIndex']} {panel['title']}", view["title"], view["timeFieldName"],
            dashboard["attributes"]["timeFrom"], attributes["state"]["query"]["query"], layer["columns"],
        )  # fmt: skip


def _controls(dashboard: Json, views: Mapping[str, Any]) -> Iterator[Asked]:
    """An options list asks for the values of its field."""
    attributes = dashboard["attributes"]
    links = {link["name"]: link["id"] for link in dashboard["references"]}
    for key, control in json.loads(attributes["controlGroupInput"]["panelsJSON"]).items():
        view = views[links[f"controlGroup_{key}:optionsListDataView"]]
        values = {
            "operationType": "terms",
            "sourceField": control["explicitInput"]["fieldName"],
            "isBucketed": True,
            "params": {"size": 10, "orderBy": {"columnId": "count"}},
        }
        counted = {"operationType": "count", "sourceField": "___records___", "isBucketed": False, "params": {}}
        yield Asked(
            f"{attributes['title']} control {control['explicitInput']['title']}", view["title"],
            view["timeFieldName"], attributes["timeFrom"], "", {"values": values, "count": counted},
        )  # fmt: skip
