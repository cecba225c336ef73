"""The numbers of what is kept in Redis, from the settings of the same names."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network


@dataclass(frozen=True, slots=True)
class Limits:
    host_delay_s: float
    feed_lease_s: float
    article_lease_s: float
    max_in_flight: int
    max_pending: int
    max_outbox_bytes: int
    max_claims: int
    seen_days: int
    log_polls: int = 100
    address_delay_s: float = 1.0
    address_sites: int = 100
    many_sites: tuple[str, ...] = ()
    shared_addresses: tuple[IPv4Network | IPv6Network, ...] = ()

    @property
    def epoch_ms(self) -> int:
        """Four epochs are live, the current one included: three whole ones make the days."""
        return self.seen_days * 86_400_000 // 3
