"""Every template keeps what the design promises: nothing dynamic, nothing that only some servers have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from worker.errors import ServerError, SettingsError
from worker.stores.elasticsearch import template_files
from worker.stores.elasticsearch.layout import KINDS, IndexKind, Period

WORKER = Path(__file__).parents[3] / "worker"
# What the issue rules out, what needs a licence or a module that the test node lacks.
ABSENT = (
    "script", "runtime", "lifecycle", "data_stream", "semantic_text", "wildcard", "match_only_text", "pipeline",
    "percolator", "rank_features", "enrich",
)  # fmt: skip


def inner(value: Any) -> Iterator[str]:
    """All keys, and the values of `type`."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield key
            if key == "type" and isinstance(part, str):
                yield part
            yield from inner(part)
    elif isinstance(value, list):
        for part in value:
            yield from inner(part)


def fields(properties: Mapping[str, Any]) -> int:
    """As `total_fields` counts them."""
    return sum(1 + fields(field.get("properties", {})) + len(field.get("fields", {})) for field in properties.values())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.word)
def test_a_component_template(kind: IndexKind) -> None:
    found = template_files.component(kind, "any")
    settings, mappings = found["template"]["settings"]["index"], found["template"]["mappings"]
    assert found["_meta"]["managed_by"] == "feedmill" and found["_meta"]["schema_version"] == found["version"]
    assert found["_meta"]["description"].endswith(".")
    assert mappings["dynamic"] is False
    assert settings["mapping"]["total_fields"]["limit"] == 200 > fields(mappings["properties"])
    assert settings["number_of_shards"] == 1
    assert not set(ABSENT) & set(inner(found["template"]))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.word)
def test_an_index_template(kind: IndexKind) -> None:
    found = template_files.index(kind, "any", 3)
    assert found["index_patterns"] == [kind.pattern("any", 3)]
    assert found["index_patterns"][0].endswith("*") == (kind.period is not Period.ALL)
    assert found["composed_of"] == [kind.component("any", 3), f"{kind.alias('any')}@custom"]
    assert found["template"] == {"aliases": {kind.alias("any"): {}}}
    assert (found["_meta"]["managed_by"], found["_meta"]["generation"]) == ("feedmill", 3)
    assert "allow_auto_create" not in found
    assert "{" not in json.dumps(found["index_patterns"])


def test_the_guard_is_behind_all_others_and_makes_nothing() -> None:
    guard = template_files.guard("any")
    assert guard["index_patterns"] == [kind.every("any") for kind in KINDS]
    assert guard["allow_auto_create"] is False
    assert all(template_files.index(kind, "any", 1)["priority"] > guard["priority"] for kind in KINDS)


def test_every_file_is_a_template_or_a_role() -> None:
    named = {f"{kind.word}.{part}.json" for kind in KINDS for part in ("component", "index")} | {"guard.index.json"}
    there = {path.name for path in template_files.SHIPPED.glob("*.json")}
    assert there - {name for name in there if name.endswith(".role.json")} == named


def test_edited_copies_go_before_the_shipped_ones(tmp_path: Path) -> None:
    [kind, *_] = KINDS
    file = tmp_path / f"{kind.word}.component.json"
    template = json.loads((template_files.SHIPPED / file.name).read_text("utf-8"))
    template["version"] = 99
    file.write_text(json.dumps(template), "utf-8")
    assert template_files.component(kind, "any", tmp_path)["version"] == 99
    assert template_files.index(kind, "any", 1, tmp_path) == template_files.index(kind, "any", 1)
    file.write_text('{"version": 1', "utf-8")
    with pytest.raises(ServerError, match="is no index template"):
        template_files.component(kind, "any", tmp_path)
    with pytest.raises(SettingsError, match="not a folder"):
        template_files.folder(str(file))
    assert template_files.folder("") is None


def test_no_script_runs_and_nothing_is_changed_by_query() -> None:
    """On the way of a document, or anywhere else."""
    forbidden = re.compile(r"\b(update_by_query|delete_by_query|reindex|script_fields|painless)\b|[\"']script[\"']")
    found = [
        f"{path.name}: {line.strip()}"
        for path in WORKER.rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if ("elasticsearch" in str(path) or "kibana" in str(path)) and forbidden.search(line)
    ]
    assert found == []
