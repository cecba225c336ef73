"""Which addresses and ports may be reached. Pure; the table is ours and frozen.

`ipaddress.is_global` is no guard: in Python 3.11 it is true for multicast, NAT64, 6to4, `::127.0.0.1`, site-local and
the metadata services of two clouds. So IPv4 is everything but the special-purpose registry (RFC 6890 and successors),
multicast and known metadata addresses; IPv6 is 2000::/3 and nothing else, without its tunnels and special blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from worker.errors import Refuse
from worker.models import Reason

Network = IPv4Network | IPv6Network

PORTS = frozenset({80, 443, 8080, 8443})
"""The ports of the public internet that are asked; in an allowed network any port is."""

BLOCKED_V4: tuple[IPv4Network, ...] = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT, and a cloud's metadata service
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's host agent: a public number, a private service
        "169.254.0.0/16",  # link-local, metadata services
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # IETF protocol assignments; 192.0.0.192 is Oracle's metadata service
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT relays
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and the broadcast address
    )
)
UNICAST_V6 = IPv6Network("2000::/3")
BLOCKED_V6: tuple[IPv6Network, ...] = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # IETF assignments: Teredo, benchmarks, ORCHID, AMT, AS112
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries any IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """True for an address of the public internet. An IPv4-mapped IPv6 address is judged as the IPv4 address it is."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        if address.ipv4_mapped is None:
            return address in UNICAST_V6 and not any(address in network for network in BLOCKED_V6)
        address = address.ipv4_mapped
    return not any(address in network for network in BLOCKED_V4)


def check_address(address: str, port: int, allow: Sequence[Network] = ()) -> None:
    """To be asked with what the socket is about to connect to. `allow`: networks that may be reached at any port.

    Raises Refuse(address_blocked) for everything that is neither allowed nor public, unreadable text included, and
    Refuse(port_blocked) for a public address at another port than 80, 443, 8080, 8443.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        raise Refuse(Reason.ADDRESS_BLOCKED, "not an address") from None
    if _is_allowed(parsed, allow):
        return
    if not is_public(parsed):
        raise Refuse(Reason.ADDRESS_BLOCKED, str(parsed))
    if port not in PORTS:
        raise Refuse(Reason.PORT_BLOCKED, str(port))


def _is_allowed(address: IPv4Address | IPv6Address, allow: Sequence[Network]) -> bool:
    """A zone id is never allowed: it names an interface of this machine, which no URL has to choose."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        address = address.ipv4_mapped or address
    return any(address in network for network in allow)
