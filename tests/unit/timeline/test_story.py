"""The timeline: order, delays, changes, names."""

from __future__ import annotations

from datetime import timedelta

from tests.articles import NOON, make_article
from worker.cli.story import diff_text, shortened
from worker.models import Article, StoryRef
from worker.timeline.story import Timeline, by_reference, difference, timeline
from worker.timeline.words import Change, compare


def copy(name: str, minutes: int, body: str, *, leads: bool = False) -> Article:
    return make_article(
        f"https://{name}.example/1", published_at=NOON + timedelta(minutes=minutes), body=body,
        story=StoryRef("5" * 32, leads, 1.0), aliases=(f"https://sho.rt/{name}",),
    )  # fmt: skip


def story() -> Timeline:
    copies = [
        copy("late", 90, "one two three"),
        copy("first", 0, "one two"),
        copy("full", 5, "one two three four", leads=True),
    ]
    return timeline("5" * 32, copies, more=7)


def test_by_time_of_publication_against_the_lead() -> None:
    found = story()
    assert [(each.number, each.article.site, each.delay_s) for each in found.prints] == [
        (1, "first.example", 0.0),
        (2, "full.example", 300.0),
        (3, "late.example", 5400.0),
    ]
    assert found.lead is found.prints[1]
    assert [each.change for each in found.prints] == [Change(2, 0, 2), Change(4, 0, 0), Change(3, 0, 1)]
    assert (found.sites, found.more) == (3, 7)


def test_the_same_minute_goes_by_first_sight() -> None:
    one = copy("b", 0, "x", leads=True)
    other = make_article("https://a.example/1", first_seen_at=NOON + timedelta(seconds=5))
    assert [each.article.site for each in timeline("5", [other, one]).prints] == ["b.example", "a.example"]


def test_without_its_lead_the_first_stands_for_it() -> None:
    found = timeline("5", [copy("b", 3, "x"), copy("a", 0, "x y")])
    assert found.lead.article.site == "a.example"


def test_names_of_copies() -> None:
    found = story()
    late = found.prints[2]
    names = ["3", late.article.id, late.article.url, "https://sho.rt/late"]
    assert all(by_reference(found, name) is late for name in names)
    assert by_reference(found, "0" * 32, late.article.url) is late
    assert by_reference(found, "lead") is found.lead
    assert all(by_reference(found, name) is None for name in ("0", "4", "-1", "999999", "9999999", "x", "\u0663"))


def test_a_difference_reads_well() -> None:
    found = story()
    text = diff_text(difference(found.prints[1].article, found.prints[0].article)).plain
    assert text == "one two [-three four-]"
    hostile = diff_text(compare(["a"], ["\x1b[2J", "b\u202e"])).plain
    assert hostile == "[-a-] {+\ufffd[2J b+}"


def test_long_unchanged_passages_are_shortened() -> None:
    words = [str(number) for number in range(100)]
    assert shortened(words, before=True, after=True) == [*words[:12], "… 76 words …", *words[-12:]]
    assert shortened(words, before=False, after=True) == ["… 88 words …", *words[-12:]]
    assert shortened(words, before=True, after=False) == [*words[:12], "… 88 words …"]
    assert shortened(words, before=False, after=False) == [*words[:12], "… 88 words …"]
    assert shortened(words[:30], before=True, after=True) == words[:30]
