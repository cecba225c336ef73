"""What a Redis that lost its memory knows of itself, and how documents teach it: the scripts over a real Valkey."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.articles import make_article
from tests.state import FEED_ID, LIMITS, NOW, Mill
from tests.texts import edited, sentences, text
from tests.valkey import Valkey
from worker.deduplicate.fingerprint import fingerprint
from worker.errors import RebuildTaken
from worker.index.documents import content_hash
from worker.models import Article, ArticleId, Assignment, Fingerprint, Phase, StoryRef, Taught, Trust
from worker.state.rebuild import RedisRebuild
from worker.urls import article_id

DAY = 86400
LONG = sentences(1, 30)
ONE, TWO, THREE = (f"https://{name}.example/1" for name in ("one", "two", "three"))


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    return Mill(valkey.client)


@pytest.fixture
def attempt(mill: Mill) -> RedisRebuild:
    return RedisRebuild(mill.scripts, LIMITS)


def assign(mill: Mill, url: str, body: list[str], content: bytes = b"") -> Assignment:
    words, article = text(body), make_article(url)
    return mill.stories.assign(
        article.id, site=article.site, language="en", content=content or content_hash("", "", words),
        fingerprint=fingerprint(words, "en"), now=mill.scripts.now(),
    )  # fmt: skip


def document(mill: Mill, url: str, body: list[str], **changes: object) -> Article:
    words = text(body)
    now = mill.scripts.now()
    given = {"body": words, "word_count": len(words.split()), "first_seen_at": now, "fetched_at": now, **changes}
    return make_article(url, **given)


def taught(article: Article, met: datetime | None = None) -> Taught:
    return Taught(article, content_hash("", "", article.body), fingerprint(article.body, "en"), met)


def teach(mill: Mill, *articles: Article) -> None:
    mill.stories.restore_all([taught(article) for article in articles])


def copy(article: Article, lead: str, containment: float = 0.9) -> Article:
    return replace(article, story=StoryRef(article_id(lead), False, containment), duplicate_of=article_id(lead))


def test_a_new_redis_is_ignorant_for_eight_days_and_says_so(mill: Mill, attempt: RedisRebuild) -> None:
    began = attempt.ignorant_since()
    assert began is not None
    assert assign(mill, ONE, LONG).provisional
    mill.later(7.9 * DAY)
    since = attempt.ignorant_since()
    assert since is not None
    assert abs((since - began).total_seconds()) < 60
    assert assign(mill, TWO, sentences(2, 30)).provisional
    mill.later(0.2 * DAY)
    assert attempt.ignorant_since() is None
    assert not assign(mill, THREE, sentences(3, 30)).provisional


def test_the_beginning_is_before_the_first_article(mill: Mill, attempt: RedisRebuild) -> None:
    mill.offer([ONE])
    began = attempt.ignorant_since()
    mill.later(300)
    assign(mill, ONE, LONG)
    assert attempt.ignorant_since() == began


def test_a_text_that_cannot_be_compared_is_never_provisional(mill: Mill) -> None:
    answer = mill.stories.assign(
        article_id(ONE), site="s", language="en", content=b"1" * 16, fingerprint=Fingerprint(), now=NOW
    )
    assert not answer.provisional


def test_placed_says_provisional_only_while_a_rebuild_is_at_work(mill: Mill, attempt: RedisRebuild) -> None:
    answer = assign(mill, ONE, LONG)
    id_ = article_id(ONE)
    unknown = article_id("https://nobody.example/")
    assert mill.stories.placed([id_, unknown]).keys() == {id_}
    assert not mill.stories.placed([id_])[id_].story.provisional
    attempt.begin("test")
    assert mill.stories.placed([id_])[id_].story == replace(answer.story, provisional=True)
    attempt.end(done=False)
    assert not mill.stories.placed([id_])[id_].story.provisional


def test_what_is_assigned_meanwhile_is_decided_again_in_order_of_arrival(mill: Mill, attempt: RedisRebuild) -> None:
    old = document(mill, ONE, LONG[:20])
    mill.later(60)
    assert attempt.begin("test").since is not None
    first = assign(mill, TWO, LONG)
    second = assign(mill, THREE, edited(LONG, 1, 14))
    assert second.story.id == first.story.id == article_id(TWO)
    teach(mill, old)
    done = attempt.decide(1)
    assert (done.left, done.decided, done.changed) == (2, 1, 1)
    assert assign(mill, "https://four.example/1", sentences(9, 30)).provisional, "not yet"
    assert attempt.decide(5).left == 0
    assert attempt.ignorant_since() is None
    placed = mill.stories.placed([article_id(url) for url in (ONE, TWO, THREE)])
    assert {each.story.id for each in placed.values()} == {old.id}
    assert {each.lead for each in placed.values()} == {article_id(TWO)}, "the fuller one leads, the first of them"
    assert attempt.decided() == sorted(article_id(url) for url in (TWO, THREE, "https://four.example/1"))
    attempt.written(attempt.decided())
    assert attempt.decided() == []
    assert not assign(mill, "https://five.example/1", LONG).provisional


def test_nothing_is_decided_without_the_lease(mill: Mill, attempt: RedisRebuild) -> None:
    attempt.begin("test")
    assign(mill, ONE, LONG)
    mill.client.delete(mill.scripts.key("rebuild:lease"))
    for action in (
        lambda: attempt.decide(1),
        lambda: attempt.beat(read=3),
        lambda: attempt.enlist([(taught(document(mill, ONE, LONG)), NOW)]),
    ):
        with pytest.raises(RebuildTaken):
            action()
    attempt.end(done=True)
    state = attempt.state()
    assert state is not None
    assert (state.phase, state.read) == (Phase.TEACH, 0)
    assert attempt.ignorant_since() is not None


def test_an_unfinished_rebuild_is_gone_on_with_unless_all_is_new(mill: Mill, attempt: RedisRebuild) -> None:
    attempt.begin("one")
    attempt.beat(reached=NOW, read=12, phase=Phase.TEACH)
    attempt.end(done=False)
    again = RedisRebuild(mill.scripts, LIMITS).begin("two")
    assert (again.host, again.reached, again.read) == ("two", NOW, 12)
    with pytest.raises(RebuildTaken):
        RedisRebuild(mill.scripts, LIMITS).begin("three")
    mill.client.delete(mill.scripts.key("rebuild:lease"))
    anew = RedisRebuild(mill.scripts, LIMITS).begin("four", anew=True)
    assert (anew.reached, anew.read) == (None, 0)
    mill.client.flushall()
    fresh = RedisRebuild(mill.scripts, LIMITS).begin("five")
    assert (fresh.reached, fresh.read, fresh.phase) == (None, 0, Phase.TEACH)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_who_leads_is_taught_in_any_order(mill: Mill, order: tuple[int, ...]) -> None:
    """The story is named by the first and led by the fullest; another text has the name's article by now."""
    name = article_id(ONE)
    lead = replace(document(mill, TWO, LONG), story=StoryRef(name, True, 1.0))
    third = replace(copy(document(mill, THREE, LONG[:20]), TWO), story=StoryRef(name, False, 0.9))
    first = replace(copy(document(mill, ONE, LONG[:10]), TWO), story=StoryRef(name, False, 1.0))
    given = (lead, third, first)
    teach(mill, *(given[number] for number in order))
    assert mill.stories.current([name])[name].lead == article_id(TWO)
    late = assign(mill, "https://late.example/1", edited(LONG, 1, 20))
    assert (late.story.id, late.duplicate_of) == (name, article_id(TWO))
    fuller = assign(mill, "https://fuller.example/1", [*LONG, *sentences(5, 20)])
    assert (fuller.story.id, fuller.story.is_lead) == (name, True)


