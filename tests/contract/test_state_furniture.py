"""`Furniture` over a real Valkey: what becomes furniture and what never does, bounds, expiry, races, cleaning jobs."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from datetime import datetime, timedelta
from multiprocessing.synchronize import Barrier

import pytest
import xxhash

from tests.articles import make_article, make_event
from tests.state import LIMITS, Mill
from tests.valkey import Valkey
from worker.models import Block, CleaningJob
from worker.state.furniture import FurnitureLimits, RedisFurniture
from worker.state.scripts import Scripts
from worker.state.server import connect

DAY = 86400
SITE = "a.example"
GIVEN = FurnitureLimits(stories=3, max_blocks=4000, days=30, gather_s=60.0)


def block(text: str, words: int = 20) -> Block:
    return Block(xxhash.xxh3_64_digest(text.encode()), words)


BOX = block("support us")


def story(number: int | str) -> str:
    return xxhash.xxh3_128_hexdigest(f"story {number}".encode())


def title(number: int) -> str:
    """Distinct words only."""
    letters = "".join(chr(ord("a") + int(digit)) for digit in f"{number:05}")
    return " ".join(f"{start}{letters}" for start in ("qua", "zor", "mel", "tun", "vip", "hag"))


class Desk:
    """One site's articles, as the pipeline learns from them."""

    def __init__(self, valkey: Valkey, site: str = SITE, **limits: float) -> None:
        self.mill = Mill(valkey.client)
        self.site = site
        given = {**{name: getattr(GIVEN, name) for name in GIVEN.__dataclass_fields__}, **limits}
        self.memory = RedisFurniture(self.mill.scripts, LIMITS, FurnitureLimits(**given))

    def learn(self, number: int, *shared: Block, own: int = 5, **changes: object) -> int:
        """Article `number`: five paragraphs of its own, and blocks that it shares with others."""
        given = {
            "story": story(number),
            "title": title(number),
            "fetched_at": self.mill.scripts.now(),
            "blocks": [*(block(f"{number} {part}") for part in range(own)), *shared],
            **changes,
        }
        known = self.memory.look(self.site, [each.mark for each in given["blocks"]])  # type: ignore[attr-defined]
        return self.memory.learn(self.site, **{"known": known, **given})  # type: ignore[arg-type]

    def knows(self, *blocks: Block, site: str = "") -> list[bool]:
        found = self.memory.look(site or self.site, [each.mark for each in blocks])
        return [each.mark in found for each in blocks]


@pytest.fixture
def desk(valkey: Valkey) -> Desk:
    return Desk(valkey)


def test_a_block_of_three_stories_is_furniture_of_that_site(desk: Desk) -> None:
    assert desk.memory.look(SITE, []) == {}
    assert [desk.learn(number, BOX) for number in range(4)] == [0, 0, 1, 0]
    assert desk.knows(BOX, block("0 0"), block("1 1")) == [True, False, False]
    assert desk.knows(BOX, site="b.example") == [False]


def test_the_first_vote_says_from_when_on_texts_may_hold_it(desk: Desk) -> None:
    now = desk.mill.scripts.now().replace(microsecond=0)
    for number, hours in enumerate((3, 5, 1)):
        desk.learn(number, BOX, fetched_at=now - timedelta(hours=hours))
    job = desk.memory.claim()
    assert job is not None
    assert job.since == now - timedelta(hours=5)


def test_repeating_a_call_changes_nothing(desk: Desk) -> None:
    for _ in range(5):
        desk.learn(1, BOX)
        desk.learn(2, BOX)
    assert desk.knows(BOX) == [False]


def test_it_is_numbered_in_the_order_it_became_known(desk: Desk) -> None:
    late = block("late box")
    for number in range(6):
        desk.learn(number, BOX, *([late] if number > 2 else []))
    found = desk.memory.look(SITE, [late.mark, BOX.mark])
    assert found[BOX.mark] < found[late.mark]


