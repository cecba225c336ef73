"""Which URLs are one article: the script's verdicts, what `unseen` makes of them, races, what is forgotten."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from tests.articles import make_article, make_event
from tests.state import FEED_ID, NOW, Mill
from tests.texts import edited, sentences, text
from tests.valkey import Valkey
from worker.deduplicate.addresses import addresses as addresses_of
from worker.deduplicate.evidence import evidence
from worker.deduplicate.fingerprint import fingerprint
from worker.index.documents import content_hash
from worker.index.stage import index_batch
from worker.models import Addresses, ArticleId, Entry, Extracted, Identity, Page, WorkItem
from worker.query.ast import Everything
from worker.state.server import connect
from worker.stores.sqlite.index import SqliteIndex
from worker.urls import article_id

SITE = "https://www.example.org"
A, B = sentences(1, 25), sentences(2, 25)
DAY = 86400


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    return Mill(valkey.client)


def given(
    url: str, body: Sequence[str], *, title: str = "", canonical: str = "", hops: Sequence[str] = ()
) -> Addresses:
    """As the pipeline makes it: a page found at `url`, offered as the first of the hops."""
    words = text(body)
    offered = hops[0] if hops else url
    item = WorkItem(article_id(offered), offered, Entry(offered, offered), FEED_ID, "f", NOW, 1)
    page = Page(url, b"", hops=tuple(hops))
    extracted = Extracted(title=title or body[0], body=words, language="en", canonical_url=canonical)
    return addresses_of(page, item, extracted, fingerprint(words, "en")).addresses


def met(
    mill: Mill, url: str, body: Sequence[str], *, deliver: bool = True, text_of: int | None = None, **more: object
) -> Identity:
    """A page through the script; its version is on its way afterwards. `text_of`: a number as content."""
    found = mill.aliases.identify(given(url, body, **more))  # type: ignore[arg-type]
    if not found.met:
        words = text(body) if text_of is None else f"{text_of}"
        answer = mill.stories.assign(
            found.id, site="example.org", language="en", content=content_hash("", "", words),
            fingerprint=fingerprint(words, "en"), now=NOW,
        )  # fmt: skip
        if deliver:
            article = replace(make_article(url), id=found.id, revision=answer.revision)
            mill.outbox.append_direct(make_event(url, answer.revision), article)
    return found


def unseen(mill: Mill, *urls: str) -> dict[ArticleId, str]:
    return mill.frontier.unseen(FEED_ID, {article_id(url): "tag" for url in urls})


def ids(*urls: str) -> list[ArticleId]:
    return [article_id(url) for url in urls]


VARIANTS = [
    "https://example.org/news/flood-in-town",
    "https://www.example.org/news/flood-in-town/",
    "https://amp.example.org/news/flood-in-town",
    "https://www.example.org/news/flood-in-town?print=1",
    "https://www.example.org/amp/news/flood-in-town",
]
FIRST = f"{SITE}/news/flood-in-town"


@pytest.mark.parametrize("url", VARIANTS)
def test_a_variant_with_the_same_text_is_the_same_article(mill: Mill, url: str) -> None:
    assert met(mill, FIRST, A) == Identity(article_id(FIRST), False, False)
    assert met(mill, url, edited(A, 3, 90), title=A[0]) == Identity(article_id(FIRST), True, False)
    assert mill.aliases.article_of(ids(url, FIRST)) == {article_id(url): article_id(FIRST)}
    assert unseen(mill, url) == {}
    assert met(mill, url, B) == Identity(article_id(FIRST), False, False), "an update of it updates the same article"


@pytest.mark.parametrize("url", VARIANTS)
def test_a_variant_with_another_text_is_another_article(mill: Mill, url: str) -> None:
    met(mill, FIRST, A)
    assert met(mill, url, B).id == article_id(url)
    assert mill.aliases.article_of(ids(url)) == {}


def test_http_and_tracking_parameters_never_were_other_articles(mill: Mill) -> None:
    assert article_id("http://www.example.org/news/flood-in-town?utm_source=x") == article_id(FIRST)


def test_a_canonical_url_is_proved_by_the_text(mill: Mill) -> None:
    one, other, named = f"{SITE}/n/?ref=7x", f"{SITE}/n/?ref=8y", f"{SITE}/2026/flood"
    assert met(mill, one, A, canonical=named) == Identity(article_id(one), False, True)
    assert met(mill, other, A, canonical=named) == Identity(article_id(one), True, True)
    # It was named, and never seen: it is fetched once, and found to be the same.
    assert unseen(mill, named) == {article_id(named): "new"}
    assert met(mill, named, A) == Identity(article_id(one), True, False)
    assert mill.aliases.article_of(ids(other, named)) == dict.fromkeys(ids(other, named), article_id(one))
    assert unseen(mill, other) == {}


def test_the_page_that_is_named_may_come_first(mill: Mill) -> None:
    named = f"{SITE}/2026/flood"
    met(mill, named, A)
    assert met(mill, f"{SITE}/n/?ref=7x", A, canonical=named) == Identity(article_id(named), True, True)


def test_a_page_that_many_name_is_nobodys(mill: Mill) -> None:
    """Also for those that came before: what was believed because of it is believed no more."""
    named = f"{SITE}/2026/overview"
    pages = [f"{SITE}/n/{number}-title" for number in range(5)]
    assert met(mill, pages[0], A, canonical=named).canonical
    copy = f"{SITE}/n/0-copy"
    assert met(mill, copy, A, canonical=named).id == article_id(pages[0])
    for number in (1, 2, 3):
        found = met(mill, pages[number], sentences(10 + number, 25), canonical=named)
        assert found == Identity(article_id(pages[number]), False, False)
    assert mill.aliases.article_of(ids(copy, named, *pages)) == {}
    assert met(mill, pages[4], A, canonical=named) == Identity(article_id(pages[4]), False, False)
    assert met(mill, named, sentences(30, 25)).id == article_id(named)


def test_one_page_that_is_fetched_again_is_not_many(mill: Mill) -> None:
    named = f"{SITE}/2026/flood"
    met(mill, f"{SITE}/n/1-title", A, canonical=named)
    for _ in range(4):  # the worker dies each time before the article is assigned
        assert mill.aliases.identify(given(f"{SITE}/n/2-title", B, canonical=named)).id == article_id(
            f"{SITE}/n/2-title"
        )
    assert met(mill, f"{SITE}/n/3-title", A, canonical=named) == Identity(article_id(f"{SITE}/n/1-title"), True, True)


def test_a_template_with_one_title_needs_half_of_the_text(mill: Mill) -> None:
    named = f"{SITE}/weather/today-and-tomorrow"
    met(mill, f"{SITE}/weather/1-berlin", A, title="Weather", canonical=named)
    mixed = [*A[:6], *B[:19]]
    assert not met(mill, f"{SITE}/weather/2-hamburg", mixed, title="Weather", canonical=named).met


def test_redirects_lead_to_where_they_end(mill: Mill) -> None:
    short, proxy = "https://sho.rt/x1", "https://feeds.example.net/~r/1"
    found = met(mill, FIRST, A, hops=[proxy, short])
    assert found.id == article_id(FIRST)
    assert mill.aliases.article_of(ids(proxy, short)) == dict.fromkeys(ids(proxy, short), article_id(FIRST))
    assert unseen(mill, proxy, short) == {}
    # A hop that many share is nobody's address.
    assert met(mill, f"{SITE}/n/other-one", B, hops=["https://sho.rt/x2", short]).id == article_id(
        f"{SITE}/n/other-one"
    )
    assert mill.aliases.article_of(ids(short)) == {}
    assert unseen(mill, "https://sho.rt/x2") == {}


def test_an_article_that_moved_stays_the_article(mill: Mill) -> None:
    moved = f"{SITE}/news/flood-in-old-town"
    met(mill, FIRST, A)
    assert met(mill, moved, edited(A, 5, 200), title=A[0], hops=[FIRST]).id == article_id(FIRST)
    assert mill.aliases.article_of(ids(moved)) == {article_id(moved): article_id(FIRST)}
    # But not when it now leads to something else.
    gone, elsewhere = f"{SITE}/news/storm-warning", f"{SITE}/news/service-page"
    met(mill, gone, B)
    assert met(mill, elsewhere, sentences(40, 25), hops=[gone]).id == article_id(elsewhere)
    assert mill.aliases.article_of(ids(gone)) == {}


def test_ends_of_redirects_that_say_nothing(mill: Mill) -> None:
    """Many may end at a home page: each stays what it was."""
    for number in range(3):
        url = f"{SITE}/gone/{number}"
        assert met(mill, f"{SITE}/", A, hops=[url]) == Identity(article_id(url), False, False)


def test_nothing_is_met_before_it_is_on_its_way(mill: Mill) -> None:
    """The worker with the first address died before its text was in the outbox: the second one delivers it."""
    mill.aliases.identify(given(FIRST, A))
    assert met(mill, VARIANTS[0], A, deliver=False) == Identity(article_id(FIRST), False, False)
    assert met(mill, VARIANTS[1], A) == Identity(article_id(FIRST), False, False)
    assert met(mill, VARIANTS[2], A) == Identity(article_id(FIRST), True, False)
    assert mill.aliases.identify(given(FIRST, A)) == Identity(article_id(FIRST), False, False), "tried again"


def test_pages_of_one_text_do_not_void_its_variants(mill: Mill) -> None:
    """Its second and third page name the first as canonical; its AMP page is proved by its own URL."""
    met(mill, FIRST, A)
    for number in (2, 3, 4):
        page = f"{FIRST}?page={number}"
        assert met(mill, page, sentences(50 + number, 25), canonical=FIRST).id == article_id(page)
    assert met(mill, VARIANTS[2], A, canonical=FIRST) == Identity(article_id(FIRST), True, False)
    assert mill.aliases.article_of(ids(VARIANTS[2]))


def test_a_wall_at_another_address_does_not_replace_the_text(mill: Mill) -> None:
    met(mill, FIRST, A)
    met(mill, VARIANTS[3], A)
    walled = Addresses(article_id(VARIANTS[3]), article_id(VARIANTS[3]))
    assert mill.aliases.identify(walled) == Identity(article_id(FIRST), True, False)
    assert mill.aliases.identify(Addresses(article_id(FIRST), article_id(FIRST))).met is False


def test_an_article_of_its_own_stays_one(mill: Mill) -> None:
    met(mill, FIRST, A)
    met(mill, VARIANTS[0], B)
    assert met(mill, VARIANTS[0], A).id == article_id(VARIANTS[0])
    assert mill.aliases.article_of(ids(VARIANTS[0])) == {}


def test_aliases_live_as_long_as_what_is_seen(mill: Mill) -> None:
    met(mill, FIRST, A, hops=["https://sho.rt/x1"])
    for _ in range(5):
        mill.later(25 * DAY)
        assert mill.aliases.article_of(ids("https://sho.rt/x1"))
    mill.later(41 * DAY)
    assert not mill.aliases.article_of(ids("https://sho.rt/x1"))
    mill.client.delete(*mill.client.keys("{test}:outbox*"))
    assert all(mill.client.ttl(key) > 0 for key in mill.client.scan_iter("{test}:place:*"))
    assert all(mill.client.ttl(key) > 0 for key in mill.client.scan_iter("{test}:link:*"))


def test_a_lost_memory_is_taught_from_the_index(mill: Mill) -> None:
    named = f"{SITE}/2026/flood"
    words = text(A)
    article = make_article(FIRST, title=A[0], body=words, aliases=("https://sho.rt/x1", named), canonical_url=named)
    for _ in range(2):
        mill.aliases.restore(article, fingerprint(words, "en"))
    assert mill.aliases.article_of(ids("https://sho.rt/x1", named)) == {article_id("https://sho.rt/x1"): article.id}
    assert mill.aliases.identify(given(VARIANTS[2], A)).id == article.id
    assert mill.aliases.identify(given(f"{SITE}/n/?ref=7x", A, canonical=named)).id == article.id


def test_an_erased_article_takes_its_addresses_along(mill: Mill) -> None:
    named = f"{SITE}/2026/flood"
    met(mill, FIRST, A, canonical=named, hops=["https://sho.rt/x1"])
    met(mill, VARIANTS[3], A)
    other = f"{SITE}/n/another-one"
    met(mill, other, B, hops=["https://sho.rt/x2"])
    erased = ids(FIRST)
    # Two places, the short link and the variant; none of the other article's.
    assert mill.aliases.forget(erased, only_count=True) == 4
    assert mill.aliases.forget(erased) == 4
    assert mill.aliases.forget(erased) == 0
    assert mill.aliases.article_of(ids("https://sho.rt/x1", VARIANTS[3])) == {}
    assert mill.aliases.article_of(ids("https://sho.rt/x2")) == {article_id("https://sho.rt/x2"): article_id(other)}
    assert mill.aliases.forget(ids("https://sho.rt/x2")) == 1, "by any of its URLs"


@pytest.mark.parametrize("body", [["wort"], ["x" * 3000], ["\U0001f600 \u4e16\u754c " * 30]])
def test_odd_texts(mill: Mill, body: list[str]) -> None:
    """Too short or too strange for a sketch: equal texts only."""
    met(mill, FIRST, body)
    assert met(mill, VARIANTS[0], body).id in ids(FIRST, VARIANTS[0])
    assert met(mill, VARIANTS[1], A).id == article_id(VARIANTS[1])


def test_a_place_is_small(mill: Mill) -> None:
    """At most 62 bytes: above 64 Redis would store each bucket ten times as large."""
    met(mill, FIRST, A, title="A title")
    [key] = mill.client.scan_iter("{test}:place:*")
    [value] = mill.client.hvals(key)
    assert 54 <= len(value) <= 62
    assert mill.client.object("encoding", key) == b"listpack"
    assert len(evidence("A title", fingerprint(text(A), "en"))) == 41


# --- races

RACES = 500
PROCESSES = 2


def _race(url: str, process: int, barrier: Barrier, answers: multiprocessing.Queue[tuple[int, list[str]]]) -> None:
    client = connect(url)
    here = Mill(client)
    found = []
    for number, address in enumerate(_addresses(process)):
        barrier.wait(60)
        found.append(met(here, address, A, title=f"Title {number}", text_of=number).id)
    answers.put((process, found))
    client.close()


def _addresses(process: int) -> list[str]:
    hosts = ("https://www.example.org", "https://amp.example.org")
    return [f"{hosts[process]}/news/flood-{number}" for number in range(RACES)]


@pytest.mark.timeout(100)
def test_two_addresses_at_the_same_instant_are_one_document(valkey: Valkey, tmp_path: Path) -> None:
    """From the script to the index: identified, assigned and written by two processes at once."""
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(PROCESSES), context.Queue()
    runners = [context.Process(target=_race, args=(valkey.url, n, barrier, answers)) for n in range(PROCESSES)]
    for runner in runners:
        runner.start()
    found = dict(answers.get(timeout=90) for _ in runners)
    for runner in runners:
        runner.join(10)
    firsts = set()
    for number in range(RACES):
        assert found[0][number] == found[1][number], f"page {number} became two articles"
        firsts.add([article_id(_addresses(p)[number]) for p in range(PROCESSES)].index(found[0][number]))
    assert firsts == set(range(PROCESSES)), "each should have been first now and then"

    mill, index = Mill(valkey.client), SqliteIndex(tmp_path)
    while index_batch(
        mill.outbox, index, mill.stories, consumer="w", limit=500, now=NOW, max_deliveries=3, recall=mill.recall
    ).taken:
        pass
    assert {article.id for article in index.scan(Everything())} == set(found[0])
    index.close()
