"""The ports of an erasure: all that may hold something of an article."""

from __future__ import annotations

from typing import Protocol

from worker.models import Sought


class Holder(Protocol):
    """One place that keeps something of articles, or of sites."""

    @property
    def name(self) -> str:
        """What it is called in reports and in docs/erasing.md."""

    def held(self, sought: Sought) -> int:
        """How much of what is sought is there. What only says that something was erased does not count."""

    def erase(self, sought: Sought) -> int:
        """Take it out; how much that was. Repeating it is harmless."""
