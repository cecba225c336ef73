"""`feedmill rebuild` as a person calls it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.articles import make_article
from tests.integration.cli.conftest import Call
from tests.state import LIMITS
from tests.texts import edited, sentences, text
from tests.valkey import Valkey
from worker.cli import rebuild as command
from worker.models import Article, StoryRef
from worker.state.rebuild import RedisRebuild
from worker.state.scripts import Scripts
from worker.stores.sqlite.index import SqliteIndex

LONG = sentences(1, 30)


@pytest.fixture
def young(tmp_path: Path) -> list[Article]:
    """An archive of the last days: a story in two copies, and an article of three weeks ago."""
    now = datetime.now(UTC).replace(microsecond=0)

    def stored(url: str, body: str, days: float, **changes: object) -> Article:
        moment = now - timedelta(days=days)
        return make_article(
            url, body=body, word_count=len(body.split()), first_seen_at=moment, fetched_at=moment, published_at=moment,
            **changes,
        )  # fmt: skip

    lead = stored("https://one.example/1", text(LONG), 2)
    copy = stored(
        "https://two.example/1", text(LONG[:20]), 1, story=StoryRef(lead.id, False, 1.0), duplicate_of=lead.id
    )
    old = stored("https://old.example/1", text(sentences(2, 30)), 21)
    index = SqliteIndex(tmp_path / "data")
    index.setup()
    index.write([lead, copy, old], [])
    index.close()
    return [lead, copy, old]


def imported(call: Call, tmp_path: Path, url: str, body: list[str]) -> dict[str, object]:
    (tmp_path / "late.jsonl").write_text(
        f'{{"url": "{url}", "title": "T", "body": "{text(body)}", "language": "en"}}\n'
    )
    assert call("import", "late.jsonl").code == 0
    [row] = call("show", url, "--json").rows()
    return row


@pytest.mark.usefixtures("server")
def test_after_the_loss_of_redis_one_command(call: Call, young: list[Article], tmp_path: Path) -> None:
    before = imported(call, tmp_path, "https://before.example/1", edited(LONG, 1, 12))
    assert before["story"] == {"id": before["id"], "is_lead": True, "containment": 1.0}, "nothing was known"
    done = call("rebuild")
    assert done.code == 0
    assert done.out == ""
    first, last = done.err.splitlines()
    assert first.startswith("Redis knows nothing from before 20")
    assert first.endswith("; reading 30 days of the archive, newest first")
    assert last == (
        "3 articles read; 1 that came meanwhile decided again, 1 of them into another story; 1 document written;"
        " Redis knows the archive again"
    )
    [row] = call("show", "https://before.example/1", "--json").rows()
    assert (row["story"]["id"], row["duplicate_of"]) == (young[0].id, young[0].id)
    late = imported(call, tmp_path, "https://late.example/1", edited(LONG, 2, 12))
    assert late["duplicate_of"] == young[0].id
    again = call("rebuild", "--days", "8")
    assert (again.code, again.err.splitlines()[-1]) == (0, "4 articles read; Redis knows the archive again")
    assert again.err.startswith("Redis knows the stories of its window; reading 8 days")


def test_embedded_with_nothing_running(call: Call, young: list[Article], tmp_path: Path) -> None:
    done = call("rebuild")
    assert (done.code, done.err.splitlines()[-1]) == (0, "3 articles read; Redis knows the archive again")
    assert imported(call, tmp_path, "https://late.example/1", edited(LONG, 2, 12))["duplicate_of"] == young[0].id


def test_two_at_once(call: Call, young: list[Article], server: Valkey) -> None:
    other = RedisRebuild(Scripts(server.client, "feedmill"), LIMITS)
    other.begin("desk, process 7")
    other.beat(reached=datetime(2026, 11, 20, 12, 0, tzinfo=UTC), read=1200)
    done = call("rebuild")
    assert done.code == 2
    assert done.err.startswith("feedmill: another `feedmill rebuild` is at work (desk, process 7) since 20")
    assert "1,200 articles read, back to 2026-11-20" in done.err
    doctor = call("doctor")
    assert "being taught the archive (desk, process 7)" in doctor.out
    other.end(done=False)
    assert "begun and not finished" in call("doctor").out
    assert call("rebuild").err.startswith("going on with the rebuild begun at 20")


@pytest.mark.usefixtures("server", "young")
def test_the_doctor_says_when_it_is_wanted(call: Call, tmp_path: Path) -> None:
    found = call("doctor")
    assert "3 articles of the last days that Redis has not seen" in found.out
    assert "run `feedmill rebuild`" in found.out
    call("rebuild")
    assert "stories" in call("doctor").out
    assert "not seen" not in call("doctor").out


@pytest.mark.usefixtures("young")
def test_interrupted_it_lets_go_at_once(call: Call, server: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    from worker.rebuilding import rebuild as whole

    def interrupted(*_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(whole, "slices", interrupted)
    done = call("rebuild")
    assert (done.code, done.err.splitlines()[-1]) == (130, "interrupted")
    state = RedisRebuild(Scripts(server.client, "feedmill"), LIMITS).state()
    assert state is not None
    assert not state.at_work


@pytest.mark.usefixtures("server", "young")
def test_it_says_how_far_it_is(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "REPORT_S", 0.0)
    lines = call("rebuild").err.splitlines()
    assert any(
        line.startswith("back to 20") and ": 2 articles, " in line and line.endswith(" a second") for line in lines
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--days", "3"), "3 is not in the range x>=8"),
        (("--data", "nowhere"), "no archive in nowhere"),
    ],
)
def test_what_a_person_did_wrong(call: Call, arguments: tuple[str, ...], says: str) -> None:
    done = call("rebuild", *arguments)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert done.err.count("\n") == 1
