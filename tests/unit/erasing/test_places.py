"""Every place that keeps something of an article is known: the page, the holders and the keys of Redis agree."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

from worker import state
from worker.erasing.holders import Documents, Events, Leads, LogLines
from worker.state.erasing import disk, sites, texts, waiting

PAGE = (Path(__file__).parents[3] / "docs" / "erasing.md").read_text("utf-8")
IN_ORDER = (
    waiting.Pending, waiting.Waiting, waiting.Dead, waiting.Recent, sites.Subscriptions, sites.Polls, sites.Robots,
    sites.Hosts, sites.LearnedFurniture, texts.Sketches, texts.Versions, texts.Links, disk.SlowLog, Leads, Documents,
    Events, LogLines,
)  # fmt: skip


def rows(start: str) -> list[str]:
    """The first cells of the table that begins so."""
    table = PAGE.partition(start)[2].partition("\n\n")[0]
    return [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("|")][1:]


def test_the_page_has_every_place_in_the_order_of_the_work() -> None:
    assert rows("| place | holds |") == [holder.name for holder in IN_ORDER]


def test_the_page_has_every_kind_of_key() -> None:
    named = set(re.findall(r"`(\w+)`", " ".join(rows("| keys | place |"))))
    source = "\n".join(file.read_text("utf-8") for file in (resources.files("worker.state") / "lua").iterdir())
    used = set(re.findall(r"P \.\. '(\w+)", source)) | set(re.findall(r"\b(?:find|put|refresh)\('(\w+)'", source))
    for path in Path(state.__file__).parent.rglob("*.py"):
        text = path.read_text("utf-8")
        used |= set(re.findall(r"""key\(f?"(\w+)""", text))
        used |= set(re.findall(r"""\{prefix\}\}\}:(\w+)""", text))
        used |= set(re.findall(r"""\.base\}(\w+):""", text))
    assert used == named
