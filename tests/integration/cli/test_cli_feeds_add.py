"""`feeds add` as a person calls it: from the address of a site to a subscription."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.cli.conftest import Call
from tests.web import Web, atom, page, rss, serving

LINK = "<link rel=alternate type=application/rss+xml title='{}' href='{}'>"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setenv("FEEDMILL_NET__ALLOW", "127.0.0.0/8")
    monkeypatch.setenv("FEEDMILL_NET__HOST_DELAY_S", "0")
    pages = {
        "/": page(LINK.format("Comments", "/comments/feed") + LINK.format("News", "/news")),
        "/two": page(LINK.format("News", "/news") + LINK.format("Sport", "/sport") + LINK.format("Atom", "/atom")),
        "/none": page("<p>nothing"),
        "/news": rss("a", "b", title="The \x1b[2J News"),
        "/sport": rss("c", title="Sport"),
        "/atom": atom("a", "b"),
        "/comments/feed": rss("d", title="Comments"),
    }
    with serving(Web(pages)) as web:
        yield web


def subscribed(call: Call) -> list[str]:
    return [row["url"] for row in call("feeds", "list", "--json").rows()]


@pytest.mark.usefixtures("server")
class TestAdd:
    def test_a_feed_is_taken_as_it_is_given_and_asked_for_once(self, call: Call, site: Web) -> None:
        done = call("feeds", "add", f"{site.url}/news")
        assert (done.code, done.err) == (0, f"subscribed to {site.url}/news\n")
        done = call("feeds", "add", f"{site.url}/news")
        assert (done.code, done.err) == (0, f"already subscribed to {site.url}/news\n")
        assert site.asked == ["/news"]

    def test_the_only_one_of_a_page_is_taken(self, call: Call, site: Web) -> None:
        done = call("feeds", "add", site.url, "--folder", "Papers")
        assert done.code == 0
        assert done.err == f"subscribed to {site.url}/news\n"
        assert "2 entries, newest of 2026-10-02" in done.out
        assert "comments" in done.out
        assert "\x1b" not in done.out
        [row] = call("feeds", "list", "--json").rows()
        assert (row["url"], row["folder"]) == (f"{site.url}/news", "Papers")

    def test_of_several_one_is_named(self, call: Call, site: Web) -> None:
        done = call("feeds", "add", f"{site.url}/two")
        assert done.code == 2
        assert done.err == "feedmill: 3 feeds found; `--pick N` takes one of them, `--all` all that differ\n"
        assert f"the same articles as {site.url}/news" in done.out
        assert subscribed(call) == []
        assert call("feeds", "add", f"{site.url}/two", "--pick", "4").code == 2
        assert call("feeds", "add", f"{site.url}/two", "--pick", "2").err == f"subscribed to {site.url}/sport\n"
        assert call("feeds", "add", f"{site.url}/two", "--pick", "2", "--all").code == 2
        assert call("feeds", "add", f"{site.url}/two", "--all").code == 0
        assert subscribed(call) == [f"{site.url}/news", f"{site.url}/sport"]

    def test_nothing_there_is_one_line(self, call: Call, site: Web) -> None:
        for address, told in (
            (f"{site.url}/none", "no feed was found at"),
            (f"{site.url}/missing", "client_error (status 404)"),
            ("http://10.0.0.1/", "address_blocked"),
            ("https://no-such-host.invalid/feed", "dns_failed"),
        ):
            done = call("feeds", "add", address)
            assert (done.code, done.err.count("\n"), told in done.err) == (1, 1, True), done.err
        assert subscribed(call) == []

    def test_doubles_are_told_and_left_out(self, call: Call, site: Web) -> None:
        call("feeds", "add", "--unchecked", f"{site.url}/news?utm_source=x")
        done = call("feeds", "add", f"{site.url}/news")
        assert done.code == 0
        assert f"{site.url}/news seems to be {site.url}/news?utm_source=x, which is subscribed to" in done.err
        assert call("feeds", "add", f"{site.url}/news", "--anyway").err == f"subscribed to {site.url}/news\n"
