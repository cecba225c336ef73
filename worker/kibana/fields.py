"""What the indices hold, field by field, read from the templates that `feedmill index setup` installs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from worker.stores.elasticsearch import template_files

NUMBERS = frozenset({"byte", "short", "integer", "long", "half_float", "float", "double"})


@cache
def fields_of(index: str) -> Mapping[str, str]:
    """Path -> type in the mapping, multi-fields included."""
    properties = template_files.load(f"{index}.component", "any")["template"]["mappings"]["properties"]
    return dict(_flat(properties, ""))


def data_type(index: str, field: str) -> str:
    """Lens's word for it. Raises KeyError for a field that the mapping does not have."""
    kind = fields_of(index)[field]
    return "number" if kind in NUMBERS else kind if kind in ("date", "boolean") else "string"


def _flat(properties: Mapping[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for name, field in properties.items():
        if "properties" in field:
            yield from _flat(field["properties"], f"{before}{name}.")
            continue
        yield before + name, field["type"]
        for other, inner in field.get("fields", {}).items():
            yield f"{before}{name}.{other}", inner["type"]
