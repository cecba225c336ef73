"""All saved objects of an installation, as the lines of a file that Kibana imports. Pure.

Their ids go by the installation's name, so importing again replaces what is there and two installations live side by
side. JSON within JSON (`panelsJSON`, `searchSourceJSON`, ...) is how Kibana keeps it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from worker.kibana.dashboards import DASHBOARDS
from worker.kibana.describe import Dashboard, Format, Listing, Panel, Search, View
from worker.kibana.lens import lens, references
from worker.kibana.views import SEARCHES, VIEWS
from worker.stores.elasticsearch.layout import KINDS

SavedObject = dict[str, Any]

COLUMNS = 48
"""Of Kibana's grid."""
CORE_VERSION = "8.8.0"
VERSIONS = {"index-pattern": "8.0.0", "search": "7.9.3", "dashboard": "8.9.0"}
"""Of the form of each type that is written here; a newer Kibana migrates it, an older one refuses it."""
PANEL_VERSION = "8.11.0"
REFRESH_MS = 60_000
DEFAULT_NAME = "news"

_ALIASES = {kind.word: kind.alias for kind in KINDS}
_FORMATS: dict[Format, dict[str, Any]] = {
    Format.SECONDS: {"id": "duration", "params": {"inputFormat": "seconds", "outputFormat": "humanizePrecise"}},
    Format.MILLISECONDS: {
        "id": "duration",
        "params": {"inputFormat": "milliseconds", "outputFormat": "humanizePrecise"},
    },
    Format.BYTES: {"id": "bytes", "params": {"pattern": "0,0.[0]b"}},
    Format.PERCENT: {"id": "percent", "params": {"pattern": "0,0.[0]%"}},
    Format.LINK: {"id": "url", "params": {}},
}


def saved_objects(name: str) -> list[SavedObject]:
    """Data views, saved searches, dashboards of the installation `name` (FEEDMILL_INDEX__NAME), in this order."""
    return [
        *(_view(view, name) for view in VIEWS),
        *(_search(search, name) for search in SEARCHES),
        *(_dashboard(dashboard, name) for dashboard in DASHBOARDS),
    ]


def ndjson(objects: list[SavedObject]) -> str:
    return "".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in objects)


def object_id(name: str, kind: str, key: str) -> str:
    return f"feedmill-{name}-{kind}-{key}"


def _view(view: View, name: str) -> SavedObject:
    formats = {field: _FORMATS[shown] for field, shown in view.formats.items()}
    attributes = {
        "title": _ALIASES[view.index](name),
        "name": _titled(view.name, name),
        "timeFieldName": view.time_field,
        "fieldFormatMap": _json(formats),
        "fields": "[]",
        "fieldAttrs": "{}",
        "runtimeFieldMap": "{}",
        "sourceFilters": "[]",
        "typeMeta": "{}",
        "allowNoIndex": True,  # before the first article there is none
    }
    return _object("index-pattern", object_id(name, "view", view.key), attributes, [])


def _search(search: Search, name: str) -> SavedObject:
    source = {
        "highlightAll": True,
        "version": True,
        "query": {"query": search.where, "language": "kuery"},
        "filter": [],
        "indexRefName": "kibanaSavedObjectMeta.searchSourceJSON.index",
    }
    attributes = {
        "title": _titled(search.title, name),
        "description": search.description,
        "columns": list(search.columns),
        "sort": [[search.view.time_field, "desc"]],
        "grid": {},
        "hideChart": True,
        "kibanaSavedObjectMeta": {"searchSourceJSON": _json(source)},
    }
    reference = {
        "type": "index-pattern",
        "id": object_id(name, "view", search.view.key),
        "name": "kibanaSavedObjectMeta.searchSourceJSON.index",
    }
    return _object("search", object_id(name, "search", search.key), attributes, [reference])


def _dashboard(dashboard: Dashboard, name: str) -> SavedObject:
    panels, links = [], []
    for panel_id, panel, place in placed(dashboard):
        drawn, needed = _panel(panel_id, panel, place, dashboard.view, name)
        panels.append(drawn)
        links += [{**link, "name": f"{panel_id}:{link['name']}"} for link in needed]
    controls = {}
    for number, control in enumerate(dashboard.controls):
        key = f"control-{number}"
        controls[key] = {
            "order": number,
            "width": "medium",
            "grow": True,
            "type": "optionsListControl",
            "explicitInput": {"id": key, "fieldName": control.field, "title": control.label, "enhancements": {}},
        }
        view_id = object_id(name, "view", dashboard.view.key)
        links.append({"type": "index-pattern", "id": view_id, "name": f"controlGroup_{key}:optionsListDataView"})
    ignore = dict.fromkeys(("ignoreFilters", "ignoreQuery", "ignoreTimerange", "ignoreValidations"), False)
    shown = {"useMargins": True, "syncColors": True, "syncCursor": True, "syncTooltips": False}
    attributes = {
        "title": _titled(dashboard.title, name),
        "description": dashboard.description,
        "timeRestore": True,
        "timeFrom": dashboard.since,
        "timeTo": "now",
        "refreshInterval": {"pause": False, "value": REFRESH_MS},
        "version": 1,
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": _json({"query": {"query": "", "language": "kuery"}, "filter": []})
        },
        "optionsJSON": _json({**shown, "hidePanelTitles": False}),
        "panelsJSON": _json(panels),
        "controlGroupInput": {
            "controlStyle": "oneLine",
            "chainingSystem": "HIERARCHICAL",
            "panelsJSON": _json(controls),
            "ignoreParentSettingsJSON": _json(ignore),
        },
    }
    return _object("dashboard", object_id(name, "dashboard", dashboard.key), attributes, links)


def placed(dashboard: Dashboard) -> Iterator[tuple[str, Panel, dict[str, int]]]:
    """Each panel with its id and its place on the grid: rows one below the other, panels of a row equally wide."""
    top = 0
    for number, row in enumerate(dashboard.rows):
        width = COLUMNS // len(row.panels)
        for at, panel in enumerate(row.panels):
            is_last = at == len(row.panels) - 1
            place = {"x": at * width, "y": top, "w": COLUMNS - at * width if is_last else width, "h": row.height}
            yield f"{dashboard.key}-{number}-{at}", panel, place
        top += row.height


def _panel(
    panel_id: str, panel: Panel, place: dict[str, int], view: View, name: str
) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """-> the panel, and the objects that it refers to."""
    base = {
        "version": PANEL_VERSION,
        "gridData": {**place, "i": panel_id},
        "panelIndex": panel_id,
        "title": panel.title,
    }
    if isinstance(panel, Listing):
        search = {"type": "search", "id": object_id(name, "search", panel.search), "name": f"panel_{panel_id}"}
        shown = {"type": "search", "embeddableConfig": {"enhancements": {}}, "panelRefName": search["name"]}
        return {**base, **shown}, [search]
    read = panel.view or view
    view_id = object_id(name, "view", read.key)
    config = {"attributes": lens(panel, read, view_id), "enhancements": {}, "hidePanelTitles": False}
    return {**base, "type": "lens", "embeddableConfig": config}, references(view_id)


def _titled(title: str, name: str) -> str:
    return f"[Feedmill] {title}" + ("" if name == DEFAULT_NAME else f" ({name})")


def _object(kind: str, id_: str, attributes: dict[str, Any], links: list[dict[str, str]]) -> SavedObject:
    return {
        "type": kind,
        "id": id_,
        "attributes": attributes,
        "references": links,
        "managed": False,
        "coreMigrationVersion": CORE_VERSION,
        "typeMigrationVersion": VERSIONS[kind],
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
