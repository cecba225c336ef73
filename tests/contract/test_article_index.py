"""`ports.ArticleIndex`, one suite over both backends: the same calls, the same answers."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.articles import NOON, make_article, make_event
from tests.contract.query_table import DOCUMENTS, NOW, QUERIES, newest_first
from worker.errors import QueryError
from worker.models import (
    Article,
    ArticleId,
    Caption,
    Extraction,
    Kind,
    Reason,
    State,
    StoryRef,
    Verdict,
    WriteResult,
)
from worker.ports import ArticleIndex
from worker.query.ast import And, Between, Equals, Everything, Node, Not, Or, Phrase, Prefix, Search, Sort, Word
from worker.query.leaves import LONGEST_PREFIX
from worker.query.parse import parse
from worker.stores.analysis import analysis_of
from worker.stores.matching import Terms
from worker.stores.words import tokens

LATER = timedelta(minutes=5)


def stored(index: ArticleIndex, *articles: Article) -> list[Verdict]:
    results = index.write(list(articles), [])
    index.refresh()
    return [result.verdict for result in results]


def found(index: ArticleIndex, query: str | Node, *, sort: Sort = "newest", collapse: bool = False) -> list[str]:
    node = parse(query, NOW) if isinstance(query, str) else query
    page = index.search(Search(node, sort=sort, limit=100, collapse=collapse))
    return [hit.article.url for hit in page.hits]


def numbered(count: int, **changes: object) -> list[Article]:
    """Distinct articles, the first the oldest, one minute apart."""
    return [
        make_article(
            f"https://example.org/n/{number}",
            published_at=NOON + timedelta(minutes=number),
            first_seen_at=NOON + timedelta(minutes=number),
            **changes,
        )
        for number in range(count)
    ]


# --- queries


def test_every_query_finds_the_same_documents_newest_first(index: ArticleIndex) -> None:
    index.write(list(DOCUMENTS.values()), [])
    index.refresh()
    keys = {document.id: key for key, document in DOCUMENTS.items()}
    wrong = {}
    for query, expected in QUERIES:
        order = newest_first(expected)
        page = index.search(Search(parse(query, NOW), limit=100, collapse=False))
        got = [keys[hit.article.id] for hit in page.hits]
        if got != order or page.total != len(order):
            wrong[query] = (got, order, page.total)
    assert not wrong


def test_best_first_and_scan_find_the_same_documents(index: ArticleIndex) -> None:
    index.write(list(DOCUMENTS.values()), [])
    index.refresh()
    keys = {document.id: key for key, document in DOCUMENTS.items()}
    wrong = {}
    for query, expected in QUERIES[::3]:
        node = parse(query, NOW)
        best = {keys[hit.article.id] for hit in index.search(Search(node, "best", 100, collapse=False)).hits}
        scanned = [keys[article.id] for article in index.scan(node)]
        oldest = sorted(expected, key=lambda key: (DOCUMENTS[key].first_seen_at, DOCUMENTS[key].id))
        if best != expected or scanned != oldest:
            wrong[query] = (best, scanned, oldest)
    assert not wrong


def test_hand_made_trees(index: ArticleIndex) -> None:
    """Shapes that the parser does not make, or makes otherwise."""
    stored(index, *(DOCUMENTS[key] for key in ("lawrow", "berlin", "reise", "teaser")))
    all_urls = found(index, Everything())
    assert len(all_urls) == 4
    assert found(index, And(())) == all_urls
    assert found(index, Or(())) == []
    assert found(index, Not(And(()))) == []
    assert found(index, Not(Not(Word("lawrow")))) == [DOCUMENTS["lawrow"].url]
    assert found(index, And((Word("aussenminister"), And((Not(Word("kim")), Not(Word("reise"))))))) == [
        DOCUMENTS["berlin"].url
    ]
    assert found(index, Or((Not(Word("aussenminister")), Word("kim")))) == [
        DOCUMENTS["lawrow"].url,
        DOCUMENTS["teaser"].url,
    ]
    assert found(index, Not(Phrase("strategische Partnerschaft", None, 3))) == [
        DOCUMENTS["reise"].url,
        DOCUMENTS["teaser"].url,
    ]
    assert found(index, Between("published_at")) == all_urls
    assert found(index, Not(Between("indexed_at"))) == []
    # several words in one: a phrase
    assert found(index, Word("strategische-Partnerschaft")) == [DOCUMENTS["lawrow"].url]
    assert found(index, Prefix("umfassende strateg", "body")) == [DOCUMENTS["lawrow"].url]


@pytest.mark.parametrize("node", [Word("!?"), Phrase("-- ..", "title"), Prefix("…"), Phrase("", None, 4)])
def test_text_without_a_word_matches_nothing(index: ArticleIndex, node: Node) -> None:
    stored(index, make_article())
    assert found(index, node) == []
    assert found(index, And((Word("council"), node))) == []
    assert found(index, Or((Word("council"), node))) == ["https://example.org/news/1"]
    assert found(index, Not(node)) == ["https://example.org/news/1"]


HOSTILE = (
    '"',
    "'",
    '""" OR 1=1 --',
    "{folded_title stems_title}:x",
    "^council",
    "council NOT vote",
    "NEAR(council vote)",
    "council\x00vote",
    "\\",
    "*",
    "fts MATCH 'x'",
    "\u202e\u200b\ufeff",
    "%' ESCAPE '",
    "a" * 5000,
    "{{}}[[]]()",
    "_exists_:title",
    "\U0010ffff",
    "ß" * 400,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(index: ArticleIndex, text: str) -> None:
    """As a word, phrase, prefix and value: no error, and nothing that does not hold the words."""
    stored(index, make_article(title="Quiet day", summary="", body="Nothing happened."))
    for node in (
        Word(text),
        Phrase(text),
        Phrase(text, "body", 5),
        Prefix(text[:LONGEST_PREFIX]),
        Equals("site", text),
        Equals("tags", text),
        Equals("url", text[:LONGEST_PREFIX], True),
    ):
        assert found(index, node, sort="best") == []


