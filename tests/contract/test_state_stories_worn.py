"""`Stories` worn down: texts of two epochs, forgotten representatives, long chains of mergers, sought hashes."""

from __future__ import annotations

import pytest

from tests.state import NOW, Mill
from tests.texts import edited, sentences, text
from tests.valkey import Valkey
from worker.deduplicate.fingerprint import fingerprint
from worker.models import Assignment, Fingerprint
from worker.urls import article_id

DAY = 86400


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    return Mill(valkey.client)


def assign(mill: Mill, url: str, given: Fingerprint, content: int) -> Assignment:
    version = content.to_bytes(8, "big") * 2
    return mill.stories.assign(
        article_id(url), site=url.split("/")[2], language="en", content=version, fingerprint=given, now=NOW
    )


def shown(mill: Mill) -> int:
    """Units of memory that representatives take, over all epochs."""
    tables = [key for key in mill.client.scan_iter("*near:en:*") if key.rsplit(b":", 1)[1].isdigit()]
    return sum(int(mill.client.hget(key, "unit") or 0) for key in tables if mill.client.type(key) == b"hash")


def test_what_is_matched_in_the_next_epoch_moves_there_once(mill: Mill) -> None:
    story, other = sentences(1, 40), sentences(2, 25)
    first = assign(mill, "https://a.example/1", fingerprint(text(story), "en"), 1)
    mill.later(4 * DAY)
    taken = []
    for number in range(14):
        copy = fingerprint(text(edited(story, 50 + number, 60)), "en")
        assert assign(mill, f"https://c{number}.example/1", copy, 10 + number).story.id == first.story.id
        taken.append(shown(mill))
    assert len(set(taken)) == 1
    second = assign(mill, "https://b.example/1", fingerprint(text(other), "en"), 2)
    both = assign(mill, "https://d.example/1", fingerprint(text(story, other), "en"), 3)
    assert {both.story.id, both.merge_hint} == {first.story.id, second.story.id}, "its clones hide no other story"


def test_a_new_text_under_an_old_url_is_found_though_the_old_one_is_forgotten(mill: Mill) -> None:
    url, old, new = "https://a.example/1", sentences(1, 30), sentences(2, 30)
    first = assign(mill, url, fingerprint(text(old), "en"), 1)
    for key in mill.client.scan_iter("*near:en:*"):
        mill.client.delete(key)  # as their expiry would have it
    again = assign(mill, url, fingerprint(text(new), "en"), 2)
    assert (again.story.id, again.revision) == (first.story.id, 2)
    copy = assign(mill, "https://b.example/1", fingerprint(text(edited(new, 3, 60)), "en"), 3)
    assert copy.story.id == first.story.id


def test_a_long_way_of_mergers_is_walked_once(mill: Mill) -> None:
    stories = [
        assign(mill, f"https://s{n}.example/1", fingerprint(text(sentences(n, 12)), "en"), n).story.id
        for n in range(30)
    ]
    for younger, older in zip(stories[:0:-1], stories[-2::-1], strict=True):
        mill.stories.merge(older, younger)
    now = mill.stories.current(stories)
    [root] = {now[story].id for story in stories}
    held = [value for key in mill.client.scan_iter("*alias:*") for value in mill.client.hvals(key)]
    assert set(held) == {bytes.fromhex(root)}


def test_texts_whose_hashes_seek_one_bucket_harm_no_others(mill: Mill) -> None:
    """Whoever knows the hash can choose words so; scripts failed half way when such a bucket was split."""
    for number in range(600):
        hashes = sorted((number * 28 + at) * 512 * 300 % 2**32 // 512 * 512 + 256 for at in range(28))
        sought = Fingerprint(
            number.to_bytes(8, "big") * 2, 30, b"".join(each.to_bytes(4, "big") for each in hashes), 2**32 - 1, 28,
            bytes(at * 8 // 28 for at in range(28)),
        )  # fmt: skip
        assert assign(mill, f"https://evil.example/{number}", sought, number).story.is_lead
    honest = [sentences(900 + n, 30) for n in range(20)]
    for number, body in enumerate(honest):
        first = assign(mill, f"https://a.example/{number}", fingerprint(text(body), "en"), 1000 + number)
        copy = fingerprint(text(edited(body, 7, 60)), "en")
        assert assign(mill, f"https://b.example/{number}", copy, 2000 + number).story.id == first.story.id
