"""The life of a feed as one table: where it stands, what a poll or a person says of it, where it stands then. Pure.

The first row that fits decides. No answer, nor any number of them within a day, does more than make a feed wait for
a day: what lasts (the new address, a poll a week) takes answers that are a day apart. Every state is left again by
the first answer that is a feed, a pause by the person who asked for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from worker.models import FeedState, FeedStatus, Reason

GONE_ANSWERS = 2
"""410 in a row until a feed counts as gone; the first may be a slip of the server. It is asked again a day later, and
only after one more 410 then just once a week."""
FAILING_AFTER, FAILING_FAILURES = timedelta(days=1), 3
"""A feed is failing when nothing else came for so long, in so many polls."""
REFUSED_AFTER = timedelta(days=30)
"""Refused for so long, it is asked once a week."""
MOVED_AFTER, MOVED_POLLS = timedelta(days=1), 3
"""A subscription follows its redirects when so many polls over so long ended with a feed at the same address."""
SEARCH_AGAIN = timedelta(days=7)
LONGEST_SEARCH_PAUSE = timedelta(days=28)
"""A feed is looked for on its site at most once a week, then every two weeks, then every four."""

REFUSALS = frozenset(
    {
        Reason.FORBIDDEN, Reason.CLIENT_ERROR, Reason.NOT_A_FEED, Reason.TOO_LARGE, Reason.DECODE_ERROR,
        Reason.REDIRECT_INVALID, Reason.TOO_MANY_REDIRECTS, Reason.URL_MISSING, Reason.URL_INVALID,
        Reason.SCHEME_BLOCKED, Reason.ADDRESS_BLOCKED, Reason.PORT_BLOCKED,
    }
)  # fmt: skip
"""Answers that seldom change within minutes; every other failure may be over with the next poll."""


class Sign(StrEnum):
    """What is said of a feed."""

    FEED = "feed"
    """A document, or the word that it has not changed."""
    ELSEWHERE = "elsewhere"
    """The same, behind redirects of which every one is for good (301, 308)."""
    REFUSED = "refused"
    """404, 401, 403, other 4xx, a page instead of a feed: `REFUSALS`."""
    GONE = "gone"
    """410."""
    FAULT = "fault"
    """No answer, 429, 5xx, TLS, a timeout."""
    PAUSE = "pause"
    RESUME = "resume"


class When(StrEnum):
    """What must be true besides."""

    ALWAYS = ""
    SILENT = "silent against its own rhythm"
    UNSTABLE = "new ids at every poll"
    SETTLED = "third poll or later, the first at least a day ago"
    TWICE = "second in a row or later"
    LONG = "third failure or later, the first at least a day ago"


@dataclass(frozen=True, slots=True)
class Row:
    sources: frozenset[FeedStatus]
    sign: Sign
    when: When
    target: FeedStatus | None
    """None: where it stood before the pause."""
    moves: bool = False
    """The subscription moves to the address at which the feed is."""


_S = FeedStatus
_ANY = frozenset(FeedStatus)
_AWAKE = _ANY - {_S.PAUSED}
_NOT_GONE = _AWAKE - {_S.GONE}
_FAILURES = (Sign.GONE, Sign.REFUSED, Sign.FAULT)

TABLE = (
    Row(frozenset({_S.PAUSED}), Sign.RESUME, When.ALWAYS, None),
    Row(_AWAKE, Sign.PAUSE, When.ALWAYS, _S.PAUSED),
    *(Row(frozenset({_S.PAUSED}), sign, When.ALWAYS, _S.PAUSED) for sign in Sign if sign is not Sign.RESUME),
    Row(_AWAKE, Sign.RESUME, When.ALWAYS, None),
    Row(_AWAKE, Sign.FEED, When.SILENT, _S.SILENT),
    Row(_AWAKE, Sign.FEED, When.UNSTABLE, _S.UNSTABLE_GUID),
    Row(_AWAKE, Sign.FEED, When.ALWAYS, _S.ACTIVE),
    Row(_AWAKE, Sign.ELSEWHERE, When.SETTLED, _S.ACTIVE, moves=True),
    Row(_AWAKE, Sign.ELSEWHERE, When.ALWAYS, _S.MOVED),
    *(Row(frozenset({_S.GONE}), sign, When.ALWAYS, _S.GONE) for sign in _FAILURES),
    Row(_NOT_GONE, Sign.GONE, When.TWICE, _S.GONE),
    *(
        row
        for sign in _FAILURES
        for row in (Row(_NOT_GONE, sign, When.LONG, _S.FAILING), Row(_NOT_GONE, sign, When.ALWAYS, _S.BACKING_OFF))
    ),
)


@dataclass(frozen=True, slots=True)
class Said:
    """One poll, as the table sees it."""

    sign: Sign
    target: str = ""
    """Of ELSEWHERE: the address at which the feed is."""
    in_full: bool = False
    """The document itself came, and could be read."""


def said(reason: Reason, *, failed: bool, target: str, in_full: bool) -> Said:
    """Of a poll that was one; `target`: where redirects for good led, or nothing."""
    if not failed:
        return Said(Sign.ELSEWHERE if target else Sign.FEED, target, in_full)
    if reason is Reason.GONE:
        return Said(Sign.GONE)
    return Said(Sign.REFUSED if reason in REFUSALS else Sign.FAULT)


def row_of(status: FeedStatus, sign: Sign, holds: Callable[[When], bool]) -> Row:
    """The first row that fits; there is one for every state and sign."""
    return next(row for row in TABLE if row.sign is sign and status in row.sources and holds(row.when))


def after(state: FeedState, poll: Said, now: datetime, *, silent: bool) -> tuple[FeedState, str]:
    """After a poll: where the feed stands, and the address to which its subscription is to move, or "".

    `state` has the poll's failures, ids and everything else but what is decided here. `silent`: against its own
    rhythm, by all that is known now.
    """
    known = _remembered(state, poll, now)
    row = row_of(state.status, poll.sign, lambda when: _CONDITIONS[when](known, silent, now))
    assert row.target is not None, "only a person's word has no target"
    known = replace(known, status=row.target)
    if row.target in WELL:
        known = replace(known, searches=0, proposal=None)
    return (settled(known), poll.target) if row.moves else (known, "")


def settled(state: FeedState) -> FeedState:
    """At its new address: nothing is known yet of redirects from there."""
    return replace(state, moved_to="", moved_polls=0, moved_since=None)


def started_anew(state: FeedState) -> FeedState:
    """At an address that was found elsewhere: what is known of the feed stays, what its server said does not."""
    return FeedState(
        polls=state.polls,
        polled_at=state.polled_at,
        succeeded_at=state.succeeded_at,
        new_entry_at=state.new_entry_at,
        title=state.title,
        entries_offered=state.entries_offered,
        rhythm=state.rhythm,
        sample=state.sample,
        gaps=state.gaps,
        gap_at=state.gap_at,
        took_ms=state.took_ms,
        hit_rate=state.hit_rate,
        site=state.site,
    )


def subscribed_again(state: FeedState) -> FeedState:
    """Of a feed that was unsubscribed a while ago: its past is true, its troubles are over until they show again."""
    return replace(
        settled(state),
        status=FeedStatus.ACTIVE, failures=0, failing_since=None, gone_answers=0, searches=0, proposal=None,
        succeeded_at=None, sample="", next_why=None, next_expected=0.0,
    )  # fmt: skip


SOUGHT = frozenset({FeedStatus.FAILING, FeedStatus.GONE, FeedStatus.SILENT})
"""A feed that stands there is looked for again on its site."""
WELL = frozenset({FeedStatus.ACTIVE, FeedStatus.MOVED, FeedStatus.UNSTABLE_GUID})
"""One that stands there gives what it should: what was found in its place is forgotten."""


def search_due(state: FeedState, now: datetime) -> bool:
    """Whether the feed is to be looked for on its site now."""
    if state.status not in SOUGHT or (state.status is FeedStatus.GONE and state.gone_answers <= GONE_ANSWERS):
        return False  # a 410 that is not a day old may be a slip: that is no reason to go through a site
    pause = min(SEARCH_AGAIN * 2 ** max(min(state.searches, 9) - 1, 0), LONGEST_SEARCH_PAUSE)
    return state.sought_at is None or now - state.sought_at >= pause


def rests_a_week(state: FeedState, now: datetime) -> bool:
    """Whether a failing feed is asked once a week only."""
    lasts = timedelta() if state.failing_since is None else now - state.failing_since
    if state.status is FeedStatus.GONE and state.gone_answers > GONE_ANSWERS:
        return lasts >= FAILING_AFTER
    refused = state.reason in REFUSALS and state.status in (FeedStatus.FAILING, FeedStatus.GONE)
    return refused and lasts >= REFUSED_AFTER


def _remembered(state: FeedState, poll: Said, now: datetime) -> FeedState:
    """What is counted until it is enough."""
    if poll.sign is Sign.FEED:
        return replace(settled(state), failing_since=None, gone_answers=0)
    if poll.sign is Sign.ELSEWHERE:
        state = replace(state, failing_since=None, gone_answers=0)
        if poll.target == state.moved_to and state.moved_polls:
            return replace(state, moved_polls=state.moved_polls + 1)
        # The first must be a document that could be read: a 304 from there says nothing about what is there.
        return replace(
            state,
            moved_to=poll.target,
            moved_polls=1 if poll.in_full else 0,
            moved_since=now if poll.in_full else None,
        )
    state = replace(state, failing_since=state.failing_since or now)
    if poll.sign is Sign.FAULT:  # says nothing about where the redirects lead
        return state if state.status is FeedStatus.GONE else replace(state, gone_answers=0)
    if poll.sign is Sign.GONE:
        return replace(settled(state), gone_answers=state.gone_answers + 1)
    return replace(settled(state), gone_answers=state.gone_answers if state.status is FeedStatus.GONE else 0)


def _long(state: FeedState, now: datetime) -> bool:
    since = state.failing_since
    return since is not None and state.failures >= FAILING_FAILURES and now - since >= FAILING_AFTER


def _settled(state: FeedState, now: datetime) -> bool:
    since = state.moved_since
    return since is not None and state.moved_polls >= MOVED_POLLS and now - since >= MOVED_AFTER


_CONDITIONS: dict[When, Callable[[FeedState, bool, datetime], bool]] = {
    When.ALWAYS: lambda state, silent, now: True,
    When.SILENT: lambda state, silent, now: silent,
    When.UNSTABLE: lambda state, silent, now: state.unstable_ids,
    When.SETTLED: lambda state, silent, now: _settled(state, now),
    When.TWICE: lambda state, silent, now: state.gone_answers >= GONE_ANSWERS,
    When.LONG: lambda state, silent, now: _long(state, now),
}
