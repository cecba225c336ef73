"""The words in which dashboards are described: views, metrics, panels, rows. Pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Shape = Literal["bar_stacked", "area_stacked", "line"]


class Format(StrEnum):
    """How a number is shown."""

    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    BYTES = "bytes"
    PERCENT = "percent"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class View:
    """A data view: an index read along one of its dates. Two views may read the same index."""

    key: str
    name: str
    index: Literal["articles", "stories", "events", "feeds"]
    time_field: str
    formats: Mapping[str, Format] = field(default_factory=dict)


class Op(StrEnum):
    """Lens's names of the operations that we use."""

    COUNT = "count"
    UNIQUE = "unique_count"
    MEAN = "average"
    MEDIAN = "median"
    PERCENTILE = "percentile"
    SUM = "sum"
    MOST = "max"
    LEAST = "min"
    LAST = "last_value"


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure. `where`: KQL, only of these documents; `percentile`: of PERCENTILE; `newest_by`: the date of LAST."""

    op: Op
    label: str
    field: str = ""
    where: str = ""
    percentile: int = 0
    newest_by: str = ""


def count(label: str, where: str = "") -> Metric:
    return Metric(Op.COUNT, label, where=where)


def unique(field: str, label: str, where: str = "") -> Metric:
    return Metric(Op.UNIQUE, label, field, where)


def percentile(number: int, field: str, label: str) -> Metric:
    return Metric(Op.PERCENTILE, label, field, percentile=number)


def last(field: str, label: str, by: str, where: str = "") -> Metric:
    """What the newest document says; for words, since nothing else can be reckoned of them."""
    return Metric(Op.LAST, label, field, where, newest_by=by)


@dataclass(frozen=True, slots=True)
class Top:
    """The most frequent values of a field, by the first figure that can be ranked."""

    field: str
    label: str
    size: int = 10
    other: bool = False
    """The rest together as one more."""


@dataclass(frozen=True, slots=True)
class Number:
    """One figure, large."""

    metric: Metric
    where: str = ""
    view: View | None = None

    @property
    def title(self) -> str:
        return self.metric.label


@dataclass(frozen=True, slots=True)
class OverTime:
    """Figures along the view's time, or one figure split by a field."""

    title: str
    metrics: tuple[Metric, ...]
    by: Top | None = None
    shape: Shape = "bar_stacked"
    where: str = ""
    view: View | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Horizontal bars."""

    title: str
    by: Top
    metric: Metric
    where: str = ""
    view: View | None = None


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    by: tuple[Top, ...]
    metrics: tuple[Metric, ...]
    where: str = ""
    view: View | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A saved search."""

    title: str
    search: str
    """Its key."""


Panel = Number | OverTime | Ranking | Table | Listing


@dataclass(frozen=True, slots=True)
class Row:
    """Panels side by side, equally wide. A row of 5 is as high as a large number needs."""

    height: int
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """A saved search: documents as they are, newest first."""

    key: str
    title: str
    description: str
    view: View
    columns: tuple[str, ...]
    where: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """A list from which a reader chooses values that all panels keep to."""

    field: str
    label: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    key: str
    title: str
    description: str
    view: View
    """Of all panels and controls that name no other."""
    since: str
    """Where its time begins, as in `now-7d`."""
    rows: tuple[Row, ...]
    controls: tuple[Control, ...] = ()
