from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.articles import make_article, make_event
from worker.models import ArticleId, Entry, Feed, FeedId, FeedState, FeedStatus, Reason, Stage, Step, Why
from worker.schedule.record import pack
from worker.schedule.rhythm import Rhythm
from worker.state import codec
from worker.state.envelope import seal, unseal

TEXT = st.text(max_size=40)  # control characters, line separators and all
ANY_TEXT = st.text(st.characters(), max_size=40) | st.just("\ud800\n\udfff")
MOMENTS = st.integers(0, 3 * 10**15).map(
    lambda micros: datetime(1995, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)
WHOLE_MS = MOMENTS.map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))
ENTRIES = st.builds(
    Entry,
    id=ANY_TEXT,
    url=ANY_TEXT,
    title=ANY_TEXT,
    summary=ANY_TEXT,
    published_at=st.none() | MOMENTS,
    updated_at=st.none() | MOMENTS,
    authors=st.lists(ANY_TEXT, max_size=3).map(tuple),
    tags=st.lists(ANY_TEXT, max_size=3).map(tuple),
    image=ANY_TEXT,
)
STEPS = st.builds(
    Step,
    stage=st.sampled_from(Stage),
    at=WHOLE_MS,
    outcome=st.just("retry"),
    reason=st.none() | st.sampled_from(Reason),
    detail=ANY_TEXT,
    took_ms=st.integers(0, 10**6),
)


@given(ENTRIES)
def test_an_entry_is_one_line_and_comes_back(entry: Entry) -> None:
    line = codec.entry_line(entry)
    assert b"\n" not in line
    assert codec.read_entry(codec.loads(line)) == entry


@given(ANY_TEXT, ENTRIES, st.lists(STEPS | ANY_TEXT, max_size=6))
def test_a_payload_with_its_journal_comes_back(url: str, entry: Entry, journal: list[Step | str]) -> None:
    payload = codec.origin_line(url, FeedId("f" * 32), "https://f/") + b"\n" + codec.entry_line(entry)
    for line in journal:
        payload += codec.step_line(line) if isinstance(line, Step) else codec.moved_line(line)
    meta = codec.read_meta(b"12 1763640000123 3 1 1 token host with spaces")
    item = codec.read_item(ArticleId("a" * 32), payload, meta)
    assert item.entry == entry
    assert item.steps == tuple(line for line in journal if isinstance(line, Step))
    moves = [url, *(line for line in journal if isinstance(line, str))]
    assert (item.url, item.hops) == (moves[-1], tuple(moves[:-1]))
    assert (item.offer, item.attempt, item.feed_url) == (12, 3, "https://f/")
    assert item.offered_at == datetime.fromtimestamp(1763640000, UTC) + timedelta(milliseconds=123)


@given(WHOLE_MS)
def test_milliseconds_are_exact(moment: datetime) -> None:
    assert codec.from_ms(codec.to_ms(moment)) == moment


@given(st.builds(Feed, id=st.just(FeedId("1" * 32)), url=ANY_TEXT, title=ANY_TEXT, language=TEXT, folder=ANY_TEXT))
def test_a_feed_comes_back(feed: Feed) -> None:
    assert codec.read_feed(codec.feed_json(feed)) == feed


@given(
    st.builds(
        FeedState,
        etag=ANY_TEXT,
        last_modified=ANY_TEXT,
        status=st.sampled_from(FeedStatus),
        polled_at=st.none() | MOMENTS,
        succeeded_at=st.none() | MOMENTS,
        new_entry_at=st.none() | MOMENTS,
        reason=st.none() | st.sampled_from(Reason),
        hint_s=st.floats(0, 1e9),
        skip_hours=st.integers(0, 1 << 24),
        rhythm=st.builds(Rhythm, window=st.integers(0, 9)).map(pack),
        next_why=st.none() | st.sampled_from(Why),
    )
)
def test_a_feeds_state_comes_back(state: FeedState) -> None:
    assert codec.read_state(codec.state_json(state)) == state


def test_a_reason_that_a_newer_version_gave_is_unknown() -> None:
    assert codec.read_state(b'{"next_why":"of tomorrow"}') == FeedState()


def test_a_state_of_an_older_version_has_the_defaults() -> None:
    assert codec.read_state(b"{}") == FeedState()
    # As 0.1's first versions wrote it: no gaps, no hubs, no sample.
    assert codec.read_state(b'{"etag":"x","polls":3}') == FeedState(etag="x", polls=3)
    noticed = FeedState(hubs=("https://hub.example/",), gaps=2, gap_at=datetime(2026, 11, 1, tzinfo=UTC), sample="AAAA")
    assert codec.read_state(codec.state_json(noticed)) == noticed
    assert codec.read_feed(b'{"id":"1","url":"u","of_tomorrow":[]}') == Feed(FeedId("1"), "u")


@given(ANY_TEXT)
def test_the_outbox_envelope_keeps_event_and_document(text: str) -> None:
    event, article = make_event(title=text), make_article(body=text)
    assert unseal(seal(event, article)) == (event, article)
    assert unseal(seal(event, None)) == (event, None)


def test_a_tag_is_four_bytes() -> None:
    assert len(codec.tag_bytes("a")) == 4
    assert codec.tag_bytes("a") != codec.tag_bytes("b")
