"""Two polls of one feed: gaps, unstable ids and rewritten links, and nothing of it when there is nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.models import ArticleId, Entry
from worker.poll.window import MAX_SAMPLE, Compared, compare, sample
from worker.urls import article_id


def window(*numbers: int, ids: str = "id-{}", urls: str = "https://e.example/{}") -> dict[ArticleId, Entry]:
    found = [Entry(ids.format(number), urls.format(number)) for number in numbers]
    return {article_id(entry.url): entry for entry in found}


def test_a_window_that_moves_on_has_no_gap() -> None:
    assert compare(sample(window(*range(10))), window(*range(9, 19))) == Compared()


def test_nothing_left_is_a_gap() -> None:
    assert compare(sample(window(*range(10))), window(*range(10, 20))).gap


@pytest.mark.parametrize("last", ["", "no base64 at all!", "AAAA"])
def test_without_a_last_document_nothing_is_said(last: str) -> None:
    assert compare(last, window(*range(10))) == Compared()


def test_an_empty_document_is_no_gap() -> None:
    assert compare(sample(window(*range(10))), {}) == Compared()


def test_ids_that_change_while_the_urls_stay() -> None:
    last = sample(window(*range(10)))
    assert compare(last, window(*range(10), ids="other-{}")).unstable_ids is True
    assert compare(last, window(*range(10))).unstable_ids is False
    assert compare(last, window(*range(5, 15))).unstable_ids is None


def test_links_that_change_while_the_ids_stay() -> None:
    last = sample(window(*range(10), urls="https://e.example/{}?sid=1"))
    now = window(*range(10), urls="https://e.example/{}?sid=2")
    found = compare(last, now)
    assert found.rewritten_links is True
    assert found.known == frozenset(now)
    assert not found.gap


def test_a_moved_article_is_no_rewritten_link() -> None:
    last = sample(window(*range(10), urls="https://e.example/{}?sid=1"))
    found = compare(last, window(*range(10), urls="https://e.example/new/{}"))
    assert found.rewritten_links is True
    assert found.known == frozenset()


def test_few_entries_say_nothing_about_habits() -> None:
    last = sample(window(1, 2, urls="https://e.example/{}?sid=1"))
    assert compare(last, window(1, 2, urls="https://e.example/{}?sid=2")) == Compared()


@settings(max_examples=30)
@given(st.integers(0, 400), st.integers(0, 300))
def test_the_sample_is_small_and_a_full_overlap_never_a_gap(count: int, added: int) -> None:
    entries = window(*range(count))
    kept = sample(entries)
    assert len(kept) <= 16 * MAX_SAMPLE
    assert compare(kept, window(*range(count + added))) == Compared(
        False, False if count >= 5 else None, False if count >= 5 else None
    )
