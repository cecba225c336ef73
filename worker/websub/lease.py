"""The life of one subscription as a table of transitions. Pure: time and randomness are arguments.

NEW -> ASKED -> ACTIVE -> (renewed in time) ACTIVE ...; DENIED for a week; LEAVING until the hub has confirmed.
"""

from __future__ import annotations

import hashlib
import hmac
import random
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from worker.models import FeedId, Standing, Subscription

VERIFY_S = 3600.0
"""How long a hub may take from its "accepted" to its confirmation."""
RENEW_AT, RENEW_SPREAD = 0.8, 0.1
"""Share of a lease after which it is renewed, and over how much of it renewals are spread."""
SHORTEST_RENEWAL_S = 600.0
"""A hub that lends for seconds is not asked every few seconds."""
LONGEST_LEASE_S = 30 * 86400.0
USUAL_LEASE_S = 86400.0
"""Of a hub that does not say how long (those of PubSubHubbub 0.3)."""
BACKOFF_S, LONGEST_BACKOFF_S = 600.0, 86400.0
DENIED_S = 7 * 86400.0
TRIES_PER_HUB = 2
LEAVING_TRIES = 3
MAX_SIGNATURE_CHARS = 200
MAX_DETAIL_CHARS = 200

METHODS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
"""WebSub 7.1.1. SHA-1 as well: it is what the oldest hubs send, and HMAC with it is not broken."""
_CHALLENGE = re.compile(r"[+\-./0-9=A-Z_a-z]{1,2048}")
"""WebSub 5.3; nothing in it can be markup."""
_SIGNATURE = re.compile(r"(sha\d{1,3})=([0-9a-fA-F]{40,128})")


class Mode(StrEnum):
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


def made(feed_id: FeedId, hubs: tuple[str, ...], topic: str, *, token: str, secret: str, now: datetime) -> Subscription:
    """A new one, due at once; `token` and `secret` are unguessable."""
    return Subscription(token, feed_id, hubs[0], hubs, topic, secret, now, now)


def mode_of(subscription: Subscription) -> Mode:
    return Mode.UNSUBSCRIBE if subscription.standing is Standing.LEAVING else Mode.SUBSCRIBE


def form(subscription: Subscription, callback: str, lease_s: float) -> dict[str, str]:
    """What is sent to the hub (WebSub 5.1)."""
    fields = {
        "hub.callback": callback,
        "hub.mode": mode_of(subscription).value,
        "hub.topic": subscription.topic,
        "hub.verify": "async",  # PubSubHubbub 0.3 asks for it; others pass over it
    }
    if subscription.standing is not Standing.LEAVING:
        fields |= {"hub.lease_seconds": str(int(lease_s)), "hub.secret": subscription.secret}
    return fields


def accepted(subscription: Subscription, now: datetime) -> Subscription:
    """The hub has taken the request; what counts is its confirmation, which it has an hour for."""
    standing = Standing.ASKED if subscription.standing in (Standing.NEW, Standing.DENIED) else subscription.standing
    return replace(
        subscription,
        standing=standing,
        asked_at=now,
        due_at=now + timedelta(seconds=VERIFY_S),
        detail="waits for the hub to confirm",
    )


def failed(
    subscription: Subscription, now: datetime, rng: random.Random, detail: str, *, after_s: float = 0.0
) -> Subscription | None:
    """The hub did not take the request, or never confirmed it. None: it is over (a leave that nobody confirms)."""
    tries = subscription.tries + 1
    if subscription.standing is Standing.LEAVING and tries >= LEAVING_TRIES:
        return None
    wait_s = min(BACKOFF_S * 2.0 ** min(tries - 1, 20), LONGEST_BACKOFF_S) * (1 - 0.2 * rng.random())
    hub, hubs = subscription.hub, subscription.hubs
    if tries % TRIES_PER_HUB == 0 and subscription.standing is not Standing.LEAVING and hub in hubs:
        hub = hubs[(hubs.index(hub) + 1) % len(hubs)]
    return replace(
        subscription,
        hub=hub,
        tries=tries,
        asked_at=None,
        due_at=now + timedelta(seconds=max(wait_s, after_s)),
        detail=detail[:MAX_DETAIL_CHARS],
    )


