"""What two copies of one text have in common. Pure."""

from __future__ import annotations

import re
import unicodedata

import xxhash

MIN_TOKENS = 25  # shorter texts are templates ("Read more on our site") more often than copies

_TOKEN = re.compile(r"\w+")


def exact(body: str) -> bytes | None:
    """16 bytes that are equal for equal texts, whatever their case, punctuation, spacing and Unicode form.

    None under 25 tokens: too short to say that two articles are the same. The headline is no part of it: sites write
    their own over the same wire text.
    """
    # Twice: case folding can leave a text that NFKC would still change, and the other way round (U+0345, U+1E9E).
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", body).casefold())
    tokens = _TOKEN.findall(text)
    if len(tokens) < MIN_TOKENS:
        return None
    return xxhash.xxh3_128_digest(" ".join(tokens).encode("utf-8", "surrogatepass"))
