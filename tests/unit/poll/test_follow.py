"""More documents of one feed: few, of one host, and an error ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from worker.errors import Refuse, Retry, StageError
from worker.models import Entry, ParsedFeed, Reason
from worker.poll.follow import MAX_DOCUMENTS, Followed, follow, merged

HOST = "e.example"


def document(number: int, archive: str = "") -> ParsedFeed:
    return ParsedFeed(f"T{number}", "", "", (Entry(str(number), f"https://e.example/{number}"),), archive=archive)


def run(
    urls: list[str], answers: dict[str, ParsedFeed | StageError], onwards: Callable[[ParsedFeed], str] | None = None
) -> tuple[Followed, list[str]]:
    asked: list[str] = []

    async def read(url: str) -> ParsedFeed:
        asked.append(url)
        answer = answers[url]
        if isinstance(answer, StageError):
            raise answer
        return answer

    return asyncio.run(follow(urls, HOST, read=read, onwards=onwards)), asked


def test_documents_of_other_hosts_are_left_alone_and_none_is_read_twice() -> None:
    a, b = "https://e.example/a", "https://e.example/b"
    found, asked = run([a, "https://other.example/c", a, b], {a: document(1), b: document(2)})
    assert asked == [a, b]
    assert found == Followed((document(1), document(2)))


def test_an_archive_is_followed_link_by_link_and_not_for_ever() -> None:
    urls = [f"https://e.example/{number}" for number in range(9)]
    answers: dict[str, ParsedFeed | StageError] = {
        url: document(number, urls[(number + 1) % 9]) for number, url in enumerate(urls)
    }
    found, asked = run(urls[:1], answers, lambda document: document.archive)
    assert asked == urls[:MAX_DOCUMENTS]
    assert len(found.documents) == MAX_DOCUMENTS


def test_a_circle_ends() -> None:
    a = "https://e.example/a"
    assert run([a], {a: document(1, a)}, lambda document: document.archive)[1] == [a]


def test_an_error_ends_it_and_what_was_read_is_kept() -> None:
    a, b = "https://e.example/a", "https://e.example/b"
    error = Refuse(Reason.FORBIDDEN)
    found, asked = run([a, b, "https://e.example/c"], {a: document(1), b: error})
    assert asked == [a, b]
    assert found == Followed((document(1),), error)


def test_a_busy_host_is_not_the_feeds_own_answer() -> None:
    a = "https://e.example/a"
    found, _ = run([a], {a: Retry(Reason.HOST_BUSY, "waits", 9.0)})
    assert isinstance(found.error, Retry)
    assert found.error.reason is Reason.TIMEOUT


def test_merged_has_the_entries_of_all() -> None:
    index = ParsedFeed("", "", "", (), children=("https://e.example/a",))
    whole = merged(index, (document(1), document(2)))
    assert whole.title == "T1"
    assert [entry.id for entry in whole.entries] == ["1", "2"]
    assert merged(index, ()) is index