def test_an_article_that_left_the_story_it_named_keeps_its_name_from_others(mill: Mill) -> None:
    name = article_id(ONE)
    own = "a" * 32
    left = replace(document(mill, ONE, sentences(7, 30)), story=StoryRef(own, True, 1.0))
    lead = replace(document(mill, TWO, LONG), story=StoryRef(name, True, 1.0))
    for order in ((left, lead), (lead, left)):
        mill.client.flushall()
        teach(mill, *order)
        assert mill.stories.current([name])[name].lead == article_id(TWO)
        assert mill.stories.current([own])[own].lead == article_id(ONE)
        third = assign(mill, ONE, sentences(8, 30))
        assert third.story.id not in (name, own), "a third text: others are in the story of that name"


def test_a_copy_alone_tells_who_leads_and_none_takes_the_place_unseen(mill: Mill) -> None:
    teach(mill, copy(document(mill, TWO, LONG[:12]), ONE))
    assert mill.stories.current([article_id(ONE)])[article_id(ONE)].lead == article_id(ONE)
    longer = assign(mill, THREE, LONG)
    assert (longer.story.id, longer.duplicate_of) == (article_id(ONE),) * 2
    teach(mill, document(mill, ONE, LONG[:15]))
    assert assign(mill, "https://four.example/1", edited(LONG, 1, 20)).story.is_lead, "by now its length is known"


def test_a_copy_that_its_lead_shows_takes_no_room(mill: Mill) -> None:
    teach(mill, document(mill, ONE, LONG))
    before = reps(mill)
    teach(mill, copy(document(mill, TWO, LONG[:20]), ONE), copy(document(mill, THREE, [*LONG, *sentences(3, 20)]), ONE))
    assert reps(mill) == before + 1, "of the two only the one with text of its own"
    teach(mill, document(mill, ONE, LONG), copy(document(mill, TWO, LONG[:20]), ONE))
    assert reps(mill) == before + 1, "again changes nothing"


