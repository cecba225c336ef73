"""The life of a feed: each row of the table, and what no sequence of answers can do."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.models import FeedState, FeedStatus, Pace, Proposal, Reason, Sighting
from worker.schedule import life
from worker.schedule.life import TABLE, Row, Said, Sign, When, after, row_of, said, search_due
from worker.schedule.policy import Limits, next_poll
from worker.schedule.record import pack
from worker.schedule.rhythm import Rhythm

S = FeedStatus
NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HERE, THERE = "https://b.example/feed", "https://c.example/feed"
AWAKE = [status for status in S if status is not S.PAUSED]
FAILURES = (Sign.REFUSED, Sign.FAULT, Sign.GONE)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def failed(count: int, **span: float) -> FeedState:
    return FeedState(failures=count, failing_since=ago(**span))


def moving(polls: int, to: str = HERE, **span: float) -> FeedState:
    return FeedState(moved_to=to, moved_polls=polls, moved_since=ago(**span) if polls else None)


def elsewhere(to: str = HERE, *, in_full: bool = True) -> Said:
    return Said(Sign.ELSEWHERE, to, in_full)


@dataclass(frozen=True)
class Case:
    before: FeedState
    """Counted before this poll; its `failures` include it, as they do when `after` is called."""
    poll: Said
    target: FeedStatus
    move: str = ""
    silent: bool = False
    sources: tuple[FeedStatus, ...] = tuple(AWAKE)


NOT_GONE = tuple(status for status in AWAKE if status is not S.GONE)
CASES = [
    Case(FeedState(), Said(Sign.FEED), S.ACTIVE),
    Case(failed(0, days=40), Said(Sign.FEED, in_full=True), S.ACTIVE),
    Case(FeedState(gone_answers=9), Said(Sign.FEED), S.ACTIVE),
    Case(FeedState(), Said(Sign.FEED), S.SILENT, silent=True),
    Case(FeedState(unstable_ids=True), Said(Sign.FEED), S.SILENT, silent=True),
    Case(FeedState(unstable_ids=True), Said(Sign.FEED), S.UNSTABLE_GUID),
    # redirects for good
    Case(FeedState(), elsewhere(), S.MOVED),
    Case(FeedState(), elsewhere(), S.MOVED, silent=True),
    Case(moving(1, days=9), elsewhere(), S.MOVED),
    Case(moving(2, hours=23.9), elsewhere(), S.MOVED),
    Case(moving(90, hours=23.9), elsewhere(), S.MOVED),
    Case(moving(2, days=1), elsewhere(), S.ACTIVE, HERE),
    Case(moving(2, days=1), elsewhere(in_full=False), S.ACTIVE, HERE),
    Case(moving(2, days=1), elsewhere(THERE), S.MOVED),
    Case(moving(0), elsewhere(in_full=False), S.MOVED),
    # failures
    Case(failed(1, hours=0), Said(Sign.FAULT), S.BACKING_OFF, sources=NOT_GONE),
    Case(failed(1, hours=0), Said(Sign.REFUSED), S.BACKING_OFF, sources=NOT_GONE),
    Case(failed(1, hours=0), Said(Sign.GONE), S.BACKING_OFF, sources=NOT_GONE),
    Case(failed(99, hours=23.9), Said(Sign.REFUSED), S.BACKING_OFF, sources=NOT_GONE),
    Case(failed(2, days=9), Said(Sign.FAULT), S.BACKING_OFF, sources=NOT_GONE),
    Case(failed(3, days=1), Said(Sign.FAULT), S.FAILING, sources=NOT_GONE),
    Case(failed(3, days=1), Said(Sign.REFUSED), S.FAILING, sources=NOT_GONE),
    Case(failed(3, days=1), Said(Sign.GONE), S.FAILING, sources=NOT_GONE),
    Case(replace(failed(2, hours=1), gone_answers=1), Said(Sign.GONE), S.GONE),
    Case(replace(failed(9, days=9), gone_answers=1), Said(Sign.GONE), S.GONE),
    Case(replace(failed(9, days=9), gone_answers=3), Said(Sign.FAULT), S.GONE, sources=(S.GONE,)),
    Case(replace(failed(9, days=9), gone_answers=3), Said(Sign.REFUSED), S.GONE, sources=(S.GONE,)),
    Case(failed(1, hours=0), Said(Sign.GONE), S.GONE, sources=(S.GONE,)),
    # a poll that was under way when a person paused the feed
    *(Case(FeedState(), Said(sign), S.PAUSED, sources=(S.PAUSED,)) for sign in Sign if sign is not Sign.RESUME),
]


def fitting(case: Case, source: FeedStatus) -> Row:
    """The row that decides it, by the same conditions as the code."""
    state = replace(case.before, status=source)
    known = life._remembered(state, case.poll, NOW)
    return row_of(source, case.poll.sign, lambda when: life._CONDITIONS[when](known, case.silent, NOW))


@pytest.mark.parametrize("case", CASES)
def test_every_transition(case: Case) -> None:
    for source in case.sources:
        found, move = after(replace(case.before, status=source), case.poll, NOW, silent=case.silent)
        assert (found.status, move) == (case.target, case.move), source


def test_every_row_has_a_case_and_every_state_and_sign_a_row() -> None:
    met = {id(fitting(case, source)) for case in CASES for source in case.sources}
    persons = {id(row) for row in TABLE if row.sign in (Sign.PAUSE, Sign.RESUME)}
    assert {id(row) for row in TABLE} <= met | persons
    for status, sign in product(S, Sign):
        assert row_of(status, sign, lambda when: when is When.ALWAYS).when is When.ALWAYS
    assert row_of(S.PAUSED, Sign.RESUME, lambda when: True).target is None
    assert {row_of(status, Sign.PAUSE, lambda when: True).target for status in S} == {S.PAUSED}


@pytest.mark.parametrize(
    ("reason", "sign"),
    [
        (Reason.GONE, Sign.GONE),
        (Reason.CLIENT_ERROR, Sign.REFUSED),
        (Reason.FORBIDDEN, Sign.REFUSED),
        (Reason.NOT_A_FEED, Sign.REFUSED),
        (Reason.REDIRECT_INVALID, Sign.REFUSED),
        (Reason.RATE_LIMITED, Sign.FAULT),
        (Reason.SERVER_ERROR, Sign.FAULT),
        (Reason.DNS_FAILED, Sign.FAULT),
        (Reason.TLS_ERROR, Sign.FAULT),
        (Reason.TIMEOUT, Sign.FAULT),
        (Reason.EXTRACT_CRASHED, Sign.FAULT),
    ],
)
def test_what_a_failure_says(reason: Reason, sign: Sign) -> None:
    assert said(reason, failed=True, target="", in_full=False) == Said(sign)


def test_what_an_answer_says() -> None:
    assert said(Reason.NOT_MODIFIED, failed=False, target="", in_full=False) == Said(Sign.FEED)
    assert said(Reason.SAME_BODY, failed=False, target=HERE, in_full=True) == elsewhere()


def counted(*polls: Said | Reason, state: FeedState | None = None, every: timedelta = DAY) -> tuple[FeedState, str]:
    """One after the other, the last one now; the first move ends it."""
    state = state or FeedState()
    for number, poll in enumerate(polls):
        what = Said(life.said(poll, failed=True, target="", in_full=False).sign) if isinstance(poll, Reason) else poll
        reason = poll if isinstance(poll, Reason) else Reason.NO_NEW_ENTRIES
        state = replace(state, failures=state.failures + 1 if what.sign in FAILURES else 0, reason=reason)
        state, move = after(state, what, NOW - every * (len(polls) - 1 - number), silent=False)
        if move:
            return state, move
    return state, ""


E, FEED, FAULT, REFUSED, GONE = elsewhere(), Said(Sign.FEED), Reason.TIMEOUT, Reason.CLIENT_ERROR, Reason.GONE
MOVES = [
    ([E, E, E], True),
    ([E, E], False),
    ([E, FAULT, FAULT, E, E], True),  # a fault says nothing of where the redirects lead
    ([E, E, FEED, E], False),  # the redirect had gone meanwhile
    ([E, E, REFUSED, E], False),
    ([E, E, GONE, E], False),
    ([E, E, elsewhere(THERE), E], False),
    ([elsewhere(in_full=False)] * 9, False),  # never read there
    ([elsewhere(in_full=False), E, E, elsewhere(in_full=False)], True),
]


@pytest.mark.parametrize(("polls", "moves"), MOVES)
def test_a_subscription_moves_only_when_it_lasts(polls: list[Said | Reason], moves: bool) -> None:
    assert counted(*polls)[1] == (HERE if moves else "")
    assert counted(*polls, every=timedelta(hours=23) / len(polls))[1] == ""


def test_after_a_move_nothing_is_known_of_redirects() -> None:
    state, _ = counted(E, E, E)
    assert (state.moved_to, state.moved_polls, state.moved_since) == ("", 0, None)


def test_gone_is_left_by_a_feed_only_and_asked_weekly_after_the_third() -> None:
    once, twice, thrice = (counted(*[GONE] * n)[0] for n in (1, 2, 3))
    assert [each.status for each in (once, twice, thrice)] == [S.BACKING_OFF, S.GONE, S.GONE]
    assert [life.rests_a_week(each, NOW) for each in (once, twice, thrice)] == [False, False, True]
    other, _ = counted(GONE, FAULT, GONE, GONE, FAULT, REFUSED)
    assert (other.status, other.gone_answers) == (S.GONE, 2)
    assert counted(FEED, state=other)[0] == FeedState(reason=Reason.NO_NEW_ENTRIES)


def test_a_search_waits_longer_each_time() -> None:
    state = FeedState(status=S.FAILING)
    assert search_due(state, NOW)
    for searches, days in ((1, 7), (2, 14), (3, 28), (4, 28), (99, 28)):
        sought = replace(state, searches=searches, sought_at=NOW - timedelta(days=days))
        assert search_due(sought, NOW)
        assert not search_due(sought, NOW - timedelta(seconds=1))
    due = {status for status in S if search_due(FeedState(status=status, gone_answers=3), NOW)}
    assert due == {S.FAILING, S.GONE, S.SILENT}
    assert not search_due(FeedState(status=S.GONE, gone_answers=2), NOW)


def test_what_was_found_is_forgotten_when_the_feed_is_well_again() -> None:
    found = Proposal(HERE, "B", NOW, same=True)
    state = FeedState(status=S.FAILING, proposal=found, searches=2, sought_at=NOW)
    assert counted(FAULT, state=state)[0].proposal == found  # one fault more is not well
    for poll in (FEED, E):
        well, _ = counted(poll, state=state)
        assert (well.proposal, well.searches) == (None, 0)
        assert well.sought_at == NOW, "a feed that flaps is not looked for at every flap"


def test_at_a_new_address_the_feed_keeps_its_rhythm_and_nothing_of_its_server() -> None:
    old = FeedState(
        etag="x", last_modified="y", body_hash="z", rhythm=pack(Rhythm(window=3)), title="T", failures=9,
        status=S.GONE, gone_answers=3, polls=7, succeeded_at=NOW, hint_s=9, lies=2, distrusted_until=NOW,
    )  # fmt: skip
    new = life.started_anew(old)
    assert new == FeedState(rhythm=old.rhythm, title="T", polls=7, succeeded_at=NOW)


# -- any answers at any times -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Poll:
    state: FeedState
    reason: Reason
    retry_after_s: float | None
    sightings: tuple[Sighting, ...] | None
    moved_to: str
    in_full: bool


SUCCESSES = [Reason.NEW_ENTRIES, Reason.NO_NEW_ENTRIES, Reason.NOT_MODIFIED, Reason.SAME_BODY]
ANSWERS = st.tuples(
    st.sampled_from([*SUCCESSES, *SUCCESSES, Reason.GONE, Reason.GONE, *life.REFUSALS, FAULT, Reason.SERVER_ERROR]),
    st.sampled_from(["", "", HERE, HERE, THERE]),
    st.booleans(),  # unstable ids
)
LIMITS = Limits()
PACE = Pace(0.5)


def live(
    state: FeedState, answer: tuple[Reason, str, bool], now: datetime, rng: random.Random
) -> tuple[FeedState, str, float]:
    """One poll as stage and policy do it -> state, address to move to, seconds to the next poll."""
    reason, target, unstable = answer
    good = reason in SUCCESSES
    document = tuple(Sighting(now - timedelta(hours=n), reason is Reason.NEW_ENTRIES and not n) for n in range(9))
    state = replace(
        state,
        failures=0 if good else state.failures + 1,
        reason=reason,
        polled_at=now,
        unstable_ids=unstable if good else state.unstable_ids,
    )
    read = reason in (Reason.NEW_ENTRIES, Reason.NO_NEW_ENTRIES)
    poll = Poll(state, reason, None, document if read else None, target if good else "", read)
    plan = next_poll(poll, now, rng, LIMITS, PACE)
    return plan.state, plan.move_to, (plan.at - now).total_seconds()


@given(
    st.lists(st.tuples(ANSWERS, st.floats(300, 3 * 86400)), min_size=1, max_size=40),
    st.sampled_from([1.0, 0.05]),
    st.integers(),
)
@settings(max_examples=300)
def test_nothing_that_is_answered_within_a_day_lasts(
    answers: list[tuple[tuple[Reason, str, bool], float]], haste: float, seed: int
) -> None:
    """Polls come when they come, pings included: every time between two polls from the floor on."""
    rng, state, now = random.Random(seed), FeedState(), NOW
    said_moved: list[tuple[datetime, str, bool]] = []  # permanent redirects since the last word against them
    bad_since: datetime | None = None
    for answer, wait_s in answers:
        now += timedelta(seconds=max(wait_s * haste, 300))
        reason, target, _ = answer
        good = reason in SUCCESSES
        if good and target:
            if said_moved and said_moved[-1][1] != target:
                said_moved = []
            if said_moved or reason in (Reason.NEW_ENTRIES, Reason.NO_NEW_ENTRIES):
                said_moved.append((now, target, True))
        elif reason not in (FAULT, Reason.SERVER_ERROR):
            said_moved = []
        bad_since = None if good else bad_since or now
        state, move, next_s = live(state, answer, now, rng)
        settled = len(said_moved) >= 3 and now - said_moved[0][0] >= DAY
        assert move == (target if good and target and settled else "")
        if move:
            said_moved = []
        if bad_since is None or now - bad_since < DAY:
            assert state.status is not S.FAILING
            assert next_s <= 1.1 * 86400, "within a day no answer keeps us away for longer than a day"
        assert next_s <= 7 * 86400
        # And from wherever it stands now it gets back, with one answer.
        back, _, _ = live(state, (Reason.NEW_ENTRIES, "", False), now + timedelta(minutes=5), random.Random(1))
        assert (back.status, back.failures, back.failing_since, back.gone_answers) == (S.ACTIVE, 0, None, 0)
        paused = row_of(state.status, Sign.PAUSE, lambda when: True)
        assert (paused.target, row_of(S.PAUSED, Sign.RESUME, lambda when: True).target) == (S.PAUSED, None)


@given(st.lists(st.tuples(ANSWERS, st.floats(0, 0.2)), max_size=60), st.integers())
def test_polls_as_they_are_planned_reach_nothing_final_within_a_day(
    answers: list[tuple[tuple[Reason, str, bool], float]], seed: int
) -> None:
    rng, state, now = random.Random(seed), FeedState(), NOW
    for answer, late in answers:
        state, move, next_s = live(state, answer, now, rng)
        assert not move or now - NOW >= DAY
        assert not life.rests_a_week(state, now) or now - NOW >= DAY
        now += timedelta(seconds=next_s * (1 + late))


def test_every_state_is_reached_and_left() -> None:
    """The states are all real: the same answers again and again lead to each of them."""
    silent = [(Reason.NEW_ENTRIES, "", False)] + [(Reason.NOT_MODIFIED, "", False)] * 60
    ways = {
        S.ACTIVE: [(Reason.NOT_MODIFIED, "", False)],
        S.BACKING_OFF: [(FAULT, "", False)],
        S.FAILING: [(FAULT, "", False)] * 12,
        S.MOVED: [(Reason.NEW_ENTRIES, HERE, False)],
        S.GONE: [(Reason.GONE, "", False)] * 2,
        S.UNSTABLE_GUID: [(Reason.NEW_ENTRIES, "", True)],
    }
    for status, answers in ways.items():
        state, now = FeedState(), NOW
        for answer in answers:
            state, _, next_s = live(state, answer, now, random.Random(3))
            now += timedelta(seconds=next_s)
        assert state.status is status
    # An entry an hour for two months, then none.
    state = FeedState()
    hours = 60 * 24
    document = tuple(Sighting(NOW - timedelta(hours=n), True) for n in range(hours))
    plan = next_poll(Poll(state, Reason.NEW_ENTRIES, None, document, "", True), NOW, random.Random(1), LIMITS, PACE)
    state, now = plan.state, NOW
    for answer in silent[1:]:
        now += timedelta(hours=1)
        state, _, _ = live(state, answer, now, random.Random(1))
    assert state.status is S.SILENT


ARCHITECTURE = Path(__file__).parents[3] / "docs/architecture.md"


def documented() -> list[tuple[FeedStatus, Sign, str, str]]:
    """The document's table, a line for every state and sign, in its order."""
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]*)\| ([^|]+) \|$", ARCHITECTURE.read_text("utf-8"), re.M)
    begin = next(number for number, row in enumerate(rows) if row[:2] == ("from", "said"))
    found: list[tuple[FeedStatus, Sign, str, str]] = []
    for source, signs, when, then in rows[begin + 1 :]:
        if source.strip() not in (*S, "-"):
            break
        statuses = AWAKE if source == "-" else [FeedStatus(source)]
        meant = (
            [sign for sign in Sign if sign is not Sign.RESUME] if signs == "all else" else map(Sign, signs.split(", "))
        )
        found += [(status, sign, when.strip(), then) for sign in meant for status in statuses]
    return found


@pytest.mark.parametrize("status", S)
@pytest.mark.parametrize("sign", Sign)
def test_the_document_has_the_same_table(status: FeedStatus, sign: Sign) -> None:
    def words(row: Row) -> str:
        if row.target is None:
            return "as before the pause" if status is S.PAUSED else "as it was"
        return f"{row.target}{', and the subscription moves' if row.moves else ''}"

    table = [(row.when.value, words(row)) for row in TABLE if row.sign is sign and status in row.sources]
    written = [(when, then) for source, said_, when, then in documented() if (source, said_) == (status, sign)]
    # What follows a row without a condition is never reached.
    whole = next((number for number, (when, _) in enumerate(written) if not when), len(written))
    assert written[: whole + 1] == table
