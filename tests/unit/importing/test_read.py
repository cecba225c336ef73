from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.articles import make_article
from worker.importing.read import BadLineError, Foreign, read_line
from worker.index.documents import article_to_json
from worker.models import Article, Caption, Kind

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LEAST = {"url": "https://old.example/1", "title": "T", "body": "Text."}


def read(**fields: Any) -> Foreign:
    found = read_line(json.dumps({**LEAST, **fields}).encode(), NOW)
    assert isinstance(found, Foreign)
    return found


def test_the_least() -> None:
    found = read()
    assert (found.url, found.extracted.title, found.extracted.body) == ("https://old.example/1", "T", "Text.")
    assert found.extracted.fulltext
    assert found.extracted.method == "import"
    assert (found.extracted.published_at, found.extracted.published_at_source, found.fetched_at) == (None, None, None)


def test_everything_that_is_taken() -> None:
    found = read(
        summary="S",
        language="en-GB",
        published_at="2019-05-01T08:00:00+02:00",
        fetched_at="2020-01-01T00:00:00Z",
        authors=["Ann", " Ann ", "Bob"],
        section="Local",
        tags=["a"],
        agencies=["afp"],
        image="https://old.example/1.jpg",
        captions=[{"text": "The harbour", "credit": "P"}, {}],
        kind="live",
        unknown={"is": "ignored"},
        score=None,
    )
    extracted = found.extracted
    assert (extracted.summary, extracted.language, extracted.authors) == ("S", "en", ("Ann", "Bob"))
    assert extracted.published_at == datetime(2019, 5, 1, 6, tzinfo=UTC)
    assert extracted.published_at_source == "import"
    assert found.fetched_at == datetime(2020, 1, 1, tzinfo=UTC)
    assert (extracted.kind, extracted.captions) == (Kind.LIVE, (Caption("The harbour", "P"),))


def test_paragraphs_stay_and_dangerous_characters_go() -> None:
    found = read(body="One \x1b[2J\n two\n \n\nThree\u202e", title=" a\n b ")
    assert found.extracted.body == "One [2J\ntwo\n\nThree"
    assert found.extracted.title == "a b"


