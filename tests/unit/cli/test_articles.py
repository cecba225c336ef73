from __future__ import annotations

from datetime import UTC, datetime

from tests.articles import make_article
from worker.cli.articles import SOURCES, facts, published
from worker.models import DateSource, Precision


def test_every_source_is_told_in_words() -> None:
    assert SOURCES.keys() == set(DateSource)


def test_a_day_is_shown_as_a_day() -> None:
    day = make_article(published_at=datetime(2026, 1, 2, tzinfo=UTC), published_at_precision=Precision.DAY)
    assert published(day) == "2026-01-02"
    assert dict(facts(day))["published"] == "2026-01-02 (the feed says)"


def test_what_is_not_there_is_left_out() -> None:
    shown = dict(facts(make_article()))
    assert "changed" not in shown
    assert shown["kind"] == "article"
    assert dict(facts(make_article(paywall=True)))["kind"] == "article, behind a paywall"
