"""Which of the feeds that a site has takes a lost one's place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from worker.models import Entry, Feed, FeedState, Former
from worker.poll.discover import Candidate, Format
from worker.poll.follow import by_article
from worker.poll.seek import choose, pages_of
from worker.poll.site_links import How
from worker.poll.window import sample
from worker.urls import feed_id

NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)
URL = "https://www.example.org/old.xml"
FEED = Feed(feed_id(URL), URL)


def entries(*names: str) -> dict[object, Entry]:
    return by_article(Entry(name, f"https://www.example.org/{name}") for name in names)  # type: ignore[return-value]


STATE = FeedState(title="The  Example", sample=sample(entries("a", "b", "c", "d")))  # type: ignore[arg-type]


def candidate(url: str, *names: str, title: str = "", age: timedelta = timedelta(), **more: object) -> Candidate:
    articles = frozenset(entries(*names))
    found = Candidate(url, title, Format.RSS, len(names), NOW - age, How.NAMED, articles=articles)  # type: ignore[arg-type]
    return replace(found, **more)  # type: ignore[arg-type]


def chosen(
    *candidates: Candidate, feed: Feed = FEED, newest: datetime | None = None, taken: str = ""
) -> tuple[str, bool]:
    found = choose(candidates, feed, STATE, newest, lambda url: url == taken)
    return ("", False) if found is None else (found[0].url, found[1])


ALL, SPORT = candidate("https://x/all", "p", "q", title="All"), candidate("https://x/sport", "r", title="Sport")


def test_what_has_the_same_articles_or_the_same_title_is_the_same() -> None:
    same = candidate("https://x/new", "d", "e", "f", title="Renamed")
    named = candidate("https://x/named", "z", title="the example")
    assert chosen(ALL, named, same, SPORT) == ("https://x/new", True)
    assert chosen(ALL, named, SPORT) == ("https://x/named", True)
    assert chosen(ALL, SPORT) == ("https://x/all", False)
    assert chosen() == ("", False)


def test_what_is_never_proposed() -> None:
    assert chosen(candidate(URL, "a", "b")) == ("", False)  # the site still names it
    assert chosen(candidate("https://x/c", "a", comments=True)) == ("", False)
    assert chosen(candidate("https://x/empty")) == ("", False)
    declined = replace(FEED, declined=("https://x/all",))
    assert chosen(ALL, SPORT, feed=declined) == ("https://x/sport", False)
    been = replace(FEED, former=(Former("https://x/all", NOW, "moved"),))
    assert chosen(ALL, feed=been) == ("", False)


def test_another_subscription_is_proposed_only_when_it_is_the_same_feed() -> None:
    assert chosen(ALL, taken=ALL.url) == ("", False)
    assert chosen(candidate(ALL.url, "a"), taken=ALL.url) == (ALL.url, True)


def test_in_place_of_a_silent_feed_only_one_that_has_news() -> None:
    newest = NOW - timedelta(days=9)
    stale = candidate("https://x/stale", "a", age=timedelta(days=9))
    undated = candidate("https://x/undated", "a", newest_at=None)
    fresh = candidate("https://x/fresh", "z", age=timedelta(days=8))
    assert chosen(stale, undated, newest=newest) == ("", False)
    assert chosen(stale, undated, fresh, newest=newest) == ("https://x/fresh", False)


def test_where_it_is_looked_for() -> None:
    assert pages_of(FEED, STATE) == ("https://www.example.org/",)
    proxied = Feed(FEED.id, "https://feeds.proxy.example/x")
    named = replace(STATE, site="https://www.example.org/news/")
    assert pages_of(proxied, named) == ("https://www.example.org/news/", "https://feeds.proxy.example/")