def test_a_document_may_hold_hostile_text(index: ArticleIndex) -> None:
    article = make_article(title=" ".join(HOSTILE[:-4]), body="\n\n".join(HOSTILE), summary="\x01\x02\x7f\u2028")
    assert stored(index, article) == [Verdict.STORED]
    assert index.get(article.id) == article
    assert found(index, "match escape") == [article.url]
    changed = replace(article, body="plain", title="plain", fetched_at=NOON + LATER)
    assert stored(index, changed) == [Verdict.STORED]
    assert found(index, "escape") == []


_VOCABULARY = ("neue", "neuen", "Zoll", "Zölle", "Haus", "haus", "auto", "U-Boot", "l'été", "don't", "run", "running")


def _random_text(random_: random.Random, longest: int) -> str:
    return " ".join(random_.choices(_VOCABULARY, k=random_.randrange(longest)))


def _random_query(random_: random.Random, depth: int = 3) -> Node:
    kind = random_.randrange(9 if depth else 5)
    field = random_.choice((None, None, "title", "body"))
    if kind == 0:
        return Word(random_.choice(_VOCABULARY), field)
    if kind == 1:
        return Phrase(" ".join(random_.sample(_VOCABULARY, random_.randrange(1, 4))), field)
    if kind == 2:
        return Phrase(" ".join(random_.sample(_VOCABULARY, random_.randrange(2, 4))), field, random_.randrange(1, 6))
    if kind == 3:
        return Prefix(random_.choice(_VOCABULARY)[: random_.randrange(1, 5)], field)
    if kind == 4:
        return Equals("language", random_.choice(("de", "en", "fr", "sv")))
    if kind == 5:
        return Not(_random_query(random_, depth - 1))
    items = tuple(_random_query(random_, depth - 1) for _ in range(random_.randrange(1, 4)))
    return And(items) if kind in (6, 7) else Or(items)


def _holds(article: Article, node: Node) -> bool:
    """The matching rule, read off the documents themselves."""
    match node:
        case Equals(value=value):
            return article.language == value
        case Not(item=item):
            return not _holds(article, item)
        case And(items=items):
            return all(_holds(article, item) for item in items)
        case Or(items=items):
            return any(_holds(article, item) for item in items)
        case Word() | Phrase() | Prefix():
            texts = {"title": article.title, "summary": article.summary, "body": article.body}
            asked = [texts[node.field]] if node.field else texts.values()
            return any(Terms(list(tokens(text)), analysis_of(article.language)).positions(node) for text in asked)
    raise AssertionError(node)


