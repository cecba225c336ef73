"""Every number of the deduplicate stage, with the reason for it.

[R] is the research page (simulated edits of wire copies, 4,377 documents, and the first 9,000 Reuters bodies); [B] is
`make bench-stories` (docs/benchmarks.md). Containment is the share of the smaller text's shingles in the other, 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass

MIN_TOKENS = 25
"""Below it nothing is compared: such texts are templates ("Read more on our site") more often than copies."""

SHINGLE_WORDS = 3
"""Content words of a shingle. [R] 2 to 4 differ by less than .02 in F1; 3 needs the fewest false candidates."""

SKETCH_SHARE = 6
"""One shingle in so many is kept. [R] 8 finds .89 of the four-sentence briefs, 4 finds .96."""

SKETCH_MIN = 96
"""At least so many are kept, all of a shorter text. [B] With 64 some copies of 120 words were missed by chance: of such
a text only those hashes compare that the longer one has kept, too. 128 finds no more."""

SKETCH_MAX = 192
"""At most so many: bounds the memory of long texts; 768 shingles (about 1,300 words) reach it."""

ANCHOR_SHARE = 20
ANCHOR_MIN = 28
ANCHOR_MAX = 64
"""The smallest hashes of the sketch that are posted and looked up; the rest only verifies. [B] 32 anchors find what
all hashes find, at half the look-ups: a copy that shares .2 of a text still meets it at 6 anchors."""

FACT_MAX = 16
"""Numbers, dates and names kept with their place in the text, numbers and dates first: 80 bytes."""


SEGMENTS = 8
"""Parts of a text in which shared shingles are located: what is shared by an edited copy is spread over the text, what
is shared with a quote, a round-up or a background paragraph stands together."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the script decides by. Containments in thousandths, so that it counts in whole numbers."""

    epoch_ms: int = 4 * 86_400_000
    """Two epochs live: a story takes in copies for 4 to 8 days after its last one, as long as wire news travels."""
    join: int = 400
    """Containment of a copy. [R] F1 .934 at .40 and .937 at .35, .92 at .50; below .35 shared background links."""
    join_spread: int = 330
    spread: int = 850
    join_together: int = 600
    together: int = 600
    """How many of the smaller text's eighths the shared shingles reach, in thousandths of what as many shingles would
    reach by chance. Spread evenly, less containment is enough; standing together, more is needed: it may be a quote."""
    join_passage: int = 700
    join_passage_short: int = 800
    passage: int = 320
    """The same of the larger text. Where they reach no more of it, and are not evenly spread over the smaller, they are
    a passage of it: a quote, or the piece of a story in a round-up. [B] Of such pairs below .7 one in three is false,
    of all others one in two hundred; a brief that is the beginning of a story has nearly all of itself there."""
    join_short: int = 700
    short_words: int = 120
    """[R] all wrong links of the Reuters sample below .6 were short templates."""
    join_same_site: int = 900
    """A site prints a wire text once; what it prints again under another URL is a follow-up or a series."""
    join_disagree: int = 950
    """Needed when numbers, dates and names disagree: results, prices, weather, figures, horoscopes."""
    segments: int = SEGMENTS
    fact_max: int = FACT_MAX
    disagree_short: int = 1
    disagree_long: int = 2
    disagree_share: int = 340
    """Facts that differ at the same place, at least, and their share of the places in common. [B] An editor corrects
    one figure of a wire text; another filling of a template has other facts at half of its places."""
    keep_revision: int = 300
    """A new version of a URL below this is another text (live page, reused URL): its story is decided anew."""
    repost: int = 850
    """Above it a copy adds nothing that its representative does not show: it is not stored as one itself. [R]"""
    min_shared: int = 4
    min_compared: int = 5
    """Hashes shared, and hashes on the smaller side: fewer are chance or a phrase. [R]"""
    candidates: int = 12
    """Representatives verified, most anchors first: enough to see the pieces of a round-up of six stories."""
    candidate_hits: int = 2
    candidate_hits_short: int = 1
    """Anchors in common; a single one is a phrase, but of a short text a long one has few among its own."""
    postings: int = 12
    """Representatives kept per anchor, the newest: bounds what one common phrase costs. 36 bytes: stays a listpack."""
    piece: int = 60
    """Share of a round-up that one story must explain alone to count as a piece."""
    piece_shared: int = 4
    piece_apart: int = 750
    """Share of what is shared with one story that is shared with no other: versions of one story that were not yet
    merged overlap, the pieces of a round-up do not."""
    pieces: int = 3
    """Stories of which a text holds pieces: a digest."""
    main_piece: int = 550
    """A text of which one story explains more than this is a copy of that story with additions, and no round-up."""
    merge: int = 400
    merge_cover: int = 250
    """Containment of a text in each of two stories that makes them one, and the least share of either story's text that
    it has. [B] Without the second a brief that a round-up tells makes one story of all that the round-up tells."""
    bucket_entries: int = 56
    """Anchors per bucket on average: [R] 10 to 50 keep it small and quick; the table grows by itself. [B] 56 costs 10
    bytes a document less than 48, and the fullest of them stay under 128 entries, a listpack everywhere."""
    lead_growth: int = 1250
    """A text this much longer (thousandths) than the lead takes its place; less is furniture that was not cut."""


RULES = Rules()
