"""TLS that is taken up again: a host that was visited before needs no second full handshake (RFC 8446 2.2).

It saves the server a signature, and everybody the certificates on the wire. A session is offered only to the name it
was made with, under the same context, so the certificate was checked for that very name; for a day at most.
"""

from __future__ import annotations

import ssl
import sys
import time
from collections import OrderedDict
from typing import Any

KEPT = 2000
"""Hosts; a session takes about 5 kB."""
LONGEST_S = 86_400.0
TLS_1_2_LIFETIME_S = 3600.0
"""Where the server does not say how long its ticket is good for."""


class ResumingContext(ssl.SSLContext):
    """A client's context with the system's certificates that offers the last session of a host when it connects."""

    _sessions: OrderedDict[str, tuple[float, ssl.SSLSession]]

    def __new__(cls) -> ResumingContext:
        made: ResumingContext = super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)
        made._sessions = OrderedDict()
        return made

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """As asyncio calls it for every connection."""
        known = session or self._known(str(server_hostname))
        return super().wrap_bio(incoming, outgoing, server_side, server_hostname, known)

    def keep(self, connection: Any) -> None:
        """The session of an `ssl.SSLObject` through which an answer came: with TLS 1.3 tickets arrive with that."""
        session, name = connection.session, connection.server_hostname
        if session is None or not name or not (session.has_ticket or session.id):
            return
        lifetime_s = min(session.ticket_lifetime_hint or TLS_1_2_LIFETIME_S, LONGEST_S)
        self._sessions[name] = time.monotonic() + lifetime_s, session
        self._sessions.move_to_end(name)
        if len(self._sessions) > KEPT:
            self._sessions.popitem(last=False)

    def forget(self, name: str) -> None:
        """A handshake failed: the next one starts from the beginning."""
        self._sessions.pop(name, None)

    def _known(self, name: str) -> ssl.SSLSession | None:
        until, session = self._sessions.get(name, (0.0, None))
        return session if until > time.monotonic() else None


def system_context() -> ResumingContext:
    """Verifies names and certificates as `ssl.create_default_context` does."""
    context = ResumingContext()
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    return context
