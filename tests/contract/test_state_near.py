"""`Stories` over a real Valkey: copies that are not equal, and what only looks like one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from tests.articles import make_article
from tests.state import NOW, Mill
from tests.texts import edited, sentences, text
from tests.valkey import Valkey
from worker.deduplicate.fingerprint import fingerprint
from worker.deduplicate.parameters import ANCHOR_MIN, RULES
from worker.index.documents import content_hash
from worker.models import Assignment, Kind, StoryRef
from worker.urls import article_id

DAY = 86400
LONG = sentences(1, 30)
NUMBERS = (
    "The exchange closed at {} points after a session in which {} million shares were traded and the leading index "
    "moved by {} percent while bond yields stood at {} percent and brokers in the city said that most investors were "
    "waiting for the bank to decide about its rates which it will do when the council meets again in the capital"
)


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    return Mill(valkey.client)


def put(
    mill: Mill, name: str, body: Sequence[str] | str, site: str = "", language: str = "en", path: str = "1"
) -> Assignment:
    body = body if isinstance(body, str) else text(body)
    site = site or f"{name}.example"
    return mill.stories.assign(
        article_id(f"https://{site}/{name}/{path}"), site=site, language=language,
        content=content_hash("", "", body), fingerprint=fingerprint(body, language), now=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "copy"),
    [
        ("headline and lead rewritten", [*sentences(2, 3), *LONG[3:]]),
        ("cut to 40 %", LONG[:12]),
        ("paragraphs dropped and inserted", [*LONG[:4], *sentences(3, 2), *LONG[8:20], *sentences(4, 2), *LONG[24:]]),
        ("words edited", edited(LONG, 5, 9)),
        ("lead rewritten, words edited, cut", [*sentences(6, 2), *edited(LONG[2:16], 7, 12)]),
        ("only the beginning", LONG[:4]),
        ("with more of its own", [*LONG, *sentences(8, 12)]),
    ],
)
def test_an_edited_copy_joins_whichever_comes_first(mill: Mill, kind: str, copy: list[str]) -> None:
    for first, second, turn in ((LONG, copy, "a"), (copy, LONG, "b")):
        mill.client.flushall()
        lead = put(mill, "one" + turn, first)
        other = put(mill, "two" + turn, second)
        assert (lead.story.is_lead, lead.duplicate_of) == (True, None)
        assert other.story.id == lead.story.id, kind
        assert 0.25 <= other.story.containment <= 1.0


def test_other_texts_languages_and_too_short_ones_stay_apart(mill: Mill) -> None:
    put(mill, "one", LONG)
    assert put(mill, "two", sentences(50, 30)).story.is_lead
    assert put(mill, "three", edited(LONG, 1, 40), language="de").story.is_lead
    assert put(mill, "four", " ".join(LONG[0].split()[:20])).story.is_lead


def test_a_shared_quote_makes_no_story(mill: Mill) -> None:
    quote = sentences(9, 4)
    put(mill, "one", [*sentences(10, 10), *quote])
    assert put(mill, "two", [*sentences(11, 3), *quote, *sentences(12, 6)]).story.is_lead


@pytest.mark.parametrize(
    ("every", "same_site", "joins"), [(18, True, False), (18, False, True), (300, True, True)], ids=str
)
def test_the_same_site_under_another_url_needs_more(mill: Mill, every: int, same_site: bool, joins: bool) -> None:
    put(mill, "one", LONG, site="a.example")
    copy = put(mill, "two", edited(LONG, 3, every), site="a.example" if same_site else "b.example")
    assert copy.story.is_lead is not joins


def test_texts_whose_numbers_disagree_are_fillings_of_a_form(mill: Mill) -> None:
    """Nine words in ten are the same; with the same numbers that is a copy, with others it is the next day's report."""
    monday, tuesday = NUMBERS.format(8123, 45, 1.3, 2.75), NUMBERS.format(8301, 52, 2.2, 2.81)
    lead = put(mill, "one", monday)
    assert put(mill, "two", tuesday).story.is_lead
    assert put(mill, "three", monday.replace("waiting", "hoping")).story.id == lead.story.id


def test_one_corrected_figure_makes_no_other_story(mill: Mill) -> None:
    body = text(LONG[:10], ["some 12 ships left by noon."], LONG[10:20], ["about 340 homes lost power."], LONG[20:],
                ["the toll rose to 17 people there."])  # fmt: skip
    lead = put(mill, "one", body)
    assert put(mill, "two", body.replace("340", "350")).story.id == lead.story.id