def test_random_queries_follow_the_rule(index: ArticleIndex) -> None:
    random_ = random.Random(20260712)
    articles = [
        make_article(
            f"https://example.org/{number}",
            title=_random_text(random_, 4),
            summary=_random_text(random_, 3),
            body=_random_text(random_, 14),
            language=random_.choice(("de", "en", "fr", "sv")),
        )
        for number in range(120)
    ]
    stored(index, *articles)
    wrong = []
    for _ in range(300):
        query = _random_query(random_)
        expected = {article.id for article in articles if _holds(article, query)}
        page = index.search(Search(query, limit=200, collapse=False, highlight=False))
        if {hit.article.id for hit in page.hits} != expected or page.total != len(expected):
            wrong.append(query)
    assert not wrong


# --- the seed article's promises, on a text of our own


def test_a_report_is_found_by_its_words_and_not_by_the_furniture_around_it(index: ArticleIndex) -> None:
    stored(index, *DOCUMENTS.values())
    url = DOCUMENTS["lawrow"].url
    for query in (
        "lawrow kim",
        "Aussenminister",
        "Außenminister",
        "aussenministers",
        '"strategische Partnerschaft"',
        "nordkorea kursk",
        "Pjongjang",
    ):
        assert url in found(index, query), query
    for query in ("Macron", "Banküberweisung"):
        assert url not in found(index, query), query


# --- writes and versions


def test_a_document_comes_back_as_it_was_written(index: ArticleIndex) -> None:
    zone = timezone(timedelta(hours=2))
    article = make_article(
        "https://example.org/ü?a=b",
        title="Ümläute & <b>",
        language="de-CH",
        published_at=datetime(2026, 7, 12, 13, 13, tzinfo=zone),
        published_at_source="page",
        fetched_at=NOON + timedelta(milliseconds=123),
        indexed_at=NOON + LATER,
        authors=("Å. Ö", "B"),
        tags=(),
        captions=(Caption("a", ""), Caption("b", "c")),
        kind=Kind.LIVE,
        story=StoryRef("f" * 32, False, 0.875),
        duplicate_of=ArticleId("f" * 32),
        extraction=Extraction("feed", 0.25, False),
        image="",
        section="",
    )
    assert index.get(article.id) is None
    assert stored(index, article) == [Verdict.STORED]
    assert index.get(article.id) == article
    assert found(index, Equals("id", article.id)) == [article.url]


def test_an_empty_write_does_nothing(index: ArticleIndex) -> None:
    assert index.write([], []) == []


def test_writing_twice_keeps_one_document(index: ArticleIndex) -> None:
    assert stored(index, make_article()) == [Verdict.STORED]
    assert stored(index, make_article()) == [Verdict.STORED]
    assert found(index, "council") == ["https://example.org/news/1"]
    assert index.stats()["documents"] == 1


def test_a_lower_version_never_wins(index: ArticleIndex) -> None:
    new = make_article(title="Second edition", fetched_at=NOON + LATER, revision=2)
    old = make_article(title="First edition")
    equal = replace(new, title="Second edition, corrected")
    assert stored(index, new) == [Verdict.STORED]
    assert stored(index, old) == [Verdict.STALE]
    assert index.get(new.id) == new
    assert stored(index, equal) == [Verdict.STORED]
    assert index.get(new.id) == equal
    assert found(index, "first") == []
    assert found(index, "title:corrected") == [new.url]


def test_a_new_version_replaces_every_word_of_the_old_one(index: ArticleIndex) -> None:
    first = make_article(title="Grüne Äpfel", body="Der erste Wortlaut.", language="de", tags=("obst",))
    second = replace(
        first, title="Yellow pears", body="Another wording.", language="en", tags=("fruit",), fetched_at=NOON + LATER
    )
    stored(index, first)
    stored(index, second)
    for gone in ("apfel", "grün*", "wortlaut", "tag:obst", "lang:de", "title:äpfel"):
        assert found(index, gone) == [], gone
    for there in ("pear", "wording", "tag:fruit", "lang:en"):
        assert found(index, there) == [first.url], there


