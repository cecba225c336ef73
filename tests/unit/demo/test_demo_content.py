"""The bundled texts: complete, varied, invented for this project and readable."""

from __future__ import annotations

from collections import Counter

import pytest

from worker.demo.content import Case, Site, Story, load_sites

SITES = load_sites()
STORIES = [(site, story) for site in SITES for story in site.stories]
WHOLE = [(site, story) for site, story in STORIES if story.case not in (Case.GONE, Case.PDF, Case.LOGIN, Case.SHORT)]


def _words(paragraphs: tuple[str, ...]) -> int:
    return sum(len(paragraph.split()) for paragraph in paragraphs)


def test_sixty_articles_on_nine_sites_in_four_languages() -> None:
    assert len(STORIES) == 60
    assert len(SITES) == 9
    assert Counter(site.language.partition("-")[0] for site in SITES) == {"de": 4, "en": 2, "fr": 2, "it": 1}


def test_every_kind_of_trouble_is_there_once() -> None:
    cases = Counter(story.case for _, story in STORIES)
    assert {case: number for case, number in cases.items() if case is not Case.ARTICLE} == {
        case: 1 for case in Case if case is not Case.ARTICLE
    }
    assert sum(site.slow for site in SITES) == 1


@pytest.mark.parametrize(("site", "story"), WHOLE, ids=[f"{site.host}-{story.slug}" for site, story in WHOLE])
def test_a_whole_article_has_text_summary_and_paragraphs(site: Site, story: Story) -> None:
    for version in filter(None, (story.first, story.second)):
        assert 100 <= _words(version.paragraphs) <= 350
        assert len(version.paragraphs) >= 2
        assert 15 <= len(version.title) <= 120
        assert 20 <= len(version.summary) <= 300
    assert 0 < story.hours < 72, "within the last three days, so that since:7d finds it"


def test_the_short_and_the_walled_page_are_below_what_counts_as_an_article() -> None:
    short = [story for _, story in STORIES if story.case in (Case.SHORT, Case.LOGIN)]
    assert len(short) == 2
    assert all(_words(story.first.paragraphs) < 40 for story in short)


def test_agency_texts_are_printed_word_for_word_under_different_titles() -> None:
    prints = [story for _, story in STORIES if story.wire and not story.shortened]
    by_wire = {wire: [story for story in prints if story.wire == wire] for wire in {story.wire for story in prints}}
    assert {wire: len(group) for wire, group in by_wire.items()} == {"kaltenjoch": 3, "morvane": 2}
    for group in by_wire.values():
        assert len({story.first.paragraphs for story in group}) == 1
        assert len({story.first.title for story in group}) == len(group)


def test_the_shortened_print_is_the_beginning_signed_again() -> None:
    short = next(story for _, story in STORIES if story.shortened)
    whole = next(story for _, story in STORIES if story.wire == short.wire and not story.shortened)
    kept = len(short.first.paragraphs)
    assert kept < len(whole.first.paragraphs)
    assert short.first.paragraphs[:-1] == whole.first.paragraphs[: kept - 1]
    assert short.first.paragraphs[-1] == f"{whole.first.paragraphs[kept - 1]} (sda/dpa)"


def test_no_two_articles_share_a_text_unless_an_agency_wrote_it() -> None:
    texts = Counter(story.first.paragraphs for _, story in STORIES if not story.wire and story.case is not Case.GONE)
    assert max(texts.values()) == 1


def test_the_swiss_site_writes_no_sharp_s() -> None:
    swiss = [story for site, story in STORIES if site.language == "de-CH"]
    assert swiss
    assert not [story.slug for story in swiss if "ß" in "".join((story.first.title, *story.first.paragraphs))]


def test_makes_differ() -> None:
    assert len({site.layout for site in SITES}) == 7
    assert {site.feed for site in SITES} == {"rss", "atom", "rdf", "json"}
    assert {site.charset for site in SITES} == {"utf-8", "windows-1252", "iso-8859-1"}
    assert {site.validators for site in SITES} == {"both", "etag", "date"}
