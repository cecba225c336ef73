"""Made-up articles: as many as asked, each its own text, the same for the same seed."""

from __future__ import annotations

from collections import Counter

from worker.demo.content import load_sites
from worker.demo.scaling import scale

SITES = load_sites()


def test_exactly_as_many_as_asked_and_never_fewer_than_written() -> None:
    assert sum(len(site.stories) for site in scale(SITES, 300, 1)) == 300
    assert scale(SITES, 12, 1) == SITES


def test_every_body_and_every_path_is_distinct() -> None:
    scaled = scale(SITES, 400, 1)
    made = [story for site, old in zip(scaled, SITES, strict=True) for story in site.stories[len(old.stories) :]]
    assert len(made) == 340
    assert len({story.first.paragraphs for story in made}) == 340
    paths = Counter((site.host, story.path) for site in scaled for story in site.stories)
    assert max(paths.values()) == 1


def test_made_up_texts_are_far_from_each_other() -> None:
    """No three words in a row in common beyond chance: near-duplicate detection must not group them."""
    site = next(site for site in scale(SITES, 600, 1) if site.host.startswith("harbour"))
    texts = [" ".join(story.first.paragraphs).split() for story in site.stories if story.slug.startswith("kelp-farm")]
    runs = [{tuple(words[i : i + 3]) for i in range(len(words) - 2)} for words in texts]
    assert len(runs) > 3
    shares = [len(a & b) / min(len(a), len(b)) for i, a in enumerate(runs) for b in runs[:i]]
    assert max(shares) < 0.25


def test_the_seed_decides() -> None:
    assert scale(SITES, 120, 7) == scale(SITES, 120, 7)
    assert scale(SITES, 120, 7) != scale(SITES, 120, 8)


def test_the_slow_site_gets_no_more() -> None:
    slow = next(site for site in SITES if site.slow)
    assert next(site for site in scale(SITES, 300, 1) if site.slow).stories == slow.stories
