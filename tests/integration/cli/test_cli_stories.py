"""`story`, `stories` and collapsed search on an archive with stories of several copies, after a merge, by any name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.articles import make_article
from tests.integration.cli.conftest import Call
from tests.state import LIMITS
from tests.valkey import Valkey
from worker.deduplicate.fingerprint import fingerprint
from worker.index.documents import content_hash
from worker.models import Article, StoryRef
from worker.state.scripts import Scripts
from worker.state.stories import RedisStories
from worker.stores.sqlite.index import SqliteIndex
from worker.urls import article_id

AGENCY, BIG, SMALL = "https://agency.example/wire/7", "https://big.example/a/flood", "https://small.example/flood.html"
OTHER = "https://other.example/budget"
TEXT = (
    "The river rose above its banks on Friday night and flooded the old town. Nobody was hurt, the mayor said."
    " The water reached four metres at the bridge. Schools stay closed until Monday."
)
SHORTER = TEXT.replace(" Schools stay closed until Monday.", "").replace("Friday night", "Friday")
NOW = datetime.now(UTC).replace(microsecond=0)
LEAD = article_id(AGENCY)


def copy(url: str, minutes: int, body: str, **changes: object) -> Article:
    moment = NOW - timedelta(hours=3) + timedelta(minutes=minutes)
    return make_article(
        url, title="Flood in the old town", body=body, word_count=len(body.split()), published_at=moment,
        first_seen_at=moment, fetched_at=moment, story=StoryRef(LEAD, url == AGENCY, 1.0),
        duplicate_of=None if url == AGENCY else LEAD, **changes,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def stories(tmp_path: Path, server: Valkey) -> None:
    index = SqliteIndex(tmp_path / "data")
    index.setup()
    index.write(
        [
            copy(AGENCY, 0, TEXT),
            copy(BIG, 12, TEXT),
            replace(copy(SMALL, 200, SHORTER), title="Old town \x1b[2Junder water", story=StoryRef(LEAD, False, 0.96)),
            make_article(OTHER, language="de", published_at=NOW),
        ],
        [],
    )
    index.close()


def test_the_timeline_for_people(call: Call) -> None:
    done = call("story", LEAD)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "Flood in the old town"
    assert lines[1] == f"story {LEAD} · 3 copies on 3 sites · first on agency.example"
    assert "first" in lines[3]
    assert lines[3].endswith("agency.example  33 words, lead")
    assert "+12 min" in done.out
    assert "the lead word for word" in done.out
    assert "96% of the text shared" in done.out
    assert "82% of the lead kept, 6 words of it dropped, 0 words added (0% of this text); another headline" in done.out
    assert "\x1b[2J" not in done.out


@pytest.mark.parametrize("reference", [LEAD, AGENCY, BIG + "?utm_source=x", article_id(SMALL), LEAD.upper()])
def test_any_name_finds_the_story(call: Call, reference: str) -> None:
    [row] = call("story", reference, "--json").rows()
    assert row["id"] == LEAD
    assert (row["copies"], row["sites"], row["lead"], row["first"]) == (3, 3, LEAD, LEAD)
    assert [(each["number"], each["site"], each["delay_s"]) for each in row["timeline"]] == [
        (1, "agency.example", 0.0),
        (2, "big.example", 720.0),
        (3, "small.example", 12000.0),
    ]
    assert [(each["kept"], each["dropped"], each["added"]) for each in row["timeline"]] == [
        (33, 0, 0),
        (33, 0, 0),
        (27, 6, 0),
    ]
    assert "diff" not in row


@pytest.mark.parametrize("names", [("1", "3"), ("3",), ("lead", SMALL), (LEAD, article_id(SMALL))])
def test_a_diff_of_two_copies(call: Call, names: tuple[str, ...]) -> None:
    done = call("story", BIG, "--diff", *names)
    assert done.code == 0
    assert "on Friday [-night-] and flooded" in done.out
    assert done.out.rstrip().endswith("[-Schools stay closed until Monday.-]")
    [row] = call("story", BIG, *names, "--diff", "--json").rows()
    assert row["diff"]["from"], row["diff"]["to"] == (LEAD, article_id(SMALL))
    assert [piece["kind"] for piece in row["diff"]["pieces"]] == ["same", "dropped", "same", "dropped"]


def test_the_other_way_words_are_added(call: Call) -> None:
    assert "on Friday {+night+} and" in call("story", LEAD, "--diff", "3", "1").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("story", "f" * 32), "no story and no article of the archive"),
        (("story", "nonsense"), "neither an http(s) URL nor an article id"),
        (("story", LEAD, "--diff"), "--diff wants one copy"),
        (("story", LEAD, "--diff", "1", "2", "3"), "--diff wants one copy"),
        (("story", LEAD, "1", "2"), "`--diff 1 2` compares copies"),
        (("story", LEAD, "--diff", "4"), "no copy 4 in this story of 3 copies"),
        (("story", LEAD, "--diff", "1", OTHER), f"no copy {OTHER} in this story"),
        (("story", LEAD, "--diff", "first"), "neither an http(s) URL nor an article id"),
        (("stories", "--since", "soon"), "--since soon: no time"),
        (("stories", "--since", "7d OR x"), "no time"),
        (("stories", "--language", "german"), "--language german: no language code"),
        (("stories", "--limit", "0"), "--limit"),
    ],
)
def test_what_is_wrong_is_one_line(call: Call, arguments: tuple[str, ...], says: str) -> None:
    done = call(*arguments)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert len(done.err.splitlines()) == 1


def test_an_id_from_before_a_merge(call: Call, server: Valkey) -> None:
    """The older story's id stands in the documents; the younger one's is known to Redis alone."""
    memory = RedisStories(Scripts(server.client, "feedmill"), LIMITS)
    younger = "ab" * 16
    for article in (copy(AGENCY, 0, TEXT), replace(copy(BIG, 60, "Quite another text."), id=younger)):
        named = replace(article, story=StoryRef(article.id, True, 1.0), duplicate_of=None)
        memory.restore(named, content=content_hash("", "", article.body), fingerprint=fingerprint(article.body, "en"))
    assert memory.merge(younger, LEAD) == (LEAD, younger)
    [row] = call("story", younger, "--json").rows()
    assert (row["id"], row["copies"]) == (LEAD, 3)


def test_without_redis_the_index_alone_tells(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDMILL_REDIS__URL", "redis://127.0.0.1:1/0")
    assert call("story", LEAD, "--json").rows()[0]["copies"] == 3


def test_the_largest_stories(call: Call) -> None:
    done = call("stories")
    assert done.code == 0
    assert done.out.startswith("Flood in the old town\n    3 copies on 3 sites · first ")
    assert f"feedmill story {LEAD}" in done.out
    assert done.err == "1 story in several copies since 24h\n"
    [row] = call("stories", "--json", "--language", "en").rows()
    assert (row["id"], row["copies"], row["sites"], row["title"]) == (LEAD, 3, 3, "Flood in the old town")
    assert (row["lead"], row["url"], row["site"], row["language"]) == (LEAD, AGENCY, "agency.example", "en")


@pytest.mark.parametrize(
    "arguments",
    [("--language", "de"), ("--since", "1s"), ("--since", NOW.date().replace(year=NOW.year + 1).isoformat())],
)
def test_no_story_is_no_error(call: Call, arguments: tuple[str, ...]) -> None:
    done = call("stories", *arguments)
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("0 stories in several copies since ")


def test_since_counts_what_was_published_since(call: Call) -> None:
    since = (NOW - timedelta(minutes=175)).isoformat()  # not an age: the tests before this one take minutes
    [row] = call("stories", "--since", since, "--json").rows()
    assert (row["copies"], row["title"]) == (2, "Flood in the old town")


def test_search_collapses_and_pages(call: Call) -> None:
    [flood, vote] = sorted(call("search", "NOT zeppelin", "--json").rows(), key=lambda row: -row["copies"])
    assert (flood["copies"], flood["sites"], vote["copies"], vote["sites"]) == (3, 3, 1, 1)
    pages = [call("search", "NOT zeppelin", "--json", "--limit", "1", "--offset", str(at)).rows() for at in range(3)]
    assert [row["story"]["id"] for rows in pages for row in rows] == [
        row["story"]["id"] for row in call("search", "NOT zeppelin", "--json").rows()
    ]
    assert pages[2] == []
    assert len(call("search", "NOT zeppelin", "--json", "--all").rows()) == 4
