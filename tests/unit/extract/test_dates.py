from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.extract import dates
from worker.extract.page import extract
from worker.extract.zones import Site
from worker.models import Extracted

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
CH = "https://www.talbote.ch/x"
COM = "https://news.example.com/x"
TEXT = "".join(
    f"<p>Der Rat hat am {day} entschieden, dass die alte Brücke über den Bach saniert wird und nicht abgerissen. "
    "Die Kosten trägt der Kanton, sagte die Präsidentin nach der Sitzung vor den Medien.</p>"
    for day in ("Mittwoch", "Donnerstag", "Freitag")
)
H1 = "<h1>Brücke wird saniert</h1>"


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("2026-03-10T21:40:00+01:00", "2026-03-10T21:40:00+01:00 time"),
        ("2026-03-10T21:40:00.123Z", "2026-03-10T21:40:00+00:00 time"),
        ("2026-03-10T21:40:00z", "2026-03-10T21:40:00+00:00 time"),
        ("2026-03-10T21:40:00 -0530", "2026-03-10T21:40:00-05:30 time"),
        ("2026-03-10T21:40:00+01", "2026-03-10T21:40:00+01:00 time"),
        ("2026-03-10 21:40:00 CET", "2026-03-10T21:40:00+01:00 time"),
        ("2026-03-10 21:40 GMT+2", "2026-03-10T21:40:00+02:00 time"),
        ("20260310T214000Z", "2026-03-10T21:40:00+00:00 time"),
        ("20260310", "2026-03-10T00:00:00+00:00 day"),
        ("2026-03-10 21:40", "2026-03-10T00:00:00+00:00 day"),
        ("2026-03-10", "2026-03-10T00:00:00+00:00 day"),
        ("2026-3-9", "2026-03-09T00:00:00+00:00 day"),
        ("2026-03-10T00:00:00+01:00", "2026-03-10T00:00:00+01:00 day"),
        ("Tue, 10 Mar 2026 21:40:00 +0100", "2026-03-10T21:40:00+01:00 time"),
        ("Tue, 10 Mar 2026 21:40:00 CET", "2026-03-10T21:40:00+01:00 time"),
        ("Tue Mar 10 21:40:00 2026", "2026-03-10T00:00:00+00:00 day"),
        ("March 10, 2026 9:40 PM EST", "2026-03-10T21:40:00-05:00 time"),
        ("10.03.2026 21:40", "2026-03-10T00:00:00+00:00 day"),
        ("1773175200", "2026-03-10T20:40:00+00:00 time"),
        ("1773175200000", "2026-03-10T20:40:00+00:00 time"),
        ("2026-02-30", None),
        ("2026-03-10T99:99", None),
        ("2026-03-10T10:00:00+99:99", None),
        ("0000-00-00", None),
        ("yesterday", None),
        ("", None),
        ("9" * 200_000, None),
    ],
)
def test_parse(raw: str, wanted: str | None) -> None:
    found = dates.parse(raw, Site())
    assert (f"{found.moment.isoformat()} {found.precision}" if found else None) == wanted


@given(st.text(max_size=100))
def test_parse_never_raises_and_always_has_a_zone(raw: str) -> None:
    found = dates.parse(raw, Site())
    assert found is None or found.moment.utcoffset() is not None


@given(st.datetimes(timezones=st.timezones()))
def test_sanity_never_raises(moment: datetime) -> None:
    assert dates.is_sane(moment, NOW) in (True, False)


def read(body: str, head: str = "", *, url: str = COM, lang: str = "en", feed: str | None = None) -> Extracted:
    html = f"<html lang='{lang}'><head><title>Brücke wird saniert</title>{head}</head><body>{body}</body></html>"
    return extract(
        html.encode(), content_type="text/html; charset=utf-8", url=url, min_words=0, now=NOW,
        feed_time=datetime.fromisoformat(feed) if feed else None,
    )  # fmt: skip


def said(found: Extracted) -> str | None:
    if found.published_at is None:
        return None
    return f"{found.published_at.isoformat()} {found.published_at_precision} {found.published_at_source}"


def ld(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(fields)}</script>'


