"""`feedmill kibana setup` against a server that answers as Kibana does."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli.conftest import Call
from tests.kibana_server import STARTING, KibanaServer, kibana_server, status
from worker.kibana.client import Kibana, Place
from worker.kibana.objects import saved_objects


def settled(server: KibanaServer, monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    monkeypatch.setenv("FEEDMILL_KIBANA__URL", server.url)
    for name, value in settings.items():
        monkeypatch.setenv(f"FEEDMILL_KIBANA__{name}", value)


def refusal(call: Call, *arguments: str) -> str:
    done = call("kibana", "setup", "--wait", "0", *arguments)
    assert done.code == 2
    assert done.out == ""
    last = done.err.splitlines()[-1]
    assert last.startswith("feedmill: ")
    return last


def test_everything_is_installed_and_again(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    with kibana_server() as server:
        settled(server, monkeypatch)
        done = call("kibana", "setup")
        assert (done.code, done.err) == (0, "14 objects installed in Kibana\n")
        first = dict(server.objects[""])
        assert len(first) == 14
        assert done.out.splitlines() == [
            f"{server.url}/app/dashboards#/view/feedmill-news-dashboard-{key}"
            for key in ("newsroom", "stories", "feeds", "pipeline")
        ]
        assert call("kibana", "setup").code == 0
        assert server.objects[""] == first


def test_it_waits_until_kibana_has_started(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    told: list[str] = []
    answers = [STARTING, STARTING, status("unavailable"), status("degraded")]
    with kibana_server(status_answers=answers) as server:
        Kibana(Place(server.url), clock=lambda: sum(slept), sleep=slept.append).wait(60, told.append)
    assert slept == [1, 2, 4]
    assert told == ["it is starting"]


def test_but_not_for_ever() -> None:
    slept: list[float] = []
    with kibana_server(status_answers=[STARTING] * 50) as server:
        kibana = Kibana(Place(server.url), clock=lambda: sum(slept), sleep=slept.append)
        with pytest.raises(Exception, match=r"is not ready after 60 s: it is starting$"):
            kibana.wait(60)
    assert sum(slept) == 60


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({"API_KEY": "abc=="}, "ApiKey abc=="),
        ({"USERNAME": "ed", "PASSWORD": "pä:ss"}, "Basic " + base64.b64encode("ed:pä:ss".encode()).decode()),
    ],
)
def test_credentials(call: Call, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], wanted: str) -> None:
    with kibana_server(credentials=wanted) as server:
        monkeypatch.setenv("FEEDMILL_KIBANA__URL", server.url)
        assert "wants credentials (FEEDMILL_KIBANA__API_KEY" in refusal(call)
        settled(server, monkeypatch, **settings)
        assert call("kibana", "setup").code == 0
        server.credentials = "ApiKey other"
        said = refusal(call)
        assert "refuses the credentials" in said
        assert all(secret not in said for secret in settings.values() if secret != "ed")


def test_a_space_and_a_base_path(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    with kibana_server(spaces={"desk"}, base="/kibana") as server:
        settled(server, monkeypatch)
        done = call("kibana", "setup", "--space", "desk")
        assert done.code == 0
        assert set(server.objects) == {"desk"}
        assert done.out.startswith(f"{server.url}/s/desk/app/dashboards#/view/")
        assert "no space elsewhere; make it there" in refusal(call, "--space", "elsewhere")
        assert "a space is named by" in refusal(call, "--space", "../x")
        monkeypatch.setenv("FEEDMILL_KIBANA__URL", server.url.removesuffix("/kibana"))
        assert "sends us on to /kibana/login; set FEEDMILL_KIBANA__URL" in refusal(call)


def problem(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": "dashboard", "id": "x", "meta": {"title": "Feeds"}, "error": {"type": kind, **more}}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            (200, {"success": False, "successCount": 11, "errors": [problem("conflict")]}),
            "took 11 of 14 objects; dashboard Feeds is there already in a way that cannot be written over",
        ),
        (
            (200, {"success": False, "successCount": 0, "errors": [problem("ambiguous_conflict")] * 5}),
            "try again; and 2 more",
        ),
        (
            (
                200,
                {
                    "success": False,
                    "successCount": 11,
                    "errors": [problem("missing_references", references=[{"type": "index-pattern", "id": "v"}])],
                },
            ),
            "dashboard Feeds refers to what is not there (index-pattern v)",
        ),
        ((200, {"success": False, "successCount": 11, "errors": [problem("unsupported_type")]}), "knows no such type"),
        (
            (200, {"success": False, "successCount": 0, "errors": [problem("unknown", message="boom\nbang")]}),
            "took 0 of 14 objects; dashboard Feeds: boom bang",
        ),
        ((200, {"success": True, "successCount": 7}), "took 7 of 14 objects"),
        ((200, "<html>"), "does not take the dashboards: 200 <html>"),
        ((400, {"statusCode": 400, "message": "Unexpected token"}), "take the dashboards: 400 Unexpected token"),
        ((403, {"statusCode": 403, "message": "Unable to bulk_create dashboard"}), "Unable to bulk_create dashboard"),
        ((409, {"statusCode": 409, "message": "version conflict"}), "take the dashboards: 409 version conflict"),
        ((413, {"statusCode": 413, "message": "too large"}), "maxImportPayloadBytes"),
        ((500, {"statusCode": 500, "message": "An internal error"}), "500 An internal error"),
    ],
)  # fmt: skip
def test_refusals_of_the_import(
    call: Call, monkeypatch: pytest.MonkeyPatch, answer: tuple[int, Any], said: str
) -> None:
    with kibana_server(import_answers=[answer]) as server:
        settled(server, monkeypatch)
        text = refusal(call)
        assert said in text
        assert server.url in text


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (STARTING, "is not ready after 0 s: it is starting"),
        (status("critical"), "is not ready after 0 s: its status is critical"),
        (status(version="8.19.0"), "is version 8.19.0; version 9 is needed"),
        ((404, "not here"), "is no Kibana: 404 not here"),
        ((200, {"cluster_name": "elasticsearch"}), "is no Kibana: 200"),
        ((200, [1]), "is no Kibana: 200"),
    ],
)
def test_refusals_of_the_status(
    call: Call, monkeypatch: pytest.MonkeyPatch, answer: tuple[int, Any], said: str
) -> None:
    with kibana_server(status_answers=[answer]) as server:
        settled(server, monkeypatch)
        assert said in refusal(call)
        assert server.objects == {}


def test_mistakes_of_the_call(call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "needs FEEDMILL_KIBANA__URL" in refusal(call)
    monkeypatch.setenv("FEEDMILL_KIBANA__URL", "http://127.0.0.1:9")
    assert "is not ready after 0 s: Connection refused" in refusal(call)
    monkeypatch.setenv("FEEDMILL_KIBANA__USERNAME", "ed")
    assert "without FEEDMILL_KIBANA__PASSWORD" in refusal(call)
    monkeypatch.setenv("FEEDMILL_KIBANA__PASSWORD", "pw")
    monkeypatch.setenv("FEEDMILL_KIBANA__URL", "http://kibana.example.org:5601")
    assert "FEEDMILL_KIBANA__UNPROTECTED_HOST=kibana.example.org" in refusal(call)
    monkeypatch.setenv("FEEDMILL_KIBANA__URL", "https://kibana.example.org:5601")
    monkeypatch.setenv("FEEDMILL_KIBANA__CA_FILE", str(tmp_path / "none.pem"))
    assert "is no certificate" in refusal(call)
    monkeypatch.setenv("FEEDMILL_KIBANA__URL", "http://ed:pw@kibana:5601")
    said = refusal(call)
    assert "put them into FEEDMILL_KIBANA__USERNAME" in said and "pw" not in said


def test_export_needs_no_kibana(call: Call, tmp_path: Path) -> None:
    printed = call("kibana", "setup", "--export", "-")
    assert printed.code == 0
    assert printed.rows() == saved_objects("news")
    assert call("kibana", "setup", "--export", "out/deep").err == "14 objects in out/deep/feedmill.ndjson\n"
    written = (tmp_path / "out/deep/feedmill.ndjson").read_text(encoding="utf-8")
    assert [json.loads(line) for line in written.splitlines()] == saved_objects("news")
    (tmp_path / "file").write_text("")
    assert "cannot be written" in refusal(call, "--export", "file")
