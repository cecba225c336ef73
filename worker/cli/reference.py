"""`python -m worker.cli.reference`: writes docs/settings.md and config/feedmill.toml from settings.py.

A test compares both files with what this module makes, so that neither can fall behind.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from worker.cli.config import printable, written
from worker.settings import ENV_PREFIX, Group, Settings

GROUPS = {
    "": "Places",
    "redis": "Redis or Valkey",
    "index": "The archive",
    "kibana": "Dashboards",
    "net": "The network",
    "schedule": "When feeds are polled, and how much is under way",
    "fetch": "Fetching articles",
    "extract": "Extraction",
    "furniture": "What sites put around their texts",
    "seen": "What counts as new",
    "outbox": "On the way to the index",
    "worker": "Workers",
    "websub": "Being told by hubs (WebSub)",
    "log": "Logs",
    "metrics": "Metrics",
}

UNITS = {"_s": "seconds", "_bytes": "bytes", "_days": "days", "_items": "items"}

HEAD_MD = """# Settings

Made from `worker/settings.py` by `make docs`; a test keeps it true. Do not edit.

Every setting has an environment name. `FEEDMILL_CONFIG` may name a TOML file (`config/feedmill.toml` is one with every
setting in it, all at their defaults); the environment goes before the file, and the command line before both.
`feedmill config show` prints the values in force. A misspelt name is an error, not ignored.
"""

HEAD_TOML = """# Every setting of Feedmill with its default, its unit and its reason.
# Made from worker/settings.py by `make docs`; a test keeps it true.
#
# To use it: copy it, remove the `#` before what you change, and name the copy: FEEDMILL_CONFIG=/path/to/it.
# What stays commented out keeps following the defaults of the version you run. The environment goes before this file.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One setting, ready to be written down."""

    group: str
    name: str
    default: Any
    kind: str
    description: str
    secret: bool

    @property
    def environment(self) -> str:
        return f"{ENV_PREFIX}{self.group}__{self.name}".upper() if self.group else f"{ENV_PREFIX}{self.name}".upper()


def rows() -> Iterator[Row]:
    for name, info in Settings.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, Group):
            defaults = info.default
            for inner, inner_info in kind.model_fields.items():
                yield _row(name, inner, inner_info, getattr(defaults, inner))
        else:
            yield _row("", name, info, info.default)


def _row(group: str, name: str, info: FieldInfo, default: Any) -> Row:
    secret = isinstance(default, SecretStr)
    return Row(group, name, printable(default), _kind(name, info), info.description or "", secret)


def _kind(name: str, info: FieldInfo) -> str:
    """Unit or type, and the limits: what may be written there."""
    if get_origin(info.annotation) is Literal:
        return " \\| ".join(f"`{choice}`" for choice in get_args(info.annotation))
    unit = next((word for ending, word in UNITS.items() if name.endswith(ending) or name == ending[1:]), "")
    types = {int: "whole number", float: "number", bool: "`true` or `false`", SecretStr: "secret", Path: "path"}
    base = unit or next((word for kind, word in types.items() if info.annotation is kind), "text")
    limits = []
    for item in info.metadata:
        for attribute, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<")):
            limit = getattr(item, attribute, None)
            if limit is not None:
                limits.append(f"{sign} {limit:,}")
    return ", ".join([base, *limits])


def settings_markdown() -> str:
    lines = [HEAD_MD]
    current: str | None = None
    for row in rows():
        if row.group != current:
            current = row.group
            title = GROUPS[current]
            lines += ["", f"## {title}" + (f" (`[{current}]`)" if current else ""), ""]
            lines += ["| setting | default | what may stand there | what it does |", "|---|---|---|---|"]
            if not current:
                lines.append("| `FEEDMILL_CONFIG` | (empty) | path | A TOML file with settings. |")
        default = f"`{written(row.default)}`" if written(row.default) else "(empty)"
        file = f" Or `{row.environment}_FILE`: a file that holds it." if row.secret else ""
        description = row.description.replace("|", "\\|").replace("<", "&lt;")
        lines.append(f"| `{row.environment}` | {default} | {row.kind} | {description}{file} |")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def settings_toml() -> str:
    lines = [HEAD_TOML]
    current = ""
    for row in rows():
        if row.group != current:
            current = row.group
            lines += ["", f"# {GROUPS[current]}", f"[{current}]"]
        lines.append("")
        lines.append(f"# {row.description}")
        lines.append(f"# {row.environment}: {row.kind.replace(chr(92), '').replace('`', '')}")
        if row.secret:
            lines.append("# A secret: better in the environment than here.")
        lines.append(f"#{row.name} = {_toml(row.default)}")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)  # for text, numbers and booleans JSON is TOML


def main(root: Path) -> int:
    for path, text in (
        (root / "docs/settings.md", settings_markdown()),
        (root / "config/feedmill.toml", settings_toml()),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"written: {path}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parents[2]))
