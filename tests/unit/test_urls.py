"""URLs: a table for what is known to go wrong, properties for the rest."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker import urls
from worker.errors import Refuse
from worker.models import Reason
from worker.urls import article_id, canonical_url, clean_url, feed_id, feed_likeness, host_key, site_of

CLEAN = [
    ("https://example.com", "https://example.com/"),
    ("  \n https://example.com/a \t\r\n", "https://example.com/a"),
    ("HTTPS://EXAMPLE.com/Path?Q=A", "https://example.com/Path?Q=A"),
    ("http://example.com:80/", "http://example.com/"),
    ("https://example.com:443/", "https://example.com/"),
    ("https://example.com:80/", "https://example.com:80/"),
    ("http://example.com:/", "http://example.com/"),
    ("http://example.com./", "http://example.com/"),
    ("https://example.com/a#comments", "https://example.com/a"),
    ("http://good.example#@evil.example/", "http://good.example/"),
    ("https://user:secret@example.com/a", "https://example.com/a"),
    ("https://example.com/a/./b/../c", "https://example.com/a/c"),
    ("https://example.com/../../etc", "https://example.com/etc"),
    ("https://example.com/a/..", "https://example.com/"),
    ("https://example.com/a b", "https://example.com/a%20b"),
    ("https://example.com/zürich?q=ö", "https://example.com/z%C3%BCrich?q=%C3%B6"),
    ("https://example.com/100%", "https://example.com/100%"),
    ("https://example.com/?a=[1]&b={2}", "https://example.com/?a=[1]&b=%7B2%7D"),
    ("https://example.com/?", "https://example.com/?"),
    ("https://example.com/?a=\\", "https://example.com/?a=%5C"),
    ("https://Zürich.example/", "https://xn--zrich-kva.example/"),
    ("https://straße.example/", "https://xn--strae-oqa.example/"),
    ("https://my_blog.example/", "https://my_blog.example/"),
    ("http://192.0.2.7/", "http://192.0.2.7/"),
    ("http://[2001:DB8:0::1]:8080/x", "http://[2001:db8::1]:8080/x"),
]

REFUSED = [
    ("", Reason.URL_MISSING),
    (" \n\t ", Reason.URL_MISSING),
    ("/path", Reason.URL_INVALID),
    ("example.com/path", Reason.URL_INVALID),
    ("//example.com/path", Reason.URL_INVALID),
    ("http:", Reason.URL_INVALID),
    ("http:example.com", Reason.URL_INVALID),
    ("http:/example.com", Reason.URL_INVALID),
    ("http:///example.com", Reason.URL_INVALID),
    ("http://:80/", Reason.URL_INVALID),
    ("javascript:alert(1)", Reason.SCHEME_BLOCKED),
    ("JavaScript:alert(1)", Reason.SCHEME_BLOCKED),
    ("data:text/html,x", Reason.SCHEME_BLOCKED),
    ("file:///etc/passwd", Reason.SCHEME_BLOCKED),
    ("ftp://example.com/", Reason.SCHEME_BLOCKED),
    ("gopher://example.com/", Reason.SCHEME_BLOCKED),
    ("jar:http://example.com/a!/b", Reason.SCHEME_BLOCKED),
    ("ws://example.com/", Reason.SCHEME_BLOCKED),
    ("feed:http://example.com/", Reason.SCHEME_BLOCKED),
    ("feed://example.com/", Reason.SCHEME_BLOCKED),
    ("mailto:a@example.com", Reason.SCHEME_BLOCKED),
    ("http://user:pw@host@127.0.0.1/", Reason.URL_INVALID),
    ("http://good.example\\@127.0.0.1/", Reason.URL_INVALID),
    ("http://good.example\\.evil.example/", Reason.URL_INVALID),
    ("http://example.com/a\r\nHost: evil", Reason.URL_INVALID),
    ("http://example.com/a\x00b", Reason.URL_INVALID),
    ("http://example.com/a\tb", Reason.URL_INVALID),
    ("java\nscript:alert(1)", Reason.URL_INVALID),
    ("http://example.com/\u202egnp.exe", Reason.URL_INVALID),
    ("http://example.com/\ud800", Reason.URL_INVALID),
    ("http://example.com/\x85", Reason.URL_INVALID),
    ("http://exa mple.com/", Reason.URL_INVALID),
    ("http://ex%61mple.com/", Reason.URL_INVALID),
    ("http://a..example/", Reason.URL_INVALID),
    ("http://-a.example/", Reason.URL_INVALID),
    ("http://.example/", Reason.URL_INVALID),
    ("http://" + "a" * 300 + ".example/", Reason.URL_INVALID),
    ("http://" + "a." * 200 + "example/", Reason.URL_INVALID),
    ("http://ｅｘａｍｐｌｅ.com/", Reason.URL_INVALID),
    ("http://１２７.0.0.1/", Reason.URL_INVALID),
    ("http://example。com/", Reason.URL_INVALID),
    ("http://xn--/", Reason.URL_INVALID),
    ("http://xn--zzzzz---9999/", Reason.URL_INVALID),
    ("http://a.xn--\u0100/", Reason.URL_INVALID),
    ("http://☃\u200d.example/", Reason.URL_INVALID),
    ("http://127.1/", Reason.URL_INVALID),
    ("http://2130706433/", Reason.URL_INVALID),
    ("http://0x7f.0.0.1/", Reason.URL_INVALID),
    ("http://127.0.0.0x1/", Reason.URL_INVALID),
    ("http://0177.0.0.1/", Reason.URL_INVALID),
    ("http://1.2.3.4.5/", Reason.URL_INVALID),
    ("http://[::1/", Reason.URL_INVALID),
    ("http://[::1]x/", Reason.URL_INVALID),
    ("http://[fe80::1%25eth0]/", Reason.URL_INVALID),
    ("http://[v1.x]/", Reason.URL_INVALID),
    ("http://example.com:0/", Reason.URL_INVALID),
    ("http://example.com:65536/", Reason.URL_INVALID),
    ("http://example.com:99999999999999/", Reason.URL_INVALID),
    ("http://example.com:8o/", Reason.URL_INVALID),
    ("http://example.com:-1/", Reason.URL_INVALID),
    ("http://example.com:８０/", Reason.URL_INVALID),
    ("http://example.com:80:80/", Reason.URL_INVALID),
    ("http://example.com/" + "a" * 2048, Reason.URL_INVALID),
    ("http://example.com/" + "ä" * 400, Reason.URL_INVALID),
]

RESOLVED = [
    ("b.html", "https://example.com/a/x.html", "https://example.com/a/b.html"),
    ("/b", "https://example.com/a/x.html", "https://example.com/b"),
    ("../b", "https://example.com/a/c/x", "https://example.com/a/b"),
    ("?q=1", "https://example.com/a", "https://example.com/a?q=1"),
    ("//other.example/p", "https://example.com/", "https://other.example/p"),
    ("http://other.example/p", "not a base", "http://other.example/p"),
]

SAME = [
    ("https://example.com/a", "HTTPS://EXAMPLE.COM/a"),
    ("https://example.com/a", "https://example.com:443/a#top"),
    ("https://example.com/a", "http://example.com/a"),
    ("https://example.com/a", "http://example.com:80/a"),
    ("https://example.com/a", "https://example.com/a?"),
    ("https://example.com/a", "https://example.com/b/../a"),
    ("https://example.com/a", "https://example.com/b/%2E%2e/a"),
    ("https://example.com/~a-b", "https://example.com/%7Ea%2Db"),
    ("https://example.com/%C3%A4", "https://example.com/%c3%a4"),
    ("https://example.com/%C3%A4", "https://example.com/ä"),
    ("https://example.com/a?id=7", "https://example.com/a?utm_source=rss&id=7&utm_medium=feed"),
    ("https://example.com/a?id=7", "https://example.com/a?id=7&fbclid=IwAR0&gclid=x&mc_cid=1"),
    ("https://example.com/a?id=7", "https://example.com/a?id=7&UTM_Source=rss"),
    ("https://example.com/a?id=7", "https://example.com/a?id=7&utm%5Fsource=rss"),
    ("https://example.com/a?id=7", "https://example.com/a?&id=7&&"),
    ("https://example.com/a", "https://example.com/a?at_medium=RSS&at_campaign=KARANGA"),
    ("https://example.com/a", "https://example.com/a?ref=rss"),
    ("https://example.com/a", "https://example.com/a;jsessionid=0A1B?PHPSESSID=5"),
    ("https://example.com/100%25", "https://example.com/100%"),
]

DIFFERENT = [
    ("https://example.com/a", "https://example.com/A"),
    ("https://example.com/a", "https://example.com/a/"),
    ("https://example.com/a", "https://www.example.com/a"),
    ("https://example.com/a", "https://m.example.com/a"),
    ("https://example.com/a", "https://amp.example.com/a"),
    ("https://news.example.com/", "https://newsy.example.com/"),
    ("https://data.gov/a.html", "https://gov/a.html"),
    ("https://example.com/a", "https://example.com:8443/a"),
    ("http://example.com:8080/a", "https://example.com:8080/a"),
    ("https://example.com/a%2Fb", "https://example.com/a/b"),
    ("https://example.com/a%3Fb", "https://example.com/a?b"),
    ("https://example.com/a//b", "https://example.com/a/b"),
    ("https://example.com/?id=1", "https://example.com/?id=2"),
    ("https://example.com/?id=1", "https://example.com/?ID=1"),
    ("https://example.com/?p=1", "https://example.com/"),
    ("https://example.com/?page=2", "https://example.com/"),
    ("https://example.com/?ref=4711", "https://example.com/"),
    ("https://example.com/?source=reuters", "https://example.com/?source=ap"),
    ("https://example.com/?a=1&b=2", "https://example.com/?b=2&a=1"),
    ("https://example.com/?q=a+b", "https://example.com/?q=a%2Bb"),
    ("https://example.com/?q=a%26b", "https://example.com/?q=a&b"),
]


@pytest.mark.parametrize(("raw", "expected"), CLEAN)
def test_clean(raw: str, expected: str) -> None:
    assert clean_url(raw) == expected
    assert clean_url(expected) == expected


@pytest.mark.parametrize(("raw", "reason"), REFUSED, ids=lambda value: ascii(value)[:40])
def test_refused(raw: str, reason: Reason) -> None:
    with pytest.raises(Refuse) as caught:
        clean_url(raw)
    assert caught.value.reason is reason


@pytest.mark.parametrize(("raw", "base", "expected"), RESOLVED)
def test_resolved_against_base(raw: str, base: str, expected: str) -> None:
    assert clean_url(raw, base) == expected


@pytest.mark.parametrize("base", ["javascript:alert(1)", "http://[/", "relative", "http://a b/"])
def test_relative_to_a_bad_base_is_refused(base: str) -> None:
    with pytest.raises(Refuse):
        clean_url("/a", base)


def test_the_longest_url_passes_and_one_more_does_not() -> None:
    longest = "https://example.com/".ljust(urls.MAX_URL_CHARS, "a")
    assert clean_url(longest) == longest
    with pytest.raises(Refuse):
        clean_url(longest + "a")


@pytest.mark.parametrize(("one", "other"), SAME)
def test_same_article(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)
    assert article_id(one) == article_id(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_articles(one: str, other: str) -> None:
    assert article_id(one) != article_id(other)


def test_ids_are_32_hex_digits_and_never_change() -> None:
    # Written down once: another value here would orphan every archive out there.
    assert article_id("https://example.com/a") == "969065efe4e160eb6d90f3b0ab5cc775"
    assert feed_id("https://example.com/a") == "969065efe4e160eb6d90f3b0ab5cc775"


def test_feed_ids_tell_spellings_apart() -> None:
    spellings = [
        "https://e.example/feed",
        "https://e.example/feed/",
        "https://e.example:443/feed",
        "HTTPS://e.example/feed",
    ]
    assert len({feed_id(url) for url in spellings}) == len(spellings)


@pytest.mark.parametrize(
    ("url", "key", "site"),
    [
        ("https://WWW.Example.com/a", "www.example.com", "example.com"),
        ("http://example.com:80/", "example.com", "example.com"),
        ("https://example.com:8443/", "example.com:8443", "example.com:8443"),
        ("http://127.0.0.1:9000/x", "127.0.0.1:9000", "127.0.0.1:9000"),
        ("http://[::1]:9000/x", "[::1]:9000", "[::1]:9000"),
        ("https://wwwonder.example/", "wwwonder.example", "wwwonder.example"),
    ],
)
def test_host_and_site(url: str, key: str, site: str) -> None:
    assert host_key(url) == key
    assert site_of(url) == site


def test_no_generic_parameter_counts_as_tracking() -> None:
    generic = {
        "id",
        "p",
        "page",
        "q",
        "s",
        "a",
        "article",
        "story",
        "date",
        "lang",
        "sid",
        "mbid",
        "t",
        "v",
        "cmp",
        "ref",
    }
    assert not generic & urls.TRACKING_NAMES
    assert not any(name.startswith(urls.TRACKING_PREFIXES) for name in generic)
    assert all(name == name.lower() for name in urls.TRACKING_NAMES | urls.CHANNEL_NAMES)


SEGMENT = st.text(alphabet=string.ascii_letters + string.digits + "-._~%;=+ äß/", max_size=12)
URL = st.builds(
    lambda scheme, host, port, path, query: f"{scheme}://{host}{port}/{path}{query}",
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(["example.com", "www.Example.com", "192.0.2.1", "[2001:db8::1]", "zürich.example"]),
    st.sampled_from(["", ":80", ":443", ":8080"]),
    SEGMENT,
    st.lists(
        st.tuples(st.sampled_from(["id", "utm_source", "%75tm_x", "ref", "p", ""]), SEGMENT).map("=".join), max_size=4
    ).map(lambda fields: "?" + "&".join(fields) if fields else ""),
)


@given(st.text(max_size=80))
def test_any_text_is_cleaned_or_refused(text: str) -> None:
    for raw in (text, "http://" + text, "https://example.com/" + text):
        try:
            cleaned = clean_url(raw, "https://base.example/x/")
        except Refuse:
            continue
        assert cleaned.isascii()
        assert cleaned.isprintable()
        assert " " not in cleaned
        assert cleaned.startswith(("http://", "https://"))
        assert clean_url(cleaned) == cleaned
        assert canonical_url(canonical_url(cleaned)) == canonical_url(cleaned)


@given(URL)
def test_canonical_is_idempotent_and_cleaning_changes_no_identity(url: str) -> None:
    canonical = canonical_url(url)
    assert canonical_url(canonical) == canonical
    assert canonical_url(clean_url(url)) == canonical
    assert "utm_" not in canonical


@given(st.text(alphabet=string.ascii_letters, min_size=1, max_size=20))
def test_path_case_is_identity(path: str) -> None:
    one, other = f"https://example.com/{path}", f"https://example.com/{path.swapcase()}"
    assert article_id(one) != article_id(other)


@given(
    st.dictionaries(st.sampled_from(["id", "p", "page", "story", "lang"]), st.integers(0, 99), max_size=4),
    st.dictionaries(st.sampled_from(["id", "p", "page", "story", "lang"]), st.integers(0, 99), max_size=4),
)
def test_other_parameters_are_identity(one: dict[str, int], other: dict[str, int]) -> None:
    def build(fields: dict[str, int]) -> str:
        return "https://example.com/a?" + "&".join(f"{name}={value}" for name, value in sorted(fields.items()))

    assert (article_id(build(one)) == article_id(build(other))) == (one == other)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("http://a.example/feed", "https://www.a.example/feed/", True),
        ("https://a.example:443/feed?utm_source=x", "https://a.example/feed", True),
        ("https://a.example/%66eed", "https://a.example/feed", True),
        ("https://a.example/", "https://a.example", True),
        ("https://a.example/feed", "https://a.example/Feed", False),
        ("https://a.example/feed?cat=1", "https://a.example/feed?cat=2", False),
        ("https://a.example/feed", "https://m.a.example/feed", False),
        ("https://a.example/feed", "https://a.example:8443/feed", False),
        ("http://a.example:8080/feed", "https://a.example:8080/feed", False),
        ("https://a.example/feed//", "https://a.example/feed", False),
        ("https://a.example/?feed=rss2", "https://a.example/?feed=atom", False),
    ],
)
def test_feeds_that_are_alike(one: str, other: str, alike: bool) -> None:
    assert (feed_likeness(clean_url(one)) == feed_likeness(clean_url(other))) is alike