def test_another_date_moves_a_document_in_the_order(index: ArticleIndex) -> None:
    articles = numbered(3)
    stored(index, *articles)
    moved = replace(articles[0], published_at=NOON + timedelta(days=1), fetched_at=NOON + LATER)
    stored(index, moved)
    assert found(index, "council") == [articles[0].url, articles[2].url, articles[1].url]
    assert found(index, "published:2026-11-21") == [articles[0].url]
    assert found(index, "published:2026-11-20") == [articles[2].url, articles[1].url]
    assert index.stats()["documents"] == 3


def test_one_batch_may_hold_several_versions(index: ArticleIndex) -> None:
    first = make_article(title="One")
    third = make_article(title="Three", fetched_at=NOON + 2 * LATER)
    second = make_article(title="Two", fetched_at=NOON + LATER)
    other = make_article("https://example.org/other")
    verdicts = stored(index, first, third, second, other)
    assert verdicts == [Verdict.STORED, Verdict.STORED, Verdict.STALE, Verdict.STORED]
    assert index.get(first.id) == third
    assert index.stats()["documents"] == 2


def test_results_are_in_order_and_one_bad_document_harms_no_other(index: ArticleIndex) -> None:
    bad = make_article("https://example.org/bad", title="lone \ud800 surrogate")
    good = numbered(3)
    results = index.write([good[0], bad, good[1], good[2]], [make_event()])
    index.refresh()
    assert [result.verdict for result in results] == [
        Verdict.STORED,
        Verdict.REJECTED,
        Verdict.STORED,
        Verdict.STORED,
    ]
    assert results[1].detail
    assert index.stats()["documents"] == 3
    assert index.get(bad.id) is None


def test_a_batch_of_five_hundred(index: ArticleIndex) -> None:
    articles = numbered(500, body="word " * 200)
    assert index.write(articles, []) == [WriteResult(Verdict.STORED)] * 500
    index.refresh()
    page = index.search(Search(Word("word"), limit=7))
    assert page.total == 500
    assert [hit.article.id for hit in page.hits] == [article.id for article in articles[:-8:-1]]


def test_known_tells_what_is_there(index: ArticleIndex) -> None:
    article = make_article(revision=4, fetched_at=NOON + LATER)
    stored(index, article)
    other = make_article("https://example.org/unknown").id
    known = index.known([article.id, other])
    assert set(known) == {article.id}
    assert known[article.id].revision == 4
    assert known[article.id].first_seen_at == NOON
    assert known[article.id].fetched_at == NOON + LATER
    assert (known[article.id].title, known[article.id].body) == (article.title, article.body)
    assert index.known([]) == {}


# --- events


def test_events_newest_first_and_once(index: ArticleIndex) -> None:
    article = make_article()
    first, second = make_event(offer=1), make_event(offer=2, at=NOON + LATER, state=State.UPDATED)
    other = make_event("https://example.org/other")
    index.write([article], [first])
    index.write([], [second, first, other])
    index.refresh()
    assert index.events(article.id) == [second, first]
    assert index.events(ArticleId("0" * 32)) == []


def test_an_event_needs_no_document(index: ArticleIndex) -> None:
    event = make_event(state=State.REFUSED, reason=Reason.ROBOTS_DISALLOWED, detail="/private", title="")
    index.write([], [event])
    index.refresh()
    assert index.events(event.article_id) == [event]
    assert index.get(event.article_id) is None


def test_old_events_expire(index: ArticleIndex) -> None:
    old = make_event(offer=1, at=NOON - timedelta(days=40))
    new = make_event(offer=2)
    index.write([make_article()], [old, new])
    index.refresh()
    assert index.expire_events(NOON - timedelta(days=30)) == 1
    index.refresh()
    assert index.events(new.article_id) == [new]
    assert index.expire_events(NOON - timedelta(days=30)) == 0
    assert index.get(new.article_id) is not None


# --- scan


def test_scan_is_oldest_first_seen_first(index: ArticleIndex) -> None:
    articles = numbered(5)
    stored(index, *reversed(articles))
    assert list(index.scan(Everything())) == articles
    assert [article.url for article in index.scan(parse("since:2026-11-20T12:03", NOW))] == [
        articles[3].url,
        articles[4].url,
    ]


