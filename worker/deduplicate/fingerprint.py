"""What is kept of a text to find its copies. Pure."""

from __future__ import annotations

import xxhash

from worker.deduplicate.parameters import MIN_TOKENS
from worker.deduplicate.sketch import sketch
from worker.deduplicate.tokens import words
from worker.models import Fingerprint


def fingerprint(body: str, language: str) -> Fingerprint:
    """Of a body from which the site's furniture was cut. Empty under 25 words: too short to say anything.

    `exact` is equal for equal texts, whatever their case, punctuation, spacing and Unicode form. The headline is no
    part of it: sites write their own over the same wire text.
    """
    written, folded = words(body)
    count = folded.count(" ") + 1
    if count < MIN_TOKENS:
        return Fingerprint()
    found = sketch(written, language)
    return Fingerprint(
        exact=xxhash.xxh3_128_digest(folded.encode("utf-8", "surrogatepass")),
        words=count,
        hashes=found.hashes,
        tau=found.tau,
        anchors=found.anchors,
        segments=found.segments,
        facts=found.facts,
    )
