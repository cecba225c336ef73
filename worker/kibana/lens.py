"""A panel as a Lens visualisation by value, in the form that Kibana 8.9 wrote and every later one reads and migrates.

The shape is that of Kibana's own sample dashboards: one layer of columns (`datasourceStates.formBased`), and a
visualisation that names the columns by their ids.
"""

from __future__ import annotations

from typing import Any

from worker.kibana.describe import Metric, Number, Op, OverTime, Ranking, Table, Top, View
from worker.kibana.fields import data_type

LAYER = "layer"
RECORDS = "___records___"
Drawn = Number | OverTime | Ranking | Table


def lens(panel: Drawn, view: View, view_id: str) -> dict[str, Any]:
    """`embeddableConfig.attributes` of a Lens panel."""
    columns, visualisation, kind = _SHAPES[type(panel)](panel, view)
    return {
        "title": panel.title,
        "description": "",
        "visualizationType": kind,
        "type": "lens",
        "references": references(view_id),
        "state": {
            "adHocDataViews": {},
            "internalReferences": [],
            "filters": [],
            "query": {"query": panel.where, "language": "kuery"},
            "visualization": visualisation,
            "datasourceStates": {
                "formBased": {
                    "layers": {LAYER: {"columnOrder": list(columns), "columns": columns, "incompleteColumns": {}}}
                },
                "textBased": {"layers": {}},
            },
        },
    }


def references(view_id: str) -> list[dict[str, str]]:
    return [{"type": "index-pattern", "id": view_id, "name": f"indexpattern-datasource-layer-{LAYER}"}]


Shape = tuple[dict[str, Any], dict[str, Any], str]


def _number(panel: Number, view: View) -> Shape:
    columns = {"metric": _metric(panel.metric, view)}
    return columns, {"layerId": LAYER, "layerType": "data", "metricAccessor": "metric"}, "lnsMetric"


def _over_time(panel: OverTime, view: View) -> Shape:
    metrics = {f"metric{number}": _metric(metric, view) for number, metric in enumerate(panel.metrics)}
    split = {"split": _top(panel.by, view, "metric0")} if panel.by else {}
    columns = {**split, "time": _time(view), **metrics}
    layer: dict[str, Any] = {"accessors": list(metrics), "xAccessor": "time", "seriesType": panel.shape}
    if split:
        layer["splitAccessor"] = "split"
    return columns, _xy(layer), "lnsXY"


def _ranking(panel: Ranking, view: View) -> Shape:
    columns = {"top": _top(panel.by, view, "metric"), "metric": _metric(panel.metric, view)}
    layer = {"accessors": ["metric"], "xAccessor": "top", "seriesType": "bar_horizontal"}
    return columns, _xy(layer), "lnsXY"


def _table(panel: Table, view: View) -> Shape:
    metrics = {f"metric{number}": _metric(metric, view) for number, metric in enumerate(panel.metrics)}
    ranked = next(f"metric{number}" for number, metric in enumerate(panel.metrics) if metric.op is not Op.LAST)
    tops = {f"top{number}": _top(top, view, ranked) for number, top in enumerate(panel.by)}
    columns = {**tops, **metrics}
    shown = [{"columnId": column, "isTransposed": False} for column in columns]
    return columns, {"layerId": LAYER, "layerType": "data", "columns": shown}, "lnsDatatable"


_SHAPES: dict[type, Any] = {Number: _number, OverTime: _over_time, Ranking: _ranking, Table: _table}


def _xy(layer: dict[str, Any]) -> dict[str, Any]:
    all_sides = {"x": True, "yLeft": True, "yRight": True}
    return {
        "layers": [{"layerId": LAYER, "layerType": "data", "position": "top", "showGridlines": False, **layer}],
        "preferredSeriesType": layer["seriesType"],
        "legend": {"isVisible": True, "position": "right"},
        "valueLabels": "hide",
        "fittingFunction": "Linear",
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": False, "yRight": False},
        "tickLabelsVisibilitySettings": all_sides,
        "gridlinesVisibilitySettings": all_sides,
    }


def _time(view: View) -> dict[str, Any]:
    return {
        "label": view.time_field,
        "dataType": "date",
        "operationType": "date_histogram",
        "sourceField": view.time_field,
        "isBucketed": True,
        "scale": "interval",
        "params": {"interval": "auto", "includeEmptyRows": True, "dropPartials": False},
    }


def _top(top: Top, view: View, ranked_by: str) -> dict[str, Any]:
    return {
        "label": top.label,
        "customLabel": True,
        "dataType": data_type(view.index, top.field),
        "operationType": "terms",
        "sourceField": top.field,
        "isBucketed": True,
        "scale": "ordinal",
        "params": {
            "size": top.size,
            "orderBy": {"type": "column", "columnId": ranked_by},
            "orderDirection": "desc",
            "otherBucket": top.other,
            "missingBucket": False,
            "parentFormat": {"id": "terms"},
        },
    }


def _metric(metric: Metric, view: View) -> dict[str, Any]:
    counted = metric.op in (Op.COUNT, Op.UNIQUE)
    kind = "number" if counted else data_type(view.index, metric.field)
    column: dict[str, Any] = {
        "label": metric.label,
        "customLabel": True,
        "dataType": kind,
        "operationType": metric.op.value,
        "sourceField": metric.field or RECORDS,
        "isBucketed": False,
        "scale": "ordinal" if kind == "string" else "ratio",
        "params": _parameters(metric),
    }
    if metric.where:
        column["filter"] = {"query": metric.where, "language": "kuery"}
    return column


def _parameters(metric: Metric) -> dict[str, Any]:
    if metric.op is Op.PERCENTILE:
        return {"percentile": metric.percentile}
    if metric.op is Op.LAST:
        # As an array: then Kibana asks with top_hits, which every Elasticsearch has, and not with top_metrics.
        return {"sortField": metric.newest_by, "showArrayValues": True}
    return {"emptyAsNull": metric.op is not Op.COUNT}
