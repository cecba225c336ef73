"""The ports of those who watch: what polls leave behind, and where reports go."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from worker.models import Depths, FeedReport, Poll


class PollLog(Protocol):
    """The last polls, on their way into reports. Bounded: when nobody takes them the oldest go."""

    def add(self, poll: Poll) -> None: ...

    def oldest(self, limit: int) -> list[Poll]:
        """They stay until `drop`."""

    def drop(self, polls: Sequence[Poll]) -> None:
        """These were written; repeating it is harmless."""


class StoryLog(Protocol):
    """Stories whose documents were written since they were last summed up. Bounded as polls are."""

    def add(self, story_ids: Collection[str]) -> None: ...

    def oldest(self, limit: int) -> Mapping[str, int]:
        """With the number of the last change of each; they stay until `drop`."""

    def drop(self, told: Mapping[str, int]) -> None:
        """These were summed up; one that changed again meanwhile stays."""


class Reports(Protocol):
    """Where dashboards read. What is written twice stands there once."""

    def write(
        self, polls: Sequence[Poll], feeds: Sequence[FeedReport], standing: Depths, stories: Mapping[str, str]
    ) -> int:
        """`stories`: those that changed, and what each is called now; they are summed up from their articles here.

        -> how many stories were written. Raises IndexUnavailable when it is not known whether all was taken: write again later.
        """
