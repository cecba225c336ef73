"""Networks by name, and what may stand in their place."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from worker.net.fronts import networks
from worker.net.guard import is_public
from worker.settings import load


def test_words_stand_for_networks() -> None:
    assert networks(["loopback"]) == (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    assert networks(["192.0.64.0/18", "10.1.2.3/8"]) == (ip_network("192.0.64.0/18"), ip_network("10.0.0.0/8"))
    assert networks([]) == ()
    cdn = networks(["cdn"])
    assert all(is_public(network[1]) for network in cdn)
    assert any(ip_address("104.16.1.1") in network for network in cdn)
    assert any(ip_address("2a04:4e42::1") in network for network in cdn)
    with pytest.raises(ValueError, match="akamai"):
        networks(["akamai"])


def test_the_setting_refuses_other_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDMILL_NET__SHARED_ADDRESSES", "Loopback, 198.51.100.0/24")
    monkeypatch.setenv("FEEDMILL_NET__MANY_SITES", "Tumblr.com,")
    net = load().net
    assert net.shared_addresses == ("loopback", "198.51.100.0/24")
    assert net.many_sites == ("tumblr.com",)
    monkeypatch.setenv("FEEDMILL_NET__SHARED_ADDRESSES", "cloudy")
    with pytest.raises(Exception, match="FEEDMILL_NET__SHARED_ADDRESSES"):
        load()
