"""`index setup`, `migrate` and `keys` as an operator calls them (with security on: test_elasticsearch_rights)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.articles import make_article
from tests.elasticsearch_node.fixtures import wipe
from tests.elasticsearch_node.migration import Installation, edit, killed_after
from tests.integration.cli.conftest import Call
from tests.valkey import Valkey


@pytest.fixture
def here(
    elasticsearch_url: str, server: Valkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    """Set up, with one article; the settings name it, the edited templates are not yet named."""
    name = f"test-{secrets.token_hex(4)}"
    monkeypatch.setenv("FEEDMILL_INDEX__URL", elasticsearch_url)
    monkeypatch.setenv("FEEDMILL_INDEX__NAME", name)
    found = Installation(elasticsearch_url, name, edit(tmp_path / "templates"))
    index = found.index()
    index.setup()
    index.write([make_article()], [])
    index.refresh()
    index.close()
    yield found
    wipe(elasticsearch_url, name, templates=True)


def migration(call: Call) -> list[str]:
    """What doctor says of it."""
    return [line for line in call("doctor").out.splitlines() if " migration " in line]


def test_the_whole_way(call: Call, here: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    alias = f"{here.name}-articles"
    assert call("index", "setup").err == f"the index is ready: {here.url}\n"
    assert "nothing to migrate" in call("index", "migrate").err
    monkeypatch.setenv("FEEDMILL_INDEX__TEMPLATES", str(here.folder))
    first, *_ = call("index", "setup").err.splitlines()
    assert first == f"{alias} cannot be changed in place (changed analyzer news_de); run `feedmill index migrate`"
    assert migration(call) == []
    done = call("index", "migrate")
    began, *_, ended, advice = done.err.splitlines()
    assert (done.code, began) == (0, f"{alias}: v1 -> v2; changed analyzer news_de")
    assert ended.startswith(f"{alias} is v2 now: 1 document in 1 index; writes waited ")
    assert "--drop-old" in advice
    assert "1 old index kept" in migration(call)[0]
    assert call("index", "migrate", "--abort").err.startswith("no migration is under way")
    assert call("index", "migrate", "--drop-old").err == "1 index removed\n"
    assert call("index", "migrate", "--drop-old").err == "there is no old index\n"
    assert migration(call) == []
    assert len(call("search", "--json", "harbour").rows()) == 1


def test_interrupted_and_taken_back(call: Call, here: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDMILL_INDEX__TEMPLATES", str(here.folder))
    assert killed_after(4, here.migrate)
    assert "is being migrated" in call("index", "setup").err
    assert "is being migrated" in migration(call)[0]
    assert call("index", "migrate", "--abort").err == f"{here.name}-articles stays v1\n"
    assert migration(call) == []
    assert call("index", "migrate").code == 0
    assert here.generations() == [2]


def test_mistakes_of_the_call(call: Call, here: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    both = call("index", "migrate", "--abort", "--drop-old")
    assert (both.code, "two different things" in both.err) == (2, True)
    monkeypatch.setenv("FEEDMILL_INDEX__TEMPLATES", "/nowhere")
    done = call("index", "migrate")
    assert (done.code, done.err) == (2, "feedmill: FEEDMILL_INDEX__TEMPLATES names /nowhere, which is not a folder\n")
    monkeypatch.delenv("FEEDMILL_INDEX__TEMPLATES")
    monkeypatch.setenv("FEEDMILL_INDEX__URL", "http://127.0.0.1:9")
    done = call("index", "migrate")
    assert (done.code, done.err.count("\n"), "does not answer" in done.err) == (2, 1, True)


def test_sqlite_needs_none_of_it(call: Call, archive: Path) -> None:
    done = call("index", "migrate")
    assert (done.code, "SQLite is migrated when it is first opened" in done.err) == (0, True)
    for option in ("--abort", "--drop-old"):
        done = call("index", "migrate", option)
        assert (done.code, "SQLite has one index only" in done.err) == (2, True)
    done = call("index", "keys", "keys")
    assert (done.code, done.err) == (2, "feedmill: API keys need Elasticsearch; set FEEDMILL_INDEX__URL\n")
    assert call("index", "setup").err == "the index is ready: data\n"
