"""The templates of config/elasticsearch/, read and filled in."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from worker.errors import ServerError, SettingsError
from worker.stores.elasticsearch.layout import FIRST, KINDS, IndexKind

SHIPPED = Path(__file__).parent / "templates"
Template = dict[str, Any]


def folder(text: str) -> Path | None:
    """Where edited copies are, as the settings name it. Raises SettingsError where nothing is."""
    if not text:
        return None
    if not Path(text).is_dir():
        raise SettingsError(f"FEEDMILL_INDEX__TEMPLATES names {text}, which is not a folder")
    return Path(text)


def load(file: str, name: str, generation: int = FIRST, folder: Path | None = None) -> Template:
    """`articles.component`, `articles.index`, ... with `{name}` and `{generation}` filled in.

    `folder` holds edited copies; what is not there is taken as it is shipped. `_meta.hash` tells two texts apart, for
    whatever installation. Raises ServerError, in one line, on a file that cannot be read or is no template.
    """
    path = (folder or SHIPPED) / f"{file}.json"
    if folder is not None and not path.exists():
        path = SHIPPED / path.name
    try:
        text = path.read_text(encoding="utf-8")
        template: Template = json.loads(text.replace("{name}", name).replace("{generation}", str(generation)))
        template["_meta"]["hash"] = hashlib.sha256(text.encode()).hexdigest()[:16]
    except OSError as error:
        raise ServerError(f"the index template {path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ServerError(f"{path} is no index template: {error}") from None
    return template


def component(kind: IndexKind, name: str, folder: Path | None = None) -> Template:
    return load(f"{kind.word}.component", name, folder=folder)


def index(kind: IndexKind, name: str, generation: int, folder: Path | None = None) -> Template:
    """Makes the indices of one generation, behind the alias."""
    template = load(f"{kind.word}.index", name, generation, folder)
    template["_meta"]["generation"] = generation
    return template


def guard(name: str, folder: Path | None = None) -> Template:
    template = load("guard.index", name, folder=folder)
    template["index_patterns"] = [kind.every(name) for kind in KINDS]
    template["_meta"]["hash"] += f"-{len(KINDS)}"
    return template
