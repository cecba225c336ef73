"""erase: what is shown, asked and printed, over a real archive on disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import COPY, GONE, HARBOUR, STORM, Call
from worker.stores.sqlite.index import SqliteIndex
from worker.urls import article_id

pytestmark = pytest.mark.usefixtures("archive", "server")


def test_without_anybody_to_ask_nothing_is_erased(call: Call) -> None:
    done = call("erase", "--url", HARBOUR)
    assert done.code == 2
    assert "--yes" in done.err
    assert "Council votes on the new harbour" in done.out, "but shown"
    assert COPY in done.out
    assert call("show", HARBOUR).code == 0


def test_a_person_is_asked(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.confirm", lambda *_, **__: False)
    done = call("erase", "--url", HARBOUR)
    assert (done.code, done.err) == (1, "nothing was erased\n")
    monkeypatch.setattr("click.confirm", lambda *_, **__: True)
    assert call("erase", "--url", HARBOUR).code == 0
    assert call("show", HARBOUR).code == 1


def test_a_look_changes_nothing(call: Call) -> None:
    done = call("erase", "--url", HARBOUR, "--dry-run", "--json")
    [row] = done.rows()
    assert row["held"]["documents"] == 1
    assert row["held"]["leads of copies"] == 1
    assert row["urls"] == [HARBOUR]
    assert [copy["url"] for copy in row["copies"]] == [COPY]
    assert call("erase", "--list").out == ""
    assert call("show", HARBOUR).code == 0


def test_what_was_done_is_printed_by_place(call: Call) -> None:
    done = call("erase", "--url", HARBOUR, "--yes", "--note", "letter of 1 December")
    assert done.code == 0
    assert "documents" in done.out
    assert "Nothing is left" in done.out
    assert "there was nothing: " in done.out
    assert done.err.splitlines()[0] == "keeping it away from now on"
    shown = call("show", COPY, "--json").rows()[0]
    assert (shown["duplicate_of"], shown["story"]["is_lead"]) == (None, True)
    told = call("erase", "--list")
    assert article_id(HARBOUR) in told.out
    assert "letter of 1 December" in told.out
    assert told.err == "1 erasure\n"
    assert HARBOUR not in told.out
    [row] = call("erase", "--list", "--json").rows()
    assert (row["id"], row["kind"], row["note"]) == (article_id(HARBOUR), "url", "letter of 1 December")


def test_explain_says_that_it_was_erased(call: Call) -> None:
    call("erase", "--url", STORM, "--yes", "--note", "by letter")
    done = call("explain", STORM)
    assert "It was erased" in done.out
    assert "by letter" in done.out
    assert "No feed" not in done.out
    [row] = call("explain", STORM, "--json").rows()
    assert row["erased"]["note"] == "by letter"
    assert call("explain", HARBOUR, "--json").rows()[0]["erased"] is None


def test_a_domain_goes_and_its_feeds_cannot_be_added(call: Call) -> None:
    call("feeds", "add", "https://feeds.example.org/rss", "--unchecked")
    done = call("erase", "--domain", "www.example.org", "--yes", "--json")
    assert done.code == 0
    [row] = done.rows()
    assert row["done"] is True
    assert (row["erased"]["documents"], row["erased"]["events"], row["erased"]["subscriptions"]) == (2, 1, 1)
    assert call("feeds", "list", "--json").out == ""
    again = call("feeds", "add", "https://feeds.example.org/rss", "--unchecked")
    assert again.code == 2
    assert "erased" in again.err
    assert [row["url"] for row in call("export").rows()] == [COPY]
    assert "All of example.org was erased" in call("explain", GONE).out
    told = call("erase", "--list")
    assert "  example.org" in told.out


def test_a_list_leaves_out_feeds_of_an_erased_domain(call: Call, tmp_path: Path) -> None:
    call("erase", "--domain", "example.org", "--yes")
    feeds = tmp_path / "feeds.yaml"
    feeds.write_text(json.dumps({"feeds": ["https://example.org/feed", "https://example.com/feed"]}))
    done = call("feeds", "import", str(feeds))
    assert done.code == 0
    assert "1 feed left out: their domains were erased" in done.err


def test_it_may_come_again(call: Call, tmp_path: Path) -> None:
    exported = call("export").out
    call("erase", "--url", HARBOUR, "--domain", "copy.example", "--yes")
    lines = tmp_path / "export.jsonl"
    lines.write_text(exported)
    refused = call("import", str(lines))
    assert refused.code == 1
    assert refused.err.count("it was erased") == 2
    undone = call("erase", "--undo", "--url", HARBOUR, "--domain", "copy.example")
    assert undone.code == 0
    assert "may come again" in undone.err
    assert call("erase", "--list").out == ""
    assert call("import", str(lines)).code == 0
    assert {row["url"] for row in call("export").rows()} == {HARBOUR, COPY, STORM}
    nothing = call("erase", "--undo", "--url", HARBOUR)
    assert nothing.code == 1
    assert "--list" in nothing.err


def test_what_was_never_here_is_kept_away_all_the_same(call: Call) -> None:
    done = call("erase", "--url", "https://example.org/never", "--yes")
    assert done.code == 0
    assert "Nothing of it is here" in done.out
    assert len(call("erase", "--list").out.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ((), "--url URL or --domain HOST"),
        (("--domain", "https://example.org/"), "--url"),
        (("--domain", "org"), "many names"),
        (("--url", "harbour"), "neither"),
        (("--list", "--url", HARBOUR), "--list"),
        (("--url", HARBOUR, "--note", "x" * 501), "500"),
    ],
)
def test_what_is_wrong_is_one_line(call: Call, arguments: tuple[str, ...], hint: str) -> None:
    done = call("erase", *arguments)
    assert (done.code, done.out) == (2, "")
    assert hint in done.err
    assert len(done.err.splitlines()) == 1


def test_a_hostile_title_does_not_steer_the_terminal(call: Call) -> None:
    done = call("erase", "--url", STORM, "--dry-run")
    assert "\x1b" not in done.out
    assert "Storm" in done.out


def test_something_left_is_said_and_counts(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SqliteIndex, "erase_events", lambda self, sought, now: 0)
    monkeypatch.setattr("worker.erasing.erase.BETWEEN_S", 0.0)
    done = call("erase", "--domain", "example.org", "--yes")
    assert done.code == 1
    assert "run the command again" in done.err
    assert "left; kept away" in done.out
