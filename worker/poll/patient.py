"""feedparser, switches off, with a driver that merges text: for what the fast path declines. Pure."""

from __future__ import annotations

import io

import feedparser

from worker.errors import Refuse
from worker.models import Reason
from worker.poll import sax
from worker.poll.fast import Found


def read(document: str, url: str) -> tuple[Found | None, bool]:
    """As `fast.read`, and whether the document is not well-formed; None when it is no feed. Refuse(not_a_feed)."""
    sax.register()
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    try:
        with sax.collected_ids() as raw_ids:
            # A stream, never the bytes themselves: feedparser would open a file or a URL of that name.
            result = feedparser.parse(
                io.BytesIO(document.encode()),
                response_headers=headers,
                sanitize_html=False,
                resolve_relative_uris=False,
            )
    except sax.TooDeepError:
        raise Refuse(Reason.NOT_A_FEED, f"elements nested deeper than {sax.MAX_DEPTH}") from None
    except MemoryError:
        raise
    except Exception as error:
        # Its lenient parser raises AssertionError, ValueError and others for input that no feed has.
        raise Refuse(Reason.NOT_A_FEED, f"unreadable ({type(error).__name__})") from error
    malformed = bool(result.get("bozo"))
    raws = list(result.entries)
    if not result.get("version") and not raws:
        return None, malformed
    # Two passes (strict, then lenient) collect twice; only a strict pass that went through tells the ids.
    ids = raw_ids if not malformed and len(raw_ids) == len(raws) else [""] * len(raws)
    atom = str(result.get("version")).startswith("atom")
    return Found(atom, result.feed, list(zip(raws, ids, strict=True))), malformed
