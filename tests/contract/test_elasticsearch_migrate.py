"""Indices move to a shape that they could not take in place, and nothing is missed, doubled or lost on the way."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from tests.articles import NOON, make_article, make_event
from tests.elasticsearch_node.fixtures import wipe
from tests.elasticsearch_node.migration import KILLED, Installation, edit, killed_after
from worker.errors import IndexUnavailable, ServerError
from worker.models import MILLISECOND, Article, Verdict
from worker.query.ast import Everything, Search, Word
from worker.stores.elasticsearch import writing
from worker.stores.elasticsearch.generations import standings
from worker.stores.elasticsearch.index import ElasticsearchIndex
from worker.stores.elasticsearch.layout import ARTICLES, EVENTS, FIRST, KINDS
from worker.stores.elasticsearch.lease import LASTS_S, Lease
from worker.stores.elasticsearch.migrate import drop_retired

MONTHS = 3


@pytest.fixture
def here(elasticsearch_url: str, tmp_path: Path) -> Iterator[Installation]:
    name = f"test-{secrets.token_hex(4)}"
    yield Installation(elasticsearch_url, name, edit(tmp_path / "templates"))
    wipe(elasticsearch_url, name, templates=True)


@pytest.fixture
def index(here: Installation) -> Iterator[ElasticsearchIndex]:
    with here.opened() as found:
        yield found


def make(number: int, **changes: Any) -> Article:
    given = {
        "language": "de",
        "title": f"Nummer {number}",
        "body": "Die Häuser am Hafen.",
        "first_seen_at": NOON - timedelta(days=31 * (number % MONTHS)),
    }
    return make_article(f"https://example.org/{number}", **(given | changes))


def fill(index: ElasticsearchIndex, number: int = 30, **changes: Any) -> list[Article]:
    articles = [make(n, **changes) for n in range(number)]
    index.write(articles, [make_event(offer=n, at=NOON - timedelta(days=n % 2)) for n in range(10)])
    index.refresh()
    return articles


def stored(index: ElasticsearchIndex) -> list[Article]:
    index.refresh()
    return sorted(index.scan(Everything()), key=lambda article: article.id)


def by_id(articles: list[Article]) -> list[Article]:
    return sorted(articles, key=lambda article: article.id)


def names(client: Elasticsearch, name: str) -> list[str]:
    """All templates of the installation."""
    indices = client.indices.get_index_template(name=f"{name}-*")["index_templates"]
    components = client.cluster.get_component_template(name=f"{name}-*")["component_templates"]
    return sorted(each["name"] for each in (*indices, *components))


def test_setup_says_what_it_cannot_change_and_leaves_all_of_it(here: Installation, index: ElasticsearchIndex) -> None:
    fill(index)
    edited = here.index(here.folder)
    with here.client() as client:
        before = client.cluster.get_component_template(name=f"{here.name}-*").body
        [line] = edited.setup()
        assert client.cluster.get_component_template(name=f"{here.name}-*").body == before
        mapping = client.indices.get_mapping(index=ARTICLES.alias(here.name)).body
    edited.close()
    assert "analyzer news_de" in line and "feedmill index migrate" in line and "\n" not in line
    assert not any("mood" in found["mappings"]["properties"] for found in mapping.values())
    assert index.search(Search(Word("Haus"))).total == 30


def test_a_type_that_changes_is_refused_by_the_server_and_left_as_well(
    here: Installation, index: ElasticsearchIndex
) -> None:
    fill(index)
    file = here.folder / "articles.component.json"
    template = json.loads(file.read_text("utf-8"))
    template["template"]["settings"]["index"]["analysis"]["analyzer"]["news_de"]["filter"].insert(3, "de_stem")
    template["template"]["mappings"]["properties"]["word_count"] = {"type": "keyword"}
    file.write_text(json.dumps(template), "utf-8")
    edited = here.index(here.folder)
    [line] = edited.setup()
    edited.close()
    assert "word_count" in line


def test_what_can_be_changed_in_place_is(here: Installation, index: ElasticsearchIndex) -> None:
    """A new field and another refresh interval, while documents are written."""
    fill(index)
    file = here.folder / "articles.component.json"
    template = json.loads(file.read_text("utf-8"))
    template["template"]["settings"]["index"]["analysis"]["analyzer"]["news_de"]["filter"].insert(3, "de_stem")
    template["template"]["settings"]["index"]["refresh_interval"] = "7s"
    file.write_text(json.dumps(template), "utf-8")
    edited = here.index(here.folder)
    assert edited.setup() == ()
    edited.close()
    with here.client() as client:
        found = client.indices.get(index=ARTICLES.alias(here.name)).body
    assert len(found) == MONTHS
    for each in found.values():
        assert each["mappings"]["properties"]["mood"] == {"type": "keyword"}
        assert each["settings"]["index"]["refresh_interval"] == "7s"


def test_the_archive_moves_and_the_old_indices_stay_until_told(here: Installation, index: ElasticsearchIndex) -> None:
    articles = fill(index)
    assert index.search(Search(Word("Haus"))).total == 30
    done = here.migrate()
    assert done is not None and (done.documents, done.indices) == (30, MONTHS)
    assert here.generations() == [2]
    assert here.generations(EVENTS) == [1], "only what cannot be changed in place"
    assert stored(index) == by_id(articles)
    assert index.search(Search(Word("Haus"))).total == 0, "by the new analysis"
    assert index.search(Search(Word("Häuser"))).total == 30
    later = make(99, first_seen_at=NOON + timedelta(days=40))
    assert index.write([later], [])[0].verdict is Verdict.STORED, "a new month is made by the new template"
    assert stored(index) == by_id([*articles, later])
    assert here.migrate() is None, "there is nothing left"
    with here.client() as client:
        standing = standings(client, here.name, KINDS)[ARTICLES]
        assert len(standing.retired) == MONTHS
        assert client.count(index=sorted(standing.retired))["count"] == 30
        assert drop_retired(client, here.name, ARTICLES) == sorted(standing.retired)
        assert drop_retired(client, here.name, ARTICLES) == []
        assert not standings(client, here.name, KINDS)[ARTICLES].retired
        assert f"{here.name}-articles-v1" not in names(client, here.name)
    assert stored(index) == by_id([*articles, later])


def test_old_indices_are_not_dropped_under_a_reader(here: Installation, index: ElasticsearchIndex) -> None:
    articles = fill(index)
    reader = index.scan(Everything())
    seen = [next(reader)]
    here.migrate()
    with here.client() as client:
        with pytest.raises(ServerError, match="still reads"):
            drop_retired(client, here.name, ARTICLES)
        seen += reader
        assert by_id(seen) == by_id(articles), "an export that began before goes on with what it began with"
        assert drop_retired(client, here.name, ARTICLES)


def test_what_happens_meanwhile_is_not_lost(
    here: Installation, index: ElasticsearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New documents, new versions, a new month, removals: while it is copied, by somebody who knows nothing of it."""
    monkeypatch.setattr("worker.stores.elasticsearch.copying.PORTION", 4)
    monkeypatch.setattr("worker.stores.elasticsearch.migrate.NEAR", 3)
    monkeypatch.setattr("worker.stores.elasticsearch.migrate.AT_ONCE", 1)
    expected = {article.id: article for article in fill(index)}
    rounds = iter(range(8))

    def meanwhile(_: int) -> None:
        n = next(rounds, None)
        if n is None:
            return
        new = make(100 + n, first_seen_at=NOON + timedelta(days=31 * n))
        changed = replace(make(n), title="changed", fetched_at=NOON + (n + 1) * MILLISECOND)
        late = replace(make(29 - n), title="late", fetched_at=NOON - MILLISECOND)
        verdicts = [result.verdict for result in index.write([new, changed, late], [])]
        assert verdicts == [Verdict.STORED, Verdict.STORED, Verdict.STALE]
        expected.update({new.id: new, changed.id: changed})
        gone = make(10 + n).id
        with here.client() as client:
            assert writing.remove(client, here.name, ARTICLES, [gone]) == 1
        del expected[gone]

    here.migration(copied=meanwhile).run()
    assert here.generations() == [2]
    assert stored(index) == by_id(list(expected.values()))


