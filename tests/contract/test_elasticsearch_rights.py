"""Each key may do its own work and nothing else: tried on a node with security on, over TLS."""

from __future__ import annotations

import hashlib
import json
import os
import ssl
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest
from elasticsearch import ApiError, AuthenticationException, AuthorizationException, Elasticsearch, ElasticsearchWarning

from tests.articles import NOON, make_article, make_event
from tests.elasticsearch_node.fixtures import wipe_with
from tests.elasticsearch_node.migration import edit
from tests.elasticsearch_node.node import CERTIFICATES, Node
from worker.cli.main import main
from worker.errors import IndexUnavailable, ServerError
from worker.models import Depths, Sought, Tombstone, TombstoneKind, Verdict
from worker.query.ast import Everything, Search
from worker.stores.elasticsearch import writing
from worker.stores.elasticsearch.connect import Clients, Connection
from worker.stores.elasticsearch.index import ElasticsearchIndex
from worker.stores.elasticsearch.layout import ARTICLES, ERASED, EVENTS, FIRST, KINDS
from worker.stores.elasticsearch.reports import ElasticsearchReports
from worker.stores.elasticsearch.roles import Role, rights

NAME = "news"
CA = str(CERTIFICATES / "ca.crt")
OTHERS = ("other", "news-extra", "news-articles-extra", "newsroom-articles-v1-2026.11")
"""Indices of somebody else, however alike they are called."""


@dataclass(frozen=True)
class Office:
    """An installation on the secured node, and the keys that were made for it."""

    node: Node
    folder: Path
    environment: dict[str, str]

    def connection(self, role: Role) -> Connection:
        key = (self.folder / f"{role}.key").read_text().strip()
        return Connection(self.node.url, api_key=key, ca_file=CA)

    def index(self, role: Role) -> ElasticsearchIndex:
        return ElasticsearchIndex(self.connection(role), NAME)

    def client(self, role: Role) -> Elasticsearch:
        return Clients(self.connection(role)).get()

    def admin(self) -> Elasticsearch:
        return Elasticsearch(self.node.url, basic_auth=("elastic", self.node.password), ca_certs=CA)


