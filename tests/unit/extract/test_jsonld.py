"""Linked data as sites write it: broken, several, nested, of other things."""

from __future__ import annotations

import time

import pytest

from worker.extract import jsonld, markup
from worker.extract.jsonld import LinkedData

OK = '{"@type": "NewsArticle", "headline": "Die Brücke"}'


def read(*scripts: str, head: str = "", url: str = "") -> LinkedData:
    body = "".join(f'<script type="application/ld+json">{script}</script>' for script in scripts)
    tree = markup.parse(f"<html><head>{head}{body}</head><body><p>x</p></body></html>")
    assert tree is not None
    return jsonld.read(tree, url)


@pytest.mark.parametrize(
    "script",
    [
        OK,
        f"[{OK}]",
        f"[[{OK}]]",
        f'{{"@graph": [{{"@type": "WebSite"}}, {OK}]}}',
        f'{{"@type": "WebPage", "mainEntity": {OK}}}',
        f"<!-- {OK} -->",
        f"//<![CDATA[\n{OK}\n//]]>",
        f"{OK};",
        f"{OK}\n{OK}",
        f'{{"@type": "Organization", "name": "x"}}{OK}',
        '{"@type": ["Article", "NewsArticle"], "headline": "Die Brücke"}',
        '{"@type": "https://schema.org/NewsArticle", "headline": "Die Brücke"}',
        '{"@type": "NewsArticle", "headline": "Die Brücke",}',
        '{"@type": "NewsArticle", /* who: us */ "headline": "Die Brücke", // yes\n "keywords": ["a", "b",],}',
        '{"@type": "NewsArticle", "url": "https://a.example/x//y", "headline": "Die Brücke",}',
        "{&quot;@type&quot;: &quot;NewsArticle&quot;, &quot;headline&quot;: &quot;Die Brücke&quot;}",
        '{"@type": "NewsArticle", "description": "Zeile\nZeile\tZeile", "headline": "Die Brücke"}',
        '{"@type": "LiveBlogPosting", "headline": "Die Brücke"}',
    ],
)
def test_it_is_read_all_the_same(script: str) -> None:
    assert jsonld.text(read("{broken", script, "null", "[]", '"x"', "").article.get("headline")) == "Die Brücke"


@pytest.mark.parametrize(
    "script",
    [
        "{", "[" * 10_000, '{"@type": "Event", "headline": "x"}',
        '{"@type": {"a": 1}}', '{"@type": 5}', "1" * 5000, "nul",
        '{"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "headline": "x"}]}', '{"@type":',
    ],
)  # fmt: skip
def test_there_is_no_article(script: str) -> None:
    assert read(script).article == {}


def several(*nodes: str) -> str:
    return '{"@graph": [' + ", ".join(nodes) + "]}"


def node(headline: str, url: str = "", more: str = "") -> str:
    return f'{{"@type": "NewsArticle", "headline": "{headline}", "url": "{url}"{more}}}'


FULL = ', "datePublished": "2026-01-01", "author": "Petra Keller", "image": "/a.jpg", "articleBody": "x"'


def test_of_several_the_one_of_this_page_is_taken() -> None:
    others = node("Anderes", "https://a.example/2", FULL)
    found = read(several(others, node("Die Brücke", "https://www.a.example/1/")), url="https://a.example/1?x=1")
    assert found.article["headline"] == "Die Brücke"
    head = '<meta property="og:title" content="Die Brücke">'
    assert read(several(others, node("Die Brücke")), head=head).article["headline"] == "Die Brücke"
    assert read(several(node("Die Brücke"), others)).article["headline"] == "Anderes"


def test_a_list_of_other_articles_is_no_article() -> None:
    three = [node(f"Nummer {number}", f"https://a.example/{number}") for number in range(3)]
    assert read(several(*three), url="https://a.example/").article == {}
    assert read(several(*three), url="https://a.example/2").article["headline"] == "Nummer 2"


def test_a_page_that_tells_of_itself_in_parts() -> None:
    url = "https://a.example/1"
    found = read(node("Die Brücke", url, FULL), node("Die Brücke", url, ', "dateModified": "2026-02-02"'), url=url)
    assert (found.article["datePublished"], found.article["dateModified"]) == ("2026-01-01", "2026-02-02")


def test_references_are_followed() -> None:
    found = read(
        several(
            node("Die Brücke", "", ', "author": [{"@id": "#p"}], "image": {"@id": "#i"}, "publisher": {"@id": "#no"}'),
            '{"@type": "Person", "@id": "#p", "name": "Petra Keller"}',
            '{"@type": "ImageObject", "@id": "#i", "url": "https://a.example/i.jpg"}',
            '{"@type": "WebSite", "name": "Talbote"}',
        )
    )
    assert jsonld.strings(found.article["author"]) == ["Petra Keller"]
    assert found.article["image"]["url"] == "https://a.example/i.jpg"
    assert (found.article["publisher"], found.site) == ({"@id": "#no"}, "Talbote")


@pytest.mark.parametrize("unit", ['"', "/*", "//", ",", ", ", '\\"', '{"a":', "<!--", '/*"'])
def test_mending_is_linear(unit: str) -> None:
    def cost(size: int) -> float:
        started = time.process_time()
        jsonld._load("{" + unit * size)
        return time.process_time() - started

    small = min(cost(20_000) for _ in range(3))
    assert min(cost(80_000) for _ in range(3)) < 12 * small + 0.02
