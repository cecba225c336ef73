"""Markup out, plain text on one line."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.poll.text import clean, from_html, has_markup


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>One.</p><p>Two.</p>", "One. Two."),
        ("Zei<b>tung</b>s<i>text</i>", "Zeitungstext"),
        ("a<br/>b<br>c", "a b c"),
        ("<ul><li>x</li><li>y</li></ul>", "x y"),
        ("Tom &amp; J&eacute;r&ocirc;me&nbsp;&#8211; x", "Tom & Jérôme – x"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("<script>alert('<p>')</script>x<style>p{}</style>y<!-- <b>no</b> -->z", "x y z"),
        ("<script>never closed", ""),
        ("<![CDATA[inside]]>", "inside"),
        ("3 < 5 and 7 > 5", "3 < 5 and 7 > 5"),
        ("<img src='x' alt='y'>text", "text"),
        ("broken <a href='x", "broken <a href='x"),
        ("", ""),
    ],
)
def test_from_html(markup: str, expected: str) -> None:
    assert from_html(markup, 1000) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" a\n\tb\u00a0\u2003c ", "a b c"),
        ("a\x00b\x1b[31mc\x85d\x9be", "ab[31mc de"),
        ("\u202egnp.exe\u202c \u2066x\u2069\u200e", "gnp.exe x"),
        ("Kanti\u00adnen\u200bpreis\ufeff", "Kantinenpreis"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("\ud800x\uffff", "x"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text, 1000) == expected


def test_cut_at_a_word() -> None:
    assert clean("one two three", 9) == "one two"
    assert clean("x" * 20, 9) == "x" * 9


@pytest.mark.parametrize("text", ["List<String>", "a < b", "<3", "x <y z", "<sup"])
def test_not_markup(text: str) -> None:
    assert not has_markup(text)


@pytest.mark.parametrize("text", ["a <b>c", "</p>", "<br/>", "<SCRIPT>", "<img src=x onerror=1>"])
def test_markup(text: str) -> None:
    assert has_markup(text)


@given(st.text(max_size=200), st.integers(1, 50))
def test_results_are_clean_and_short(text: str, limit: int) -> None:
    for result in (clean(text, limit), from_html(text, limit)):
        assert len(result) <= limit
        assert result == clean(result, limit)
        result.encode()


@pytest.mark.parametrize("piece", ["<", "<a ", "<script", "<!--", "<![CDATA[", "&", "<p", "</", "&#", "<a href='"])
def test_linear_time(piece: str) -> None:
    started = time.process_time()
    from_html(piece * 200_000, 4000)
    has_markup(piece * 200_000)
    assert time.process_time() - started < 1.0