@pytest.fixture(scope="module")
def keys(secured_node: Node, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made as an administrator makes them."""
    folder = tmp_path_factory.mktemp("office") / "keys"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in administrator(secured_node).items():
            patch.setenv(name, value)
        assert main(["index", "keys", str(folder), "--for-users"]) == 0
    return folder


@pytest.fixture
def office(secured_node: Node, keys: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Set up with the key for that, with one article and its event; indices of others beside it."""
    environment = administrator(secured_node)
    for name in [name for name in os.environ if name.startswith("FEEDMILL_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = Office(secured_node, keys, environment)
    setup, writer = found.index(Role.SETUP), found.index(Role.WRITER)
    assert setup.setup() == ()
    writer.write([make_article()], [make_event()])
    writer.refresh()
    with found.admin() as client:
        for other in OTHERS:
            client.index(index=other, id="1", document={"text": "somebody else's"}, refresh=True)
    setup.close()
    writer.close()
    yield found
    with found.admin() as client:
        wipe_with(client, NAME, templates=True)
        for other in OTHERS:
            client.indices.delete(index=other, ignore_unavailable=True)


def administrator(node: Node) -> dict[str, str]:
    return {
        "FEEDMILL_INDEX__URL": node.url,
        "FEEDMILL_INDEX__NAME": NAME,
        "FEEDMILL_INDEX__USERNAME": "elastic",
        "FEEDMILL_INDEX__PASSWORD": node.password,
        "FEEDMILL_INDEX__CA_FILE": CA,
    }


INDEX = ARTICLES.index(NAME, FIRST, NOON)
EVENTS_INDEX = EVENTS.index(NAME, FIRST, NOON)
Deed = Callable[[Elasticsearch], object]

DEEDS: dict[str, Deed] = {
    "search": lambda c: c.search(index=ARTICLES.alias(NAME)),
    "read events": lambda c: c.search(index=EVENTS.alias(NAME)),
    "write an article": lambda c: c.index(index=INDEX, id="x", document={}, version=1, version_type="external_gte"),
    "write a new month": lambda c: c.index(index=f"{ARTICLES.alias(NAME)}-v1-2031.01", id="x", document={}),
    "write an event": lambda c: c.index(index=EVENTS_INDEX, id="x", document={}),
    "write a tombstone": lambda c: c.index(index=f"{NAME}-erased-v1", id="x", document={}),
    "delete an article": lambda c: c.delete(index=INDEX, id=make_article().id),
    "delete an event": lambda c: c.delete(index=EVENTS_INDEX, id=make_event().id),
    "delete a tombstone": lambda c: c.delete(index=f"{NAME}-erased-v1", id="none"),
    "drop a month": lambda c: c.indices.delete(index=INDEX),
    "drop a day of events": lambda c: c.indices.delete(index=EVENTS_INDEX),
    "close an index": lambda c: c.indices.close(index=INDEX),
    "shut an index": lambda c: c.indices.add_block(index=INDEX, block="write"),
    "change settings": lambda c: c.indices.put_settings(index=INDEX, settings={"index.refresh_interval": "9s"}),
    "move an alias": lambda c: c.indices.put_alias(index=INDEX, name=f"{NAME}-articles-next"),
    "change a template": lambda c: c.indices.put_index_template(
        name=ARTICLES.alias(NAME), index_patterns=["news-articles-v9-*"], priority=500
    ),
    "merge segments": lambda c: c.indices.forcemerge(index=INDEX, only_expunge_deletes=True),
    "read of others": lambda c: c.search(index="other"),
    "write to others": lambda c: c.index(index="newsroom-articles-v1-2026.11", id="2", document={}),
    "write to one of that name": lambda c: c.index(index="news-articles-extra", id="2", document={}),
    "drop others": lambda c: c.indices.delete(index="news-extra"),
    "see keys of others": lambda c: c.security.get_api_key(owner=False),
    "make keys": lambda c: c.security.create_api_key(name="more", role_descriptors={"all": {"cluster": ["all"]}}),
    "make users": lambda c: c.security.put_user(username="eve", password="long enough", roles=["superuser"]),
    "change the cluster": lambda c: c.cluster.put_settings(persistent={"cluster.max_shards_per_node": 900}),
}
READS = {"search", "read events"}
ALLOWED: dict[Role, set[str]] = {
    Role.READER: READS,
    Role.WRITER: READS | {"write an article", "write a new month", "write an event", "merge segments"},
    Role.SCHEDULER: READS | {"drop a day of events"},
    Role.ERASER: READS
    | {
        "write an article",
        "write a tombstone",
        "delete an article",
        "delete an event",
        "delete a tombstone",
        "merge segments",
    },
    Role.SETUP: READS
    | {"write an article", "write a new month", "write an event", "write a tombstone"}
    | {"drop a month", "drop a day of events", "close an index", "shut an index", "change settings"}
    | {"move an alias", "change a template", "merge segments"},
}


def may(client: Elasticsearch, deed: Deed) -> bool:
    try:
        deed(client)
    except AuthorizationException as error:
        assert error.error == "security_exception", error
        return False
    except ApiError as error:  # allowed, only that there is nothing to do it to
        assert error.status_code == 404, error
    return True


def test_none_may_do_anything_else(office: Office) -> None:
    for role in Role:
        with office.client(role) as client:
            done = [name for name, deed in DEEDS.items() if name not in ALLOWED[role] and may(client, deed)]
        assert not done, f"{role} may: {', '.join(done)}"
    index = office.index(Role.READER)
    assert index.search(Search(Everything())).total == 1
    assert index.events(make_article().id) == [make_event()]
    index.close()


def test_each_may_do_its_own(office: Office) -> None:
    for role in reversed(Role):  # who may drop indices comes last
        with office.client(role) as client:
            refused = [name for name, deed in DEEDS.items() if name in ALLOWED[role] and not may(client, deed)]
        assert not refused, f"{role} may not: {', '.join(refused)}"


def test_every_key_of_many_in_one_request_is_checked(office: Office) -> None:
    """A bulk request is judged item by item."""
    with office.client(Role.WRITER) as client:
        answer = client.bulk(
            operations=[
                {"index": {"_index": INDEX, "_id": "y"}}, {},
                {"delete": {"_index": INDEX, "_id": make_article().id}},
                {"index": {"_index": "other", "_id": "y"}}, {},
                {"index": {"_index": f"{NAME}-erased-v1", "_id": "y"}}, {},
            ]
        )  # fmt: skip
    assert [next(iter(item.values()))["status"] for item in answer["items"]] == [201, 403, 403, 403]


def test_a_writer_may_add_fields_to_a_mapping_and_no_more(office: Office) -> None:
    """Elasticsearch 9 gives that to whoever may write, and says that its next major version will not."""
    with office.client(Role.WRITER) as client, pytest.warns(ElasticsearchWarning, match="next major release"):
        client.indices.put_mapping(index=INDEX, properties={"mood": {"type": "keyword"}})
        with pytest.raises(ApiError, match="illegal_argument"):
            client.indices.put_mapping(index=INDEX, properties={"word_count": {"type": "text"}})


def test_a_worker_does_all_its_work_with_its_key(office: Office) -> None:
    index = office.index(Role.WRITER)
    later = make_article("https://example.org/2", first_seen_at=NOON + timedelta(days=40))
    assert index.write([later], [make_event("https://example.org/2")])[0].verdict is Verdict.STORED
    index.refresh()
    assert index.search(Search(Everything())).total == 2
    assert set(index.known([later.id])) == {later.id}
    assert index.setup() == (), "what `feedmill run` does first, where somebody else has set it up"
    assert index.stats()["documents"] == 2
    assert index.tombstones() == []
    reports = ElasticsearchReports(office.connection(Role.WRITER), NAME)
    reports.write([], [], Depths(NOON, {}, 0, 0, 0.0, 0), {})
    reports.close()
    with pytest.raises(IndexUnavailable, match="unauthorized"):
        index.expire_events(NOON + timedelta(days=90))
    with pytest.raises(IndexUnavailable):
        index.entomb([Tombstone("t", TombstoneKind.URL, NOON, ("h",))])
    index.close()


def test_the_scheduler_drops_old_days(office: Office) -> None:
    index = office.index(Role.SCHEDULER)
    assert index.expire_events(NOON + timedelta(days=90)) == 1
    index.close()


def test_a_reader_reads(office: Office) -> None:
    index = office.index(Role.READER)
    assert index.search(Search(Everything())).total == 1
    assert [article.id for article in index.scan(Everything())] == [make_article().id]
    assert index.get(make_article().id) == make_article()
    assert index.stats()["documents"] == 1
    assert index.freshness(NOON)[0].articles == 1
    with pytest.raises(IndexUnavailable, match="unauthorized"):
        index.write([make_article()], [])
    index.close()


def test_the_eraser_erases(office: Office) -> None:
    index = office.index(Role.ERASER)
    tombstone = Tombstone("t", TombstoneKind.URL, NOON, ("h",))
    index.entomb([tombstone])
    assert index.tombstones() == [tombstone]
    with office.client(Role.ERASER) as client:
        assert writing.remove(client, NAME, ARTICLES, [make_article().id]) == 1
    assert index.exhume(["t"]) == 1
    assert index.search(Search(Everything())).total == 0
    index.close()


def test_the_eraser_finds_takes_out_and_merges_away(office: Office) -> None:
    writer, index = office.index(Role.WRITER), office.index(Role.ERASER)
    copy = replace(make_article("https://copy.example/1"), duplicate_of=make_article().id)
    writer.write([copy], [])
    assert [article.id for article in index.of_domain("example.org")] == [make_article().id]
    assert index.write([replace(copy, duplicate_of=None)], [])[0].verdict is Verdict.STORED, "its copies lead now"
    assert index.erase([make_article().id], NOON) == 1
    assert index.erase_events(Sought(ids=frozenset({make_article().id})), NOON) == 1
    assert index.other_addresses([make_article().id], []) == {}
    assert index.compact() == ""
    with office.client(Role.ERASER) as client:
        stats = client.indices.stats(index=f"{NAME}-articles-v*", metric="docs")
    assert stats["_all"]["primaries"]["docs"] == {"count": 1, "deleted": 0, "total_size_in_bytes": ANY}
    index.close()
    with pytest.raises(ServerError, match="eraser's key"):
        writer.erase([copy.id], NOON)
    writer.close()


def test_the_key_for_setting_up_migrates(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEEDMILL_INDEX__USERNAME")
    monkeypatch.delenv("FEEDMILL_INDEX__PASSWORD")
    monkeypatch.setenv("FEEDMILL_INDEX__API_KEY_FILE", str(office.folder / "setup.key"))
    monkeypatch.setenv("FEEDMILL_INDEX__TEMPLATES", str(edit(tmp_path / "templates")))
    assert main(["index", "setup"]) == 0
    assert main(["index", "migrate"]) == 0
    assert main(["index", "migrate", "--drop-old"]) == 0
    index = office.index(Role.WRITER)
    assert index.write([make_article("https://example.org/2")], [])[0].verdict is Verdict.STORED
    index.refresh()
    assert index.search(Search(Everything())).total == 2
    index.close()
    with office.admin() as client:
        assert all("-v2-" in name for name in client.indices.get_alias(name=ARTICLES.alias(NAME)).body)


def test_who_may_not_is_told_so_in_one_line(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FEEDMILL_INDEX__TEMPLATES", str(edit(tmp_path / "templates")))
    monkeypatch.setenv("FEEDMILL_INDEX__API_KEY_FILE", str(office.folder / "writer.key"))
    for call in (["index", "migrate"], ["index", "keys", str(tmp_path / "keys")]):
        assert main(call) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and ("may not set up" in said or "makes no API key" in said), said


# --- keys in files


def test_the_files_are_for_their_owner_only_and_each_is_another(keys: Path) -> None:
    files = {path.name: path for path in keys.iterdir()}
    assert set(files) == {f"{role}.key" for role in Role}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files.values()} == {0o600}
    assert len({path.read_text() for path in files.values()}) == len(Role)


def test_a_key_that_works_is_kept_and_one_with_other_rights_is_put_right(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["index", "keys", str(tmp_path), "--role", "writer"]
    file = tmp_path / "writer.key"
    assert main(call) == 0 and "new: " in capsys.readouterr().err
    secret = file.read_text()
    assert main(call) == 0 and "working: " in capsys.readouterr().err
    with office.admin() as client:
        for each in client.security.get_api_key(name=f"feedmill-writer-{NAME}")["api_keys"]:
            narrow = {"old": {"cluster": ["monitor"], "indices": []}}
            client.security.update_api_key(id=each["id"], role_descriptors=narrow)
    assert main(call) == 0 and "brought up to date: " in capsys.readouterr().err
    assert file.read_text() == secret, "workers need no restart"
    index = ElasticsearchIndex(Connection(office.node.url, api_key=secret.strip(), ca_file=CA), NAME)
    assert index.search(Search(Everything())).total == 1
    index.close()
    assert main(["index", "keys", str(office.folder), "--role", "writer"]) == 0  # as it was for the tests after this
    file.write_text("bm8ga2V5\n")
    assert main(call) == 0 and "new: " in capsys.readouterr().err
    (tmp_path / "reader.key").write_text(file.read_text())
    assert main(["index", "keys", str(tmp_path), "--role", "reader"]) == 2
    assert "not the reader's" in capsys.readouterr().err


def test_a_renewed_key_gives_the_processes_a_day(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["index", "keys", str(tmp_path), "--role", "reader"]
    assert main(call) == 0
    old = (tmp_path / "reader.key").read_text().strip()
    assert main([*call, "--renew"]) == 0 and "renewed: " in capsys.readouterr().err
    new = (tmp_path / "reader.key").read_text().strip()
    assert new != old
    with Elasticsearch(office.node.url, api_key=old, ca_certs=CA) as client:
        kept = client.security.authenticate()["api_key"]["id"]
    with office.admin() as client:
        [found] = client.security.get_api_key(id=kept)["api_keys"]
    assert found["expiration"] - found["creation"] < 25 * 3600 * 1000


def test_setup_makes_the_workers_key_as_it_always_did(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "index_api_key"
    assert main(["index", "setup", "--api-key-file", str(file)]) == 0
    with Elasticsearch(office.node.url, api_key=file.read_text().strip(), ca_certs=CA) as client:
        assert client.security.authenticate()["api_key"]["name"] == f"feedmill-writer-{NAME}"
        with pytest.raises(AuthorizationException):
            client.indices.delete(index=INDEX)


def test_a_user_with_the_readers_role_reads(office: Office) -> None:
    with office.admin() as admin:
        admin.security.put_user(username="ann", password="long enough", roles=[f"{NAME}-reader"])
        admin.security.put_role(name=f"{NAME}-reader", **rights(Role.READER, NAME))
        try:
            with Elasticsearch(office.node.url, basic_auth=("ann", "long enough"), ca_certs=CA) as client:
                assert client.count(index=ARTICLES.alias(NAME))["count"] == 1
                assert not may(client, DEEDS["write an article"])
        finally:
            admin.security.delete_user(username="ann")


@pytest.mark.parametrize("role", Role)
def test_a_role_names_every_kind_of_index_and_nothing_wider(role: Role) -> None:
    found = rights(role, "any")
    named = {name for part in found["indices"] for name in part["names"]}
    after = {kind.next_alias("any") for kind in KINDS} if role is Role.SETUP else set()
    assert named == {kind.alias("any") for kind in KINDS} | {kind.every("any") for kind in KINDS} | after
    assert found["metadata"]["purpose"]
    given = {privilege for part in found["indices"] for privilege in part["privileges"]}
    assert bool(given & {"delete", "all", "write"}) == (role is Role.ERASER)
    assert ERASED.alias("any") in named


# --- TLS


def fingerprints() -> list[str]:
    """Of the node's certificate, and of the CA that signed it."""
    texts = [(CERTIFICATES / name).read_text() for name in ("node.crt", "ca.crt")]
    return [hashlib.sha256(ssl.PEM_cert_to_DER_cert(text[: text.index("END") + 20])).hexdigest() for text in texts]


def connects(connection: Connection) -> bool:
    index = ElasticsearchIndex(connection, "none")
    try:
        index.known(["x"])  # type: ignore[list-item]
    except IndexUnavailable as error:
        assert "\n" not in str(error)
        assert "FEEDMILL_INDEX__CA_FILE or __FINGERPRINT" in str(error)
        return False
    finally:
        index.close()
    return True


def test_whom_it_trusts(secured_node: Node, tmp_path: Path) -> None:
    given = Connection(secured_node.url, username="elastic", password=secured_node.password)
    assert not connects(given), "nobody of the system's signed that"
    assert connects(replace(given, ca_file=CA))
    for fingerprint in fingerprints():
        assert connects(replace(given, fingerprint=fingerprint))
        spelt = ":".join(fingerprint[at : at + 2] for at in range(0, 64, 2)).upper()
        assert connects(replace(given, fingerprint=spelt))
    assert not connects(replace(given, fingerprint="0" * 64))
    assert connects(replace(given, verify=False)), "to this machine"
    other = Path(__file__).parents[1] / "hostile/certificates/localhost.crt"
    assert not connects(replace(given, ca_file=str(other)))


def test_a_wrong_password_is_told_so(secured_node: Node) -> None:
    index = ElasticsearchIndex(Connection(secured_node.url, username="elastic", password="no", ca_file=CA), "none")
    with pytest.raises(ServerError, match="refuses the credentials"):
        index.setup()
    index.close()
    with (
        Elasticsearch(secured_node.url, api_key="bm8ga2V5", ca_certs=CA) as client,
        pytest.raises(AuthenticationException),
    ):
        client.cluster.health()


def test_the_descriptions_of_the_roles_are_json_that_a_person_can_put() -> None:
    """As `PUT _security/role/...` takes it, but for {name}."""
    for role in Role:
        found: dict[str, Any] = json.loads(json.dumps(rights(role, "x")))
        assert set(found) == {"cluster", "indices", "metadata"}
