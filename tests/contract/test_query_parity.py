"""Promise R10, what the table of queries does not show: stories, deep pages and marks are the same on every index."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.articles import NOON, make_article
from tests.contract.query_table import DOCUMENTS, NOW, QUERIES, newest_first
from worker.models import Article, StoryRef
from worker.ports import ArticleIndex
from worker.query.ast import Search, Sort, Word
from worker.query.parse import parse

MARKS = str.maketrans({"\x01": "[", "\x02": "]"})

HITS = 5_000


def test_every_query_of_the_table_shows_each_story_once(index: ArticleIndex) -> None:
    index.write(list(DOCUMENTS.values()), [])
    index.refresh()
    keys = {document.id: key for key, document in DOCUMENTS.items()}
    wrong = {}
    for query, expected in QUERIES:
        order = newest_first(expected)
        stories: dict[str, list[str]] = {}
        for key in order:
            stories.setdefault(DOCUMENTS[key].story.id, []).append(key)
        wanted = [(members[0], len(members)) for members in stories.values()]
        page = index.search(Search(parse(query, NOW), limit=100))
        shown = [(keys[hit.article.id], hit.copies) for hit in page.hits]
        best = index.search(Search(parse(query, NOW), "best", limit=100)).hits
        sizes = {hit.article.story.id: hit.copies for hit in best}
        if shown != wanted or page.total != len(order) or sizes != {s: len(m) for s, m in stories.items()}:
            wrong[query] = (shown, wanted, page.total)
    assert not wrong


def _many() -> list[Article]:
    """5,000 that match; each tenth is a copy of the one before, many have the same moment."""
    made: list[Article] = []
    for number in range(HITS):
        url = f"https://example.org/deep/{number}"
        moment = NOON - timedelta(seconds=number // 7)
        article = make_article(
            url,
            title="Council " * (1 + number % 3),
            summary="",
            body=f"Number {number}. " + "The council met. " * (number % 5),
            published_at=moment,
            first_seen_at=moment,
        )
        if number % 10 == 9:
            article = make_article(
                url,
                title=made[-1].title,
                summary="",
                body=made[-1].body,
                published_at=moment,
                first_seen_at=moment,
                story=StoryRef(made[-1].story.id, False, 1.0),
            )
        made.append(article)
    return made


@pytest.mark.timeout(300)
def test_pages_through_five_thousand_hits(index: ArticleIndex) -> None:
    articles = _many()
    for start in range(0, HITS, 500):
        index.write(articles[start : start + 500], [])
    index.refresh()
    newest = [article.id for article in sorted(articles, key=lambda a: (-a.published_at.timestamp(), a.id))]
    asked = parse("council", NOW)

    def paged(sort: Sort, collapse: bool) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        while True:
            request = Search(asked, sort, 250, len(found), collapse, highlight=False)
            page = index.search(request)
            assert page.total == HITS
            found += [(hit.article.id, hit.copies) for hit in page.hits]
            if len(page.hits) < 250:
                return found

    assert paged("newest", False) == [(id_, 1) for id_ in newest]
    stories = {article.id: article.story.id for article in articles}
    for sort in ("newest", "best"):
        every, collapsed = paged(sort, False), paged(sort, True)
        assert len({id_ for id_, _ in every}) == HITS
        first = dict.fromkeys(stories[id_] for id_, _ in every)
        assert [stories[id_] for id_, _ in collapsed] == list(first)
        assert sum(copies for _, copies in collapsed) == HITS
    scanned = [article.id for article in index.scan(asked)]
    assert scanned == [a.id for a in sorted(articles, key=lambda a: (a.first_seen_at, a.id))]


# language, body, query, the snippet with its marks
MARKED: tuple[tuple[str, str, str, str], ...] = (
    ("de", "Ein Außenminister, die Aussenministerin", "aussenministers", "Ein [Außenminister], die [Aussenministerin]"),
    ("de", "In Zürich, Zuerich und Zurich.", "zürich", "In [Zürich], [Zuerich] und [Zurich]."),
    ("de", "Die Straße; der Strassen viele.", "Straße", "Die [Straße]; der [Strassen] viele."),
    ("en", "Zürich is not Zuerich there.", "zurich", "[Zürich] is not Zuerich there."),
    ("fr", "L’Élysée, l'élysée et « Élysée ».", "elysee", "[L’Élysée], [l'élysée] et « [Élysée] »."),
    ("it", "Dell'estate e d’estate.", "estate", "[Dell'estate] e [d’estate]."),
    ("en", "Cafés and café.", "cafe\u0301", "[Cafés] and [café]."),
    ("en", "AT&T, at T.", '"AT&T"', "[AT]&[T], [at] [T]."),
    ("en", "One. Two, three two one.", '"two one"', "One. Two, three [two] [one]."),
    ("en", "one two x three; three two one", '"one three"~2', "[one] two x [three]; three two one"),
    ("en", "harbours, harbour-master, Harboured", "harbour*", "[harbours], [harbour]-master, [Harboured]"),
    ("en", "a U-boat and u boats", "u-boa*", "a [U]-[boat] and [u] [boats]"),
    ("ja", "東京都は新しい計画。京都ではない。", "東京", "[東][京]都は新しい計画。京都ではない。"),
    ("ja", "高いスカイツリーの下", "スカイツリー", "高い[スカイツリー]の下"),
    ("ko", "서울특별시에서 대통령은", "대통령", "서울특별시에서 [대통령은]"),
    ("en", "smile 😀😀 and 👩‍👩‍👧 there", "😀", "smile [😀][😀] and 👩‍👩‍👧 there"),
    ("en", "3.5 percent, 3 5", "3.5", "[3.5] percent, 3 5"),
    ("ru", "Новости и новостях, новый.", "новость", "[Новости] и [новостях], новый."),
    ("tr", "İstanbul, ISTANBUL", "istanbul", "[İstanbul], [ISTANBUL]"),
    ("en", "<b>bold</b> & \\ \"quoted\"", "bold OR quoted", "<b>[bold]</b> & \\ \"[quoted]\""),
)  # fmt: skip


def test_marks_stand_around_the_words_that_matched(index: ArticleIndex) -> None:
    wrong = []
    articles = [
        make_article(f"https://example.org/marks/{number}", language=language, title="", summary="", body=body)
        for number, (language, body, _, _) in enumerate(MARKED)
    ]
    index.write(articles, [])
    index.refresh()
    for article, (_, body, query, expected) in zip(articles, MARKED, strict=True):
        hits = {hit.article.id: hit.snippet for hit in index.search(Search(parse(query, NOW), limit=100)).hits}
        shown = hits.get(article.id, "not found").translate(MARKS)
        if shown != expected:
            wrong.append((query, shown, expected))
        assert shown.replace("[", "").replace("]", "") == " ".join(body.split())
    assert not wrong


def test_a_mark_far_inside_a_long_text_is_at_its_place(index: ArticleIndex) -> None:
    body = "".join(f"Ärger {number} über İ und 😀. " for number in range(900)) + "Der Wal. " + "Mehr davon. " * 900
    index.write([make_article(language="de", title="", summary="", body=body)], [])
    index.refresh()
    [hit] = index.search(Search(Word("wale"))).hits
    assert "Der \x01Wal\x02." in hit.snippet
    assert hit.snippet.count("\x01") == 1