def test_copies_updates_and_further_addresses_of_one_story_vote_once(desk: Desk) -> None:
    for number in range(5):  # the same story id: wire copies, a changed article
        desk.learn(number, BOX, story=story("one"))
    assert desk.knows(BOX) == [False]


def test_related_titles_are_one_story(desk: Desk) -> None:
    """Updates under addresses of their own share their background, and most of their headline."""
    background = [block(f"background {part}") for part in range(3)]
    heads = (
        "Minister resigns after vote on harbour budget",
        "Harbour budget: minister resigns, successor named",
        "After the harbour vote: who follows the minister?",
        "Minister's successor takes over harbour budget",
    )
    for number, head in enumerate(heads):
        desk.learn(number, *background, title=head)
    assert desk.knows(*background) == [False] * 3


def test_a_body_that_another_covers_is_the_same_story(desk: Desk) -> None:
    """Shortened and edited copies of one agency text under headlines of their own."""
    wire = [block(f"wire {part}", 40) for part in range(8)]
    for number in (4, 0, 1, 3, 2):
        desk.learn(number, blocks=[*wire[: 8 - number], block(f"edited {number}", 30)])
    assert desk.knows(*wire) == [False] * 8


def test_a_new_lead_does_not_make_another_story_of_it(desk: Desk) -> None:
    wire = [block(f"wire {part}", 40) for part in range(8)]
    for number in range(5):
        desk.learn(number, blocks=[block(f"lead {number}", 30), *wire])
    assert desk.knows(*wire) == [False] * 8


def test_half_a_body_with_its_lead_is_the_same_story_without_it_is_not(desk: Desk) -> None:
    """Copies that were half rewritten behind the lead; articles that differ, but for boxes as long as they are."""
    part = [block(f"wire {part}", 30) for part in range(3)]
    own = [[block(f"own {number} {part}", 25) for part in range(3)] for number in range(4)]
    assert [desk.learn(number, blocks=[*part, *own[number]]) for number in range(4)] == [0] * 4
    box = [block(f"box {part}", 30) for part in range(3)]
    assert [desk.learn(10 + number, blocks=[*own[number], *box]) for number in range(4)] == [0, 0, 3, 0]


def test_furniture_is_learned_though_it_is_most_of_a_text(desk: Desk) -> None:
    """Seven tenths of each body: different stories all the same."""
    boxes = [block(f"box {part}", 70) for part in range(3)]
    learned = [desk.learn(number, *boxes, own=5) for number in range(4)]
    assert learned == [0, 0, 3, 0]


def test_articles_without_a_title_vote_too(desk: Desk) -> None:
    assert [desk.learn(number, BOX, title="") for number in range(3)] == [0, 0, 1]


def test_a_box_that_is_rare_is_found_among_many_articles(desk: Desk) -> None:
    for number in range(100):
        desk.learn(number, *([BOX] if number % 40 == 3 else []), own=20)
    assert desk.knows(BOX) == [True]


def test_what_is_not_seen_any_more_is_forgotten_and_what_is_seen_stays(desk: Desk) -> None:
    old = block("old campaign")
    number = 0
    for _ in range(3):
        number += 1
        desk.learn(number, BOX, old)
    for _ in range(8):
        desk.mill.later(8 * DAY)
        number += 1
        desk.learn(number, BOX)
    assert desk.knows(BOX, old) == [True, False]


def test_votes_expire_too(desk: Desk) -> None:
    desk.learn(1, BOX)
    desk.learn(2, BOX)
    for number in range(10, 16):
        desk.mill.later(8 * DAY)
        desk.learn(number)
    assert desk.learn(3, BOX) == 0


