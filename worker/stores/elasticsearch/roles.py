"""Who may do what: config/elasticsearch/*.role.json, in the form that Elasticsearch's own API takes."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

from worker.stores.elasticsearch.template_files import SHIPPED


class Role(StrEnum):
    SETUP = "setup"
    WRITER = "writer"
    READER = "reader"
    SCHEDULER = "scheduler"
    ERASER = "eraser"


def rights(role: Role, name: str) -> dict[str, Any]:
    """For the installation `name`, and no other whatever it is called."""
    text = (SHIPPED / f"{role}.role.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text.replace("{name}", name))
    return found
