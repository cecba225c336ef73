"""Addresses that stand for many machines: of content delivery networks, which answer for thousands of sites at each.

To ask one site at a time there would be no kindness to anybody: behind the address stand thousands of servers, each
site has its own share of them, and the sites would only wait for one another. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network

LOOPBACK = "127.0.0.0/8 ::1/128"
CDN = """
103.21.244.0/22 103.22.200.0/22 103.31.4.0/22 104.16.0.0/13 104.24.0.0/14 108.162.192.0/18 131.0.72.0/22
141.101.64.0/18 162.158.0.0/15 172.64.0.0/13 173.245.48.0/20 188.114.96.0/20 190.93.240.0/20 197.234.240.0/22
198.41.128.0/17 2400:cb00::/32 2606:4700::/32 2803:f800::/32 2405:b500::/32 2405:8100::/32 2a06:98c0::/29
2c0f:f248::/32

23.235.32.0/20 43.249.72.0/22 103.244.50.0/24 103.245.222.0/23 103.245.224.0/24 104.156.80.0/20 140.248.64.0/18
140.248.128.0/17 146.75.0.0/17 151.101.0.0/16 157.52.64.0/18 167.82.0.0/17 167.82.128.0/20 167.82.160.0/20
167.82.224.0/20 172.111.64.0/18 185.31.16.0/22 199.27.72.0/21 199.232.0.0/16 2a04:4e40::/32 2a04:4e42::/32
"""
"""What Cloudflare and Fastly publish as theirs (2026-12). Others are found out by the number of sites that are met."""

NAMED = {"loopback": LOOPBACK, "cdn": CDN}
"""Words that a setting may use in place of networks."""


def networks(words: Iterable[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks, and words in place of some. Raises ValueError for anything else."""
    texts = (text for word in words for text in NAMED.get(word, word).split())
    return tuple(ip_network(text, strict=False) for text in texts)
