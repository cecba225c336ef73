"""search, show, explain, status, export over a real archive on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.cli.conftest import COPY, GONE, HARBOUR, STORM, Call
from worker.urls import article_id

DOCUMENT = {
    *("id", "url", "site", "feed", "title", "summary", "body", "language", "published_at", "published_at_source"),
    *("first_seen_at", "fetched_at", "indexed_at", "authors", "section", "tags", "agencies", "image", "captions"),
    *("published_at_precision", "updated_at", "paywall"),
    *("kind", "word_count", "revision", "story", "duplicate_of", "extraction", "lag"),
}

pytestmark = pytest.mark.usefixtures("archive", "server")


def test_search_for_people(call: Call) -> None:
    done = call("search", "harbour")
    assert done.code == 0
    assert "and 1 copy on example.org" in done.out
    assert "Harbour: close vote" in done.out
    assert COPY in done.out
    assert done.err == "2 articles match, 1 shown\n"


def test_search_for_programs(call: Call) -> None:
    done = call("search", "harbour", "--json")
    [row] = done.rows()
    assert set(row) == DOCUMENT | {"score", "snippet", "copies", "sites"}
    assert (row["copies"], row["sites"]) == (2, 2)
    assert "<em>harbour</em>" in row["snippet"].lower()
    assert done.err == "2 articles match, 1 shown\n"


def test_search_without_collapse(call: Call) -> None:
    assert [row["url"] for row in call("search", "harbour", "--json", "--no-collapse").rows()] == [COPY, HARBOUR]


def test_search_takes_words_without_quotes_and_options_anywhere(call: Call) -> None:
    done = call("search", "site:example.org", "--limit", "1", "harbour", "--sort", "best", "--json")
    assert [row["url"] for row in done.rows()] == [HARBOUR]


def test_nothing_found_is_no_error(call: Call) -> None:
    done = call("search", "zeppelin")
    assert (done.code, done.out, done.err) == (0, "", "nothing matches\n")


def test_a_broken_query_is_one_line(call: Call) -> None:
    done = call("search", "title:(a")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("feedmill: ")
    assert len(done.err.splitlines()) == 1


def test_hostile_titles_do_not_reach_the_terminal(call: Call) -> None:
    for arguments in (("search", "storm"), ("show", STORM), ("search", "storm", "--json"), ("explain", STORM)):
        out = call(*arguments).out
        assert "\x1b" not in out
        assert "\u202e" not in out
    assert call("search", "storm", "--json").rows()[0]["title"] == "Storm \x1b[2J\u202ewarning"


def test_a_snippet_is_escaped_html(call: Call) -> None:
    [row] = call("search", "rain", "--json").rows()
    assert "&lt;b&gt;<em>rain</em>&lt;/b&gt;" in row["snippet"]


@pytest.mark.parametrize(
    "reference", [HARBOUR, HARBOUR + "?utm_source=feed#top", article_id(HARBOUR), article_id(HARBOUR).upper()]
)
def test_show(call: Call, reference: str) -> None:
    done = call("show", reference)
    assert done.code == 0
    assert "The council voted on Tuesday.\n\nThe harbour will be built." in done.out
    assert "(leads it)" in done.out
    assert "shared" not in done.out, "a lead shares nothing with itself"
    [row] = call("show", reference, "--json").rows()
    assert set(row) == DOCUMENT


def test_show_names_what_a_copy_is_a_copy_of(call: Call) -> None:
    assert f"copy of {article_id(HARBOUR)}" in call("show", COPY).out
    assert "100% of the text shared" in call("show", COPY).out


def test_show_says_what_to_do_about_an_unknown_article(call: Call) -> None:
    done = call("show", "https://example.org/unknown")
    assert (done.code, done.out) == (1, "")
    assert "feedmill explain" in done.err


def test_a_reference_that_is_none(call: Call) -> None:
    done = call("show", "not a url")
    assert done.code == 2
    assert "32 hex digits" in done.err


def test_explain_an_article_that_was_refused(call: Call) -> None:
    done = call("explain", GONE)
    assert done.code == 0
    assert "Last outcome: refused (it cannot or must not be archived)" in done.out
    assert "gone: The page does not exist" in done.out
    assert "fetch       refused     gone  status 404  12 ms" in done.out
    [row] = call("explain", GONE, "--json").rows()
    assert row["seen"] is True
    assert row["article"] is None
    assert row["events"][0]["reason"] == "gone"


def test_explain_an_article_in_the_archive(call: Call) -> None:
    [row] = call("explain", COPY, "--json").rows()
    assert row["article"]["duplicate_of"] == article_id(HARBOUR)
    assert "body" not in row["article"]
    assert "It is a copy of" in call("explain", COPY).out


def test_explain_what_was_never_seen(call: Call) -> None:
    done = call("explain", "https://elsewhere.example/x")
    assert done.code == 0
    assert "No feed has offered this URL" in done.out
    assert "No feed of elsewhere.example is subscribed; `feedmill feeds add URL`" in done.out
    call("feeds", "add", "--unchecked", "https://www.elsewhere.example/feed.xml")
    done = call("explain", "https://elsewhere.example/x")
    assert "https://www.elsewhere.example/feed.xml: active, not polled yet" in done.out


def test_status(call: Call) -> None:
    done = call("status")
    assert done.code == 0
    assert "3 articles, 2 stories" in done.out
    [row] = call("status", "--json").rows()
    assert set(row) == {"feeds", "frontier", "outbox", "index", "ledger"}
    assert row["index"]["documents"] == 3
    assert row["ledger"]["adds_up"] is True


def test_export_everything_in_order(call: Call) -> None:
    done = call("export")
    rows = done.rows()
    assert all(set(row) == DOCUMENT for row in rows)
    assert sorted(row["url"] for row in rows) == sorted([HARBOUR, COPY, STORM])
    assert done.err == "3 articles exported\n"


def test_export_a_part(call: Call) -> None:
    assert [row["url"] for row in call("export", "storm").rows()] == [STORM]
    assert call("export", "--since", "2026-11-21").rows() == []
    assert [row["url"] for row in call("export", "harbour", "--since", "2026-11-20T12:30Z").rows()] == [COPY]
    assert call("export", "--since", "soon").code == 2


@pytest.mark.parametrize(
    "command", [("search", "x"), ("show", HARBOUR), ("explain", HARBOUR), ("status",), ("export",)]
)
def test_looking_makes_no_archive(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    done = call(*command, "--data", str(tmp_path / "none"))
    assert done.code == 2
    assert done.err.startswith(f"feedmill: no archive in {tmp_path / 'none'}; `feedmill index setup` makes one")
    monkeypatch.delenv("FEEDMILL_REDIS__URL")
    assert "`feedmill run` makes one" in call(*command, "--data", str(tmp_path / "none")).err
    assert not (tmp_path / "none").exists()


def test_an_unreachable_elasticsearch_is_one_line(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDMILL_INDEX__URL", "http://127.0.0.1:9")
    done = call("search", "harbour")
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert done.err.startswith("feedmill: the index does not answer")


def test_an_unreachable_redis_is_one_line(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDMILL_REDIS__URL", "redis://127.0.0.1:9/0")
    done = call("feeds", "list")
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert done.err.startswith("feedmill: Redis does not answer")


def test_the_doctor_finds_all_well(call: Call) -> None:
    done = call("doctor", "--json")
    assert done.code == 0
    levels = {row["subject"]: row["level"] for row in done.rows()}
    assert levels["contact"] == "warn"
    assert {"python", "settings", "sqlite", "redis", "index"} <= {
        name for name, level in levels.items() if level == "ok"
    }


def test_the_doctor_names_what_is_away(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDMILL_REDIS__URL", "redis://127.0.0.1:9/0")
    monkeypatch.setenv("FEEDMILL_INDEX__URL", "http://127.0.0.1:9")
    done = call("doctor")
    assert done.code == 1
    failed = [line.split()[1] for line in done.out.splitlines() if line.startswith("fail")]
    assert failed == ["redis", "index"]
    assert "FEEDMILL_REDIS__URL" in done.out


def test_the_doctor_goes_no_further_without_settings(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDMILL_NET__HOST_DELAY_S", "soon")
    rows = call("doctor", "--json").rows()
    assert [(row["subject"], row["level"]) for row in rows] == [("python", "ok"), ("settings", "fail")]