def test_short_texts_need_more(mill: Mill) -> None:
    short = sentences(20, 8)
    assert RULES.short_words == 120
    put(mill, "one", short)
    assert put(mill, "two", edited(short, 1, 7)).story.is_lead
    assert not put(mill, "three", [*short[:7], *sentences(21, 1)]).story.is_lead


def test_a_round_up_joins_none_and_nobody_joins_it(mill: Mill) -> None:
    stories = [sentences(100 + number, 14) for number in range(5)]
    for number, story in enumerate(stories):
        put(mill, f"s{number}", story)
    roundup = [sentence for story in stories for sentence in story[:3]]
    digest = put(mill, "roundup", roundup)
    assert digest.is_digest
    assert (digest.story.is_lead, digest.duplicate_of, digest.merge_hint) == (True, None, "")
    assert put(mill, "roundup", roundup) == digest
    again = put(mill, "elsewhere", roundup)
    assert (again.is_digest, again.story.is_lead) == (True, True)
    assert [put(mill, f"s{number}", story).is_digest for number, story in enumerate(stories)] == [False] * 5


def test_two_copies_with_additions_are_no_round_up(mill: Mill) -> None:
    lead = put(mill, "one", LONG)
    put(mill, "two", sentences(30, 20))
    put(mill, "three", sentences(31, 20))
    mixed = [*LONG, *sentences(30, 20)[:4], *sentences(31, 20)[:4]]
    copy = put(mill, "four", mixed)
    assert (copy.is_digest, copy.story.id) == (False, lead.story.id)


def test_a_later_version_keeps_its_story_unless_it_is_another_text(mill: Mill) -> None:
    first = put(mill, "one", LONG)
    second = put(mill, "one", edited(LONG, 2, 6))
    assert (second.revision, second.story.id) == (2, first.story.id)
    third = put(mill, "one", sentences(40, 30))
    assert (third.revision, third.first_seen_at) == (3, first.first_seen_at)
    assert third.story.id not in (first.story.id, article_id("https://one.example/one/1"))
    assert third.story.is_lead
    assert put(mill, "two", edited(sentences(40, 30), 1, 12)).duplicate_of == article_id("https://one.example/one/1")
    assert put(mill, "three", edited(LONG, 4, 12)).story.id == first.story.id, "the old text was printed as well"
    assert put(mill, "one", sentences(40, 30)) == third


def test_a_copy_that_becomes_another_text_takes_its_own_name(mill: Mill) -> None:
    put(mill, "one", LONG)
    assert not put(mill, "two", edited(LONG, 2, 12)).story.is_lead
    changed = put(mill, "two", sentences(41, 30))
    assert changed.story == StoryRef(article_id("https://two.example/two/1"), True, 1.0)


def test_a_live_page_that_becomes_a_copy_joins(mill: Mill) -> None:
    lead = put(mill, "one", LONG)
    put(mill, "two", sentences(42, 30))
    assert put(mill, "two", LONG).story.id == lead.story.id


def test_a_much_fuller_text_takes_the_lead(mill: Mill) -> None:
    brief = put(mill, "brief", LONG[:8])
    full = put(mill, "full", LONG)
    assert (full.story.id, full.story.is_lead, full.duplicate_of) == (brief.story.id, True, None)
    assert put(mill, "late", edited(LONG, 1, 15)).duplicate_of == article_id("https://full.example/full/1")
    replayed = put(mill, "brief", LONG[:8])
    assert (replayed.story.is_lead, replayed.duplicate_of) == (False, article_id("https://full.example/full/1"))
    [work] = mill.stories.unsettled(10)
    assert (work.story, work.other) == (brief.story.id, "")


def two_stories(mill: Mill) -> tuple[Assignment, Assignment, Assignment]:
    first = put(mill, "one", LONG[:15])
    mill.later(5)
    second = put(mill, "two", LONG[15:])
    assert second.story.is_lead
    long = put(mill, "both", LONG)
    return first, second, long


def test_a_text_that_holds_two_stories_asks_for_their_merger(mill: Mill) -> None:
    first, second, long = two_stories(mill)
    assert {long.story.id, long.merge_hint} == {first.story.id, second.story.id}
    works = [work for work in mill.stories.unsettled(10) if work.other]
    assert [{work.story, work.other} for work in works] == [{first.story.id, second.story.id}]


