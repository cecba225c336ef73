"""More articles than were written: distinct variants of the written ones, for load and kill tests. Pure."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from worker.demo.content import Case, Site, Story, Version

_WORD = re.compile(r"[^\W\d_]{4,}")
_NUMBER = re.compile(r"\d+")
_CHANGED = 0.8
"""Share of the longer words that are replaced: too many for any two variants to look alike, and the short words
that remain are what language detection and boilerplate heuristics live on."""


def scale(sites: Sequence[Site], total: int, seed: int) -> tuple[Site, ...]:
    """The sites with `total` articles between them, at least those that were written.

    Extra articles go in turn to the sites that answer at once; every body is distinct; the same seed gives the same
    texts.
    """
    missing = total - sum(len(site.stories) for site in sites)
    if missing <= 0:
        return tuple(sites)
    quick = [site.host for site in sites if not site.slow]
    extra: dict[str, list[Story]] = {host: [] for host in quick}
    by_host = {site.host: site for site in sites}
    for number in range(missing):
        site = by_host[quick[number % len(quick)]]
        extra[site.host].append(_variant(site, number, random.Random(f"{seed}-{number}")))
    return tuple(replace(site, stories=(*site.stories, *extra.get(site.host, ()))) for site in sites)


def _variant(site: Site, number: int, chance: random.Random) -> Story:
    models = [story for story in site.stories if story.case is Case.ARTICLE and not story.wire]
    model = chance.choice(models)
    words = sorted({word for story in models for text in story.first.paragraphs for word in _WORD.findall(text)})

    def reword(text: str) -> str:
        text = _WORD.sub(lambda found: chance.choice(words) if chance.random() < _CHANGED else found[0], text)
        return _NUMBER.sub(lambda _: str(chance.randint(2, 998)), text)

    slug = f"{model.slug}-{number}"
    first = Version(
        title=f"{reword(model.first.title)} ({number})",
        summary=reword(model.first.summary),
        paragraphs=tuple(reword(text) for text in model.first.paragraphs),
    )
    path = model.path.replace(model.slug, slug)
    hours = round(chance.uniform(0.5, 70), 2)
    return replace(model, slug=slug, path=path, old_path=path, hours=hours, first=first)
