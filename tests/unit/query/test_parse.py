"""The search language: what each form means, and one clear line for everything that is no query."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from worker.errors import QueryError
from worker.query.ast import And, Between, Equals, Everything, Node, Not, Or, Phrase, Prefix, Word
from worker.query.leaves import LONGEST_PREFIX
from worker.query.parse import MAX_DEPTH, MAX_LENGTH, MAX_TERMS, parse

NOW = datetime(2026, 7, 15, 12, 30, 45, 987654, tzinfo=UTC)
SECOND = NOW.replace(microsecond=0)
A, B, C = Word("a"), Word("b"), Word("c")


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


MEANINGS: list[tuple[str, Node]] = [
    # operators
    ("", Everything()),
    ("  \n ", Everything()),
    ("*", Everything()),
    ("*:*", Everything()),
    ("a", A),
    ("a b", And((A, B))),
    ("a AND b", And((A, B))),
    ("a && b", And((A, B))),
    ("a OR b", Or((A, B))),
    ("a || b", Or((A, B))),
    ("a b OR c", And((A, Or((B, C))))),
    ("a OR b AND c", Or((A, And((B, C))))),
    ("a AND b OR c", Or((And((A, B)), C))),
    ("(a OR b) c", And((Or((A, B)), C))),
    ("a (b c)", And((A, B, C))),
    ("-a", Not(A)),
    ("NOT a", Not(A)),
    ("!a", Not(A)),
    ("a -b", And((A, Not(B)))),
    ("a AND NOT b", And((A, Not(B)))),
    ("a OR -b", Or((A, Not(B)))),
    ("-(a OR b)", Not(Or((A, B)))),
    ("-(-a)", A),
    ("+a +b", And((A, B))),
    ("a and b or not c", And((A, Word("and"), B, Word("or"), Word("not"), C))),
    ("a TO b", And((A, Word("TO"), B))),
    # punctuation alone drops out
    ("a - b", And((A, B))),
    ("a & b", And((A, B))),
    ("a !!! b", And((A, B))),
    ('a "..."', A),
    ("a -(?? ..)", A),
    # words
    ("Jean-Luc", Word("Jean-Luc")),
    ("l'homme", Word("l'homme")),
    ("AT&T", Word("AT&T")),
    ("24/7", Word("24/7")),
    ("c++", Word("c++")),
    ("los?", Word("los?")),
    ("\\*a\\:b", Word("*a:b")),
    ("\\(a\\)", Word("(a)")),
    ("e\u0301te\u0301", Word("été")),
    ("東京", Word("東京")),
    ("😀", Word("😀")),
    # phrases and prefixes
    ('"a b"', Phrase("a b")),
    ('"a \\"b\\" c"', Phrase('a "b" c')),
    ('"a AND (b"', Phrase("a AND (b")),
    ('"a b"~3', Phrase("a b", None, 3)),
    ('"a b"~', Phrase("a b", None, 1)),
    ("„a b“ c", And((Phrase("a b"), C))),
    ("«a b»", Phrase("a b")),
    ("a »b", And((A, Word("»b")))),
    ("wort*", Prefix("wort")),
    ("-wort*", Not(Prefix("wort"))),
    # text fields
    ("title:a", Word("a", "title")),
    ("TITLE:a", Word("a", "title")),
    ("text:a", A),
    ('summary:"a b"~2', Phrase("a b", "summary", 2)),
    ("body:wort*", Prefix("wort", "body")),
    ("title:(a OR b)", Or((Word("a", "title"), Word("b", "title")))),
    ("title:(a -b)", And((Word("a", "title"), Not(Word("b", "title"))))),
    # values
    ("lang:de", Equals("language", "de")),
    ("language:DE", Equals("language", "DE")),
    ("site:exam*", Equals("site", "exam", True)),
    ('tag:"Kalter Krieg"', Equals("tags", "Kalter Krieg")),
    ("author:Anna\\ Meier", Equals("authors", "Anna Meier")),
    ("agency:(sda OR dpa)", Or((Equals("agencies", "sda"), Equals("agencies", "dpa")))),
    ("-section:sport", Not(Equals("section", "sport"))),
    ("kind:live", Equals("kind", "live")),
    ("story:abc", Equals("story.id", "abc")),
    ("story.id:abc", Equals("story.id", "abc")),
    ("lead:true", Equals("story.is_lead", True)),
    ("fulltext:No", Equals("extraction.fulltext", False)),
    ("id:abc", Equals("id", "abc")),
    ("method:feed", Equals("extraction.method", "feed")),
    ("url:https://e.org/a?b=c&d=(1)", Equals("url", "https://e.org/a?b=c&d=(1)")),
    ("url:https://e.org/*", Equals("url", "https://e.org/", True)),
    ('url:"https://e.org/*"', Equals("url", "https://e.org/*")),
    ("(url:https://e.org/a)", Equals("url", "https://e.org/a")),
    ("https://e.org:8080/a#b a", And((Equals("url", "https://e.org:8080/a#b"), A))),
    # numbers
    ("words:300", Equals("word_count", 300)),
    ("words:>300", Between("word_count", low=300, include_low=False)),
    ("words:<=300", Between("word_count", high=300)),
    ("words:[1 TO 5}", Between("word_count", 1, 5, True, False)),
    ("words:[* TO 5]", Between("word_count", high=5)),
    ("revision:{1 TO *]", Between("revision", low=1, include_low=False)),
    ("quality:>=0.5", Between("extraction.quality", low=0.5)),
    ("containment:1", Equals("story.containment", 1.0)),
    # dates are whole periods
    ("published:2026", Between("published_at", day("2026-01-01"), day("2027-01-01"), True, False)),
    ("date:2026-12", Between("published_at", day("2026-12-01"), day("2027-01-01"), True, False)),
    ("date:2026-07-12", Between("published_at", day("2026-07-12"), day("2026-07-13"), True, False)),
    (
        "date:2026-07-12T10:15",
        Between("published_at", day("2026-07-12T10:15"), day("2026-07-12T10:16"), True, False),
    ),
    (
        "date:2026-07-12T10:15:30Z",
        Between("published_at", day("2026-07-12T10:15:30"), day("2026-07-12T10:15:31"), True, False),
    ),
    (
        "date:2026-07-12T10:15:30.250+02:00",
        Between("published_at", day("2026-07-12T08:15:30.250"), day("2026-07-12T08:15:30.251"), True, False),
    ),
    ("date:today", Between("published_at", day("2026-07-15"), day("2026-07-16"), True, False)),
    ("first_seen:yesterday", Between("first_seen_at", day("2026-07-14"), day("2026-07-15"), True, False)),
    (
        "fetched:[2026-06 TO 2026-07]",
        Between("fetched_at", day("2026-06-01"), day("2026-08-01"), True, False),
    ),
    (
        "indexed:{2026-06 TO 2026-08}",
        Between("indexed_at", day("2026-07-01"), day("2026-08-01"), True, False),
    ),
    ("date:>2026", Between("published_at", low=day("2027-01-01"))),
    ("date:>=2026", Between("published_at", low=day("2026-01-01"))),
    ("date:<2026", Between("published_at", high=day("2026-01-01"), include_high=False)),
    ("date:<=2026", Between("published_at", high=day("2027-01-01"), include_high=False)),
    ("date:[* TO *]", Between("published_at")),
    ('date:"2026-07-12"', Between("published_at", day("2026-07-12"), day("2026-07-13"), True, False)),
    ("date:[now-2d TO now]", Between("published_at", SECOND - timedelta(days=2), SECOND)),
    ("date:{now-2h TO now}", Between("published_at", SECOND - timedelta(hours=2), SECOND, False, False)),
    ("since:7d", Between("published_at", low=SECOND - timedelta(days=7))),
    ("since:12h", Between("published_at", low=SECOND - timedelta(hours=12))),
    ("since:30m", Between("published_at", low=SECOND - timedelta(minutes=30))),
    ("since:2w", Between("published_at", low=SECOND - timedelta(weeks=2))),
    ("since:1M", Between("published_at", low=SECOND.replace(month=6))),
    ("since:1y", Between("published_at", low=SECOND.replace(year=2025))),
    ("since:now-2d", Between("published_at", low=SECOND - timedelta(days=2))),
    ("since:2026-07-01", Between("published_at", low=day("2026-07-01"))),
    ("until:2026-07-01", Between("published_at", high=day("2026-07-02"), include_high=False)),
    ("until:7d", Between("published_at", high=SECOND - timedelta(days=7))),
]


@pytest.mark.parametrize(("text", "meaning"), MEANINGS, ids=[text for text, _ in MEANINGS])
def test_meaning(text: str, meaning: Node) -> None:
    assert parse(text, NOW) == meaning


ERRORS: list[tuple[str, str]] = [
    ("foo:bar", "character 1: no field 'foo'; known: title, summary"),
    ("a 12:30", "character 3: no field '12'"),
    ('"open', "character 1: a quote"),
    ('a "b" "c', "character 7: a quote"),
    ("a)", "character 2: a closing parenthesis"),
    ("(a", "ends too early"),
    ("a AND", "ends too early"),
    ("AND a", "character 1: AND has nothing before it"),
    ("a && && b", "character 6: AND has nothing before it"),
    ("a && b)", "character 7: a closing parenthesis"),
    ("()", "character 2: a closing parenthesis"),
    ("a b~", "character 3: fuzzy words"),
    ("a^2", "boosts"),
    ("/a.*/", "regular expressions"),
    ("/a", "slash cannot begin"),
    ("b*r", "'*' stands only at the end"),
    ("*r", "'*' stands only at the end"),
    ("te?t", "'?' is no wildcard"),
    ("title:*", "needs the beginning of a word"),
    ("site:*", "needs a value before '*'"),
    ("x" * (LONGEST_PREFIX + 1) + "*", "longer than 1000"),
    ("!!!", "no word to search for"),
    ("...", "no word to search for"),
    ('title:"?"', "no word to search for"),
    ("+a OR b", "'+' beside OR"),
    ("title:(a body:b)", "a field inside the field"),
    ("lead:maybe", "lead is true or false"),
    ("words:many", "words: no number 'many'"),
    ("Words:[5 TO 1]", "words: the range ends before"),
    ("published:-2026", "write -published:..."),
    ("date:soon", "date: no date 'soon'"),
    ("lang:[a TO b]", "lang has no order"),
    ("since:soon", "since: no date or age 'soon'; write 12h, 7d"),
    ("since:-7d", "a minus before a value"),
    ("since:[1 TO 2]", "takes one date or age"),
    ("since:999999y", "no date or age"),
    ("date:2026-13", "no date '2026-13'"),
    ("date:2026-02-30", "no date '2026-02-30'"),
    ("date:0000", "no date '0000'"),
    ("date:9999", "no date '9999'"),
    ("date:now", "'now' is an instant"),
    ("date:>now+999999y", "no date"),
    ("date:[2026 TO 2025]", "ends before it begins"),
    ("date:2026-07-12T10:15:30+99:99", "no date"),
    ("words:many", "no number 'many'"),
    ("words:1.5", "whole number"),
    ("words:99999999999", "at most 2147483647"),
    ("words:[5 TO 1]", "ends before it begins"),
    ("quality:nan", "no number"),
    ("quality:1.2.3", "no number"),
    ("lead:maybe", "true or false"),
    ("kind:poem", "known: article, live"),
    ("lang:[a TO b]", "has no order"),
    ("title:[a TO b]", "ranges need a date or number field"),
    ('site:"a b"~2', "compares whole values"),
    ('"a b"~1000', "at most 100"),
    ('"a b"~1.5', "cannot be read"),
    ("a" * (MAX_LENGTH + 1), "query too long"),
    ("a " * (MAX_TERMS + 1), "more than 256 terms"),
    ("(" * 150 + "a" + ")" * 150, "query too deep"),
    # not left to hypothesis alone: it widens Python's stack
    ("NOT " * 1000 + "a", "query too deep"),
    ("-" * 4000 + "a", "query too deep"),
    ("+" * 4000 + "a", "query too deep"),
    ("(a OR (b AND " * (MAX_DEPTH // 2 + 1) + "c" + "))" * (MAX_DEPTH // 2 + 1), "levels of AND, OR and NOT"),
]


@pytest.mark.parametrize(("text", "message"), ERRORS, ids=[text[:30] for text, _ in ERRORS])
def test_error_in_one_line(text: str, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text, NOW)
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 400


def test_dates_without_a_zone_are_in_the_zone_of_now() -> None:
    zone = timezone(timedelta(hours=2))
    assert parse("since:2026-07-01", NOW.astimezone(zone)) == Between("published_at", low=day("2026-06-30T22:00"))


def test_a_month_ago_on_the_31st_is_the_last_day_of_that_month() -> None:
    assert parse("since:1M", day("2026-03-31")) == Between("published_at", low=day("2026-02-28"))


def test_deepest_allowed_query_parses() -> None:
    text = "(a OR (b AND " * (MAX_DEPTH // 2) + "c" + "))" * (MAX_DEPTH // 2)
    assert isinstance(parse(text, NOW), Or)


def test_errors_leave_no_trace_in_the_next_query() -> None:
    for broken in ('"a', "(a", "a^^", '"a b"~1.5', "a) b"):
        with pytest.raises(QueryError):
            parse(broken, NOW)
        assert parse("a b", NOW) == And((A, B))


_SYNTAX = (
    "AND", "OR", "NOT", "TO", "&&", "||", "title", "date:", "lang:", "since:", "words:", "url:", "lead:", "kind:",
    "2026", "now-2d", "7d", "~3", "^2", "a*", "1e999", "2026-07-12T10:15:30+02:00", "https://e.org/", "[1 TO 2]",
    "{* TO ", "9" * 30,
)  # fmt: skip
_PIECES = st.one_of(
    st.sampled_from(_SYNTAX), st.sampled_from(" \t\n\"\\*?~^:()[]{}<>=!&|/+-.,;'%_@#\x00\ue000\ud800\u202e😀aü„“")
)


@given(st.one_of(st.lists(_PIECES, max_size=24).map("".join), st.text(max_size=60)))
@example('"' * 101)
@example("\\")
@example("a\\")
@example("-" * 3000)
@example("NOT " * 1000 + "a")
@example("((((" * 20)
@example("a:" * 500 + "b")
@example("words:" + "9" * 4000)
@example('"a"~' + "9" * 4000)
@example("a~" + "1." * 500)
@example("since:" + "\u0661d")
@settings(max_examples=400, deadline=None)
def test_anything_at_all_gives_a_tree_or_one_line(text: str) -> None:
    try:
        node = parse(text, NOW)
    except QueryError as error:
        assert str(error)
        assert len(str(error).splitlines()) == 1
    else:
        assert isinstance(node, Everything | Word | Phrase | Prefix | Equals | Between | And | Or | Not)


@given(st.text(alphabet=st.characters(whitelist_categories=["L", "N"]), min_size=1, max_size=20))
@settings(max_examples=100, deadline=None)
def test_letters_and_digits_are_always_one_word(text: str) -> None:
    if text in ("AND", "OR", "NOT"):
        return
    assert parse(text, NOW) == Word(unicodedata.normalize("NFC", text))
