"""What only the SQLite index promises: it survives kill -9, shares a folder, and explains a bad disk in one line."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.articles import NOON, make_article, make_event
from worker.errors import DataDirError, FeedmillError, IndexUnavailable
from worker.models import Article, Sought, Verdict
from worker.query.ast import Everything, Search, Word
from worker.stores.sqlite.connect import Database
from worker.stores.sqlite.index import FILE, SqliteIndex
from worker.stores.sqlite.rows import pack, unpack

WORDS = ("harbour", "council", "vote", "tram", "glacier", "élection", "Außenminister", "don't", "3.5", "東京", "U-Boot")


@pytest.fixture
def index(tmp_path: Path):  # type: ignore[no-untyped-def]
    index = SqliteIndex(tmp_path)
    yield index
    index.close()


def test_an_archive_from_before_lags_were_measured_gets_its_table(tmp_path: Path) -> None:
    first = SqliteIndex(tmp_path)
    first.write([make_article("https://example.org/old")], [])
    first.close()
    connection = sqlite3.connect(tmp_path / FILE)
    connection.executescript("DROP TABLE lag; DELETE FROM meta WHERE key = 'lag'")
    connection.close()
    for _ in range(2):
        again = SqliteIndex(tmp_path)
        again.setup()
        again.write([make_article("https://example.org/new")], [])
        assert again.freshness(NOON)[0].articles == 1
        assert again.stats()["documents"] == 2
        again.close()


def random_article(random_: random.Random, number: int, version: int = 0) -> Article:
    return make_article(
        f"https://example.org/{number}",
        title=" ".join(random_.choices(WORDS, k=4)),
        summary=" ".join(random_.choices(WORDS, k=8)),
        body=" ".join(random_.choices(WORDS, k=random_.randrange(60))),
        language=random_.choice(["de", "en", "fr", "it", "sv", "ja"]),
        published_at=NOON + timedelta(seconds=random_.randrange(5)),
        fetched_at=NOON + timedelta(seconds=version),
        tags=tuple(random_.sample(WORDS, 2)),
    )


def check(folder: Path) -> int:
    """Both integrity checks, and every table agrees; returns the number of documents."""
    connection = sqlite3.connect(folder / FILE)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.execute("INSERT INTO fts(fts, rank) VALUES ('integrity-check', 0)")
        counts = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("doc", "content", "fts_docsize")
        ]
        rows = connection.execute(
            "SELECT count(*) FROM doc JOIN content USING (rid) JOIN fts_docsize ON fts_docsize.id = rid"
        ).fetchone()
    finally:
        connection.close()
    assert len(set(counts)) == 1
    assert rows[0] == counts[0]
    return int(counts[0])


def vocabulary(folder: Path) -> list[tuple[str, str, int, int]]:
    """Every term with its column, documents and occurrences."""
    connection = sqlite3.connect(folder / FILE)
    try:
        connection.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, fts, col)")
        return connection.execute("SELECT term, col, doc, cnt FROM temp.terms ORDER BY 1, 2").fetchall()
    finally:
        connection.close()


def spoil_analyzer(folder: Path) -> None:
    """As if another version of the analyzer had made the index: other terms, other version."""
    connection = sqlite3.connect(folder / FILE)
    connection.execute("INSERT INTO fts(fts) VALUES ('delete-all')")
    connection.execute("UPDATE meta SET value = 'before' WHERE key = 'analyzer'")
    connection.commit()
    connection.close()


def test_updates_leave_the_same_index_as_writing_once(index: SqliteIndex, tmp_path: Path) -> None:
    """The full-text table keeps no text: what is taken out must be exactly what went in."""
    random_ = random.Random(7)
    for version in range(12):
        numbers = random_.sample(range(60), 25)
        index.write([random_article(random_, number, version) for number in numbers], [])
        # and some that change nothing but a field outside of the text
        again = [index.get(make_article(f"https://example.org/{number}").id) for number in numbers[:5]]
        index.write([replace(article, section=f"s{version}") for article in again if article], [])
    documents = check(tmp_path)
    after_updates = vocabulary(tmp_path)
    fresh = tmp_path / "fresh"
    other = SqliteIndex(fresh)
    other.write(list(index.scan(Everything())), [])
    other.close()
    assert after_updates == vocabulary(fresh)
    assert check(fresh) == documents


def test_another_analyzer_version_rebuilds_the_terms(index: SqliteIndex, tmp_path: Path) -> None:
    random_ = random.Random(3)
    index.write([random_article(random_, number) for number in range(700)], [])
    before = vocabulary(tmp_path)
    index.close()
    spoil_analyzer(tmp_path)
    assert vocabulary(tmp_path) == []
    again = SqliteIndex(tmp_path)
    again.setup()
    assert vocabulary(tmp_path) == before
    assert check(tmp_path) == 700
    assert again.search(Search(Word("council"))).total > 0
    again.close()


def test_killed_while_it_analyses_anew_it_is_as_before_and_the_next_one_does_it(
    index: SqliteIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random_ = random.Random(3)
    index.write([random_article(random_, number) for number in range(700)], [])
    before = vocabulary(tmp_path)
    index.close()
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("UPDATE meta SET value = 'before' WHERE key = 'analyzer'")
    connection.commit()
    connection.close()

    child = os.fork()
    if child == 0:
        seen = iter(range(600))

        def unpacked(document: bytes) -> Article:
            if next(seen, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
            return unpack(document)

        monkeypatch.setattr("worker.stores.sqlite.schema.unpack", unpacked)
        SqliteIndex(tmp_path).setup()
        os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    assert vocabulary(tmp_path) == before
    assert check(tmp_path) == 700
    again = SqliteIndex(tmp_path)
    again.setup()
    assert vocabulary(tmp_path) == before
    assert check(tmp_path) == 700
    again.close()


def test_a_process_of_another_version_writes_no_more(index: SqliteIndex, tmp_path: Path) -> None:
    """It would put other terms beside the new ones, and take out some that are not there."""
    index.write([make_article()], [])
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("UPDATE meta SET value = 'after' WHERE key = 'analyzer'")
    connection.commit()
    connection.close()
    with pytest.raises(IndexUnavailable, match="another version"):
        index.write([make_article(title="changed")], [])
    assert index.search(Search(Everything())).hits[0].article == make_article()


WRITER = """
import sys
from datetime import timedelta
from pathlib import Path
from tests.articles import NOON, make_article, make_event
from worker.stores.sqlite.index import SqliteIndex
folder, start = Path(sys.argv[1]), int(sys.argv[2])
index = SqliteIndex(folder)
for round in range(10_000):
    # half of each batch is new, half rewrites the batch before under another date
    numbers = range(start + round * 20, start + round * 20 + 40)
    index.write(
        [make_article(f"https://example.org/{n}", body=f"word {n} round {round} " * 30,
                      published_at=NOON + timedelta(seconds=n + round),
                      fetched_at=NOON + timedelta(seconds=round)) for n in numbers],
        [make_event(f"https://example.org/{n}", offer=round) for n in numbers])
    print(numbers[-1], flush=True)