def reps(mill: Mill) -> int:
    """How many representatives are posted, by the entries of one anchor each has."""
    tables = [key for key in mill.client.scan_iter(mill.scripts.key("near:en:[0-9]*")) if key.count(b":") == 3]
    return (
        sum(int(mill.client.hget(key, "unit") or 0) > 0 for key in tables)
        and sum(
            len(value) // 3
            for table in tables
            for bucket in mill.client.scan_iter(table + b":*", count=1000)
            for value in mill.client.hvals(bucket)
        )
        // 28
    )


def test_the_document_of_before_goes_before_what_was_decided_in_ignorance(mill: Mill, attempt: RedisRebuild) -> None:
    """The copy was fetched again after the loss, named a story, and another joined it; then its document is read."""
    old = replace(copy(document(mill, TWO, LONG), ONE), revision=4)
    mill.later(60)
    attempt.begin("test")
    again = assign(mill, TWO, LONG)
    joined = assign(mill, THREE, edited(LONG, 1, 20))
    assert again.story.id == joined.story.id == article_id(TWO)
    teach(mill, old)
    known = assign(mill, TWO, LONG)
    assert (known.story.id, known.revision, known.provisional) == (article_id(ONE), 4, False)
    assert mill.stories.current([article_id(TWO)])[article_id(TWO)].id == article_id(ONE), "its name leads there"
    attempt.decide(5)
    assert mill.stories.placed([article_id(THREE)])[article_id(THREE)].story.id == article_id(ONE)


def test_a_version_that_is_on_its_way_stays_the_newer_one(mill: Mill, attempt: RedisRebuild) -> None:
    old = replace(copy(document(mill, TWO, LONG), ONE), revision=4)
    mill.later(60)
    attempt.begin("test")
    newer = edited(LONG, 3, 9)
    assign(mill, TWO, newer)
    teach(mill, old)
    known = assign(mill, TWO, newer)
    assert (known.story.id, known.revision, known.unchanged) == (article_id(ONE), 5, False)


def test_trust_says_whose_word_counts(mill: Mill) -> None:
    mill.later(9 * DAY)
    for trust, wanted in ((Trust.STATE, TWO), (Trust.INDEX, ONE), (Trust.INDEX_AND_COPIES, ONE)):
        mill.client.flushall()
        mill.client.set(mill.scripts.key("stories:since"), 0)
        assign(mill, TWO, LONG)
        other = copy(document(mill, TWO, LONG), ONE)
        given = taught(other)
        mill.stories.restore(other, content=given.content, fingerprint=given.fingerprint, trust=trust)
        assert assign(mill, TWO, LONG).story.id == article_id(wanted), trust
        follows = mill.stories.current([article_id(TWO)])[article_id(TWO)].id
        assert follows == article_id(ONE if trust is Trust.INDEX_AND_COPIES else TWO), trust


def test_addresses_and_entries_are_known_again(mill: Mill) -> None:
    article = replace(
        document(mill, "https://www.one.example/a", LONG), aliases=("https://feed.example/1", "https://t.example/x")
    )
    mill.aliases.restore_all([taught(article)])
    ids = [article_id(url) for url in (article.url, *article.aliases)]
    assert mill.aliases.article_of(ids) == {ids[1]: article.id, ids[2]: article.id}
    assert mill.frontier.unseen(FEED_ID, dict.fromkeys([*ids, article_id(TWO)], "tag")) == {article_id(TWO): "new"}
    old = replace(article, fetched_at=article.fetched_at - timedelta(days=50), first_seen_at=NOW - timedelta(days=90))
    other = replace(old, id=ArticleId("b" * 32), url="https://old.example/", aliases=())
    mill.aliases.restore_all([taught(other)])
    assert mill.frontier.unseen(FEED_ID, {other.id: "tag"}) == {other.id: "new"}, "as if it had been forgotten by now"


def test_a_canonical_url_of_many_stays_that_of_nobody(mill: Mill) -> None:
    """Three articles with three texts name one page as canonical: taught in any order, a fourth does not become it."""
    named = "https://www.one.example/news/newest"
    given = [
        replace(document(mill, f"https://www.one.example/{n}", sentences(20 + n, 30)), canonical_url=named)
        for n in range(3)
    ]
    for _ in range(2):
        mill.aliases.restore_all([taught(article) for article in given])
    there = replace(document(mill, named, sentences(40, 30)))
    mill.aliases.restore_all([taught(there)])
    assert mill.aliases.article_of([there.id]) == {}
    places = [mill.client.hgetall(key) for key in mill.client.scan_iter(mill.scripts.key("place:*"))]
    stands = [value for rows in places for value in rows.values() if value[:16].hex() == there.id]
    assert len(stands) == 1, "the page that is found there has the place"
    assert stands[0][16] % 128 >= 2, "and that many claimed it is known"