def test_days_of_events_that_are_dropped_meanwhile_stay_away(
    here: Installation, index: ElasticsearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.stores.elasticsearch.migrate.AT_ONCE", 1)
    fill(index)
    dropped: list[int] = []

    def meanwhile(_: int) -> None:
        dropped.append(index.expire_events(NOON))

    here.migration(EVENTS, copied=meanwhile).run()
    assert sum(dropped) == 5
    assert here.generations(EVENTS) == [2]
    assert len(index.events(make_event().article_id)) == 5
    assert index.expire_events(NOON + timedelta(days=2)) == 5, "counted once, though the old indices go as well"
    with here.client() as client:
        assert not client.indices.get(index=EVENTS.every(here.name), allow_no_indices=True).body


def test_a_document_that_only_the_new_index_has_is_found_out(here: Installation, index: ElasticsearchIndex) -> None:
    """What is not the same is copied anew; here once, since the stray document does not come again."""
    articles = fill(index)
    strays = iter([make(500)])

    def stray(_: int) -> None:
        for one in strays:
            where = ARTICLES.index(here.name, FIRST + 1, one.first_seen_at)
            with here.client() as client:
                client.index(index=where, id=one.id, document={"id": one.id})

    told: list[str] = []
    migration = here.migration(copied=stray)
    migration._tell = told.append
    migration.run()
    assert len(told) == 1 and "copied anew" in told[0]
    assert stored(index) == by_id(articles)


def test_a_document_that_differs_is_found_out(here: Installation, index: ElasticsearchIndex) -> None:
    articles = fill(index)
    once = iter([None])

    def spoil(_: int) -> None:
        """As soon as it was copied: its month may come after others."""
        with here.client() as client:
            where = ARTICLES.index(here.name, FIRST + 1, articles[0].first_seen_at)
            for _ in once if client.exists(index=where, id=articles[0].id) else ():
                client.index(
                    index=where, id=articles[0].id, document={"id": "?"}, version=articles[0].version,
                    version_type="external_gte",
                )  # fmt: skip

    told: list[str] = []
    migration = here.migration(copied=spoil)
    migration._tell = told.append
    migration.run()
    assert len(told) == 1 and articles[0].id in told[0]
    assert stored(index) == by_id(articles)


def test_documents_that_the_new_mapping_refuses_end_it_and_nothing_has_changed(
    here: Installation, index: ElasticsearchIndex
) -> None:
    articles = fill(index)
    file = here.folder / "articles.component.json"
    template = json.loads(file.read_text("utf-8"))
    template["template"]["mappings"]["properties"]["section"] = {"type": "date"}
    file.write_text(json.dumps(template), "utf-8")
    with pytest.raises(ServerError, match=r"refuses the document .* \[section\]"):
        here.migrate()
    assert here.generations() == [1]
    later = make(99)
    assert index.write([later], [])[0].verdict is Verdict.STORED
    here.migration().abort()
    assert stored(index) == by_id([*articles, later])
    with here.client() as client:
        assert not [each for each in names(client, here.name) if "next" in each or "v2" in each]


def test_other_templates_than_it_began_with_are_refused(here: Installation, index: ElasticsearchIndex) -> None:
    fill(index)
    assert killed_after(6, here.migrate)
    edit(here.folder)
    file = here.folder / "articles.component.json"
    file.write_text(file.read_text("utf-8") + "\n", "utf-8")
    with pytest.raises(ServerError, match="--abort"):
        here.migrate()


def sleeper(monkeypatch: pytest.MonkeyPatch, naps: Callable[[int], None]) -> None:
    """Between asking where documents belong and writing them, `naps` is called with the number of the time."""
    asked = [0]

    def slept(client: Elasticsearch, name: str, kinds: Any) -> Any:
        found = standings(client, name, kinds)
        asked[0] += 1
        naps(asked[0])
        return found

    monkeypatch.setattr("worker.stores.elasticsearch.writing.standings", slept)


@pytest.mark.parametrize("dropped", [False, True], ids=["old kept", "old dropped"])
def test_a_write_that_slept_through_all_of_it_lands_in_the_new_index(
    here: Installation, index: ElasticsearchIndex, monkeypatch: pytest.MonkeyPatch, dropped: bool
) -> None:
    articles = fill(index)

    def nap(time: int) -> None:
        if time == 1:
            here.migrate()
            if dropped:
                with here.client() as client:
                    drop_retired(client, here.name, ARTICLES)

    sleeper(monkeypatch, nap)
    new, day = make(77, first_seen_at=NOON + timedelta(days=70)), make(78)
    changed = replace(articles[0], title="changed", fetched_at=NOON + MILLISECOND)
    assert {result.verdict for result in index.write([new, day, changed], [])} == {Verdict.STORED}
    assert here.generations() == [2]
    assert stored(index) == by_id([new, day, changed, *articles[1:]])


def test_while_the_old_indices_are_shut_writes_wait_and_lose_nothing(
    here: Installation, index: ElasticsearchIndex
) -> None:
    articles = fill(index)
    migration = here.migration()
    migration._prepare()
    migration._fill()
    migration._shut()
    for one in (make(5, fetched_at=NOON + MILLISECOND), make(80, first_seen_at=NOON + timedelta(days=70))):
        with pytest.raises(IndexUnavailable, match="being migrated"):
            index.write([one], [])
    with here.client() as client, pytest.raises(IndexUnavailable, match="being migrated"):
        writing.remove(client, here.name, ARTICLES, [articles[0].id])
    assert stored(index) == by_id(articles), "searches go on"
    assert index.setup()[0].count("being migrated") == 1
    migration._open()
    assert index.write([make(80)], [])[0].verdict is Verdict.STORED


def test_an_index_that_an_operator_has_shut_holds_up_no_other(here: Installation, index: ElasticsearchIndex) -> None:
    articles = fill(index)
    with here.client() as client:
        client.indices.add_block(index=ARTICLES.index(here.name, FIRST, articles[0].first_seen_at), block="write")
    changed = [replace(article, title="changed", fetched_at=NOON + MILLISECOND) for article in articles[:2]]
    results = index.write(changed, [])
    assert [result.verdict for result in results] == [Verdict.RETRY, Verdict.STORED]
    assert "blocked" in results[0].detail


@pytest.mark.timeout(600)
def test_killed_at_any_point_it_is_gone_on_with(here: Installation, index: ElasticsearchIndex) -> None:
    expected = {article.id: article for article in fill(index, 12, first_seen_at=NOON)}
    point = 0
    while True:
        point += 1
        edited = bool(point % 2)
        generation = here.generations()[0]
        was_killed = killed_after(point, lambda edited=edited: here.migrate(edited=edited))  # type: ignore[misc]
        assert stored(index) == by_id(list(expected.values())), f"killed after change {point}"
        new = make(1000 + point, first_seen_at=NOON)
        try:
            assert index.write([new], [])[0].verdict is Verdict.STORED
        except IndexUnavailable:  # it was shut; the outbox would keep this
            pass
        else:
            expected[new.id] = new
        here.migrate(edited=edited)
        assert here.generations() == [generation + 1]
        assert index.write([new], [])[0].verdict is Verdict.STORED
        expected[new.id] = new
        assert stored(index) == by_id(list(expected.values())), f"resumed after change {point}"
        if not was_killed:
            break
    assert point > 10, "every step of it was cut once"


@pytest.mark.timeout(600)
def test_killed_at_any_point_it_can_be_taken_back(here: Installation, index: ElasticsearchIndex) -> None:
    expected = {article.id: article for article in fill(index, 12, first_seen_at=NOON)}
    with here.client() as client:
        before = names(client, here.name)
        point = 0
        while killed_after(point := point + 1, here.migrate) and here.generations() == [1]:
            here.migration().abort()
            assert here.generations() == [1]
            assert names(client, here.name) == before, f"killed after change {point}"
            assert set(standings(client, here.name, KINDS)[ARTICLES].retired) == set()
            new = make(1000 + point, first_seen_at=NOON + timedelta(days=31 * (point % 2)))
            assert index.write([new], [])[0].verdict is Verdict.STORED
            expected[new.id] = new
            assert stored(index) == by_id(list(expected.values())), f"taken back after change {point}"
    assert point > 10, "every step of it was cut once"
    assert stored(index) == by_id(list(expected.values()))


def test_an_empty_archive_takes_new_templates_at_once(here: Installation, index: ElasticsearchIndex) -> None:
    edited = here.index(here.folder)
    assert edited.setup() == ()
    edited.write([make(1)], [])
    edited.refresh()
    assert edited.search(Search(Word("Haus"))).total == 0
    edited.close()
    assert here.generations() == [1]


def test_a_kind_whose_indices_are_all_gone_keeps_its_generation(here: Installation, index: ElasticsearchIndex) -> None:
    fill(index)
    here.migration(EVENTS).run()
    index.expire_events(datetime(2027, 1, 1, tzinfo=NOON.tzinfo))
    index.write([], [make_event(offer=99)])
    assert here.generations(EVENTS) == [2]
    assert index.setup() == ()


def test_one_at_a_time(here: Installation) -> None:
    now = [1000.0]
    with here.client() as client:
        first, second = Lease(client, here.name, lambda: now[0]), Lease(client, here.name, lambda: now[0])
        first.take()
        now[0] += LASTS_S - 1
        with pytest.raises(ServerError, match=r"another .* is at work"):
            second.take()
        first.beat()
        now[0] += LASTS_S - 1
        with pytest.raises(ServerError, match=r"another .* is at work"):
            second.take()
        now[0] += 2
        second.take()
        second.give_back()
        first.take()
        first.give_back()
        assert not client.cluster.exists_component_template(name=f"{here.name}-migration")


def test_who_was_killed_is_not_waited_for(here: Installation) -> None:
    def die() -> None:
        Lease(here.client(), here.name).take()
        os._exit(KILLED)

    assert killed_after(99, die)
    with here.client() as client:
        lease = Lease(client, here.name)
        lease.take()
        lease.give_back()
