"""The saved objects have the shape that Kibana's own have, and every reference in them leads somewhere.

The facts: Kibana's sample dashboards (flights, logs, ecommerce), exported by 8.8 to 8.11 and shipped with Kibana 9.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from worker.kibana.dashboards import DASHBOARDS
from worker.kibana.describe import Listing, Op
from worker.kibana.lens import LAYER, RECORDS
from worker.kibana.objects import COLUMNS, SavedObject, ndjson, placed, saved_objects

OBJECTS = saved_objects("news")
BY_ID = {(one["type"], one["id"]): one for one in OBJECTS}
DASHBOARD_OBJECTS = [one for one in OBJECTS if one["type"] == "dashboard"]
TOP = {"type", "id", "attributes", "references", "managed", "coreMigrationVersion", "typeMigrationVersion"}


def panels(dashboard: SavedObject) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(dashboard["attributes"]["panelsJSON"])
    return found


PANELS = [
    pytest.param(dashboard, panel, id=panel["panelIndex"])
    for dashboard in DASHBOARD_OBJECTS
    for panel in panels(dashboard)
]
LENSES = [param for param in PANELS if param.values[1]["type"] == "lens"]


def test_there_is_what_the_issue_asks_for() -> None:
    titles = [one["attributes"]["title"] for one in DASHBOARD_OBJECTS]
    assert titles == [f"[Feedmill] {name}" for name in ("Newsroom", "Stories", "Feeds", "Pipeline")]
    assert [one["type"] for one in OBJECTS] == ["index-pattern"] * 5 + ["search"] * 5 + ["dashboard"] * 4


def test_each_line_is_one_object_and_the_same_every_time() -> None:
    text = ndjson(OBJECTS)
    assert [json.loads(line) for line in text.splitlines()] == OBJECTS
    assert text == ndjson(saved_objects("news"))
    assert all(set(one) == TOP for one in OBJECTS)


def test_two_installations_do_not_meet() -> None:
    other = saved_objects("other")
    assert {one["id"] for one in OBJECTS}.isdisjoint({one["id"] for one in other})
    assert all("news-" not in json.dumps(one) for one in other)
    assert other[-1]["attributes"]["title"] == "[Feedmill] Pipeline (other)"


@pytest.mark.parametrize("one", OBJECTS, ids=lambda one: one["id"])
def test_every_reference_is_an_object_before_it(one: SavedObject) -> None:
    """Kibana looks references up among what is there and what comes in the same file."""
    known = [(other["type"], other["id"]) for other in OBJECTS]
    before = known[: known.index((one["type"], one["id"]))]
    names = [link["name"] for link in one["references"]]
    assert len(set(names)) == len(names)
    for link in one["references"]:
        assert set(link) == {"type", "id", "name"}
        assert (link["type"], link["id"]) in before


@pytest.mark.parametrize("view", [one for one in OBJECTS if one["type"] == "index-pattern"], ids=lambda one: one["id"])
def test_data_views(view: SavedObject) -> None:
    attributes = view["attributes"]
    assert attributes["title"] in {"news-articles", "news-stories", "news-events", "news-feeds"}
    for name in ("fieldFormatMap", "fieldAttrs", "runtimeFieldMap", "typeMeta"):
        assert isinstance(json.loads(attributes[name]), dict), name
    assert isinstance(json.loads(attributes["fields"]), list)
    assert all(
        shown["id"] in {"duration", "bytes", "percent", "url"}
        for shown in json.loads(attributes["fieldFormatMap"]).values()
    )


@pytest.mark.parametrize("search", [one for one in OBJECTS if one["type"] == "search"], ids=lambda one: one["id"])
def test_saved_searches(search: SavedObject) -> None:
    attributes, [link] = search["attributes"], search["references"]
    source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    assert source["indexRefName"] == link["name"] == "kibanaSavedObjectMeta.searchSourceJSON.index"
    assert source["query"]["language"] == "kuery"
    view = BY_ID["index-pattern", link["id"]]
    assert attributes["sort"] == [[view["attributes"]["timeFieldName"], "desc"]]
    assert attributes["columns"]
    assert attributes["description"]


@pytest.mark.parametrize("dashboard", DASHBOARD_OBJECTS, ids=lambda one: one["id"])
def test_dashboards(dashboard: SavedObject) -> None:
    attributes = dashboard["attributes"]
    assert attributes["timeRestore"] and attributes["timeFrom"].startswith("now-") and attributes["timeTo"] == "now"
    assert attributes["refreshInterval"] == {"pause": False, "value": 60_000}
    assert json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])["filter"] == []
    assert isinstance(json.loads(attributes["optionsJSON"]), dict)
    names = {link["name"] for link in dashboard["references"]}
    controls = json.loads(attributes["controlGroupInput"]["panelsJSON"])
    assert controls
    for key, control in controls.items():
        assert control["type"] == "optionsListControl"
        assert control["explicitInput"]["id"] == key
        assert f"controlGroup_{key}:optionsListDataView" in names
    wanted = {f"controlGroup_{key}:optionsListDataView" for key in controls}
    for panel in panels(dashboard):
        inner = panel["embeddableConfig"].get("attributes", {}).get("references", [])
        wanted |= {f"{panel['panelIndex']}:{link['name']}" for link in inner}
        if panel["type"] == "search":
            wanted.add(f"{panel['panelIndex']}:{panel['panelRefName']}")
    assert names == wanted


def test_panels_fill_the_grid_without_overlap() -> None:
    for dashboard in DASHBOARDS:
        cells: set[tuple[int, int]] = set()
        for _, panel, place in placed(dashboard):
            mine = {
                (x, y)
                for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])
            }
            assert not mine & cells, panel.title
            cells |= mine
        bottom = max(y for _, y in cells) + 1
        assert cells == {(x, y) for x in range(COLUMNS) for y in range(bottom)}


@pytest.mark.parametrize(("dashboard", "panel"), PANELS)
def test_every_panel(dashboard: SavedObject, panel: dict[str, Any]) -> None:
    assert panel["gridData"]["i"] == panel["panelIndex"]
    assert [other["panelIndex"] for other in panels(dashboard)].count(panel["panelIndex"]) == 1
    assert panel["type"] in {"lens", "search"}
    assert panel["title"]


@pytest.mark.parametrize(("dashboard", "panel"), LENSES)
def test_every_lens(dashboard: SavedObject, panel: dict[str, Any]) -> None:
    attributes = panel["embeddableConfig"]["attributes"]
    state = attributes["state"]
    [(layer_id, layer)] = state["datasourceStates"]["formBased"]["layers"].items()
    assert [link["name"] for link in attributes["references"]] == [f"indexpattern-datasource-layer-{layer_id}"]
    columns = layer["columns"]
    assert layer["columnOrder"] == list(columns)
    buckets = [name for name, column in columns.items() if column["isBucketed"]]
    assert list(columns)[: len(buckets)] == buckets, "buckets come before figures"
    assert state["query"]["language"] == "kuery"
    for column in columns.values():
        _check_column(column, columns)
    drawn = state["visualization"]
    match attributes["visualizationType"]:
        case "lnsMetric":
            assert drawn["metricAccessor"] in columns
            assert drawn["layerId"] == LAYER
        case "lnsDatatable":
            assert [shown["columnId"] for shown in drawn["columns"]] == list(columns)
        case "lnsXY":
            [only] = drawn["layers"]
            used = {
                only["xAccessor"],
                *only["accessors"],
                *([only["splitAccessor"]] if "splitAccessor" in only else []),
            }
            assert used == set(columns)
            assert only["layerId"] == LAYER
        case other:
            raise AssertionError(other)


def _check_column(column: dict[str, Any], columns: dict[str, Any]) -> None:
    kind, parameters = column["operationType"], column["params"]
    assert column["dataType"] in {"string", "number", "date", "boolean"}
    assert column["scale"] in {"ordinal", "interval", "ratio"}
    assert column["label"]
    if kind == "terms":
        assert column["isBucketed"]
        assert 1 <= parameters["size"] <= 1000
        ranked = columns[parameters["orderBy"]["columnId"]]
        assert not ranked["isBucketed"]
        assert ranked["operationType"] != Op.LAST.value, "Lens cannot rank by words"
    elif kind == "date_histogram":
        assert column["isBucketed"] and column["dataType"] == "date" and parameters["interval"] == "auto"
    else:
        assert Op(kind)
        assert not column["isBucketed"]
        assert (column["sourceField"] == RECORDS) == (kind == "count")
        if kind == "percentile":
            assert 0 < parameters["percentile"] < 100
        if kind == "last_value":
            assert column["dataType"] in {"string", "number", "boolean"}, "Lens has no last value of a date"
            assert parameters["sortField"]
    if "filter" in column:
        assert column["filter"]["language"] == "kuery" and column["filter"]["query"]


def test_every_saved_search_is_shown_somewhere() -> None:
    shown = {
        panel.search for dashboard in DASHBOARDS for _, panel, _ in placed(dashboard) if isinstance(panel, Listing)
    }
    assert shown == {one["id"].removeprefix("feedmill-news-search-") for one in OBJECTS if one["type"] == "search"}
