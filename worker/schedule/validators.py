"""Is "not modified" true? Found out from the feed's own rhythm, at the cost of one full answer a day at most. Pure.

Some servers answer 304 for ever, or keep an ETag while the document changes. Of a feed whose rhythm is known, no news
for so long has a probability; below one in a thousand the server is asked once without validators. What it sends then
shows whether it lied: news that is older than its last "not modified", or under the very validators that it has
confirmed. A server that lied is asked without validators for a week (as rarely as all that never say 304), and then
believed again until it lies once more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from worker.models import FeedState, Pace, Reason, Sighting
from worker.schedule.hours import HOUR_S
from worker.schedule.record import unpack
from worker.schedule.silence import no_entry

IMPROBABLE = 1e-3
IMPROBABLE_OF_A_LIAR = 0.05
"""Of a server that was found out before."""
LEAST_ENTRIES = 3.0
"""Fewer (faded) are no rhythm to doubt anybody by."""
DOUBT_AGAIN = timedelta(days=1)
DISTRUST, LONGEST_DISTRUST = timedelta(days=7), timedelta(days=28)
"""The second time it is two weeks, then four."""
MOST_UNEVEN = 24.0
"""An hour may have all entries of its day."""
LATE = timedelta(minutes=30)
"""An entry may stand in the document so long after its own date, with nobody's lie in it."""


def conditional(state: FeedState, now: datetime, pace: Pace) -> bool:
    """Whether the feed is to be asked with its validators. False also where it has none."""
    if not (state.etag or state.last_modified):
        return False
    if state.distrusted_until is not None and now < state.distrusted_until:
        return False
    return not _doubtful(state, now, pace)


def judged(
    before: FeedState, after: FeedState, sightings: Sequence[Sighting] | None, now: datetime, *, asked: bool
) -> FeedState:
    """After a poll. `asked`: it was conditional; `sightings`: the document's entries, where one was read."""
    trusted = before.distrusted_until is None or now >= before.distrusted_until
    doubted = bool(before.etag or before.last_modified) and not asked and trusted
    if not asked:
        after = replace(after, unconditional_at=now)
    if after.failures or after.reason is Reason.NOT_MODIFIED:
        return after
    after = replace(after, in_full_at=now)
    news = [sighting for sighting in sightings or () if sighting.new]
    if doubted and news and _untrue(before, after, news):
        lies = before.lies + 1
        distrust = min(DISTRUST * 2 ** min(lies - 1, 9), LONGEST_DISTRUST)
        return replace(after, lies=lies, distrusted_until=now + distrust)
    if asked and news:  # it was asked whether there is news, and said so
        return replace(after, lies=0, distrusted_until=None)
    return after


def _doubtful(state: FeedState, now: datetime, pace: Pace) -> bool:
    if state.reason is not Reason.NOT_MODIFIED or state.failures or state.in_full_at is None:
        return False
    if state.unconditional_at is not None and now - state.unconditional_at < DOUBT_AGAIN:
        return False
    improbable = IMPROBABLE_OF_A_LIAR if state.lies else IMPROBABLE
    rhythm, since_s, now_s = unpack(state.rhythm), state.in_full_at.timestamp(), now.timestamp()
    hours = (now_s - since_s) / HOUR_S
    per_h = rhythm.entries / max(rhythm.watched_h - hours, 1.0)
    if per_h * hours * MOST_UNEVEN < -math.log(improbable):  # so nearly always; the sum over the hours is not needed
        return False
    return no_entry(rhythm, since_s, now_s, pace.profile, LEAST_ENTRIES) < improbable


def _untrue(before: FeedState, after: FeedState, news: Sequence[Sighting]) -> bool:
    """Whether the news was there when the server last said that there was none."""
    if (before.etag, before.last_modified) == (after.etag, after.last_modified):
        return True
    told_at = before.succeeded_at
    return told_at is None or any(sighting.at is None or sighting.at < told_at - LATE for sighting in news)
