"""Whether a page says that it has to be paid for, or shows the wall. Pure.

By schema.org's isAccessibleForFree (linked data or microdata, of the article or of a part of it), the content tier of
meta tags (`locked`, `metered`, `free`), and elements that are named as a paywall. What a page states goes before what
its elements are called: the wall's empty box stands on free pages too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.extract.jsonld import LinkedData

_TIERS = {"locked": True, "metered": True, "paid": True, "premium": True, "free": False}
_TIER_NAMES = ("article:content_tier", "og:article:content_tier", "content_tier")
_MAX_PARTS = 20


def is_behind(meta: Mapping[str, str], linked: LinkedData, shows_wall: bool) -> bool:
    """`shows_wall`: an element is named as a paywall."""
    for claims in (linked.article, linked.page):
        said = _free(claims.get("isAccessibleForFree"))
        if said is False or any(_free(part.get("isAccessibleForFree")) is False for part in _parts(claims)):
            return True
        if said is True:
            return False
    said = _free(meta.get("isaccessibleforfree"))
    if said is not None:
        return not said
    tiers = (_TIERS.get(meta.get(name, "").strip().lower()) for name in _TIER_NAMES)
    return next((tier for tier in tiers if tier is not None), shows_wall)


def _parts(claims: dict[str, Any]) -> list[dict[str, Any]]:
    parts = claims.get("hasPart")
    return [part for part in (parts if isinstance(parts, list) else [parts])[:_MAX_PARTS] if isinstance(part, dict)]


def _free(claim: object) -> bool | None:
    """True, "False", "http://schema.org/True", 0, ["false"]; None for what says neither."""
    if isinstance(claim, list):
        claim = claim[0] if claim else None
    if isinstance(claim, bool):
        return claim
    word = str(claim).strip().rstrip("/").rpartition("/")[2].lower()
    return True if word in ("true", "1", "yes") else False if word in ("false", "0", "no") else None
