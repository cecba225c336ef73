"""A page as transfer, editors and attackers leave it: seeded mutations of its bytes."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

_TAG = re.compile(rb"<[^<>]{1,300}>")
_CLOSING = re.compile(
    rb"</(?!script|style|title|textarea|noscript|iframe|template|svg|select|button)[a-zA-Z0-9]+>", re.I
)


def cut(page: bytes, rng: random.Random) -> bytes:
    return page[: rng.randrange(len(page))]


def beheaded(page: bytes, rng: random.Random) -> bytes:
    return page[rng.randrange(len(page)) :]


def without_some_tags(page: bytes, rng: random.Random) -> bytes:
    return _TAG.sub(lambda match: b"" if rng.random() < 0.2 else match.group(), page)


def without_closing_tags(page: bytes, rng: random.Random) -> bytes:
    return _CLOSING.sub(lambda match: b"" if rng.random() < 0.5 else match.group(), page)


def other_closing_tags(page: bytes, rng: random.Random) -> bytes:
    names = (b"</div>", b"</p>", b"</body>", b"</html>", b"</table>", b"</form>", b"</a>", b"</script>", b"</head>")
    return _CLOSING.sub(lambda match: rng.choice(names) if rng.random() < 0.1 else match.group(), page)


def shuffled(page: bytes, rng: random.Random) -> bytes:
    pieces = page.split(b"<")
    at = sorted(rng.sample(range(len(pieces)), min(2, len(pieces))))
    middle = pieces[at[0] : at[-1]]
    rng.shuffle(middle)
    return b"<".join([*pieces[: at[0]], *middle, *pieces[at[-1] :]])


def flipped(page: bytes, rng: random.Random) -> bytes:
    changed = bytearray(page)
    for _ in range(max(1, len(page) // 500)):
        changed[rng.randrange(len(page))] = rng.randrange(256)
    return bytes(changed)


def binary_inside(page: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(page))
    return page[:at] + rng.randbytes(3000) + page[at:]


def odd_elements(page: bytes, rng: random.Random) -> bytes:
    odd = (
        b"<form><form>", b"<frameset><frame src=x>", b"<noframes>", b"<plaintext>", b"<template>", b"<select><option>",
        b"<table><table>", b"<svg><foreignObject>", b"<math><mi>", b"<textarea>", b"<title>", b"<base href='::'>",
        b"<!-- ", b"<![CDATA[", b"<?php echo 1 ?>", b"<o:p>", b"<a><a><a>", b"<p " + b"a=1 " * 400 + b">",
        b"<img alt='" + b"x" * 5000 + b"'>", b"<x-y-z>", b"<meta charset=utf-7>", b"<nav>", b"<button>", b"<iframe>",
        b"<html class='" + b"a b-c " * 2000 + b"'>", b"<div style='display:none'>", b"<div hidden>", b"&#xD800;&#0;",
    )  # fmt: skip
    for _ in range(rng.randint(1, 4)):
        at = rng.choice([match.start() for match in _TAG.finditer(page)] or [0])
        page = page[:at] + rng.choice(odd) + page[at:]
    return page


def other_charset(page: bytes, rng: random.Random) -> bytes:
    text = page.decode("utf-8", "replace")
    codec = rng.choice(
        ("utf-16", "utf-16-be", "cp1252", "koi8-r", "utf-7", "utf-32", "shift_jis", "cp037", "mac-roman")
    )
    return text.encode(codec, "ignore")


def twice_encoded(page: bytes, rng: random.Random) -> bytes:
    del rng
    return page.decode("utf-8", "replace").encode("utf-8").decode("cp1252", "replace").encode("utf-8")


def repeated(page: bytes, rng: random.Random) -> bytes:
    return page * rng.randint(2, 4)


MUTATIONS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    made.__name__: made
    for made in (
        cut, beheaded, without_some_tags, without_closing_tags, other_closing_tags, shuffled, flipped, binary_inside,
        odd_elements, other_charset, twice_encoded, repeated,
    )
}  # fmt: skip