def test_scan_goes_on_while_others_write(index: ArticleIndex) -> None:
    articles = numbered(450)
    stored(index, *articles)
    seen = []
    for article in index.scan(Word("council")):
        seen.append(article.id)
        if len(seen) == 10:
            late = make_article("https://example.org/late", first_seen_at=NOON + timedelta(days=9))
            index.write([late, replace(articles[300], section="Moved", fetched_at=NOON + LATER)], [])
            index.refresh()
    assert [id_ for id_ in seen if id_ != late.id] == [article.id for article in articles]


def test_a_scan_that_is_given_up_blocks_nobody(index: ArticleIndex) -> None:
    stored(index, *numbered(3))
    scan = index.scan(Everything())
    next(scan)
    assert stored(index, make_article("https://example.org/later")) == [Verdict.STORED]
    del scan
    assert index.stats()["documents"] == 4


# --- pages, stories, order


def test_pages_follow_each_other_without_gap_or_repeat(index: ArticleIndex) -> None:
    articles = numbered(25, published_at_source="page")
    # several in one second, and one second with different milliseconds
    same = [replace(article, published_at=NOON + timedelta(days=1)) for article in articles[:10]]
    close = [
        replace(article, published_at=NOON + timedelta(days=2, milliseconds=number * 90))
        for number, article in enumerate(articles[10:15])
    ]
    stored(index, *same, *close, *articles[15:])
    expected = sorted([*same, *close, *articles[15:]], key=lambda a: (-a.published_at.timestamp(), a.id))
    for collapse in (True, False):
        got: list[str] = []
        for offset in range(0, 30, 4):
            page = index.search(Search(Word("council"), limit=4, offset=offset, collapse=collapse))
            assert page.total == 25
            got += [hit.article.id for hit in page.hits]
        assert got == [article.id for article in expected]


def test_too_deep_a_page_is_an_error_not_a_surprise(index: ArticleIndex) -> None:
    with pytest.raises(QueryError, match="10,000"):
        index.search(Search(Everything(), limit=100, offset=9_950))


def test_a_limit_of_zero_counts_only(index: ArticleIndex) -> None:
    stored(index, *numbered(3))
    page = index.search(Search(Word("council"), limit=0))
    assert (page.hits, page.total) == ((), 3)


def copies_of(index: ArticleIndex, query: str, sort: Sort = "newest") -> list[tuple[str, int]]:
    page = index.search(Search(parse(query, NOW), sort=sort))
    keys = {document.id: key for key, document in DOCUMENTS.items()}
    return [(keys[hit.article.id], hit.copies) for hit in page.hits]


def test_copies_of_a_story_collapse_to_the_first_in_order(index: ArticleIndex) -> None:
    stored(index, *DOCUMENTS.values())
    assert copies_of(index, "insel") == [("wire-late", 3)]
    assert index.search(Search(Word("insel"))).total == 3
    # only matching documents count, and stand for the story
    assert copies_of(index, "erdbeben") == [("wire-copy", 2)]
    assert copies_of(index, "erdbeben site:agentur.example") == [("wire", 1)]
    assert copies_of(index, "beben*") == [("wire-late", 1)]
    assert copies_of(index, "agency:dpa OR kim") == [("lawrow", 1), ("wire-late", 3)]
    assert copies_of(index, "-aussenminister until:2026-06 since:2026-05-09") == [
        ("ecole", 1),
        ("estate", 1),
        ("elecciones", 1),
        ("eleicoes", 1),
        ("verkiezingen", 1),
        ("riksdag", 1),
        ("tokyo", 1),
        ("wire-late", 3),
        ("teaser", 1),
        ("gallery", 1),
    ]
    assert [hit.copies for hit in index.search(Search(Word("insel"), collapse=False)).hits] == [1, 1, 1]


def printed(count: int, story: str, sites: int, first: int = 0) -> list[Article]:
    """`count` copies of one story on so many sites, one an hour; the first leads."""
    lead = make_article(f"https://{story}.example/lead").id
    found = []
    for number in range(count):
        url = f"https://s{number % sites}.example/{story}/{number}"
        moment = NOON + timedelta(hours=first + number)
        ref = StoryRef(lead, number == 0, 1.0)
        found.append(make_article(url, published_at=moment, first_seen_at=moment, story=ref))
    return found


