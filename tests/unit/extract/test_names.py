from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.extract import names


@pytest.mark.parametrize(
    "name",
    [
        "sidebar", "main-nav", "breadcrumb", "ad-slot", "adBox2", "related-articles", "c-share__list", "comments",
        "kommentare", "newsletterBox", "teaser teaser--big", "image-caption", "author-bio", "read-more",
        "mehr-zum-thema",
        "lire_aussi", "post-tags", "tags", "cookie-banner", "article-body-ad", "mostRead", "paywall",
    ],
)  # fmt: skip
def test_beside(name: str) -> None:
    assert names.read(name).beside


@pytest.mark.parametrize(
    "name",
    [
        "", "content", "story", "article-body", "has-sidebar", "no-ads", "with-comments", "post tag-politics",
        "css-1ad9f", "grid col-md-6", "readability", "header", "navigationless", "lead", "download", "shadow",
    ],
)  # fmt: skip
def test_not_beside(name: str) -> None:
    assert not names.read(name).beside


@pytest.mark.parametrize("name", ["article-body", "articleBody", "story__body__text", "entry-content", "artikel_text"])
def test_text(name: str) -> None:
    assert names.read(name).text
    assert names.read(f"teaser {name}") == names.read(f"{name} teaser")
    assert not names.read(f"teaser {name}").beside


def test_other_verdicts() -> None:
    assert names.read("byline").byline
    assert names.read("story-standfirst").standfirst
    assert names.read("piano-offer").paywall
    assert names.read("comments").apart
    assert names.read("onetrust-consent-sdk").consent


@given(st.text(max_size=500))
def test_any_name(name: str) -> None:
    assert isinstance(names.read(name), names.Verdict)
