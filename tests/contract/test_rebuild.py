"""Redis is lost and taught again from the index: real Valkey, every index, articles coming all the while."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest

from tests.press import Item, Press, reused, stream, told
from tests.texts import edited, sentences, text
from tests.valkey import Valkey
from worker.errors import RebuildTaken
from worker.index.stories import in_place
from worker.models import Phase, Placed, StoryRef
from worker.ports import ArticleIndex
from worker.query.ast import Equals, Not
from worker.rebuilding import follow, teach
from worker.rebuilding.rebuild import Progress
from worker.stores.sqlite.index import SqliteIndex
from worker.urls import article_id

AT_ONCE = timedelta(0)
MARKED = Equals("story.provisional", True)


@pytest.fixture
def press(valkey: Valkey, index: ArticleIndex) -> Press:
    return Press(valkey.client, index)


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that much can happen between two of them."""
    monkeypatch.setattr(teach, "BATCH", 3)
    monkeypatch.setattr(follow, "BATCH", 3)
    monkeypatch.setattr(follow, "DECIDE_AT_ONCE", 2)


def printed(press: Press, items: Sequence[Item]) -> None:
    for item in items:
        press.take(item)
    press.settle()


def as_if_nothing_was_lost(valkey: Valkey, folder: Path, items: Sequence[Item]) -> dict[str, tuple[object, ...]]:
    """The same stream beside it, through a Redis that is never lost."""
    index = SqliteIndex(folder / "control")
    index.setup()
    control = Press(valkey.client, index, "control")
    printed(control, items)
    found = told(control.documents(), reused(items))
    index.close()
    return found


def finish(press: Press) -> Progress:
    *_, last = press.rebuild()
    assert last.phase is Phase.DONE
    return last


def test_an_empty_redis_is_taught_the_window(press: Press) -> None:
    items = stream(1)
    printed(press, items)
    before = told(press.documents())
    press.lose_redis()
    last = finish(press)
    assert (last.read, last.decided, last.written) == (len(before), 0, 0)
    assert told(press.documents()) == before
    # What is fetched again is known, and nothing more is to be done.
    for item in {item.url: item for item in items}.values():
        press.take(replace(item, after=AT_ONCE))
    assert press.mill.outbox.size()[0] == 0
    assert press.mill.stories.unsettled(1) == []


@pytest.mark.parametrize("seed", range(4))
def test_with_articles_coming_all_the_while_it_ends_as_if_nothing_had_been_lost(
    press: Press, valkey: Valkey, tmp_path: Path, seed: int
) -> None:
    """Lost in the middle; some articles come before the rebuild begins, some while it is at work, some after, and known
    pages are fetched again in between; the index writes when it likes."""
    items, rng = stream(seed + 10), random.Random(seed)
    wanted = as_if_nothing_was_lost(valkey, tmp_path, items)
    lost = len(items) * 3 // 5
    printed(press, items[:lost])
    press.lose_redis()

    later = {item.url for item in items[lost:]}
    again = [item for item in {each.url: each for each in items[:lost]}.values() if item.url not in later]
    rest = list(items[lost:])
    for item in rng.sample(again, min(6, len(again))) if seed % 2 else ():
        rest.insert(rng.randint(0, 8), replace(item, after=AT_ONCE))
    coming = iter(rest)
    for item in islice(coming, rng.randint(1, 4)):
        press.take(item)
        if rng.random() < 0.5:
            press.write()
    marked = 0
    for progress in press.rebuild():
        if progress.phase is not Phase.DONE:
            for item in islice(coming, rng.choice((0, 0, 1, 2))):
                press.take(item)
            if rng.random() < 0.3:
                press.write(limit=rng.choice((1, 500)))
        marked += len(list(press.index.scan(MARKED)))
    assert progress.phase is Phase.DONE
    assert marked, "documents stored meanwhile say so"
    for item in coming:
        press.take(item)
    press.settle()
    found = press.documents()
    assert told(found, reused(items)) == wanted
    assert not any(each.story.provisional for each in found.values())
    assert len(list(press.index.scan(Not(MARKED)))) == len(found)


def test_killed_again_and_again_it_goes_on_where_it_was(press: Press, valkey: Valkey, tmp_path: Path) -> None:
    items = stream(21, stories=8)
    wanted = as_if_nothing_was_lost(valkey, tmp_path, items)
    half = len(items) // 2
    printed(press, items[:half])
    press.lose_redis()
    coming, read, kills = iter(items[half:]), [], 0
    done = False
    while not done:
        attempt = press.attempt()
        steps = press.rebuild(attempt)
        for number, progress in enumerate(steps):
            done = progress.phase is Phase.DONE
            read.append(progress.read)
            if number == kills // 3 + 1 and not done:
                break  # as kill -9 does: no word of it reaches anybody
            for item in islice(coming, number % 2):
                press.take(item)
            press.write(limit=2)
        if not done:
            steps.close()
            with pytest.raises(RebuildTaken):
                press.attempt().begin("somebody else")
            press.mill.client.delete(press.mill.scripts.key("rebuild:lease"))  # a minute later
            kills += 1
    assert kills > 5
    assert max(read) < half + kills * 3, "what was taught is not taught again and again"
    for item in coming:
        press.take(item)
    press.settle()
    assert told(press.documents(), reused(items)) == wanted
    assert list(press.index.scan(MARKED)) == []


def test_only_one_at_a_time_and_who_lost_the_lease_stops(press: Press) -> None:
    printed(press, stream(2, stories=3))
    press.lose_redis()
    first, second = press.attempt(), press.attempt()
    steps = press.rebuild(first)
    next(steps)
    with pytest.raises(RebuildTaken) as taken:
        second.begin("second")
    assert taken.value.state is not None
    assert (taken.value.state.host, taken.value.state.at_work) == ("test", True)
    press.mill.client.delete(press.mill.scripts.key("rebuild:lease"))
    finish(press)
    with pytest.raises(RebuildTaken):
        list(steps)
    assert first.state() == second.state()
    state = first.state()
    assert state is not None
    assert (state.phase, state.at_work) == (Phase.DONE, False)


