from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.extract import markup


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("a<script>x</script>b<STYLE type=x>y</STYLE >c<!-- z -->d", "abcd"),
        ("a<script><!-- x //--></script>b", "ab"),
        ("a<!-- <script> -->b<script>x</script>c", "abc"),
        ('<script type="application/ld+json">{}</script>', '<script type="application/ld+json">{}</script>'),
        ("a<nav><ul><li><a href=/>x</a></li></ul></nav>b<svg viewBox='0 0'><path/></svg>c", "abc"),
        ("<nav><h1>x</h1></nav>", "<nav><h1>x</h1></nav>"),
        (
            "<nav>x<p>an article after an unclosed menu</p></nav>",
            "<nav>x<p>an article after an unclosed menu</p></nav>",
        ),
        ("<svg/>text<svg>x</svg>", "<svg/>text"),
        ("a<script>never ends", "a<script>never ends"),
        ("a<!-- never ends <script>x</script>", "a<!-- never ends <script>x</script>"),
        ("<p data-embed='<script>'>text</p><script>x</script>", "<p data-embed='<script>'>text</p>"),
        ("a<script>b.innerHTML='<script src=x><\\/script>'</script>c", "ac"),
        ('<p title="<script>">text</p>', '<p title="<script>">text</p>'),
        ('<p title="<script>">text</p><script>x</script>b', '<p title="<script>">text</p>b'),
        ("<scripture>x</scripture>", "<scripture>x</scripture>"),
    ],
)
def test_lightened(source: str, left: str) -> None:
    assert markup.lightened(source) == left


PIECES = st.sampled_from(
    ["<script>", "</script>", "<!--", "-->", "<nav>", "</nav>", "<svg>", "<svg/>", "</svg>", "<p>text</p>", "<style>",
     "</style>", "x", "<script type=application/ld+json>", "<article>"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30))
def test_what_is_left_is_what_was_there(pieces: list[str]) -> None:
    source = "".join(pieces)
    left = markup.lightened(source)
    rest = iter(source)
    assert all(char in rest for char in left)  # a subsequence
    if "<p>text</p>" not in left:
        assert not source.startswith("<p>text</p>")
