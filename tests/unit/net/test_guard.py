"""The address table, by example and by property (security.md section 1, S01-S07, S14)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.errors import Refuse
from worker.models import Reason
from worker.net.guard import BLOCKED_V4, BLOCKED_V6, PORTS, check_address, is_public

PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.254 100.128.0.0 126.255.255.255 128.0.0.0 168.63.129.15
168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.88.98.255
192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255 203.0.112.255 203.0.114.0 223.255.255.255
2000:: 2001:200::1 2001:4860:4860::8888 2003::1 2606:4700:4700::1111 2a00:1450::1 3ffe::1
3fff:1000:: 3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ::ffff:8.8.8.8
"""

BLOCKED = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.0 100.100.100.200 100.127.255.255 127.0.0.1 127.255.255.255
168.63.129.16 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.31.196.1
192.52.193.1 192.88.99.1 192.168.0.1 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1
239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::808:808
64:ff9b:1::a00:1 100::1 100:0:0:1::1 1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2
2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:808:808::1 2620:4f:8000::1 3fff::1
3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff 4000::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 ff0e::1
fe80::1%eth0 2606:4700::1%1 ::1%lo
"""


def refusal(address: str, port: int = 443, allow: tuple[IPv4Network | IPv6Network, ...] = ()) -> Reason | None:
    try:
        check_address(address, port, allow)
    except Refuse as error:
        return error.reason
    return None


@pytest.mark.parametrize("address", PUBLIC.split())
def test_public_addresses_pass(address: str) -> None:
    assert refusal(address) is None


@pytest.mark.parametrize("address", BLOCKED.split())
def test_everything_else_is_refused(address: str) -> None:
    assert refusal(address) is Reason.ADDRESS_BLOCKED


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.1", "2130706433", "0x7f.1", "1.2.3.4.5", "a:b", "::1::", " 8.8.8.8"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    assert refusal(text) is Reason.ADDRESS_BLOCKED


@pytest.mark.parametrize("port", [0, 1, 22, 25, 79, 81, 442, 6379, 8000, 8081, 9200, 65535, 99999, -1])
def test_other_ports_are_refused(port: int) -> None:
    assert refusal("8.8.8.8", port) is Reason.PORT_BLOCKED


@pytest.mark.parametrize("port", sorted(PORTS))
def test_web_ports_pass(port: int) -> None:
    assert refusal("8.8.8.8", port) is None


LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::ffff:127.0.0.1", "fd00::1"])
@pytest.mark.parametrize("port", [1, 22, 80, 6379, 65535])
def test_an_allowed_network_is_open_at_every_port(address: str, port: int) -> None:
    assert refusal(address, port, LOOPBACK) is None


@pytest.mark.parametrize(
    "address", ["126.0.0.1%lo", "10.0.0.1", "::1", "64:ff9b::7f00:1", "2002:7f00:1::", "fd00::1%eth0"]
)
def test_an_allowed_network_opens_nothing_else(address: str) -> None:
    assert refusal(address, 80, LOOPBACK) is Reason.ADDRESS_BLOCKED
    assert refusal("8.8.8.8", 22, LOOPBACK) is Reason.PORT_BLOCKED


@settings(deadline=None)  # a busy machine pauses for longer than any example takes
@given(st.ip_addresses(v=4))
def test_what_passes_is_global_by_the_registry_too(address: IPv4Address) -> None:
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved


@settings(deadline=None)
@given(st.ip_addresses(v=6))
def test_no_ipv6_address_outside_global_unicast_passes(address: IPv6Address) -> None:
    if is_public(address) and address.ipv4_mapped is None:
        assert int(address) >> 125 == 0b001
        assert address.sixtofour is None
        assert address.teredo is None


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_what_it_is(address: IPv4Address) -> None:
    assert is_public(IPv6Address(f"::ffff:{address}")) == is_public(address)


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_no_tunnel_carries_an_ipv4_address(address: IPv4Address) -> None:
    number = int(address)
    for tunnel in (
        IPv6Address(number),  # IPv4-compatible
        IPv6Address((0x64FF9B << 96) | number),  # NAT64
        IPv6Address((0x64FF9B0001 << 80) | number),  # local NAT64
        IPv6Address((0x2002 << 112) | (number << 80)),  # 6to4
        IPv6Address((0x20010000 << 96) | (number ^ 0xFFFFFFFF)),  # Teredo
        IPv6Address((0xFFFF << 48) | number),  # SIIT
    ):
        assert not is_public(tunnel), tunnel


@pytest.mark.parametrize("network", BLOCKED_V4 + BLOCKED_V6, ids=str)
def test_both_ends_of_every_blocked_network(network: IPv4Network | IPv6Network) -> None:
    assert not is_public(network[0])
    assert not is_public(network[-1])


@settings(deadline=None)
@given(st.ip_addresses(), st.integers(-10, 70000), st.sampled_from([(), LOOPBACK]))
def test_nothing_but_refuse_is_raised(
    address: IPv4Address | IPv6Address, port: int, allow: tuple[IPv4Network | IPv6Network, ...]
) -> None:
    reason = refusal(str(address), port, allow)
    allowed = any(ip_address(str(address)) in network for network in allow)
    if reason is None and not allowed:
        assert port in PORTS


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_raises_anything_else(text: str) -> None:
    assert refusal(text) in (None, Reason.ADDRESS_BLOCKED)
