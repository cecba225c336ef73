"""The error tree. Leaves carry a reason; the branch says what is done about it.

FeedmillError
├── UsageError            the call or the configuration is wrong: one line, exit code 2
│   ├── SettingsError         a setting does not parse, or two contradict each other
│   ├── FeedListError         a feed list does not parse, or holds a bad URL
│   ├── QueryError            a search query does not parse
│   ├── InputError            a file that was named cannot be read
│   ├── DataDirError          the data folder is locked, full or not writable
│   ├── ServerError           Redis or Elasticsearch is not there, or not the one we need
│   └── RebuildTaken          another `feedmill rebuild` is at work
├── StageError            an article or a feed cannot go on; `reason` says why
│   ├── Retry                 it may work later: back to the frontier with a delay
│   ├── Refuse                it will never work, or must not be done: final, explained
│   └── Quarantine            it broke its limits: final, kept apart, explained
├── IndexUnavailable      the index does not answer: nothing is acknowledged, nothing is lost
└── LeaseLost             somebody else owns this work now: drop the result silently
"""

from __future__ import annotations

from worker.models import Reason, RebuildState


class FeedmillError(Exception):
    """Base of everything that Feedmill raises on purpose."""


class UsageError(FeedmillError):
    """What a person did wrong. The message is one line and says how to mend it."""


class SettingsError(UsageError):
    pass


class FeedListError(UsageError):
    pass


class QueryError(UsageError):
    pass


class InputError(UsageError):
    pass


class DataDirError(UsageError):
    pass


class ServerError(UsageError):
    pass


class StageError(FeedmillError):
    """Pickle-safe: both arguments are plain values."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else str(self.reason)


class Retry(StageError):
    """`after_s` is what the server asked for (Retry-After), or None: then the caller's backoff decides.

    `block_host` asks that the whole host rests that long (429, 503).
    """

    def __init__(
        self, reason: Reason, detail: str = "", after_s: float | None = None, *, block_host: bool = False
    ) -> None:
        super().__init__(reason, detail)
        self.args = (reason, detail, after_s)
        self.after_s = after_s
        self.block_host = block_host


class Refuse(StageError):
    pass


class Quarantine(StageError):
    pass


class IndexUnavailable(FeedmillError):
    pass


class RebuildTaken(UsageError):
    """`state`: what is known of the other."""

    def __init__(self, state: RebuildState | None) -> None:
        super().__init__("another `feedmill rebuild` is at work")
        self.state = state


class LeaseLost(FeedmillError):
    pass
