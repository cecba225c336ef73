"""A change that indices cannot take in place: the next generation is filled beside the present one, then replaces it.

The protocol, for one kind of index (v1 -> v2 stands for any two generations):

1. *Prepare.* Component template and index template of v2. The indices of v2 come without the alias that is searched,
   with one of their own, and no write can make them. Each index of v1 gets its counterpart.
2. *Fill.* From here on workers find the alias of v2 before every write, and write what v1 took to v2, too (writing.py).
   Meanwhile everything is copied (copying.py), then what changed meanwhile, until little is left.
3. *Shut* v1: no new index of it can be made, and its indices refuse every write; the server answers when all writes
   that were under way are over. Workers that did not know of v2 learn of it here: what they hold waits in the outbox.
4. *Last copy*, of what changed since; both sides are counted and samples compared, while nothing can change any more.
5. *Switch.* The index template makes v2 from now on; then one call takes the alias from all of v1 and gives it to v2. A
   search sees either side, never both. Workers write to v2 as soon as they ask.

v1 stays as it is, shut, until it is dropped. A process that slept through all of it writes to v1 by name, is refused,
and asks anew; where v1 is dropped the guard template keeps its write from making it again.

Everything the protocol needs to know stands in the server: who is killed at any point is gone on for by the next call,
or all of it is taken back (`abort`). Only while v1 is shut do writes wait for that.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError, TransportError

from worker.errors import ServerError
from worker.stores.elasticsearch import template_files
from worker.stores.elasticsearch.comparing import differences
from worker.stores.elasticsearch.connect import one_line
from worker.stores.elasticsearch.copying import copy
from worker.stores.elasticsearch.generations import Standing, standings
from worker.stores.elasticsearch.install import component_meta, is_under_way, put_component, put_index
from worker.stores.elasticsearch.layout import IndexKind
from worker.stores.elasticsearch.template_files import Template

NEAR = 500
"""Documents left to copy at which v1 is shut: less than a second of work."""
MOST_ROUNDS = 20
AT_ONCE = 4
"""Indices copied at the same time: the server writes to one shard with one thread."""
_ATTEMPTS = 3
_PREPARING = 600
"""Priority of the template of the next generation: before the present one's and the guard's."""


@dataclass(frozen=True, slots=True)
class Migrated:
    documents: int
    indices: int
    held_up_s: float
    """How long no write was taken."""


class _Unknown(Exception):
    """It is not known whether the alias has moved. Carries the error for the caller."""


class Migration:
    """Of one kind. `tell` is told what is being done, `copied` of each portion, by several threads."""

    def __init__(
        self,
        client: Elasticsearch,
        name: str,
        kind: IndexKind,
        folder: Path | None,
        *,
        tell: Callable[[str], None] = lambda _: None,
        copied: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._client = client
        self._name = name
        self._kind = kind
        self._folder = folder
        self._tell = tell
        self._copied = copied
        self.alias = kind.alias(name)
        self.present = self._standing().generation

    @property
    def following(self) -> int:
        return self.present + 1

    def run(self) -> Migrated:
        """To the end, or on from where another one was killed. Raises ServerError or IndexUnavailable, v1 in force."""
        self._prepare()
        held_up = 0.0
        for attempt in range(1, _ATTEMPTS + 1):
            self._fill()
            started = time.monotonic()
            try:
                self._shut()
                indices = self._bring_up_to_date()
                wrong = self._compare(indices)
                if not wrong:
                    documents = self._client.count(index=indices)["count"] if indices else 0
                    self._switch(indices)
                    return Migrated(documents, len(indices), held_up + time.monotonic() - started)
            except _Unknown as error:
                raise error.args[0] from None
            except BaseException:
                self._open()
                raise
            self._open()
            held_up += time.monotonic() - started
            if attempt == _ATTEMPTS:
                raise ServerError(f"{next(iter(wrong.values()))}; nothing was switched, searches go on as before")
            for index, difference in wrong.items():
                self._tell(f"{difference}: copied anew")
                self._client.indices.delete(index=self._counterpart(index), ignore_unavailable=True)
        raise AssertionError("the last attempt returns or raises")

    def abort(self) -> None:
        """Takes back what a migration did that was not finished; v1 was in force all the time, and is whole."""
        self._open()
        for index in self._standing().following:
            self._client.indices.delete(index=index, ignore_unavailable=True)
        self._client.options(ignore_status=404).indices.delete_index_template(name=self._next_template)
        component = self._kind.component(self._name, self.following)
        self._client.options(ignore_status=404).cluster.delete_component_template(name=component)

    # --- 1. prepare

    def _prepare(self) -> None:
        component = template_files.component(self._kind, self._name, self._folder)
        name = self._kind.component(self._name, self.following)
        if is_under_way(self._client, self._name, self._kind, self._standing()):
            there = component_meta(self._client, name)
            if there and there.get("hash") != component["_meta"]["hash"]:
                raise ServerError(
                    f"{self.alias} is being migrated to other templates than those of now; take that back first with "
                    "`feedmill index migrate --abort`"
                )
        put_component(self._client, name, component)
        template = self._template(self.following)
        template["priority"] = _PREPARING
        template["allow_auto_create"] = False
        template["template"] = {**template["template"], "aliases": {self._kind.next_alias(self._name): {}}}
        put_index(self._client, self._next_template, template)

    @property
    def _next_template(self) -> str:
        return self._kind.next_alias(self._name)

    def _template(self, generation: int) -> Template:
        return template_files.index(self._kind, self._name, generation, self._folder)

    # --- 2. fill

    def _fill(self) -> None:
        """Until what is left is copied in a moment; after so many rounds all the same."""
        for _ in range(MOST_ROUNDS):
            left = self._copy_all(self._make_counterparts())
            if left <= NEAR:
                return

    def _make_counterparts(self) -> list[str]:
        """Of all indices that v1 has by now: a new month or day may have begun."""
        standing = self._standing()
        for index in standing.indices:
            after = self._counterpart(index)
            if after not in standing.following:
                try:
                    self._client.indices.create(index=after)
                except BadRequestError as error:
                    if error.error != "resource_already_exists_exception":
                        raise
        return sorted(standing.indices)

    def _copy_all(self, indices: Collection[str], *, last: bool = False) -> int:
        given_up = threading.Event()

        def copied(number: int) -> None:
            if given_up.is_set():
                raise CancelledError
            self._copied(number)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                return sum(pool.map(lambda index: self._copy(index, copied, last), indices))
            except BaseException:
                given_up.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _copy(self, index: str, copied: Callable[[int], None], last: bool) -> int:
        try:
            return copy(self._client, index, self._counterpart(index), copied, last=last)
        except NotFoundError:
            if index in self._standing().indices:
                raise
            return 0  # it was dropped meanwhile, as events are: its counterpart goes with it

    def _counterpart(self, index: str) -> str:
        part = self._kind.read(self._name, index)
        assert part is not None, "standings name only what can be read"
        return self._kind.index_of(self._name, self.following, part.period)

    # --- 3. shut, and open again where it goes no further

    def _shut(self) -> None:
        """First the making of new indices, so that none is missed."""
        template = self._template(self.present)
        template["allow_auto_create"] = False
        put_index(self._client, self.alias, template)
        indices = self._make_counterparts()
        if indices:
            # One that was killed may have shut some without waiting for the writes under way: so once more, and wait.
            if shut := self._shut_already(indices):
                self._let_write(shut)
            answer = self._client.indices.add_block(index=indices, block="write", ignore_unavailable=True)
            if not answer["acknowledged"] or not answer["shards_acknowledged"]:
                raise ServerError(f"{self.alias} still takes writes: {answer.body}")

    def _open(self) -> None:
        standing = self._standing()
        if standing.generation != self.present:
            return  # it was switched, only the answer was lost
        put_index(self._client, self.alias, self._template(self.present))
        if standing.indices:
            self._let_write(sorted(standing.indices))

    def _shut_already(self, indices: Sequence[str]) -> list[str]:
        found = self._client.indices.get_settings(index=indices, name="index.blocks.*", ignore_unavailable=True).body
        return [index for index, settings in found.items() if settings["settings"]]

    def _let_write(self, indices: Sequence[str]) -> None:
        self._client.indices.put_settings(index=indices, settings={"index.blocks.write": None}, ignore_unavailable=True)

    # --- 4. the last copy, compared

    def _bring_up_to_date(self) -> list[str]:
        self._copy_all(self._standing().indices, last=True)
        indices = sorted(self._standing().indices)
        if indices:
            self._client.indices.refresh(index=[self._counterpart(index) for index in indices])
        return indices

    def _compare(self, indices: Collection[str]) -> dict[str, str]:
        seed = random.randrange(1 << 30)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = pool.map(lambda index: differences(self._client, index, self._counterpart(index), seed), indices)
            return {index: difference for index, difference in zip(indices, found, strict=True) if difference}

    # --- 5. switch

    def _switch(self, indices: Collection[str]) -> None:
        """The template first: nobody can make an index of v2 before the alias has moved, since nobody writes."""
        put_index(self._client, self.alias, self._template(self.following))
        self._client.options(ignore_status=404).indices.delete_index_template(name=self._next_template)
        actions: list[dict[str, Any]] = []
        for index in indices:
            after = self._counterpart(index)
            actions += [
                {"remove": {"index": index, "alias": self.alias}},
                {"remove": {"index": after, "alias": self._kind.next_alias(self._name)}},
                {"add": {"index": after, "alias": self.alias}},
            ]
        if not actions:
            return
        try:
            self._client.indices.update_aliases(actions=actions)
        except TransportError as error:
            # It may still happen: nothing may be written to v1 until that is known.
            raise _Unknown(
                ServerError(
                    f"the server did not say whether {self.alias} was switched ({one_line(error)}); writes wait: call "
                    "`feedmill index migrate` again"
                )
            ) from error

    def _standing(self) -> Standing:
        return standings(self._client, self._name, [self._kind])[self._kind]


def drop_retired(client: Elasticsearch, name: str, kind: IndexKind) -> list[str]:
    """The indices and component templates of generations that were replaced -> what is gone.

    Raises ServerError while a search still reads one of them: an export that began before the switch.
    """
    standing = standings(client, name, [kind])[kind]
    retired = sorted(
        index
        for index in standing.retired
        if (part := kind.read(name, index)) is not None and part.generation < standing.generation
    )
    if retired:
        found = client.indices.stats(index=retired, metric="search")["indices"]
        reading = [index for index, stats in found.items() if stats["total"]["search"].get("open_contexts")]
        if reading:
            raise ServerError(f"a search still reads {reading[0]}, perhaps an export; try again when it is over")
    for index in retired:
        client.indices.delete(index=index, ignore_unavailable=True)
    for generation in range(1, standing.generation):
        client.options(ignore_status=404).cluster.delete_component_template(name=kind.component(name, generation))
    return retired
