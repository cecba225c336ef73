"""The `Rebuild` port: who rebuilds, how far it is, and what was decided before all was known."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from worker.deduplicate.parameters import RULES, Rules
from worker.errors import RebuildTaken
from worker.models import ArticleId, Decided, Phase, RebuildState, Taught
from worker.state import codec
from worker.state.limits import Limits
from worker.state.scripts import Scripts, ms, text
from worker.state.stories import named_text

LEASE_S = 60.0
WHOLE = b"0"


class RedisRebuild:
    """One object is one attempt: it has the lease from `begin` to `end`."""

    def __init__(self, scripts: Scripts, limits: Limits, rules: Rules = RULES, *, lease_s: float = LEASE_S) -> None:
        self._scripts = scripts
        self._client: Any = scripts.client
        self._epoch_ms = limits.epoch_ms
        self._rules = rules
        self._lease_ms = ms(lease_s)
        self._token = secrets.token_hex(8)

    def state(self) -> RebuildState | None:
        noted = self._client.hgetall(self._scripts.key("rebuild"))
        if not noted:
            return None
        since = int(noted[b"since"])
        return RebuildState(
            host=text(noted[b"host"]),
            phase=Phase(text(noted[b"phase"])),
            at_work=bool(self._client.exists(self._scripts.key("rebuild:lease"))),
            began=codec.from_ms(int(noted[b"began"])),
            since=codec.from_ms(since) if since else None,
            reached=codec.from_ms(int(noted[b"reached"])) if b"reached" in noted else None,
            read=int(noted[b"read"]),
        )

    def ignorant_since(self) -> datetime | None:
        since = self._client.get(self._scripts.key("stories:since"))
        if since is None:
            return self._scripts.now()
        if since == WHOLE:
            return None
        began = codec.from_ms(int(since))
        window_s = 2 * self._rules.epoch_ms / 1000
        return began if (self._scripts.now() - began).total_seconds() < window_s else None

    def begin(self, host: str, *, anew: bool = False) -> RebuildState:
        taken = self._scripts.run(
            "rebuild_begin", self._token, host, self._lease_ms, self._rules.epoch_ms, "1" if anew else "0"
        )
        state = self.state()
        assert state is not None
        if not taken:
            raise RebuildTaken(state)
        return state

    def beat(self, **noted: Phase | datetime | int) -> None:
        given: list[str | int] = []
        for name, value in noted.items():
            given += (name, codec.to_ms(value) if isinstance(value, datetime) else value)
        self._kept(self._scripts.run("rebuild_beat", self._token, self._lease_ms, *given))

    def enlist(self, given: Sequence[tuple[Taught, datetime]]) -> int:
        calls = [
            (
                self._token,
                self._epoch_ms,
                bytes.fromhex(taught.article.id),
                codec.to_ms(turn),
                "1" if taught.article.story.provisional else "0",
                taught.article.revision,
                codec.to_ms(taught.article.first_seen_at),
                *named_text(taught),
            )
            for taught, turn in given
        ]
        return sum(map(self._kept, self._scripts.run_many("rebuild_enlist", calls))) if calls else 0

    def decide(self, limit: int) -> Decided:
        rules = json.dumps(asdict(self._rules), separators=(",", ":"))
        call = (self._token, self._epoch_ms, rules)
        answers = self._scripts.run_many("rebuild_decide", [call] * limit)
        left, decided, changed = zip(*answers, strict=True)
        return Decided(min(map(self._kept, left)), sum(decided), sum(changed))

    def decided(self) -> list[ArticleId]:
        found = self._client.smembers(self._scripts.key("rebuild:decided"))
        return sorted(ArticleId(raw.hex()) for raw in found)

    def written(self, ids: Collection[ArticleId]) -> None:
        if ids:
            self._client.srem(self._scripts.key("rebuild:decided"), *map(bytes.fromhex, ids))

    def end(self, *, done: bool) -> None:
        self._scripts.run("rebuild_end", self._token, "1" if done else "0")

    def _kept(self, answer: int) -> int:
        """The scripts answer with a negative number, or 0 from a beat, when the lease is not ours any more."""
        if answer < 0:
            raise RebuildTaken(self.state())
        return answer