def test_merged_stories_are_one_from_then_on(mill: Mill) -> None:
    two_stories(mill)
    one, two = (article_id(f"https://{name}.example/{name}/1") for name in ("one", "two"))
    assert mill.stories.merge(one, two) in ((one, two), (two, one))
    merged = mill.stories.merge(two, one)
    assert set(merged) == {one, two}
    root = merged[0]
    assert put(mill, "copy", edited(LONG[15:], 1, 14)).story.id == root
    assert put(mill, "two", LONG[15:]).story.id == root, "a replay sees through the merger"
    now = mill.stories.current([one, two, "0" * 32])
    assert now[one] == now[two]
    assert now[one].id == root
    assert now["0" * 32].lead is None


def test_the_older_id_stays(mill: Mill) -> None:
    ids = []
    for name, hours in (("late", 3), ("early", 1), ("middle", 2)):
        body = text(sentences(60 + hours, 20))
        id_ = article_id(f"https://{name}.example/")
        mill.stories.assign(
            id_, site=name, language="en", content=b"1" * 16, fingerprint=fingerprint(body, "en"),
            now=NOW + timedelta(hours=hours),
        )  # fmt: skip
        ids.append(id_)
    late, early, middle = ids
    assert mill.stories.merge(late, middle) == (middle, late)
    assert mill.stories.merge(late, early) == (early, middle)
    assert {story.id for story in mill.stories.current(ids).values()} == {early}


def test_settled_only_when_it_was_not_asked_for_again(mill: Mill) -> None:
    put(mill, "brief", LONG[:8])
    put(mill, "full", LONG[:20])
    [work] = mill.stories.unsettled(10)
    mill.later(1)
    put(mill, "fuller", LONG)
    assert not mill.stories.settled(work)
    [again] = mill.stories.unsettled(10)
    assert mill.stories.settled(again)
    assert mill.stories.unsettled(10) == []


def test_a_story_stays_open_as_long_as_copies_come(mill: Mill) -> None:
    lead = put(mill, "one", LONG)
    for number in range(5):
        mill.later(3.9 * DAY)
        assert put(mill, f"copy{number}", edited(LONG, number, 20)).story.id == lead.story.id
    mill.later(8.1 * DAY)
    assert put(mill, "late", edited(LONG, 99, 20)).story.is_lead


def test_what_only_old_copies_match_is_posted_again_once_an_epoch(mill: Mill) -> None:
    lead = put(mill, "one", LONG)
    for number in range(4):
        mill.later(3.9 * DAY)
        assert put(mill, f"cut{number}", LONG[: 20 - number]).story.id == lead.story.id
        sizes, table = table_of(mill)
        assert sum(sizes) == int(table[b"entries"]) == ANCHOR_MIN, "the lead's anchors and no others"


def test_restore_makes_copies_join_again(mill: Mill) -> None:
    body = text(LONG)
    article = make_article(
        "https://one.example/one/1", body=body, language="en", first_seen_at=mill.scripts.now() - timedelta(days=2)
    )
    found = fingerprint(body, "en")
    for _ in range(2):
        mill.stories.restore(article, content=content_hash("", "", body), fingerprint=found)
    tables = mill.client.keys(mill.scripts.key("near:en:?????")) + mill.client.keys(mill.scripts.key("near:en:????"))
    assert [mill.client.hget(table, "entries") for table in tables] == [b"%d" % found.anchors], "posted once"
    assert put(mill, "two", edited(LONG, 1, 10)).duplicate_of == article.id
    copy = replace(
        make_article("https://three.example/1", body=text(LONG[:12]), language="en", first_seen_at=NOW),
        story=StoryRef(article.id, False, 1.0), duplicate_of=article.id,
    )  # fmt: skip
    mill.stories.restore(copy, content=b"c" * 16, fingerprint=fingerprint(copy.body, "en"))
    assert put(mill, "four", LONG[:11]).story.id == article.id