def prop(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


ARTICLE = {"@type": "NewsArticle", "headline": "Brücke wird saniert"}
NOON = "2026-03-10T12:00:00+01:00"


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (prop("article:published_time", "2026-01-02T03:04:05+02:00"), "2026-01-02T03:04:05+02:00 time meta"),
        (prop("article:published_time", "2031-01-01") + prop("date", "2025-01-01"),
         "2025-01-01T00:00:00+00:00 day meta"),
        (ld(**ARTICLE, datePublished=NOON), "2026-03-10T12:00:00+01:00 time json_ld"),
        (ld(**{"@graph": [{"@type": "WebPage", "mainEntity": {**ARTICLE, "datePublished": NOON}}]}),
         "2026-03-10T12:00:00+01:00 time json_ld"),
        (ld(**{"@graph": [{"@type": "WebPage", "datePublished": NOON}, ARTICLE]}),
         "2026-03-10T12:00:00+01:00 time json_ld"),
        (ld(**{"@type": "VideoObject", "name": "x", "uploadDate": NOON}), "2026-03-10T12:00:00+01:00 time json_ld"),
        (ld(**ARTICLE, dateCreated=NOON), "2026-03-10T12:00:00+01:00 time json_ld"),
        (ld(**ARTICLE, dateCreated=NOON) + prop("article:published_time", "2026-03-11T08:00:00Z"),
         "2026-03-11T08:00:00+00:00 time meta"),
        (ld(**ARTICLE, datePublished=1773175200), "2026-03-10T20:40:00+00:00 time json_ld"),
        # The film in an article is older than the article; what a list names are other articles.
        (ld(**ARTICLE) + ld(**{"@type": "VideoObject", "uploadDate": "2019-01-01T00:00:01Z"}), None),
        (ld(**{"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "datePublished": NOON}]}), None),
        (ld(**{"@type": "Event", "startDate": NOON}), None),
        ("", None),
    ],
)  # fmt: skip
def test_what_machines_say(head: str, wanted: str | None) -> None:
    assert said(read(H1 + TEXT, head)) == wanted


@pytest.mark.parametrize(
    ("shown", "url", "wanted"),
    [
        ("12.07.2025, 13:13", CH, "2025-07-12T13:13:00+02:00 time text"),
        ("12.07.2025, 13:13", COM, "2025-07-12T00:00:00+00:00 day text"),
        ("12.07.2025, 13:13 MESZ", COM, "2025-07-12T13:13:00+02:00 time text"),
        ("12 July 2025, 09:05 GMT", CH, "2025-07-12T09:05:00+00:00 time text"),
        ("12 July 2025, 09:05 BST", COM, "2025-07-12T09:05:00+01:00 time text"),
        ("Von Petra Keller, 12.01.2025 um 13.13 Uhr", CH, "2025-01-12T13:13:00+01:00 time text"),
        ("<span>12.07.2025, 13:13</span><span>12.07.2025, 14:00</span>", CH, "2025-07-12T13:13:00+02:00 time text"),
        ("Samstag, 12. Juli 2025, 13:13 Uhr", CH, "2025-07-12T13:13:00+02:00 time text"),
        ("Publié le 12 juillet 2025 à 13h13", "https://lac.fr/x", "2025-07-12T13:13:00+02:00 time text"),
        ("12 de julio de 2025", "https://diario.es/x", "2025-07-12T00:00:00+02:00 day text"),
        ("12 July 2025", "https://ellery.co.uk/x", "2025-07-12T00:00:00+01:00 day text"),
        ("Published 3 May 2025, updated 5 May 2025", COM, "2025-05-03T00:00:00+00:00 day text"),
        ("Updated 5 May 2025, published 3 May 2025", COM, "2025-05-03T00:00:00+00:00 day text"),
        ('<time datetime="2025-07-12T13:13:00-04:00">July 12</time>', COM, "2025-07-12T13:13:00-04:00 time time"),
        ('<time datetime="2025-07-12">12.07.2025, 13:13</time>', CH, "2025-07-12T13:13:00+02:00 time text"),
        ('<a href="/x"><time datetime="2025-07-12T13:13Z">July 12</time></a>', COM,
         "2025-07-12T13:13:00+00:00 time time"),
        ("32.07.2025, 13:13", CH, None),
        ("12.07.2031, 13:13", CH, None),
        ("Am 12.07.2025 um 13:13 trafen sich die Räte.", CH, None),
        ("<a href=/x>12.07.2025, 13:13</a>", CH, None),
        ("Last login: 3 May 2025, 10:00", CH, None),
        ("Letzter Besuch am 03.05.2025, 10:00", CH, None),
        ("Termin: 03.05.2025, 10:00", CH, None),
        ("Born 3 May 2025", COM, None),
        ("Next event: 3 May 2025", COM, None),
        ("By Ann Osborne and Paul Nextone, 3 May 2025", COM, "2025-05-03T00:00:00+00:00 day text"),
        ("Eventim, 12. Juli 2025", CH, "2025-07-12T00:00:00+02:00 day text"),
        ("Aktualisiert am 03.05.2025, 10:00", CH, None),
        ("© 12.07.2025 Talbote", CH, None),
    ],
)  # fmt: skip
def test_a_date_that_is_shown_at_the_headline(shown: str, url: str, wanted: str | None) -> None:
    assert said(read(f"{H1}<div>{shown}</div>{TEXT}", url=url)) == wanted


TIME = '<time datetime="2025-07-12T13:13:00Z">12.07.2025, 13:13</time>'
MASTHEAD = "<header><a href=/>Talbote</a><div>Freitag, 1. Mai 2026</div></header>"
LATE = '<time datetime="2019-01-01T08:00:00Z">01.01.2019, 08:00</time>'
CARD = f"<div class=c><h3><a href=/y>Ein ganz anderer Artikel über das Wetter</a></h3>{LATE}</div>"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (f"<article>{H1}<div>{TIME}</div>{TEXT}</article>", "2025-07-12T13:13:00+00:00"),
        (f"<div>{TIME}</div>{H1}{TEXT}", "2025-07-12T13:13:00+00:00"),
        (f"{H1}<time datetime='2025-07-12T13:13:00Z'></time>{TEXT}", "2025-07-12T13:13:00+00:00"),
        (f"{H1}<p><time datetime='2025-07-12T13:13:00Z'></time></p>{TEXT}", "2025-07-12T13:13:00+00:00"),
        (f"<article>{H1}<p>Ein Lead, der sagt, worum es geht und warum.</p><div>{TIME}</div>{TEXT}</article>",
         "2025-07-12T13:13:00+00:00"),
        (f"{H1}{TEXT}<div class=comments><div><b>Fritz</b> {LATE}<p>Sehr gut, endlich!</p></div></div>", None),
        (f"{H1}{TEXT}<div class=x1><div>Fritz am 01.01.2019, 08:00</div><p>Sehr gut, endlich!</p></div>", None),
        (f"{H1}{TEXT}{CARD}{CARD}", None),
        (f"{MASTHEAD}{H1}{TEXT}", None),
        (f"{MASTHEAD}{H1}<p>12.07.2025</p>{TEXT}", "2025-07-12T00:00:00+00:00"),
        (f"<div>30.04.2026</div>{H1}{TEXT}", "2026-04-30T00:00:00+00:00"),
        (f"{H1}{CARD}{TEXT}", None),
        (f"{H1}<aside>{LATE}</aside>{TEXT}", None),
        (f"<nav>{LATE}</nav>{H1}{TEXT}", None),
        (f"{H1}{TEXT}<footer>Stand 01.01.2019</footer>", None),
        (f"<div class=user>Last login: {LATE}</div>{H1}{TEXT}", None),
        (f"{H1}{TEXT.replace('am Mittwoch', f'am {LATE}')}", None),
        (f"{H1}<div itemscope itemtype='https://schema.org/Article'><meta itemprop=datePublished "
         f"content='2025-07-12T13:13Z'>{TEXT}</div>", "2025-07-12T13:13:00+00:00"),
        (f"{H1}{TEXT}<div itemprop=comment itemscope itemtype='https://schema.org/Comment'><meta "
         f"itemprop=datePublished content='2019-01-01T08:00Z'><p>Gut so.</p></div>", None),
        (f"{H1}{TEXT}<table><tr><td>01.01.2019</td><td>Gemeindeversammlung</td></tr></table>", None),
    ],
)  # fmt: skip
def test_only_the_article_s_own_room_dates_it(body: str, wanted: str | None) -> None:
    found = read(body)
    assert (found.published_at.isoformat() if found.published_at else None) == wanted


