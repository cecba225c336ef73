"""The extract stage through the real child."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from worker.errors import Quarantine
from worker.extract.stage import ExtractOptions, extract
from worker.models import Entry, Extracted, Page, Reason
from worker.net.sandbox import ChildSandbox, SandboxLimits

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
ENTRY = Entry(id="1", url="https://a.example/1", title="Feed title", summary="Feed summary")
FIXTURES = Path(__file__).parents[1] / "fixtures" / "pages"


def run_stage(timeout_s: float, body: bytes) -> Extracted:
    async def call() -> Extracted:
        sandbox = ChildSandbox(SandboxLimits(timeout_s=timeout_s))
        try:
            page = Page(url="https://www.talbote.example/x", body=body, content_type="text/html; charset=utf-8")
            return await extract(page, ENTRY, sandbox=sandbox, options=ExtractOptions(now=NOW))
        finally:
            await sandbox.close()

    return asyncio.run(call())


def test_through_the_real_child() -> None:
    body = (FIXTURES / "semantic_de.html").read_bytes()
    found = run_stage(60.0, body)
    assert found.title == "Hallenbad Oberriedthal wird für 4,2 Millionen saniert"
    assert found.summary == ENTRY.summary
    assert found.fulltext
    assert found.cpu_ms > 0


def test_a_page_that_kills_two_children_is_let_out_as_quarantine() -> None:
    long = "".join(
        f"<p>Absatz {n}: Der Rat hat lange darüber beraten und nichts beschlossen.</p>" for n in range(20_000)
    )
    with pytest.raises(Quarantine) as caught:
        run_stage(0.001, f"<html><body><h1>Rat</h1>{long}</body></html>".encode())  # seconds of work
    assert caught.value.reason is Reason.EXTRACT_TIMEOUT
