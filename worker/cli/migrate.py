"""`index migrate`: the archive into indices of another shape, while it is searched and written to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worker.cli.options import data_option, load_settings
from worker.cli.terminal import count, say
from worker.errors import UsageError
from worker.settings import Settings

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

REPORT_S = 2.0


@click.command()
@click.option("--abort", is_flag=True, help="Take back a migration that was interrupted; what was in force stays so.")
@click.option("--drop-old", is_flag=True, help="Remove the indices that a finished migration has replaced.")
@data_option
def migrate(abort: bool, drop_old: bool, data_dir: Path | None) -> None:
    """Change indices in a way that they cannot take in place, without a missed query or a lost write.

    `feedmill index setup` says when it is needed. New indices are filled beside the present ones, both are written to
    meanwhile, counted and compared; then searches move over in one step. Workers need no restart. The old indices stay
    until --drop-old. Interrupted, or killed, it is gone on with by the next call. It wants the rights of `index setup`,
    and room for a second copy of the archive.
    """
    settings = load_settings(data_dir)
    if abort and drop_old:
        raise UsageError("--abort and --drop-old are two different things; do one after the other")
    if settings.embedded_index:
        _embedded(settings, asked=abort or drop_old)
        return
    from worker.stores.elasticsearch.asking import answers
    from worker.stores.elasticsearch.connect import Clients
    from worker.stores.elasticsearch.install import explained
    from worker.stores.elasticsearch.lease import Lease
    from worker.wiring import elasticsearch

    clients = Clients(elasticsearch(settings))
    name = settings.index.name
    try:
        with answers(), explained(name, clients.url):
            lease = Lease(clients.get(), name)
            lease.take()
            try:
                if abort:
                    _abort(clients.get(), settings)
                elif drop_old:
                    _drop_old(clients.get(), settings)
                else:
                    _migrate(clients.get(), clients.url, settings, lease.beat)
            finally:
                lease.give_back()
    finally:
        clients.close()


def _embedded(settings: Settings, *, asked: bool) -> None:
    from worker.wiring import Wiring

    if asked:
        raise UsageError("SQLite has one index only: nothing to take back, and nothing old to remove")
    with Wiring(settings) as wiring:
        wiring.index.setup()
    say(f"SQLite is migrated when it is first opened; {settings.data_dir} is as this version wants it")


def _migrate(client: Elasticsearch, url: str, settings: Settings, beat: Callable[[], None]) -> None:
    from worker.stores.elasticsearch.install import install
    from worker.stores.elasticsearch.migrate import Migration
    from worker.stores.elasticsearch.template_files import folder

    templates = folder(settings.index.templates)
    left = install(client, settings.index.name, url, templates)
    if not left:
        say("every index is as its templates say; there is nothing to migrate")
        return
    for each in left:
        progress = _Progress(beat)
        migration = Migration(client, settings.index.name, each.kind, templates, tell=say, copied=progress.copied)
        why = each.problem or "a migration that was interrupted goes on"
        say(f"{migration.alias}: v{migration.present} -> v{migration.following}; {why}")
        done = migration.run()
        say(
            f"{migration.alias} is v{migration.following} now: {count(done.documents, 'document')} in "
            f"{count(done.indices, 'index', 'indices')}; writes waited {done.held_up_s:.1f} s"
        )
    say("the old indices stay until `feedmill index migrate --drop-old`")


def _abort(client: Elasticsearch, settings: Settings) -> None:
    from worker.stores.elasticsearch.generations import standings
    from worker.stores.elasticsearch.install import is_under_way
    from worker.stores.elasticsearch.layout import KINDS
    from worker.stores.elasticsearch.migrate import Migration
    from worker.stores.elasticsearch.template_files import folder

    name, templates = settings.index.name, folder(settings.index.templates)
    begun = [
        kind for kind, standing in standings(client, name, KINDS).items() if is_under_way(client, name, kind, standing)
    ]
    for kind in begun:
        migration = Migration(client, name, kind, templates)
        migration.abort()
        say(f"{migration.alias} stays v{migration.present}")
    if not begun:
        say("no migration is under way; one that has ended is undone by another, with the templates of before")


def _drop_old(client: Elasticsearch, settings: Settings) -> None:
    from worker.stores.elasticsearch.layout import KINDS
    from worker.stores.elasticsearch.migrate import drop_retired

    gone = [index for kind in KINDS for index in drop_retired(client, settings.index.name, kind)]
    say(f"{count(len(gone), 'index', 'indices')} removed" if gone else "there is no old index")


class _Progress:
    """A line every two seconds."""

    def __init__(self, beat: Callable[[], None]) -> None:
        self._beat = beat
        self._lock = threading.Lock()
        self._number = 0
        self._at = time.monotonic() + REPORT_S

    def copied(self, number: int) -> None:
        with self._lock:
            self._beat()
            self._number += number
            if time.monotonic() >= self._at:
                say(f"{count(self._number, 'document')} copied")
                self._at = time.monotonic() + REPORT_S