def test_the_feed_tells_the_zone_of_a_shown_clock() -> None:
    body = f"{H1}<div>12.07.2025, 13:13</div>{TEXT}"
    assert said(read(body, feed="2025-07-12T17:13:00+00:00")) == "2025-07-12T13:13:00-04:00 time text"
    assert said(read(body, feed="2025-07-12T14:00:00-05:00")) == "2025-07-12T13:13:00-05:00 time text"
    assert said(read(body, feed="2025-07-12T14:00:00+00:00")) == "2025-07-12T00:00:00+00:00 day text"


def test_a_language_of_one_zone_tells_it_where_no_country_does() -> None:
    body = f"{H1}<div>12.07.2025, 13:13</div>{TEXT}"
    assert said(read(body, lang="de")) == "2025-07-12T13:13:00+02:00 time text"
    assert said(read(body, lang="fr")) == "2025-07-12T00:00:00+00:00 day text"


def test_a_stated_time_without_zone_is_the_site_s() -> None:
    head = prop("article:published_time", "2026-01-02T03:04:05")
    assert said(read(H1 + TEXT, head, url=CH)) == "2026-01-02T03:04:05+01:00 time meta"


def test_the_url_s_date_is_the_last_resort() -> None:
    found = read(H1 + TEXT, url="https://a.example/2026/03/04/x")
    assert said(found) == "2026-03-04T00:00:00+00:00 day htmldate"


@pytest.mark.parametrize(
    ("head", "shown", "wanted"),
    [
        (prop("article:modified_time", "2026-01-02T03:04:05"), "", "2026-01-02T03:04:05+01:00"),
        (ld(**ARTICLE, dateModified="2026-01-02T03:04:05Z"), "", "2026-01-02T03:04:05+00:00"),
        ("", "12.07.2025, 13:13 – aktualisiert 12.07.2025, 14:00", "2025-07-12T14:00:00+02:00"),
        (prop("article:published_time", "2026-02-01T00:00Z") + prop("article:modified_time", "2026-01-01T00:00Z"), "",
         None),
        ("", "12.07.2025, 13:13", None),
    ],
)  # fmt: skip
def test_the_last_change(head: str, shown: str, wanted: str | None) -> None:
    found = read(f"{H1}<div>{shown}</div>{TEXT}", head, url=CH).updated_at
    assert (found.isoformat() if found else None) == wanted