"""


def test_five_kills_in_the_middle_of_writing_lose_nothing_acknowledged(tmp_path: Path) -> None:
    random_ = random.Random()
    for attempt in range(5):
        start = attempt * 100_000
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(start)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
        )
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline())]
        time.sleep(random_.uniform(0.02, 0.3))
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().splitlines()
        writer.stdout.close()
        writer.wait()
        acknowledged += [int(line) for line in rest]
        index = SqliteIndex(tmp_path)
        ids = [make_article(f"https://example.org/{number}").id for number in range(start, acknowledged[-1] + 1)]
        assert len(index.known(ids)) == len(ids)
        assert index.events(ids[-1])
        # the next writer goes on
        assert index.write([make_article(f"https://example.org/after-{attempt}")], [])[0].verdict is Verdict.STORED
        assert index.search(Search(Word("round"), collapse=False)).total >= min(len(ids), 10_000)
        index.close()
        check(tmp_path)


def _write_some(folder: Path, worker: int) -> None:
    index = SqliteIndex(folder)
    for batch in range(10):
        index.write([make_article(f"https://example.org/{worker}/{batch}/{n}") for n in range(10)], [])
    index.close()


def test_writers_and_readers_share_a_folder(index: SqliteIndex, tmp_path: Path) -> None:
    """Setup races included: nobody has made the file before they all start."""
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_write_some, args=(tmp_path, worker)) for worker in range(3)]
    for writer in writers:
        writer.start()
    totals = []
    while any(writer.is_alive() for writer in writers):
        totals.append(index.search(Search(Word("council"), limit=1)).total)
        time.sleep(0.01)
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert totals == sorted(totals)
    assert all(total % 10 == 0 for total in totals), "a reader saw a part of a batch"
    assert check(tmp_path) == 300


def _write_in_child(index: SqliteIndex) -> None:
    index.write([make_article("https://example.org/child")], [])


def test_an_index_opened_before_a_fork_works_on_both_sides(index: SqliteIndex, tmp_path: Path) -> None:
    index.write([make_article("https://example.org/parent")], [])
    child = multiprocessing.get_context("fork").Process(target=_write_in_child, args=(index,))
    child.start()
    child.join()
    assert child.exitcode == 0
    index.write([make_article("https://example.org/parent-2")], [])
    assert index.stats()["documents"] == 3
    assert check(tmp_path) == 3


def test_a_thousand_documents_of_one_second_keep_their_order(index: SqliteIndex) -> None:
    articles = [make_article(f"https://example.org/{number}") for number in range(1500)]
    index.write(articles, [])
    page = index.search(Search(Word("council"), limit=1500, collapse=False, highlight=False))
    assert [hit.article.id for hit in page.hits] == sorted(article.id for article in articles)


def test_a_locked_file_is_unavailable_not_broken(tmp_path: Path) -> None:
    index = SqliteIndex(tmp_path, busy_timeout_s=0.1)
    index.setup()
    other = sqlite3.connect(tmp_path / FILE)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(IndexUnavailable, match="locked by another process"):
        index.write([make_article()], [])
    assert index.search(Search(Everything())).total == 0  # reading goes on
    other.rollback()
    other.close()
    assert index.write([make_article()], [])[0].verdict is Verdict.STORED
    index.close()


def test_a_full_disk_loses_nothing_and_passes(index: SqliteIndex, tmp_path: Path) -> None:
    index.write([make_article("https://example.org/before")], [])
    connection = index._database.connection()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    many = [make_article(f"https://example.org/{n}", body=" ".join(map(str, range(n, n + 3000)))) for n in range(50)]
    with pytest.raises(IndexUnavailable, match="the disk is full"):
        index.write(many, [make_event()])
    assert index.stats()["documents"] == 1
    assert index.search(Search(Word("council"))).total == 1
    connection.execute("PRAGMA max_page_count = 100000")
    assert Counter(result.verdict for result in index.write(many, [])) == {Verdict.STORED: 50}
    assert check(tmp_path) == 51


def test_a_file_that_is_no_index(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"this is not a database, whatever its name says " * 100)
    index = SqliteIndex(tmp_path)
    with pytest.raises(DataDirError, match=r"search\.db: is not a search index; move it away"):
        index.setup()
    with pytest.raises(IndexUnavailable, match="is not a search index"):
        index.write([make_article()], [])
    index.close()


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataDirError) as caught:
        SqliteIndex(tmp_path / "file" / "data").setup()
    assert len(str(caught.value).splitlines()) == 1


def test_an_index_of_a_newer_feedmill_is_left_alone(tmp_path: Path) -> None:
    first = SqliteIndex(tmp_path)
    first.write([make_article()], [])
    first.close()
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("UPDATE meta SET value = '999' WHERE key = 'schema'")
    connection.commit()
    connection.close()
    with pytest.raises(DataDirError, match="has schema 999"):
        SqliteIndex(tmp_path).setup()
    assert check(tmp_path) == 1


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_file_never_breaks_the_process(tmp_path: Path, seed: int) -> None:
    random_ = random.Random(seed)
    index = SqliteIndex(tmp_path)
    index.write([random_article(random_, number) for number in range(300)], [make_event()])
    index.close()
    path = tmp_path / FILE
    data = bytearray(path.read_bytes())
    for _ in range(40):
        start = random_.randrange(0 if seed == 0 else 8192, len(data) - 200)
        data[start : start + 200] = random_.randbytes(200)
    path.write_bytes(data)
    for suffix in ("-wal", "-shm"):
        path.with_name(FILE + suffix).unlink(missing_ok=True)
    damaged = SqliteIndex(tmp_path)
    for call in (
        lambda: damaged.search(Search(Word("council"), sort="best")),
        lambda: list(damaged.scan(Everything())),
        lambda: damaged.write([random_article(random_, number, 5) for number in range(50)], []),
        lambda: damaged.events(make_article().id),
        damaged.stats,
    ):
        try:
            call()
        except FeedmillError as error:
            assert len(str(error).splitlines()) == 1
    damaged.close()


def test_five_hundred_articles_are_written_within_seconds(index: SqliteIndex) -> None:
    """No benchmark: a bound that only a mistake in the order of writing would break (measured: 1 s on a busy core)."""
    random_ = random.Random(1)
    articles = [
        make_article(
            f"https://example.org/{number}",
            body=" ".join(f"w{random_.randrange(5000)}" for _ in range(400)),
            published_at=NOON - timedelta(seconds=random_.randrange(10**7)),
        )
        for number in range(500)
    ]
    index.setup()
    started = time.process_time()
    index.write(articles, [])
    assert time.process_time() - started < 10


def test_nothing_of_what_was_erased_stays_in_the_files(tmp_path: Path) -> None:
    """Not in free pages, not in the full-text index, not in the log; neither of this version nor of an older one."""
    index = SqliteIndex(tmp_path)
    url = "https://example.org/news/quittenkompott"
    old = make_article(
        url, title="Zuckerwattenmaschine", body="Ein Satz mit Zwetschgenmus. " * 300, authors=("Anna Muster",)
    )
    later = NOON + timedelta(minutes=5)
    new = replace(old, title="Rhabarberkuchen", body="Ein anderer Satz. " * 300, fetched_at=later)
    others = [make_article(f"https://example.com/{n}", body=f"Andere Worte {n}. " * 300) for n in range(30)]
    for batch in ([*others[:10], old], others[10:20], [new], others[20:]):
        index.write(batch, [make_event(url, title=old.title), make_event(url, 2, title=new.title)])
    # As they stand in the files: a term of the full-text index without what it shares with the one before it.
    traces = [b"quittenkompott", b"zuckerwattenmaschin", b"wetschgenmus", b"rhabarberkuch", b"anna muster"]
    packed = [pack(version)[40:80] for version in (old, new)]

    def left() -> set[bytes]:
        held = b"".join(file.read_bytes() for file in tmp_path.iterdir()).lower()
        raw = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        return {trace for trace in traces if trace in held} | {part for part in packed if part in raw}

    assert set(traces) <= left()
    assert packed[1] in left()
    index.erase([old.id], NOON + timedelta(days=1))
    index.erase_events(Sought(ids=frozenset({old.id})), NOON)
    assert index.compact() == ""
    assert left() == set()
    assert len(list(index.scan(Everything()))) == 30
    index.close()


def test_closing_breaks_off_what_another_thread_is_asking(tmp_path: Path) -> None:
    """A scheduler that ended while old events were being removed crashed: its connection was closed below it."""
    database, asking, outcome = Database(tmp_path / "search.db"), threading.Event(), list[Exception]()

    def ask() -> None:
        try:
            with database.errors():
                database.connection().create_function("begun", 0, lambda: asking.set() or 1)
                database.connection().execute(
                    "WITH RECURSIVE every(n) AS (SELECT begun() UNION ALL SELECT n + 1 FROM every)"
                    " SELECT count(*) FROM every"
                ).fetchone()
        except IndexUnavailable as error:
            outcome.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert asking.wait(30)
    database.close()
    thread.join(30)
    assert [str(error) for error in outcome] == [f"{tmp_path / 'search.db'}: closed while it was asked"]
    assert database.connection().execute("SELECT 1").fetchone() == (1,)
    database.close()
