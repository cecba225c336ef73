from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.cli.conftest import Call
from tests.valkey import Valkey
from worker.models import Feed, FeedState
from worker.state import codec, feed_store
from worker.urls import feed_id

FEED = "https://example.org/feed.xml"
OPML = """<opml version="2.0"><head><title>t</title></head><body>
<outline text="News"><outline type="rss" text="A" xmlUrl="https://a.example/rss"/></outline>
<outline type="rss" text="B" xmlUrl="https://b.example/rss"/></body></opml>"""


def urls(call: Call) -> list[str]:
    return [row["url"] for row in call("feeds", "list", "--json").rows()]


@pytest.mark.usefixtures("server")
class TestWithAServer:
    def test_add_list_remove(self, call: Call) -> None:
        assert (
            call("feeds", "add", "--unchecked", FEED, "--title", "Example", "--language", "en", "--folder", "News").code
            == 0
        )
        [row] = call("feeds", "list", "--json").rows()
        assert row["id"] == feed_id(FEED)
        assert (row["title"], row["language"], row["folder"], row["origin"]) == ("Example", "en", "News", "cli")
        assert (row["status"], row["polls"], row["polled_at"]) == ("active", 0, None)
        assert "active, not polled yet" in call("feeds", "list").out
        assert "next poll now: its first poll" in call("feeds", "show", FEED).out
        [shown] = call("feeds", "show", row["id"], "--json").rows()
        assert set(row) < set(shown)
        assert (shown["next_why"], shown["entries_per_day"], shown["skip_hours"]) == (None, None, [])
        assert call("feeds", "show", "https://no.example/feed").code == 1
        assert call("feeds", "add", "--unchecked", FEED).err == f"already subscribed to {FEED}\n"
        assert call("feeds", "remove", FEED).code == 0
        assert urls(call) == []

    def test_a_feed_is_removed_by_its_id_too(self, call: Call) -> None:
        call("feeds", "add", "--unchecked", FEED)
        assert call("feeds", "remove", feed_id(FEED)).code == 0
        assert urls(call) == []

    def test_removing_what_is_not_there(self, call: Call) -> None:
        done = call("feeds", "remove", FEED)
        assert done.code == 1
        assert "no such subscription" in done.err

    @pytest.mark.parametrize("url", ["ftp://example.org/feed", "https://exa mple.org/", "nonsense", ""])
    def test_a_url_that_cannot_be_polled(self, call: Call, url: str) -> None:
        done = call("feeds", "add", url)
        assert done.code == 2
        assert done.err.startswith("feedmill: not a URL that can be polled")

    def test_lists_come_in_and_go_out_again(self, call: Call, tmp_path: Path) -> None:
        (tmp_path / "list.opml").write_text(OPML)
        assert call("feeds", "import", "list.opml").err == "2 feeds in list.opml, 2 of them new\n"
        assert call("feeds", "import", "list.opml").err == "2 feeds in list.opml, 0 of them new\n"
        before = call("feeds", "list", "--json").rows()
        for form in ("yaml", "opml"):
            exported = call("feeds", "export", "--format", form)
            assert exported.code == 0
            (tmp_path / f"out.{form}").write_text(exported.out)
            for row in before:
                call("feeds", "remove", row["url"])
            assert urls(call) == []
            call("feeds", "import", f"out.{form}")
            after = call("feeds", "list", "--json").rows()
            keep = ("id", "url", "title", "folder", "origin")
            assert [{key: row[key] for key in keep} for row in after] == [
                {key: row[key] for key in keep} for row in before
            ]

    @pytest.mark.parametrize("form", ["yaml", "opml"])
    def test_a_name_learnt_from_the_feed_is_exported(self, call: Call, server: Valkey, form: str) -> None:
        for url, own in ((FEED, ""), ("https://named.example/rss", "Mine")):
            call("feeds", "add", "--unchecked", url, "--title", own)
            state = codec.state_json(FeedState(polls=1, title="Example Times"))
            server.client.hset("{feedmill}:feeds:state", feed_id(url), state)
        out = call("feeds", "export", "--format", form).out
        assert out.count("Example Times") == (2 if form == "opml" else 1)  # OPML has text and title
        assert "Mine" in out

    def test_a_missing_scheme_is_named(self, call: Call) -> None:
        done = call("feeds", "add", "--unchecked", "example.org/feed")
        assert done.code == 2
        assert done.err == "feedmill: http:// or https:// is missing; did you mean https://example.org/feed?\n"
        assert "did you mean https://example.org/news?" in call("explain", "example.org/news", "--data", ".").err

    def test_an_import_never_changes_what_is_subscribed(self, call: Call, tmp_path: Path) -> None:
        call("feeds", "add", "--unchecked", FEED, "--title", "Mine")
        (tmp_path / "l.yaml").write_text(f"feeds:\n  - url: {FEED}\n    title: Theirs\n")
        call("feeds", "import", "l.yaml")
        assert call("feeds", "list", "--json").rows()[0]["title"] == "Mine"

    def test_one_bad_url_refuses_the_whole_list(self, call: Call, tmp_path: Path) -> None:
        (tmp_path / "l.yaml").write_text(f"feeds:\n  - {FEED}\n  - nonsense\n")
        done = call("feeds", "import", "l.yaml")
        assert done.code == 2
        assert len(done.err.splitlines()) == 1
        assert "l.yaml" in done.err
        assert urls(call) == []

    def test_a_missing_list(self, call: Call) -> None:
        done = call("feeds", "import", "none.yaml")
        assert done.code == 2
        assert done.err.startswith("feedmill: none.yaml: ")