def overdue(subscription: Subscription, now: datetime) -> bool:
    """A hub took the request and has not confirmed it in time."""
    return subscription.asked_at is not None and (now - subscription.asked_at).total_seconds() >= VERIFY_S


def confirmed(
    subscription: Subscription, query: Mapping[str, str], now: datetime, rng: random.Random
) -> Subscription | None:
    """After a verification (WebSub 5.3) of something that we want: to be answered with its challenge. None: it is not.

    The caller has found the subscription by its token. The topic must be its own; a subscription is confirmed while it
    is wanted, leaving while it is being left. The state may be the same as before: a hub may ask again.
    """
    if query.get("hub.topic") != subscription.topic or not _CHALLENGE.fullmatch(query.get("hub.challenge", "")):
        return None
    leaving = subscription.standing is Standing.LEAVING
    if query.get("hub.mode") == Mode.UNSUBSCRIBE and leaving:
        return replace(subscription, until=None, asked_at=None, detail="left")
    wanted = subscription.standing is Standing.ACTIVE or subscription.asked_at is not None
    if query.get("hub.mode") != Mode.SUBSCRIBE or leaving or not wanted:
        return None
    lease_s = lease_of(query.get("hub.lease_seconds", ""))
    renew_s = max(lease_s * (RENEW_AT - RENEW_SPREAD * rng.random()), SHORTEST_RENEWAL_S)
    return replace(
        subscription,
        standing=Standing.ACTIVE,
        until=now + timedelta(seconds=lease_s),
        asked_at=None,
        due_at=now + timedelta(seconds=renew_s),
        tries=0,
        detail="",
    )


def denied(subscription: Subscription, query: Mapping[str, str], now: datetime) -> Subscription | None:
    """After a denial (WebSub 5.2), which may come at any time. None: of something else."""
    if query.get("hub.topic") != subscription.topic or subscription.standing is Standing.LEAVING:
        return None
    return replace(
        subscription,
        standing=Standing.DENIED,
        until=None,
        asked_at=None,
        due_at=now + timedelta(seconds=DENIED_S),
        detail=f"denied: {query.get('hub.reason', '')}"[:MAX_DETAIL_CHARS],
    )


def lease_of(text: str) -> float:
    """Seconds that the hub lends; at most 30 days, and a day when it says nothing usable."""
    if text.isascii() and text.isdigit() and len(text) <= 12 and int(text) > 0:
        return min(float(text), LONGEST_LEASE_S)
    return USUAL_LEASE_S


def left(subscription: Subscription, now: datetime) -> Subscription | None:
    """The feed is gone, or names other hubs. None: no hub knows of it."""
    if subscription.until is None and subscription.asked_at is None:
        return None
    if subscription.standing is Standing.LEAVING:
        return subscription
    return replace(subscription, standing=Standing.LEAVING, asked_at=None, due_at=now, tries=0, detail="")


class Signature:
    """Checks a body that is never held: `update` with its parts, then `true`. Compared in constant time."""

    def __init__(self, secret: str, header: str) -> None:
        found = _SIGNATURE.fullmatch(header.strip()) if len(header) <= MAX_SIGNATURE_CHARS else None
        method = METHODS.get(found[1]) if found else None
        self._given = found[2].lower() if found else ""
        self._hmac = hmac.new(secret.encode(), b"", method) if method else None

    def update(self, part: bytes) -> None:
        if self._hmac is not None:
            self._hmac.update(part)

    def true(self) -> bool:
        """False as well when there was no signature, or one of an unknown kind: we always give a secret."""
        return self._hmac is not None and hmac.compare_digest(self._hmac.hexdigest(), self._given)
