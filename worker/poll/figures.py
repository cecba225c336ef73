"""What a feed's state keeps of how its polls go. Pure."""

from __future__ import annotations

from dataclasses import replace

from worker.models import FeedState

MEMORY = 20
"""Polls that the means go back over: most of a day at the usual pace."""


def counted(state: FeedState, took_ms: float, *, hit: bool) -> FeedState:
    """The state after a poll (`state.polls` counts it) that took so long; `hit`: it brought new entries.

    The first poll is no hit or miss: everything in the document is new then.
    """
    number = max(state.polls, 1)
    took = state.took_ms + (took_ms - state.took_ms) / min(number, MEMORY)
    if number == 1:
        return replace(state, took_ms=round(took, 1))
    hits = state.hit_rate + (hit - state.hit_rate) / min(number - 1, MEMORY)
    return replace(state, took_ms=round(took, 1), hit_rate=round(hits, 4))