def test_a_hit_says_on_how_many_sites_its_story_stands(index: ArticleIndex) -> None:
    stored(index, *printed(7, "wide", 6), *printed(3, "narrow", 1, first=20), make_article())
    hits = index.search(Search(Word("council"))).hits
    assert [(hit.copies, hit.sites) for hit in hits] == [(3, 1), (7, 6), (1, 1)]
    assert hits[0].named_sites == ("s0.example",)
    assert hits[1].named_sites == ("s0.example", "s1.example", "s2.example", "s3.example", "s4.example")
    assert hits[2].named_sites == ()
    # only what matches counts
    early = And((Between("published_at", high=NOON + timedelta(hours=3)), Not(Equals("id", hits[2].article.id))))
    [hit] = index.search(Search(early)).hits
    assert (hit.copies, hit.sites) == (4, 4)
    every = index.search(Search(Word("council"), collapse=False)).hits
    assert [(hit.copies, hit.sites) for hit in every] == [(1, 1)] * 11


def test_pages_of_collapsed_hits_follow_each_other(index: ArticleIndex) -> None:
    stories = [article for number in range(9) for article in printed(1 + number % 4, f"p{number}", 3, first=number % 5)]
    stored(index, *stories)
    for sort in ("newest", "best"):
        whole = index.search(Search(Word("council"), sort=sort, limit=100)).hits
        assert len({hit.article.story.id for hit in whole}) == len(whole) == 9
        pages = [
            hit
            for offset in range(0, 12, 2)
            for hit in index.search(Search(Word("council"), sort=sort, limit=2, offset=offset)).hits
        ]
        assert [(hit.article.id, hit.copies, hit.sites) for hit in pages] == [
            (hit.article.id, hit.copies, hit.sites) for hit in whole
        ]


def test_the_largest_stories(index: ArticleIndex) -> None:
    assert index.largest_stories(Everything(), 10) == []
    wide, narrow, late = printed(4, "wide", 4), printed(4, "narrow", 2), printed(4, "late", 4, first=1)
    stored(index, *wide, *narrow, *late, *printed(6, "large", 2, first=9), *printed(1, "alone", 1))
    found = index.largest_stories(Everything(), 10)
    assert [(story.copies, story.sites, story.first_at) for story in found] == [
        (6, 2, NOON + timedelta(hours=9)),
        (4, 4, NOON),
        (4, 4, NOON + timedelta(hours=1)),
        (4, 2, NOON),
    ]
    assert [story.id for story in found[1:]] == [wide[0].story.id, late[0].story.id, narrow[0].story.id]
    assert index.largest_stories(Everything(), 2) == found[:2]
    since = Between("published_at", low=NOON + timedelta(hours=3))
    assert [(story.copies, story.sites) for story in index.largest_stories(since, 10)] == [(6, 2), (2, 2)]
    assert index.largest_stories(And((Word("council"), Equals("language", "de"))), 10) == []
    assert len(index.largest_stories(Word("harbour"), 10)) == 4


def test_the_best_document_stands_for_its_story(index: ArticleIndex) -> None:
    stored(index, *DOCUMENTS.values())
    [(key, copies)] = copies_of(index, "erdbeben", "best")
    assert key in ("wire", "wire-copy")
    assert copies == 2


