"""Every field that a panel, a filter, a list or a control uses is in the mapping, with a type that fits its use."""

from __future__ import annotations

import json

import pytest

from tests.kibana_aggregations import Asked, asked_by, fields_in, kql
from worker.kibana.fields import NUMBERS, fields_of
from worker.kibana.objects import saved_objects

OBJECTS = saved_objects("news")
ASKED = asked_by(OBJECTS)
WORDS = frozenset({"keyword", "boolean"})
FITS = {
    "time": {"date"},
    "date_histogram": {"date"},
    "terms": WORDS | NUMBERS,
    "unique_count": WORDS | NUMBERS | {"date"},
    "average": NUMBERS,
    "median": NUMBERS,
    "percentile": NUMBERS,
    "sum": NUMBERS,
    "max": NUMBERS | {"date"},
    "min": NUMBERS | {"date"},
    "last_value": WORDS | NUMBERS,
    "where": WORDS | NUMBERS | {"date"},
    "shown": WORDS | NUMBERS | {"date", "text"},
}


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.name)
def test_every_field_exists_and_fits(asked: Asked) -> None:
    mapping = fields_of(asked.index.removeprefix("news-"))
    for use, name in asked.uses():
        assert name in mapping, f"{asked.name}: no field {name} in {asked.index}"
        assert mapping[name] in FITS[use], f"{asked.name}: {use} of {name}, which is {mapping[name]}"


def test_formats_are_of_fields_that_exist() -> None:
    for one in OBJECTS:
        if one["type"] == "index-pattern":
            mapping = fields_of(one["attributes"]["title"].removeprefix("news-"))
            assert set(json.loads(one["attributes"]["fieldFormatMap"])) <= set(mapping)


def test_every_kind_of_view_is_used() -> None:
    assert {(asked.index, asked.time_field) for asked in ASKED} == {
        (one["attributes"]["title"], one["attributes"]["timeFieldName"])
        for one in OBJECTS
        if one["type"] == "index-pattern"
    }


def test_the_filters_are_read_as_kibana_reads_them() -> None:
    text = "type: article and not state: (refused or failed) and lag.articles > 0"
    assert fields_in(text) == ["type", "state", "lag.articles"]
    wanted = "type:article AND NOT state:(refused OR failed) AND lag.articles:>0"
    assert kql(text) == {"query_string": {"query": wanted}}