def test_every_key_of_it_expires(desk: Desk) -> None:
    for number in range(40):
        desk.learn(number, BOX)
    client = desk.mill.client
    keys = list(client.scan_iter(desk.mill.scripts.key("furniture:*")))
    kept = {desk.mill.scripts.key("furniture:dirty").encode(), desk.mill.scripts.key("furniture:jobs").encode()}
    assert len(keys) > len(kept)
    assert {key for key in keys if client.pttl(key) < 0} == kept, "those are emptied by the cleaning"
    assert all(client.pttl(key) <= 30 * DAY * 1000 for key in keys)


def test_a_site_never_takes_more_than_its_share(valkey: Valkey) -> None:
    desk = Desk(valkey, max_blocks=400)
    client, key = desk.mill.client, desk.mill.scripts.key
    for number in range(200):
        desk.learn(number, BOX, block(f"teaser {number // 4}"), own=18)
    votes = sum(client.hlen(name) for name in client.scan_iter(key("furniture:new:*")))
    known = sum(client.hlen(name) for name in client.scan_iter(key("furniture:known:*")))
    articles = sum(client.hlen(name) for name in client.scan_iter(key("furniture:articles:*")))
    assert votes <= 400 + 2 * 20
    assert known <= 50 + 2 * 20
    assert articles <= 2 * (200 // 18 + 2)
    assert desk.knows(BOX) == [True], "what is in use stays"


def test_a_page_of_very_many_blocks_is_one_call(desk: Desk) -> None:
    many = [block(f"many {part}") for part in range(300)]
    for number in range(3):
        desk.learn(number, *many, own=80)
    assert all(desk.knows(*many))


def _race(url: str, number: int, barrier: Barrier, answers: multiprocessing.Queue[int]) -> None:
    client = connect(url)
    memory = RedisFurniture(Scripts(client, "test"), LIMITS, GIVEN)
    at = Scripts(client, "test").now()
    barrier.wait()
    learned = 0
    for turn in range(100):
        boxes = [block(f"box {turn}"), block(f"copied {turn}")]
        own = [block(f"{number} {turn} {part}") for part in range(5)]
        learned += memory.learn(
            SITE, story=story(f"{turn} {number}"), title=title(100 * number + turn), fetched_at=at,
            blocks=[*own, boxes[0]], known=(),
        )  # fmt: skip
        learned += memory.learn(
            SITE, story=story(f"{turn} one"), title="", fetched_at=at, blocks=[*own, boxes[1]], known=()
        )
    answers.put(learned)
    client.close()


def test_four_workers_that_learn_the_same_block_at_once_count_each_story_once(valkey: Valkey) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(4), context.Queue()
    processes = [context.Process(target=_race, args=(valkey.url, n, barrier, answers)) for n in range(4)]
    for process in processes:
        process.start()
    assert sum(answers.get(timeout=60) for _ in processes) == 100
    for process in processes:
        process.join(10)
    desk = Desk(valkey)
    assert all(desk.knows(*(block(f"box {turn}") for turn in range(100))))
    assert not any(desk.knows(*(block(f"copied {turn}") for turn in range(100))))


# -- cleaning jobs


def make_dirty(desk: Desk, first: int = 0) -> None:
    for number in range(first, first + 3):
        desk.learn(number, block(f"box {first}"))


def keep_busy(desk: Desk) -> None:
    """An article waits in the frontier: the mill is not idle, so cleanings gather."""
    desk.mill.offer(["https://busy.example/1"])


def test_a_site_is_cleaned_after_a_while_and_once(desk: Desk) -> None:
    keep_busy(desk)
    started = desk.mill.scripts.now()
    make_dirty(desk)
    assert desk.memory.pending() == 1
    assert desk.memory.claim() is None, "more may be learned in the next moments"
    desk.mill.later(61)
    job = desk.memory.claim()
    assert job is not None
    assert (job.site, job.cursor) == (SITE, datetime.fromtimestamp(0, job.since.tzinfo))
    assert started - timedelta(seconds=1) <= job.since <= desk.mill.scripts.now()
    assert desk.memory.claim() is None, "leased"
    assert desk.memory.done(job, None)
    assert (desk.memory.pending(), desk.memory.claim()) == (0, None)
    assert not desk.memory.done(job, None), "it is nobody's any more"


def test_an_idle_mill_does_not_wait(desk: Desk) -> None:
    make_dirty(desk)
    assert desk.memory.claim() is not None
    assert desk.memory.claim() is None


def test_a_cleaning_goes_on_at_its_cursor(desk: Desk) -> None:
    make_dirty(desk)
    cursor = desk.mill.scripts.now()
    first = desk.memory.claim()
    assert first is not None
    assert desk.memory.done(first, cursor)
    second = desk.memory.claim()
    assert second is not None
    assert (second.cursor, second.since) == (cursor, first.since)


def test_what_is_learned_between_two_shares_starts_it_anew_too(desk: Desk) -> None:
    make_dirty(desk)
    first = desk.memory.claim()
    assert first is not None
    assert desk.memory.done(first, desk.mill.scripts.now())
    make_dirty(desk, 10)
    again = desk.memory.claim()
    assert again is not None
    assert again.cursor == first.cursor


def test_what_is_learned_meanwhile_starts_it_anew(desk: Desk) -> None:
    make_dirty(desk)
    job = desk.memory.claim()
    assert job is not None
    make_dirty(desk, 10)
    assert desk.memory.done(job, None)
    again = desk.memory.claim()
    assert again is not None
    assert again.cursor == job.cursor


def test_a_cleaning_whose_worker_died_comes_back(desk: Desk) -> None:
    make_dirty(desk)
    lost = desk.memory.claim()
    assert lost is not None
    desk.mill.later(121)
    again = desk.memory.claim()
    assert again is not None
    assert not desk.memory.done(lost, None), "its lease is over"
    assert desk.memory.pending() == 1
    assert desk.memory.done(again, None)


def test_it_waits_for_documents_that_are_not_in_the_index_yet(desk: Desk) -> None:
    make_dirty(desk)
    url = "https://a.example/1"
    desk.mill.outbox.append_direct(make_event(url), make_article(url))
    desk.mill.later(300)
    assert desk.memory.claim() is None
    [item] = desk.mill.outbox.take("w", 1)
    desk.mill.outbox.ack([(item, item.event.state, item.event.reason)])
    assert desk.memory.claim() is not None


def test_it_does_not_wait_for_ever_for_one_document(desk: Desk) -> None:
    make_dirty(desk)
    url = "https://a.example/1"
    desk.mill.outbox.append_direct(make_event(url), make_article(url))
    desk.mill.later(1801)
    assert desk.memory.claim() is not None


def test_an_article_looked_up_just_before_is_cleaned_too(desk: Desk) -> None:
    make_dirty(desk)
    job = desk.memory.claim()
    assert job is not None
    desk.memory.done(job, None)
    desk.learn(7, block("box 0"))
    assert desk.memory.pending() == 0, "it was known, and cut"
    desk.learn(8, block("box 0"), known=())
    assert desk.memory.pending() == 1


def _claimer(url: str, barrier: Barrier, answers: multiprocessing.Queue[Sequence[str]]) -> None:
    client = connect(url)
    memory = RedisFurniture(Scripts(client, "test"), LIMITS, GIVEN)
    jobs: list[CleaningJob] = []
    barrier.wait()
    while (job := memory.claim()) is not None:
        jobs.append(job)
    answers.put([job.site for job in jobs])
    client.close()


def test_schedulers_never_get_the_same_site(valkey: Valkey) -> None:
    for number in range(40):
        make_dirty(Desk(valkey, site=f"s{number}.example"))
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(3), context.Queue()
    processes = [context.Process(target=_claimer, args=(valkey.url, barrier, answers)) for _ in range(3)]
    for process in processes:
        process.start()
    sites = [site for _ in processes for site in answers.get(timeout=60)]
    for process in processes:
        process.join(10)
    assert sorted(sites) == sorted(f"s{number}.example" for number in range(40))
