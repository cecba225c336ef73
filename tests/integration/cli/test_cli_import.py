from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.integration.cli.conftest import Call
from worker.cli import archive

pytestmark = pytest.mark.usefixtures("server")
BODY = "The council of Port Ellery voted on Tuesday evening to rebuild the northern breakwater after the storm. "


def line(number: int, **more: Any) -> str:
    return json.dumps(
        {"url": f"https://old.example/{number}", "title": f"Title {number}", "body": BODY * 2 + str(number), **more}
    )


def documents(call: Call, data: str) -> dict[str, Any]:
    rows = call("export", "--data", data).rows()
    return {row["id"]: {key: value for key, value in row.items() if key != "indexed_at"} for row in rows}


@pytest.mark.usefixtures("archive")
def test_our_own_export_gives_the_same_documents_elsewhere(call: Call, tmp_path: Path) -> None:
    (tmp_path / "all.jsonl").write_text(call("export").out)
    done = call("import", "all.jsonl", "--data", "other")
    assert (done.code, done.err) == (0, "3 imported, 0 known already, 0 refused\n")
    assert documents(call, "other") == documents(call, "data")


def test_importing_twice_changes_nothing(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n".join([line(1), line(2), line(1)]) + "\n")
    assert call("import", "a.jsonl").err == "2 imported, 1 known already, 0 refused\n"
    before = documents(call, "data")
    assert call("import", "a.jsonl").err == "0 imported, 3 known already, 0 refused\n"
    assert documents(call, "data") == before


def test_an_article_from_elsewhere(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        line(1, published_at="2019-05-01T08:00:00+02:00", language="en-GB", authors=["Ann"])
    )
    call("import", "a.jsonl")
    [row] = call("search", "breakwater", "--json").rows()
    assert row["feed"] == "import"
    assert (row["published_at"], row["published_at_source"]) == ("2019-05-01T08:00:00+02:00", "import") or row[
        "published_at"
    ] == "2019-05-01T06:00:00Z"
    assert (row["language"], row["authors"]) == ("en", ["Ann"])
    assert row["extraction"] == {"method": "import", "quality": 1.0, "fulltext": True}
    assert row["word_count"] > 30


def test_copies_become_one_story(call: Call, tmp_path: Path) -> None:
    lines = [line(1, body=BODY * 2), json.dumps({"url": "https://copy.example/x", "title": "Other", "body": BODY * 2})]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    call("import", "a.jsonl")
    [row] = call("search", "breakwater", "--json").rows()
    assert row["copies"] == 2


def test_a_changed_text_is_a_new_version(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(line(1))
    call("import", "a.jsonl")
    (tmp_path / "a.jsonl").write_text(line(1, title="Corrected"))
    assert call("import", "a.jsonl").err.startswith("1 imported")
    [row] = call("search", "breakwater", "--json").rows()
    assert (row["title"], row["revision"]) == ("Corrected", 2)
    assert row["first_seen_at"] < row["fetched_at"]


def test_bad_lines_are_named_and_the_others_go_in(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join([line(1), "{", "", line(2, url="ftp://x"), '{"url": "https://a.example/"}', line(3)])
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
    done = call("import", "-")
    assert done.code == 1
    assert done.err.splitlines() == [
        "line 2: it is not JSON",
        "line 4: url: scheme_blocked (ftp); an absolute http(s) URL is wanted",
        "line 5: title, body missing; at least url, title and body are wanted",
        "2 imported, 0 known already, 3 refused",
    ]
    assert len(call("export").rows()) == 2


def test_the_import_is_in_the_ledger(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(line(1))
    call("import", "a.jsonl")
    done = call("explain", "https://old.example/1")
    assert "Last outcome: indexed" in done.out
    [status] = call("status", "--json").rows()
    assert (status["ledger"]["offered"], status["ledger"]["states"]["indexed"]) == (1, 1)
    assert status["outbox"]["items"] == 0


def exported(call: Call) -> dict[str, Any]:
    """The one line of an archive of one article."""
    [row] = call("export").rows()
    return dict(row)


def later(row: dict[str, Any], **changes: Any) -> str:
    """The line as a newer version of itself."""
    moved = datetime.fromisoformat(row["fetched_at"]) + timedelta(hours=1)
    return json.dumps({**row, "fetched_at": moved.isoformat(), **changes})


def test_a_crafted_id_replaces_no_other_article(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(line(1, fetched_at="2020-01-01T00:00:00Z"))
    call("import", "a.jsonl")
    row = exported(call)
    (tmp_path / "b.jsonl").write_text(later(row, url="https://evil.example/", title="Crafted"))
    done = call("import", "b.jsonl")
    assert done.code == 1
    assert done.err.splitlines()[0].startswith(f"line 1: id: another article has {row['id']}; this URL has ")
    assert exported(call) == row

    (tmp_path / "c.jsonl").write_text(later(row, title="A newer version of its own"))
    assert call("import", "c.jsonl").code == 0
    assert exported(call)["title"] == "A newer version of its own"


def test_an_id_of_the_url_before_a_redirect_is_taken_and_kept(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(line(1, fetched_at="2020-01-01T00:00:00Z"))
    call("import", "a.jsonl", "--data", "first")
    [row] = call("export", "--data", "first").rows()
    row = {**row, "url": "https://old.example/", "story": {**row["story"]}}
    (tmp_path / "b.jsonl").write_text(json.dumps(row))
    assert call("import", "b.jsonl").code == 0
    (tmp_path / "c.jsonl").write_text(later(row, title="Newer"))
    assert call("import", "c.jsonl").code == 0
    assert (exported(call)["title"], exported(call)["id"]) == ("Newer", row["id"])
    (tmp_path / "d.jsonl").write_text(later(row, url="https://evil.example/", fetched_at="2021-01-01T00:00:00Z"))
    assert call("import", "d.jsonl").code == 1
    assert exported(call)["url"] == "https://old.example/"


def test_within_one_file_an_id_stays_with_its_url(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(line(1, fetched_at="2020-01-01T00:00:00Z"))
    call("import", "a.jsonl", "--data", "first")
    [row] = call("export", "--data", "first").rows()
    (tmp_path / "b.jsonl").write_text(json.dumps(row) + "\n" + later(row, url="https://evil.example/"))
    done = call("import", "b.jsonl")
    assert (done.code, done.err.splitlines()[-1]) == (1, "1 imported, 0 known already, 1 refused")
    assert exported(call)["url"] == row["url"]


def test_a_long_import_tells_how_far_it_is(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "REPORT_S", 0.0)
    (tmp_path / "a.jsonl").write_text("\n".join([line(1), line(2)]))
    assert call("import", "a.jsonl").err.splitlines() == [
        "1 line",
        "2 lines",
        "2 imported, 0 known already, 0 refused",
    ]


def test_a_missing_file(call: Call) -> None:
    done = call("import", "none.jsonl")
    assert (done.code, done.err) == (2, "feedmill: none.jsonl cannot be read: No such file or directory\n")
