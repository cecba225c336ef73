"""All parts by name: in the article, of others, furniture."""

from __future__ import annotations

from tests.bench.layouts import furniture, inside, others
from tests.bench.layouts.later import LATER
from tests.bench.layouts.words import Maker, Part

__all__ = ["PARTS", "Part"]

PARTS: dict[str, Maker] = {
    "plain": inside.plain, "heading": inside.heading, "quote": inside.quote, "pulled_quote": inside.pulled_quote,
    "linked": inside.linked_sentence, "many_links": inside.many_links, "link_sentence": inside.whole_link_sentence,
    "facts": inside.facts, "list": inside.fact_list, "numbered": inside.numbered, "table": inside.data_table,
    "event": inside.event_data, "interview": inside.interview, "speakers": inside.definition,
    "correction": inside.correction, "footnotes": inside.footnotes, "lead": inside.lead, "short_end": inside.short_end,
    "ticker": inside.ticker, "ticker_shared": inside.ticker_shared, "recommendations": inside.recommendations,
    "long_sections": inside.long_sections, "questions": inside.questions, "nested_list": inside.nested_list,
    "source_links": inside.source_links, "section": inside.section, "accordion": inside.accordion,
    "remark": inside.remark, "counter": inside.counter, "signed": inside.signed,
    "teaser": others.related_teaser, "teaser_link": others.related_block_link, "related_list": others.related_list,
    "related_line": others.related_line, "teasers": others.teasers(5), "teasers_many": others.teasers(11),
    "teasers_deep": others.teasers(9, deep=True), "dated_teasers": others.dated_teasers,
    "card_teasers": others.card_teasers, "overlay_teasers": others.overlay_teasers,
    "item_teasers": others.item_teasers, "flat_teasers": others.flat_teasers,
    "consent_first": others.consent("above"), "consent_last": others.consent("below"),
    "comments": others.comments(5), "comments_many": others.comments(14, form=True),
    "comments_inside": others.comments(4, place="behind"), "comment_items": others.comment_items,
    "short_comments": others.short_comments, "threaded_comments": others.threaded_comments,
    "newsletter": furniture.newsletter, "newsletter_link": furniture.newsletter_link, "donation": furniture.donation,
    "author_box": furniture.author_box, "author_note": furniture.author_note, "byline": furniture.byline,
    "byline_under_lead": furniture.byline_under_lead, "tags": furniture.tags, "share": furniture.share,
    "share_list": furniture.share_list, "ad": furniture.ad, "ad_label": furniture.ad_label, "pager": furniture.pager,
    "player": furniture.player, "gallery": furniture.gallery, "picture": furniture.picture, "tweet": furniture.tweet,
    "trail": furniture.trail, "paywall": furniture.paywall, "paid_offer": furniture.paid_offer,
    "next_prev": furniture.next_prev, "poll": furniture.poll, "app": furniture.app, "sidebar": furniture.sidebar,
    "search": furniture.search_box, "legal": furniture.legal, **LATER,
}  # fmt: skip
