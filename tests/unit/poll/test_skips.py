"""skipHours and skipDays."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.poll.parse import parse_feed
from worker.poll.skips import skipped
from worker.poll.wire import parsed_from_json, parsed_to_json

HOURS = "<skipHours><hour>0</hour><hour> 23 </hour></skipHours>"
ITEM = "<item><title>t</title><link>https://example.org/1</link></item>"


@pytest.mark.parametrize(
    ("channel", "hours", "days"),
    [
        ("", 0, 0),
        (HOURS, 1 | 1 << 23, 0),
        (HOURS + ITEM, 1 | 1 << 23, 0),
        (ITEM + HOURS, 1 | 1 << 23, 0),
        (ITEM * 3 + HOURS, 1 | 1 << 23, 0),
        ("<skipHours><hour>24</hour></skipHours>", 1, 0),
        ("<skipHours><hour>25</hour><hour>-1</hour><hour>1.5</hour><hour>x</hour></skipHours>", 0, 0),
        ("<skiphours>\n<Hour>5</Hour>\n</skiphours>", 1 << 5, 0),
        ("<skipDays><day>Saturday</day><day>sunday</day><day>Noday</day></skipDays>", 0, 0b1100000),
        ("<skipHours/><skipDays/>", 0, 0),
        ("<skipHours><hour>1</hour>", 0, 0),
        (ITEM + "<item><description>" + HOURS + "</description></item>", 0, 0),
        ("<skipHours>" + "<hour>3</hour>" * 10_000 + "</skipHours>", 0, 0),
    ],
)
def test_table(channel: str, hours: int, days: int) -> None:
    assert skipped(f'<rss version="2.0"><channel>{channel}</channel></rss>') == (hours, days)


def test_the_wishes_reach_the_parsed_feed_and_pass_the_pipe() -> None:
    wishes = HOURS + "<skipDays><day>Monday</day></skipDays>"
    body = f'<rss version="2.0"><channel><title>T</title>{wishes}{ITEM}</channel></rss>'
    parsed = parse_feed(
        body.encode(), "application/rss+xml", "https://example.org/f", datetime(2026, 11, 4, tzinfo=UTC)
    )
    assert (parsed.skip_hours, parsed.skip_days) == (1 | 1 << 23, 1)
    assert parsed_from_json(parsed_to_json(parsed)) == parsed
