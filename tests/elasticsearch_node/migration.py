"""What tests of migrations share: an installation of its own, templates that its indices cannot take, who is killed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from elastic_transport import Transport
from elasticsearch import Elasticsearch

from worker.stores.elasticsearch import template_files
from worker.stores.elasticsearch.connect import Connection
from worker.stores.elasticsearch.index import ElasticsearchIndex
from worker.stores.elasticsearch.install import install
from worker.stores.elasticsearch.layout import ARTICLES, IndexKind
from worker.stores.elasticsearch.migrate import Migrated, Migration

KILLED = 9


@dataclass(frozen=True)
class Installation:
    url: str
    name: str
    folder: Path
    """With edited templates: German words are no longer stemmed."""

    def index(self, folder: Path | None = None) -> ElasticsearchIndex:
        return ElasticsearchIndex(Connection(self.url), self.name, folder)

    @contextmanager
    def opened(self) -> Iterator[ElasticsearchIndex]:
        """Its index, set up."""
        found = self.index()
        found.setup()
        yield found
        found.close()

    def client(self) -> Elasticsearch:
        return Elasticsearch(self.url, request_timeout=60)

    def migration(
        self, kind: IndexKind = ARTICLES, *, edited: bool = True, copied: Callable[[int], None] = lambda _: None
    ) -> Migration:
        return Migration(self.client(), self.name, kind, self.folder if edited else None, copied=copied)

    def migrate(self, *, edited: bool = True) -> Migrated | None:
        """As the command does it: whatever is left, or under way. None when there is nothing."""
        folder = self.folder if edited else None
        with self.client() as client:
            done = [
                Migration(client, self.name, left.kind, folder).run()
                for left in install(client, self.name, self.url, folder)
            ]
        return done[0] if done else None

    def generations(self, kind: IndexKind = ARTICLES) -> list[int]:
        """Of the indices behind the alias."""
        with self.client() as client:
            found = client.indices.get_alias(index=kind.every(self.name)).body
        parts = [kind.read(self.name, index) for index in found if kind.alias(self.name) in found[index]["aliases"]]
        return sorted({part.generation for part in parts if part is not None})


def edit(folder: Path) -> Path:
    """A copy of the articles' templates without German stems, and with a field that there was not."""
    template = json.loads((template_files.SHIPPED / "articles.component.json").read_text(encoding="utf-8"))
    template["template"]["settings"]["index"]["analysis"]["analyzer"]["news_de"]["filter"].remove("de_stem")
    template["template"]["mappings"]["properties"]["mood"] = {"type": "keyword"}
    folder.mkdir(exist_ok=True)
    (folder / "articles.component.json").write_text(json.dumps(template), encoding="utf-8")
    return folder


def killed_after(changes: int, work: Callable[[], object]) -> bool:
    """`work` in a process of its own, which is killed when it has sent so many requests that change something.

    False when it came to its end before that.
    """
    child = os.fork()
    if child == 0:
        try:
            _die_after(changes)
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, KILLED), f"the migration failed by itself (exit code {code})"
    return code == KILLED


def _die_after(changes: int) -> None:
    perform, left = Transport.perform_request, [changes]

    def counted(self: Transport, method: str, target: str, **rest: object) -> object:
        answer = perform(self, method, target, **rest)  # type: ignore[arg-type]
        if method in ("PUT", "DELETE") or target.startswith(("/_bulk", "/_aliases")):
            left[0] -= 1
            if not left[0]:
                os._exit(KILLED)
        return answer

    Transport.perform_request = counted  # type: ignore[method-assign, assignment]
