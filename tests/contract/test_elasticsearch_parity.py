"""Promise R10: random queries over random documents give the same answer, snippets included, on both indexes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.articles import NOON, make_article
from worker.models import Article, Extraction, Kind, StoryRef, Verdict
from worker.query.ast import And, Between, Equals, Everything, Node, Not, Or, Phrase, Prefix, Search, TextField, Word
from worker.stores.elasticsearch.index import ElasticsearchIndex
from worker.stores.sqlite.index import SqliteIndex

_WORDS = (
    "Haus Häuser Hauses house houses housing maison l'maison d'été été Zürich Zuerich Straße Strasse "
    "U-Boot boot boote the der die la le council councils' Trump’s Trump running ran 東京 都 3.5 10:30 "
    "naïve naive İstanbul ΣΊΣ 👍 e\u0301te\u0301 don't tidningarna tidning regeringens EU:s aviserne avisene "
    "regjering новости новостях новый 東京都 京都 スカイツリー ツリー 한국 "
    "한국은 대통령 北京市 市政 々々 ｶﾞｽ ﾊﾝｶｸ verkiezingen verkiezing huizen "
    "coöperatie elecciones eleições città l’été Aussenminister Außenministerinnen Lehrerin lehrers neue "
    "neuen 2025/26 wi-fi C++ snake_case @ U.S. ﬁnance ½ ² Ⅳ 👩‍👩‍👧 🇨🇭 "
    "ไทยภาษา नमस्ते مرحبا שלום ß ẞ ſ ı K Å"
)
WORDS = _WORDS.split()
_LANGUAGES = "de en fr it es pt nl pl sv da no nb ru ja zh-TW ko fi de-CH EN"
LANGUAGES = ("", *_LANGUAGES.split())
FIELDS: tuple[TextField | None, ...] = (None, None, "title", "summary", "body")
_PREFIXES = "Hä hau Zu U-bo str T 東 i İ do don't 3 .. нов tidn スカ 한 wi-f ﬁ 🇨"
PREFIXES = ("", "the h", *_PREFIXES.split())
EQUALS = (
    ("site", "A.example.org"),
    ("language", "DE"),
    ("authors", "ANN MÜLLER"),
    ("tags", "Ärger"),
    ("section", "sport"),
    ("kind", "live"),
    ("extraction.method", "FEED"),
    ("agencies", "AFP"),
    ("url", "HTTPS://A.example.org/"),
)
OTHERS: tuple[Node, ...] = (
    Everything(),
    Equals("story.is_lead", True),
    Equals("extraction.fulltext", False),
    Equals("word_count", 7),
    Equals("word_count", 7.5),
    Equals("extraction.quality", 0.3),
    Equals("story.containment", 1),
    Between("indexed_at"),
    Between("indexed_at", None, NOON),
    Between("first_seen_at", NOON - timedelta(days=40), NOON - timedelta(days=5)),
)


def text(source: random.Random, most: int) -> str:
    return " ".join(source.choices(WORDS, k=source.randrange(most)))


def documents(source: random.Random, size: int) -> list[Article]:
    made: list[Article] = []
    for n in range(size):
        article = make_article(
            f"https://{source.choice('ab')}.example.org/{n}",
            language=source.choice(LANGUAGES),
            title=text(source, 6),
            summary=text(source, 8),
            body=text(source, 25),
            # Many at the same moment, and some within the same second
            published_at=NOON - timedelta(milliseconds=source.randrange(5) * 500, days=source.randrange(3)),
            first_seen_at=NOON - timedelta(days=source.randrange(90)),
            authors=tuple(source.sample(["Ann Müller", "ann müller", "ANN", "Bob"], k=source.randrange(3))),
            tags=tuple(source.sample(["Zoll", "zoll", "ÄRGER", "ärger"], k=source.randrange(3))),
            section=source.choice(["", "Sport", "SPORT"]),
            word_count=source.randrange(50),
            extraction=Extraction(
                source.choice(["trafilatura", "feed"]), source.choice([0.1, 0.3, 0.9]), source.random() < 0.5
            ),
            indexed_at=source.choice([None, NOON]),
            kind=source.choice(list(Kind)),
        )
        if made and source.random() < 0.4:
            lead = source.choice(made).story.id
            article = replace(article, story=StoryRef(lead, False, source.choice([1.0, 0.75])))
        made.append(article)
    return made


def query(source: random.Random, depth: int) -> Node:
    field = source.choice(FIELDS)
    match source.randrange(14 if depth else 9):
        case 0 | 1 | 2:
            return Word(source.choice([*WORDS, "!!", "U-Boot boote"]), field)
        case 3 | 4:
            words = " ".join(source.choices(WORDS, k=source.randrange(1, 4)))
            return Phrase(words, field, slop=source.choice([0, 0, 1, 2, 3]))
        case 5:
            return Prefix(source.choice(PREFIXES), field)
        case 6:
            name, value = source.choice(EQUALS)
            return Equals(name, value, prefix=source.random() < 0.3)
        case 7:
            return source.choice(OTHERS)
        case 8:
            ends = source.random() < 0.5, source.random() < 0.5
            moment = NOON - timedelta(days=source.randrange(3), milliseconds=source.randrange(5) * 500)
            numbers = sorted(source.sample(range(50), k=2))
            return source.choice(
                [
                    Between("published_at", moment, None, *ends),
                    Between("published_at", None, moment, *ends),
                    Between("word_count", *numbers, *ends),
                    Between("extraction.quality", 0.3, None, *ends),
                ]
            )
        case 9 | 10:
            return And(tuple(query(source, depth - 1) for _ in range(source.randrange(4))))
        case 11 | 12:
            return Or(tuple(query(source, depth - 1) for _ in range(source.randrange(4))))
    return Not(query(source, depth - 1))


@pytest.fixture
def sqlite_index(tmp_path: Path) -> Iterator[SqliteIndex]:
    index = SqliteIndex(tmp_path)
    index.setup()
    yield index
    index.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_both_indexes_give_the_same_answers(
    elasticsearch_index: ElasticsearchIndex, sqlite_index: SqliteIndex, seed: int
) -> None:
    source = random.Random(seed)
    articles = documents(source, 200)
    for index in (elasticsearch_index, sqlite_index):
        assert {result.verdict for result in index.write(articles, [])} == {Verdict.STORED}
        index.refresh()
    found = 0
    for _ in range(100):
        asked = Search(query(source, 3), limit=15, offset=source.choice([0, 0, 3]), collapse=source.random() < 0.5)
        one, other = elasticsearch_index.search(asked), sqlite_index.search(asked)
        assert one == other, asked
        found += bool(one.hits)
        if source.random() < 0.2:
            assert list(elasticsearch_index.scan(asked.query)) == list(sqlite_index.scan(asked.query)), asked.query
        best = replace(asked, sort="best", collapse=False, offset=0, limit=200, highlight=False)
        assert ids(elasticsearch_index, best) == ids(sqlite_index, best), asked.query
    assert found > 50, "most queries find something, or this test shows little"


def ids(index: ElasticsearchIndex | SqliteIndex, asked: Search) -> set[str]:
    return {hit.article.id for hit in index.search(asked).hits}
