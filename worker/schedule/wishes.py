"""What a server and its document ask of the time between polls. Pure.

Cache headers are the server's word and hold for a day, for a feed with less than an entry a day for a week. ttl and
sy:update* often are left-overs of a template: they hold for an hour against a feed that publishes daily. Hours and
days to skip are in GMT (RSS 2.0: skipHours, skipDays).
"""

from __future__ import annotations

from worker.models import FeedState, Why
from worker.schedule.hours import DAY_S, HOUR_S

HINT_CAP_LIVELY_S, HINT_CAP_QUIET_S = DAY_S, 7 * DAY_S
TTL_CAP_LIVELY_S, TTL_CAP_QUIET_S = HOUR_S, DAY_S
ALL_HOURS, ALL_DAYS = (1 << 24) - 1, (1 << 7) - 1
_FIRST_DAY = 3


def least_wait(state: FeedState, *, lively: bool) -> tuple[float, Why]:
    """Seconds that must pass after a poll, and whose wish that is. `lively`: more than an entry a day."""
    hint_s = min(state.hint_s, HINT_CAP_LIVELY_S if lively else HINT_CAP_QUIET_S)
    ttl_s = min(state.ttl_s, TTL_CAP_LIVELY_S if lively else TTL_CAP_QUIET_S)
    return (hint_s, Why.HINT) if hint_s >= ttl_s else (ttl_s, Why.TTL)


def outside_skipped(moment_s: float, skip_hours: int, skip_days: int) -> float:
    """The first moment from `moment_s` on that is not to be skipped; who skips every hour or day is not obeyed."""
    hours = 0 if skip_hours & ALL_HOURS == ALL_HOURS else skip_hours
    days = 0 if skip_days & ALL_DAYS == ALL_DAYS else skip_days
    for _ in range(8 * 24):
        hour = int(moment_s // HOUR_S)
        day = hour // 24
        if days >> (day + _FIRST_DAY) % 7 & 1:
            moment_s = (day + 1) * DAY_S
        elif hours >> hour % 24 & 1:
            moment_s = (hour + 1) * HOUR_S
        else:
            break
    return moment_s