def test_without_a_body_the_title_is_kept() -> None:
    assert not read(body="").extracted.fulltext


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b'"text"', "it is no JSON object"),
        (b'{"url": "\xff"}', "it is not UTF-8"),
        (b'{"url": "https://a.example/"}', "title, body missing"),
    ],
)
def test_lines_that_are_none(line: bytes, says: str) -> None:
    with pytest.raises(BadLineError, match=says):
        read_line(line, NOW)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"url": "old.example/1"}, "url: url_invalid"),
        ({"url": "ftp://old.example/1"}, "url: scheme_blocked"),
        ({"url": 7}, "url: a text is wanted"),
        ({"title": ["T"]}, "title: a text is wanted"),
        ({"title": "", "body": " \n"}, "title and body are both empty"),
        ({"body": "x" * 500_001}, "body: longer than 500,000 characters"),
        ({"published_at": "yesterday"}, "published_at: a time such as"),
        ({"published_at": "2026-12-24T00:00:00Z"}, "published_at: it lies in the future"),
        ({"published_at": 1_600_000_000}, "published_at: a text is wanted"),
        ({"authors": "Ann"}, "authors: a list of texts is wanted"),
        ({"tags": [1]}, "tags: a list of texts is wanted"),
        ({"image": "data:image/png;base64,"}, "image: an absolute"),
        ({"captions": ["x"]}, "captions: a list of objects"),
        ({"kind": "poem"}, "kind: one of article, live"),
    ],
)
def test_fields_that_are_wrong_are_named(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(BadLineError, match=says):
        read(**fields)


def test_a_day_ahead_is_a_time_zone_not_a_lie() -> None:
    assert read(published_at=(NOW + timedelta(hours=20)).isoformat()).extracted.published_at is not None


def test_our_own_documents_come_back_as_they_were() -> None:
    article = make_article()
    assert read_line(json.dumps(article_to_json(article)).encode(), NOW) == article


def test_hits_of_a_search_are_documents_too() -> None:
    row = {**article_to_json(make_article()), "score": 1.5, "snippet": "x", "copies": 2}
    assert isinstance(read_line(json.dumps(row).encode(), NOW), Article)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"id": "x"}, "id is not 32 hex digits"),
        ({"id": []}, "id is not 32 hex digits"),
        ({"story": None}, "story.id is missing"),
        ({"story": {"id": "0" * 32, "is_lead": 1, "containment": 1.0}}, "story.is_lead is not true or false"),
        (
            {"extraction": {"method": "", "quality": float("nan"), "fulltext": True}},
            "quality is not a number from 0 to 1",
        ),
        ({"revision": "1"}, "revision is not a whole number"),
        ({"title": None}, "title is not a text"),
        ({"tags": [1]}, "tags is not a list of texts"),
        ({"fetched_at": "soon"}, "fetched_at: a time such as"),
        ({"fetched_at": "0001-01-01T00:00:00+14:00"}, "fetched_at: "),
        ({"first_seen_at": "2027-01-01T00:00:00Z"}, "first_seen_at: it lies in the future"),
        ({"kind": "poem"}, "damaged"),
        ({"url": "javascript:x"}, "url: scheme_blocked"),
        ({"summary": "\ud800"}, "damaged"),
    ],
)
def test_damaged_documents_are_refused(change: dict[str, Any], says: str) -> None:
    row = {**article_to_json(make_article()), **change}
    with pytest.raises(BadLineError, match=says):
        read_line(json.dumps(row).encode(), NOW)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"section": "x" * 10_001}, "section is not a text of at most 10,000 characters"),
        ({"language": "d" * 200_000}, "language is not a language's two letters"),
        ({"language": "DE"}, "language is not a language's two letters"),
        ({"body": "x" * 600_001}, "body is not a text of at most 600,000"),
        ({"tags": ["x" * 1001]}, "tags is not a list of texts"),
        ({"authors": ["x"] * 51}, "authors is not a list of texts"),
        ({"captions": [{"text": "x" * 1001, "credit": ""}]}, "captions is not a list of objects"),
        ({"captions": [{"text": "x", "credit": ""}] * 51}, "captions is not a list of objects"),
        ({"kind": "x" * 10_001}, "kind is not a text of at most"),
        ({"id": "A" * 32}, "id is not 32 hex digits"),
        ({"id": "a" * 31}, "id is not 32 hex digits"),
    ],
)
def test_our_own_documents_have_the_caps_of_all_others(change: dict[str, Any], says: str) -> None:
    row = {**article_to_json(make_article()), **change}
    with pytest.raises(BadLineError, match=says):
        read_line(json.dumps(row).encode(), NOW)


def test_the_largest_that_we_write_ourselves_comes_back() -> None:
    """500,000 characters of text, and an empty line between any two of its paragraphs."""
    article = make_article(
        title="x" * 1000,
        summary="x" * 2000,
        body="\n\n".join(["x" * 10] * 50_000),
        authors=("x" * 360,) * 30,
        tags=("x" * 200,) * 30,
        captions=(Caption("x" * 1000, "x" * 200),) * 50,
        language="",
    )
    assert read_line(json.dumps(article_to_json(article)).encode(), NOW) == article


def test_an_imported_body_is_never_larger_than_an_export_may_be() -> None:
    with pytest.raises(BadLineError, match="body: longer"):
        read(body="\u0958" * 400_000)  # two characters each in their normal form


def test_an_incomplete_document_is_refused() -> None:
    row = article_to_json(make_article())
    del row["captions"]
    with pytest.raises(BadLineError, match="captions is missing"):
        read_line(json.dumps(row).encode(), NOW)


SCALARS = st.sampled_from([None, True, False, 0, -1, 2**31, 10**400, 0.5, float("nan"), float("inf")]) | st.text(
    max_size=8
)
JSON = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.sampled_from(["id", "text", "credit"]), SCALARS)
FIELDS = sorted(article_to_json(make_article()))


@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4))
def test_nothing_but_a_bad_line_is_ever_raised(change: dict[str, Any]) -> None:
    for base in (LEAST, article_to_json(make_article())):
        try:
            found = read_line(json.dumps({**base, **change}).encode(), NOW)
        except BadLineError as error:
            assert str(error)
        else:
            if isinstance(found, Article):
                assert found.version > 0
                assert read_line(json.dumps(article_to_json(found)).encode(), NOW) == found


@given(st.binary(max_size=200))
def test_any_bytes(line: bytes) -> None:
    try:
        read_line(line, NOW)
    except BadLineError as error:
        assert str(error)