def test_a_redis_that_lost_nothing_is_left_as_it_is(press: Press) -> None:
    items = stream(3)
    printed(press, items[: len(items) // 2])
    before = press.documents()
    last = finish(press)
    assert (last.read, last.decided, last.written) == (0, 0, 0), "all was assigned here"
    printed(press, items[len(items) // 2 :])
    press.mill.later(9 * 86400)  # by now all of the window was
    before = press.documents()
    last = finish(press)
    assert (last.read, last.decided, last.written) == (len(before), 0, 0)
    assert press.documents() == before
    assert press.mill.stories.unsettled(1) == []


def test_nobody_rebuilds_and_nothing_breaks(press: Press) -> None:
    """All pages are fetched again, in any order: the index tells their stories, and Redis learns them from it."""
    items = [item for item in stream(4) if item.url not in reused(stream(4))]
    printed(press, items)
    before = told(press.documents())
    press.lose_redis()
    last = list({item.url: item for item in items}.values())
    random.Random(4).shuffle(last)
    for number, item in enumerate(last):
        press.take(replace(item, after=AT_ONCE))
        if number % 3 == 0:
            press.write()
    press.settle()
    assert told(press.documents()) == before
    press.take(Item("https://late.example/1", items[0].body, AT_ONCE))
    press.settle()
    assert press.documents()["https://late.example/1"].story.id == before[items[0].url][0], "a copy joins what it was"
    assert list(press.index.scan(MARKED)) == [], "no rebuild was at work"


def test_a_copy_of_what_only_the_index_knew_joins_after_all(press: Press) -> None:
    long = sentences(1, 30)
    printed(press, [Item("https://one.example/1", text(long), AT_ONCE)])
    press.lose_redis()
    printed(press, [Item("https://two.example/1", text(edited(long, 1, 12)), timedelta(hours=1))])
    two = press.documents()["https://two.example/1"]
    assert two.story.id == two.id, "Redis did not know"
    last = finish(press)
    assert (last.decided, last.changed, last.written) == (1, 1, 1)
    after = press.documents()["https://two.example/1"]
    assert (after.story.id, after.duplicate_of) == (article_id("https://one.example/1"),) * 2
    assert (after.version, after.revision, after.body) == (two.version + 1, 1, two.body)


def test_a_story_is_open_as_long_as_it_was(press: Press) -> None:
    """The lead is ten days old, its last copy three: it was posted anew with that copy, and so it is taught."""
    long = sentences(1, 30)
    printed(
        press,
        [
            Item("https://lead.example/1", text(long), AT_ONCE),
            Item("https://copy.example/1", text(long[:15]), timedelta(days=3.9)),
            Item("https://cut.example/1", text(long[:14]), timedelta(days=3.9)),
            Item("https://other.example/1", text(sentences(2, 30)), timedelta(days=3)),
        ],
    )
    press.lose_redis()
    assert finish(press).read == 4
    press.take(Item("https://late.example/1", text(long[18:]), timedelta(hours=1)))
    press.settle()
    assert press.documents()["https://late.example/1"].duplicate_of == article_id("https://lead.example/1")


def test_what_is_older_than_the_window_is_known_and_opens_no_story(press: Press) -> None:
    long = sentences(1, 30)
    printed(press, [Item("https://one.example/1", text(long), AT_ONCE)])
    press.mill.later(20 * 86400)
    press.lose_redis()
    press.take(Item("https://two.example/1", text(long), AT_ONCE))
    finish(press)
    press.settle()
    assert press.documents()["https://two.example/1"].story.is_lead
    press.take(Item("https://one.example/1", text(long), AT_ONCE))
    assert press.mill.outbox.size()[0] == 0, "unchanged"


def test_documents_that_cannot_be_written_are_told_and_done_the_next_time(
    press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "PATIENCE_S", 0.3)
    long = sentences(1, 30)
    printed(press, [Item("https://one.example/1", text(long), AT_ONCE)])
    press.lose_redis()
    press.take(Item("https://two.example/1", text(long), AT_ONCE))
    stuck = press.mill.outbox.take("a worker that hangs", 10)
    *_, last = press.rebuild()
    assert (last.phase, last.left) == (Phase.DECIDE, 1)
    press.mill.outbox.put_back("w", stuck)
    finish(press)
    assert press.documents()["https://two.example/1"].duplicate_of == article_id("https://one.example/1")


def test_a_round_up_that_was_taken_for_an_article_says_what_it_is(press: Press) -> None:
    stories = [sentences(100 + number, 14) for number in range(5)]
    printed(press, [Item(f"https://s{n}.example/1", text(each), AT_ONCE) for n, each in enumerate(stories)])
    press.lose_redis()
    roundup = Item("https://round.example/1", text([s for story in stories for s in story[:3]]), AT_ONCE)
    printed(press, [roundup])
    assert press.documents()[roundup.url].kind == "article"
    finish(press)
    assert press.documents()[roundup.url].kind == "digest"


def test_one_that_is_no_round_up_after_all() -> None:
    from tests.articles import make_article
    from worker.models import Kind

    digest = make_article(kind=Kind.DIGEST)
    copy = in_place(digest, Placed(StoryRef("a" * 32, False, 0.9), article_id("https://b.example/"), False))
    assert (copy.kind, copy.duplicate_of) == (Kind.ARTICLE, article_id("https://b.example/"))
    assert in_place(digest, Placed(digest.story, digest.id, False)) == digest
