"""What the newsroom answers, without a socket."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime, timedelta

import pytest

from worker.demo.content import Case, load_sites
from worker.demo.manifest import Planned, copies
from worker.demo.newsroom import Edition, Reply
from worker.models import Reason, State

OPENED = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def _edition() -> Edition:
    return Edition(sites=load_sites(), port=8600, opened=OPENED, written=frozenset())


EDITION = _edition()
ARTICLES = EDITION.articles()


def _get(edition: Edition, url: str, **headers: str) -> Reply:
    host, _, path = url.removeprefix("http://").partition(":8600")
    return edition.answer(host, path, headers)


def _of(case: Case) -> Planned:
    return next(item for item in ARTICLES if item.kind is case)


@pytest.mark.parametrize("article", ARTICLES, ids=[item.url.removeprefix("http://") for item in ARTICLES])
def test_every_planned_article_is_served_as_planned(article: Planned) -> None:
    reply = _get(EDITION, article.final_url)
    assert reply.status == (404 if article.kind is Case.GONE else 200)
    if article.kind is Case.PDF:
        assert reply.body.startswith(b"%PDF-")
        assert reply.body.endswith(b"%%EOF\n")
        return
    site = next(site for site in EDITION.sites if article.site.startswith(site.host))
    text = reply.body.decode("utf-8" if site.charset == "utf-8" else "cp1252")
    if article.kind is not Case.GONE:
        assert f"<title>{_escaped(article.title)} | " in text
    for paragraph in article.paragraphs:
        assert _escaped(paragraph) in text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("'", "&#x27;")


def test_nothing_points_outside_the_newsroom() -> None:
    for article in ARTICLES:
        if article.kind is Case.PDF:
            continue
        page = _get(EDITION, article.final_url).body.decode("latin-1")
        for target in re.findall(r"""(?:href|src|action)=["']([^"']*)["']""", page):
            assert target.startswith("/") or re.match(r"http://[a-z-]+\.localhost:8600/", target), target
    for item in ARTICLES:
        assert re.match(r"http://[a-z-]+\.localhost:8600/", item.link)


def test_related_links_lead_somewhere() -> None:
    page = _get(EDITION, _of(Case.BOILERPLATE).final_url).body.decode()
    links = re.findall(r'<div class="sc-v9ab0"><a href="([^"]+)"', page)
    assert len(links) == 5
    assert {EDITION.answer("elbkurier.localhost", link, {}).status for link in links} == {200}


def test_the_old_path_answers_with_the_new_one() -> None:
    moved = _of(Case.REDIRECT)
    reply = _get(EDITION, moved.url)
    assert reply.status == 301
    assert moved.final_url.endswith(reply.headers["Location"])
    assert moved.url != moved.final_url


def test_robots_txt_disallows_exactly_the_internal_document() -> None:
    hidden = _of(Case.ROBOTS)
    robots = _get(EDITION, hidden.url.split("/interne/")[0] + "/robots.txt")
    assert b"Disallow: /interne/" in robots.body
    assert sum("/interne/" in item.url for item in ARTICLES) == 1
    assert EDITION.answer("elbkurier.localhost", "/robots.txt", {}).status == 404, "one site has none"


def test_front_pages_name_their_feed() -> None:
    for site in EDITION.sites:
        reply = EDITION.answer(site.host, "/", {})
        assert reply.status == 200
        assert f'href="{site.feed_path}"'.encode() in reply.body


def test_unknown_hosts_and_paths_are_404() -> None:
    assert EDITION.answer("127.0.0.1", "/", {}).status == 404
    assert EDITION.answer("bergbote.localhost", "/nothing", {}).status == 404
    assert EDITION.answer("BERGBOTE.localhost", "/", {}).status == 200


def test_validators_make_a_304() -> None:
    for site in EDITION.sites:
        first = EDITION.answer(site.host, site.feed_path, {})
        names = {"ETag": "if-none-match", "Last-Modified": "if-modified-since"}
        sent = {asked: first.headers[given] for given, asked in names.items() if given in first.headers}
        assert sent, site.host
        again = EDITION.answer(site.host, site.feed_path, sent)
        assert (again.status, again.body) == (304, b"")


def test_old_or_broken_validators_make_a_200() -> None:
    for headers in ({"if-none-match": '"other"'}, {"if-modified-since": "yesterday"}, {"if-modified-since": ""}):
        for site in EDITION.sites:
            assert EDITION.answer(site.host, site.feed_path, headers).status == 200


def test_if_none_match_goes_before_if_modified_since() -> None:
    site = next(site for site in EDITION.sites if site.validators == "both")
    modified = EDITION.answer(site.host, site.feed_path, {}).headers["Last-Modified"]
    headers = {"if-none-match": '"other"', "if-modified-since": modified}
    assert EDITION.answer(site.host, site.feed_path, headers).status == 200


def test_the_update_changes_one_page_and_one_feed() -> None:
    edition = _edition()
    urls = [*edition.feeds, *(item.final_url for item in ARTICLES)]
    before = {url: _get(edition, url) for url in urls}
    edition.updated_at = OPENED + timedelta(hours=1)
    changed = [url for url in urls if _get(edition, url).body != before[url].body]
    page = _of(Case.UPDATE).final_url
    assert page in changed
    assert "http://harbour-times.localhost:8600/atom.xml" in changed
    assert all(url.startswith("http://harbour-times.localhost") for url in changed)
    feed = before["http://harbour-times.localhost:8600/atom.xml"]
    asked = {"if-none-match": feed.headers["ETag"]}
    assert edition.answer("harbour-times.localhost", "/atom.xml", asked).status == 200
    now = {item.url: item for item in edition.articles()}[page]
    assert now.title != _of(Case.UPDATE).title
    assert now.paragraphs != _of(Case.UPDATE).paragraphs
    assert now.updated_at == edition.updated_at


def test_gzip_is_sent_only_when_asked_for() -> None:
    site = next(site for site in EDITION.sites if site.gzip)
    plain = EDITION.answer(site.host, site.feed_path, {})
    packed = EDITION.answer(site.host, site.feed_path, {"accept-encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body


def test_one_charset_is_named_by_the_header_and_one_by_the_page_only() -> None:
    table = next(item for item in ARTICLES if item.site.startswith("stadtblatt") and item.kind is Case.ARTICLE)
    reply = _get(EDITION, table.url)
    assert reply.headers["Content-Type"] == "text/html; charset=windows-1252"
    assert b"charset" not in reply.body
    french = next(item for item in ARTICLES if item.site.startswith("gazette") and item.kind is Case.ARTICLE)
    reply = _get(EDITION, french.url)
    assert reply.headers["Content-Type"] == "text/html"
    assert b'<meta charset="iso-8859-1">' in reply.body
    assert "é".encode("latin-1") in reply.body


def test_the_same_moment_gives_the_same_bytes() -> None:
    other = _edition()
    for url in (*EDITION.feeds, *(item.final_url for item in ARTICLES)):
        assert _get(other, url).body == _get(EDITION, url).body


def test_expected_ends() -> None:
    ends = [(item.state, item.reason, item.fulltext) for item in ARTICLES]
    assert ends.count((State.INDEXED, Reason.STORED, True)) == 55
    assert sum(item.state is State.INDEXED and not item.fulltext for item in ARTICLES) == 3
    assert sorted(item.reason for item in ARTICLES if item.state is State.REFUSED) == [
        Reason.GONE,
        Reason.ROBOTS_DISALLOWED,
    ]


def test_copies_are_grouped_earliest_first() -> None:
    groups = copies(ARTICLES)
    assert [item.site.partition(".")[0] for item in groups["kaltenjoch"]] == ["bergbote", "elbkurier", "stadtblatt"]
    assert [item.site.partition(".")[0] for item in groups["morvane"]] == ["gazette-du-lac", "courrier-du-midi"]