def test_an_embedded_installation_remembers_without_running(call: Call) -> None:
    call("feeds", "add", "--unchecked", FEED)
    assert urls(call) == [FEED]


@pytest.mark.usefixtures("server")
class TestImport:
    LIST = """<opml><body><outline text="Neu">
      <outline text="A" xmlUrl="https://a.example/feed" htmlUrl="https://a.example/"/>
      <outline text="A" xmlUrl="https://a.example/feed"/>
      <outline text="A with slash" xmlUrl="http://www.a.example/feed/?utm_source=x"/>
      <outline text="other" xmlUrl="https://a.example/Feed"/>
      <outline text="B" xmlUrl="http://b.example/rss"/></outline></body></opml>"""

    def test_doubles_are_named_and_left_out(self, call: Call, tmp_path: Path) -> None:
        call("feeds", "add", "--unchecked", "https://b.example/rss")
        (tmp_path / "list.opml").write_text(self.LIST)
        told = call("feeds", "import", "list.opml").err.splitlines()
        assert told == [
            "http://www.a.example/feed/?utm_source=x seems to be https://a.example/feed: left out",
            "http://b.example/rss seems to be https://b.example/rss: left out",
            "2 feeds left out; --anyway takes them, too",
            "4 feeds in list.opml, 2 of them new",
        ]
        assert urls(call) == ["https://a.example/Feed", "https://a.example/feed", "https://b.example/rss"]
        again = call("feeds", "import", "list.opml").err.splitlines()
        assert again == [*told[:3], "4 feeds in list.opml, 0 of them new"]
        assert 'htmlUrl="https://a.example/"' in call("feeds", "export", "--format", "opml").out
        assert call("feeds", "import", "list.opml", "--anyway").err == "4 feeds in list.opml, 2 of them new\n"

    def test_an_import_that_was_cut_short_is_gone_on_with(
        self, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lines = "".join(f'<outline text="{n}" xmlUrl="https://h{n % 900}.example/{n // 900}"/>' for n in range(1200))
        (tmp_path / "list.opml").write_text(f"<opml><body>{lines}</body></opml>")
        store, batches = feed_store.RedisFeedStore, iter((True, False))
        whole = store.put_new

        def dies(self: feed_store.RedisFeedStore, feeds: list[Feed]) -> int:
            if not next(batches):
                raise KeyboardInterrupt
            return whole(self, feeds)

        monkeypatch.setattr(store, "put_new", dies)
        assert call("feeds", "import", "list.opml").code == 130
        monkeypatch.setattr(store, "put_new", whole)
        assert len(urls(call)) == 500
        assert call("feeds", "import", "list.opml").err == "1,200 feeds in list.opml, 700 of them new\n"
        assert len(urls(call)) == 1200