def test_restore_knows_leads_and_digests(mill: Mill) -> None:
    story = article_id("https://brief.example/brief/1")
    full = make_article("https://full.example/full/1", body=text(LONG), language="en", word_count=360)
    full = replace(full, story=StoryRef(story, True, 1.0), first_seen_at=mill.scripts.now())
    brief = make_article("https://brief.example/brief/1", body=text(LONG[:8]), language="en", word_count=96)
    brief = replace(brief, story=StoryRef(story, False, 1.0), duplicate_of=full.id, first_seen_at=mill.scripts.now())
    for article in (full, brief):
        mill.stories.restore(
            article, content=content_hash("", "", article.body), fingerprint=fingerprint(article.body, "en")
        )
    assert mill.stories.current([story])[story].lead == full.id
    assert put(mill, "brief", LONG[:8]).duplicate_of == full.id
    digest = make_article("https://r.example/r/1", body=text(sentences(70, 20)), kind=Kind.DIGEST, language="en")
    digest = replace(digest, first_seen_at=mill.scripts.now())
    mill.stories.restore(digest, content=content_hash("", "", digest.body), fingerprint=fingerprint(digest.body, "en"))
    assert put(mill, "x", edited(sentences(70, 20), 1, 12)).story.is_lead


def table_of(mill: Mill) -> tuple[list[int], dict[bytes, bytes]]:
    """Sizes of the newest epoch's buckets (without the field that keeps each in being), and what the table says."""
    tables = {key for key in mill.client.scan_iter(mill.scripts.key("near:en:*"), count=1000) if key.count(b":") == 3}
    newest = max(tables, key=lambda key: int(key.rsplit(b":", 1)[1]))
    buckets = mill.client.scan_iter(newest + b":*", count=1000)
    return [mill.client.hlen(key) - 1 for key in buckets], mill.client.hgetall(newest)


def test_buckets_stay_small_while_the_table_grows(mill: Mill) -> None:
    for number in range(700):
        put(mill, f"n{number}", sentences(1000 + number, 20))
    sizes, table = table_of(mill)
    assert sum(sizes) == int(table[b"entries"])
    assert len(sizes) == int(table[b"buckets"]) > 256
    assert max(sizes) < 128, "a listpack, wherever Redis draws the line"
    assert sum(sizes) / len(sizes) <= RULES.bucket_entries
    for number in range(0, 700, 70):
        copy = put(mill, f"copy{number}", edited(sentences(1000 + number, 20), 1, 15))
        assert copy.duplicate_of == article_id(f"https://n{number}.example/n{number}/1")


def test_every_key_expires(mill: Mill) -> None:
    two_stories(mill)
    mill.stories.merge(*(article_id(f"https://{name}.example/{name}/1") for name in ("one", "two")))
    kept = {mill.scripts.key(name).encode() for name in ("settle", "stories:since")}
    assert {key for key in mill.client.scan_iter("*") if mill.client.pttl(key) < 0} <= kept


def test_hostile_arguments_do_no_harm(mill: Mill) -> None:
    body = text(LONG)
    for number, language in enumerate(("", "EN-us", "x" * 500, "{a}:*", "\ud800")):
        answer = mill.stories.assign(
            article_id(f"https://x.example/{number}"), site="\udcff", language=language, content=b"1" * 16,
            fingerprint=fingerprint(body, language), now=NOW,
        )  # fmt: skip
        assert answer.revision == 1
    assert all(len(key) < 80 for key in mill.client.scan_iter("*"))


def test_the_rules_are_whole_numbers() -> None:
    """The script counts in thousandths; a fraction would be cut without a word."""
    assert all(isinstance(value, int) for value in asdict(RULES).values())


def test_a_passage_in_common_makes_no_copy(mill: Mill) -> None:
    """Two thirds of a brief stand in one place of a longer text, which has nothing else of its story."""
    put(mill, "long", [*sentences(80, 12), *LONG[:5], *sentences(81, 14)])
    assert put(mill, "brief", [*LONG[:5], *sentences(82, 2, words=16)]).story.is_lead
    assert not put(mill, "beginning", [*LONG[:5], *sentences(83, 1, words=6)]).story.is_lead


def test_a_round_up_makes_no_story_of_those_that_it_tells(mill: Mill) -> None:
    """It came first, so nobody knew it for one; briefs of two stories that it tells stand in it whole."""
    one, two = sentences(90, 24), sentences(91, 24)
    put(mill, "roundup", [*one[:4], *sentences(92, 6), *two[:4], *sentences(93, 6)])
    first, second = put(mill, "one", one), put(mill, "two", two)
    put(mill, "brief-one", one[:4])
    put(mill, "brief-two", two[:4])
    for work in mill.stories.unsettled(10):
        if work.other:
            mill.stories.merge(work.story, work.other)
    now = mill.stories.current([first.story.id, second.story.id])
    assert now[first.story.id].id != now[second.story.id].id
