"""What the archive itself holds: documents, events, copies that name an erased article as their lead; and the log."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from worker.deduplicate.stage import fingerprint_of_document
from worker.erasing.find import is_sought, scan_any
from worker.index.documents import content_hash
from worker.index.erased import domains_of, hashes_of
from worker.index.stories import bring_into_line, new_lead
from worker.models import Article, ArticleId, Sought, StoryNow, Trust
from worker.ports import ArticleIndex, Stories
from worker.query.ast import Equals
from worker.urls import site_of

_URL = re.compile(rb"https?://[^\s\"'<>]+")
OPEN_DAYS = 9
"""As long as texts are compared (`Rules.epoch_ms`, two of them), and a day."""


class Documents:
    name = "documents"

    def __init__(self, index: ArticleIndex, clock: Callable[[], datetime]) -> None:
        self._index, self._clock = index, clock

    def _found(self, sought: Sought) -> set[ArticleId]:
        self._index.refresh()
        ids = {document.id for domain in sought.domains for document in self._index.of_domain(domain)}
        left = [Equals("id", id_) for id_ in sorted(sought.ids - ids)]
        return ids | {document.id for document in scan_any(self._index, left)}

    def held(self, sought: Sought) -> int:
        return len(self._found(sought))

    def erase(self, sought: Sought) -> int:
        """By all ids, also where there is no document: a write that is under way must not make one."""
        return self._index.erase({*sought.ids, *self._found(sought)}, self._clock())


class Events:
    name = "events"

    def __init__(self, index: ArticleIndex, clock: Callable[[], datetime]) -> None:
        self._index, self._clock = index, clock

    def held(self, sought: Sought) -> int:
        self._index.refresh()
        return self._index.events_about(sought)

    def erase(self, sought: Sought) -> int:
        return self._index.erase_events(sought, self._clock())


class Leads:
    """Copies that stay get a lead that stays, and are taught again to be found by further copies."""

    name = "leads of copies"

    def __init__(self, index: ArticleIndex, stories: Stories, lead_growth: int, clock: Callable[[], datetime]) -> None:
        self._index, self._stories, self._clock = index, stories, clock
        self._growth = lead_growth

    def _dangling(self, sought: Sought) -> Iterator[Article]:
        self._index.refresh()
        for document in scan_any(self._index, [Equals("duplicate_of", id_) for id_ in sorted(sought.ids)]):
            if not is_sought(sought, document):
                yield document

    def held(self, sought: Sought) -> int:
        return sum(1 for _ in self._dangling(sought))

    def erase(self, sought: Sought) -> int:
        """How many documents got another lead."""
        stories = {document.story.id for document in self._dangling(sought)}
        written = sum(self._lead_anew(story, sought) for story in sorted(stories))
        self._teach(sought)
        return written

    def _lead_anew(self, name: str, sought: Sought) -> int:
        story = self._stories.current([name])[name]
        wanted = sorted({name, story.id})
        members = [
            document
            for document in scan_any(self._index, [Equals("story.id", each) for each in wanted])
            if not is_sought(sought, document)
        ]
        if story.lead is None or story.lead not in {member.id for member in members}:
            lead = new_lead(story.id, members, self._stories, self._growth)
            story = StoryNow(story.id, lead.id if lead else None)
        written, _ = bring_into_line(members, story, self._index)
        return written

    def _teach(self, sought: Sought) -> None:
        self._index.refresh()
        since = self._clock() - timedelta(days=OPEN_DAYS)
        for document in scan_any(self._index, [Equals("story.id", each) for each in sorted(sought.kept_stories)]):
            if is_sought(sought, document) or document.first_seen_at < since:
                continue
            content = content_hash(document.title, document.summary, document.body)
            known = fingerprint_of_document(document)
            self._stories.restore(document, content=content, fingerprint=known, trust=Trust.INDEX)


class LogLines:
    """The log of `feedmill run` names URLs. They are overwritten in place, so whoever writes to its end goes on."""

    name = "log"

    def __init__(self, file: Path) -> None:
        self._file = file

    def held(self, sought: Sought) -> int:
        return sum(1 for _ in self._places(sought))

    def erase(self, sought: Sought) -> int:
        places = list(self._places(sought))
        if places:
            with self._file.open("r+b") as log:
                for at, size in places:
                    log.seek(at)
                    log.write(b"-" * size)
        return len(places)

    def _places(self, sought: Sought) -> Iterator[tuple[int, int]]:
        """Offset and length of each."""
        hosts = [name.encode() for name in {*sought.domains, *(site_of(url) for url in sought.urls)}]
        if not hosts or not self._file.is_file():
            return
        at = 0
        with self._file.open("rb") as log:
            for line in log:
                if any(host in line for host in hosts):
                    for match in _URL.finditer(line):
                        url = match[0].decode("utf-8", "replace")
                        if not {*hashes_of(url), *domains_of(url)}.isdisjoint(sought.keys):
                            yield at + match.start(), match.end() - match.start()
                at += len(line)