def test_title_counts_more_than_summary_more_than_body(index: ArticleIndex) -> None:
    filler = "Some other words that fill the text evenly in every one of them. "
    places = {
        "title": {"title": "The glacier report", "summary": filler, "body": filler * 3},
        "summary": {"title": "The annual report", "summary": filler + "glacier", "body": filler * 3},
        "body": {"title": "The annual report", "summary": filler, "body": filler * 3 + "glacier"},
    }
    for number, (place, texts) in enumerate(places.items()):
        # the body's is the newest: it must not win by its date
        stored(index, make_article(f"https://example.org/{place}", published_at=NOON + number * LATER, **texts))
    stored(index, *numbered(5))
    assert found(index, "glacier", sort="best") == [f"https://example.org/{place}" for place in places]
    scores = [hit.score for hit in index.search(Search(Word("glacier"), sort="best")).hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 0


def test_equal_scores_are_ordered_as_newest(index: ArticleIndex) -> None:
    articles = numbered(4)
    stored(index, *articles)
    assert found(index, "section:local", sort="best") == [article.url for article in reversed(articles)]


# --- snippets


def snippets(index: ArticleIndex, query: str, **request: bool) -> list[str]:
    return [hit.snippet for hit in index.search(Search(parse(query, NOW), **request)).hits]


def test_a_snippet_shows_the_best_part_of_the_body(index: ArticleIndex) -> None:
    filler = "Ein Satz ohne Belang steht hier und füllt den Raum aus. "
    body = filler * 20 + "Der Außenminister traf Kim in Pjöngjang.\n\n" + filler * 20
    stored(index, make_article(title="Aussenminister Kim", summary="Kim, Kim, Kim", body=body, language="de"))
    [snippet] = snippets(index, "aussenministers kim")
    assert "\x01Außenminister\x02 traf \x01Kim\x02 in Pjöngjang." in snippet
    assert 20 <= len(snippet.split()) <= 60
    assert "\n" not in snippet


def test_a_snippet_marks_phrases_and_prefixes_as_wholes(index: ArticleIndex) -> None:
    body = "Red apple, green apple and red pear; apples are red apples."
    stored(index, make_article(title="t", summary="", body=body))
    assert snippets(index, '"red pear"') == [
        "Red apple, green apple and \x01red\x02 \x01pear\x02; apples are red apples."
    ]
    assert snippets(index, "gree*") == ["Red apple, \x01green\x02 apple and red pear; apples are red apples."]
    assert snippets(index, "pear -banana") == ["Red apple, green apple and red \x01pear\x02; apples are red apples."]


def test_a_snippet_without_a_body_or_a_match_there(index: ArticleIndex) -> None:
    bare = make_article("https://example.org/bare", title="Bare glacier", summary="The glacier melts.", body="")
    titled = make_article(title="Title harbour", summary="Nothing.", body="First words of the body.")
    summed = make_article("https://example.org/sum", title="Sum", summary="About islands.", body="Some text.")
    empty = make_article("https://example.org/empty", title="Lonely title", summary="", body="")
    stored(index, bare, titled, summed, empty)
    assert snippets(index, "glacier") == ["The \x01glacier\x02 melts."]
    assert snippets(index, "title:harbour") == ["First words of the body."]
    assert snippets(index, "island") == ["About \x01islands\x02."]
    assert snippets(index, "lonely") == [""]


def test_marks_in_the_text_itself_are_not_passed_on(index: ArticleIndex) -> None:
    stored(index, make_article(title="t", summary="", body="a \x01forged\x02 mark and a real one"))
    assert snippets(index, "real") == ["a forged mark and a \x01real\x02 one"]


def test_no_snippet_unless_asked(index: ArticleIndex) -> None:
    stored(index, make_article())
    assert snippets(index, "council", highlight=False) == [""]


# --- the rest of the port


def test_stats(index: ArticleIndex) -> None:
    index.refresh()
    assert {key: index.stats()[key] for key in ("documents", "stories", "newest_indexed_at")} == {
        "documents": 0,
        "stories": 0,
        "newest_indexed_at": None,
    }
    stored(index, *DOCUMENTS.values())
    stats = index.stats()
    assert stats["documents"] == len(DOCUMENTS)
    assert stats["stories"] == len(DOCUMENTS) - 2
    assert stats["oldest_published_at"] == datetime(1998, 1, 1, tzinfo=UTC)
    assert stats["newest_indexed_at"] == DOCUMENTS["lawrow"].indexed_at
    assert stats["bytes"] > 0


def test_setup_again_keeps_everything(index: ArticleIndex) -> None:
    stored(index, *numbered(2))
    index.setup()
    assert len(found(index, "council")) == 2


def test_dates_before_1970_and_far_ahead(index: ArticleIndex) -> None:
    moments = (datetime(1969, 7, 20, 20, 17, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC))
    articles: Sequence[Article] = [
        make_article(f"https://example.org/{number}", published_at=moment) for number, moment in enumerate(moments)
    ]
    stored(index, *articles)
    assert found(index, "council") == [articles[1].url, articles[0].url]
    assert found(index, "published:1969") == [articles[0].url]
    assert found(index, "until:1969") == [articles[0].url]
