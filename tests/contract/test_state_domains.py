"""`Frontier`: one request at a time per registrable domain and per address, and nobody is left waiting for ever."""

from __future__ import annotations

import random
from collections import Counter
from ipaddress import ip_network

import pytest

from tests.state import NOW, Mill, make_step, refused
from tests.valkey import Valkey
from worker.models import Claim, ClaimKind, FeedState, Reason

ADDRESS, OTHER = "198.51.100.7", "198.51.100.8"


@pytest.fixture
def mill(valkey: Valkey) -> Mill:
    return Mill(valkey.client, address_delay_s=1.0, many_sites=("hoster.example",))


def end(mill: Mill, claim: Claim, delay_s: float | None = None) -> None:
    mill.frontier.release(claim, delay_s)
    if claim.kind is ClaimKind.ARTICLE:
        assert mill.frontier.finish(claim, refused(f"https://{claim.host}/"))
    else:
        assert mill.feeds.save(claim, FeedState(polled_at=NOW), mill.scripts.now().replace(year=2040), None)


def meet(mill: Mill, hosts: dict[str, str]) -> None:
    """Each host is asked once, so that its address is known; then all have rested."""
    mill.offer(f"https://{host}/first" for host in hosts)
    for _ in hosts:
        [claim] = mill.claim(1)
        assert mill.frontier.reach(claim.host, hosts[claim.host], claim) == 0.0
        end(mill, claim)
        mill.later(10)


# By domain


def test_p12_hosts_of_one_domain_are_asked_one_at_a_time(mill: Mill) -> None:
    hosts = ["www.example.co.uk", "news.example.co.uk", "example.co.uk", "example.co.uk:8080"]
    mill.offer(f"https://{host}/{n}" for host in hosts for n in range(2))
    mill.offer(["https://example.com/1"])
    mill.audit()
    first, second = mill.claim()
    assert {first.host.partition(":")[0].removeprefix("www.").removeprefix("news."), second.host} == {
        "example.co.uk",
        "example.com",
    }
    mill.later(100)
    assert mill.claim() == [], "nobody said that the request is over"
    end(mill, first)
    end(mill, second)
    assert mill.claim() == [], "the whole domain rests"
    mill.later(2)
    [third] = mill.claim()
    assert third.host != first.host, "its hosts take turns"
    mill.audit()


def test_p12_no_host_of_a_domain_is_starved_by_another(mill: Mill) -> None:
    mill.offer(f"https://big.example.com/{n}" for n in range(100))
    mill.subscribe(f"https://big.example.com/feed/{n}" for n in range(100))
    mill.offer([f"https://small{n}.example.com/1" for n in range(5)])
    served: Counter[tuple[str, ClaimKind]] = Counter()
    for _ in range(24):
        claim = mill.claim_one()
        served[claim.host, claim.kind] += 1
        end(mill, claim, 0.0)
        mill.later(2)
    assert {host for host, _ in served} == {"big.example.com", *(f"small{n}.example.com" for n in range(5))}
    assert served["big.example.com", ClaimKind.FEED] == 12, "polls and articles of a domain take turns"
    mill.audit()


def test_p13_a_pause_holds_for_the_whole_registrable_domain(mill: Mill) -> None:
    mill.offer(["https://a.example.co.uk/1", "https://other.co.uk/1"])
    claims = {claim.host: claim for claim in mill.claim()}
    mill.subscribe(["https://b.example.co.uk/feed"])
    assert claims.keys() == {"a.example.co.uk", "other.co.uk"}
    mill.frontier.retry(claims["a.example.co.uk"], 3600, make_step(Reason.RATE_LIMITED), block_host=True)
    end(mill, claims["other.co.uk"])
    mill.offer(["https://c.example.co.uk/new", "https://other.co.uk/2"])
    mill.later(3590)
    assert [claim.host for claim in mill.claim()] == ["other.co.uk"]
    mill.later(11)
    assert [claim.host.partition(".")[2] for claim in mill.claim()] == ["example.co.uk"]
    mill.audit()


def test_p13_a_poll_pauses_the_domain_that_asked_and_no_other(mill: Mill) -> None:
    """The feed of `a` leads to `b`, whose server asks for a pause: `a` has nothing to do with it."""
    mill.subscribe(["https://a.com/feed"])
    claim = mill.claim_one()
    assert mill.frontier.acquire("feeds.b.com", claim) == 0.0
    later = mill.scripts.now().replace(year=2040)
    assert mill.feeds.save(claim, FeedState(polled_at=NOW), later, None, 600.0, "feeds.b.com")
    mill.offer(["https://a.com/1", "https://www.b.com/1"])
    mill.later(2)
    assert [claim.host for claim in mill.claim()] == ["a.com"]
    mill.later(598)
    assert [claim.host for claim in mill.claim()] == ["www.b.com"]
    mill.audit()


def test_p13_a_given_up_article_still_pauses_its_domain(mill: Mill) -> None:
    mill.offer(["https://a.example.com/1", "https://b.example.com/1"])
    claim = mill.claim_one()
    mill.frontier.release(claim, 900, asked=True)
    assert mill.frontier.finish(claim, refused("https://a.example.com/1"))
    mill.later(899)
    assert mill.claim() == []
    mill.later(1)
    assert mill.claim_one().host == "b.example.com"


def test_p12_sites_of_a_hoster_are_paced_apart_but_pause_together(mill: Mill) -> None:
    mill.offer(f"https://{name}.hoster.example/{n}" for name in ("ann", "bob", "cem") for n in range(3))
    claims = {claim.host.partition(".")[0]: claim for claim in mill.claim()}
    assert claims.keys() == {"ann", "bob", "cem"}
    end(mill, claims["bob"])
    mill.later(2)
    [again] = mill.claim()
    assert again.host == "bob.hoster.example"
    mill.frontier.retry(claims["ann"], 500, make_step(Reason.RATE_LIMITED), block_host=True)
    end(mill, claims["cem"])
    end(mill, again)
    mill.offer(["https://dan.hoster.example/1"])
    mill.later(498)
    assert mill.claim() == []
    assert mill.frontier.next_work_s() == pytest.approx(2, abs=1)
    mill.later(2)
    assert len(mill.claim()) == 4
    mill.audit()


def test_p20_a_crawl_delay_is_the_hosts_own(mill: Mill) -> None:
    mill.offer(f"https://{name}.example.com/{n}" for name in ("slow", "quick") for n in range(3))
    for _ in range(2):  # both are met once
        claim = mill.claim_one()
        mill.frontier.release(claim, host_delay_s=60.0 if claim.host == "slow.example.com" else 0.0)
        assert mill.frontier.finish(claim, refused(f"https://{claim.host}/"))
        mill.later(2)
    for _ in range(2):
        claim = mill.claim_one()
        assert claim.host == "quick.example.com"
        end(mill, claim)
        mill.later(2)
    assert mill.claim() == []
    mill.offer(["https://slow.example.com/new"])
    mill.subscribe(["https://slow.example.com/feed"])
    assert mill.claim() == [], "for what comes later, too"
    mill.audit()
    mill.later(60)
    assert mill.claim_one().host == "slow.example.com"


# By address


def test_p12_sites_at_one_address_are_asked_one_at_a_time(mill: Mill) -> None:
    meet(mill, {"a.com": ADDRESS, "b.com": ADDRESS, "c.com": OTHER})
    mill.offer(["https://a.com/1", "https://b.com/1", "https://c.com/1"])
    claims = mill.claim()
    assert sorted(claim.host for claim in claims) == ["a.com", "c.com"]
    mill.audit()
    mill.later(100)
    assert mill.claim() == []
    [mine] = [claim for claim in claims if claim.host == "a.com"]
    mill.frontier.release(mine)
    assert mill.claim() == [], "the address rests"
    mill.later(1)
    assert mill.claim_one().host == "b.com"
    mill.audit()


def test_p12_an_address_is_locked_when_it_is_connected_to(mill: Mill) -> None:
    """The first time nobody knows which sites share one."""
    mill.offer(["https://a.com/1", "https://b.com/1"])
    a, b = sorted(mill.claim(), key=lambda claim: claim.host)
    assert mill.frontier.reach("a.com", ADDRESS, a) == 0.0
    assert mill.frontier.reach("a.com", ADDRESS, a) == 0.0, "it is ours already"
    assert 0 < mill.frontier.reach("b.com", ADDRESS, b) <= 5
    assert mill.frontier.reach("b.com", OTHER, b) == 0.0, "another address of the same host"
    mill.frontier.release(a)
    assert 0 < mill.frontier.reach("b.com", ADDRESS, b) <= 1, "it rests now"
    mill.later(1)
    assert mill.frontier.reach("b.com", ADDRESS, b) == 0.0
    c = Claim(ClaimKind.ARTICLE, b.id, "b.com", "stale")
    assert mill.frontier.reach("b.com", "198.51.100.9", c) > 0, "never for a lost lease"
    mill.frontier.release(b)
    mill.later(2)
    assert mill.frontier.reach("a.com", OTHER, a) == 0.0, "all addresses of the claim were given up"
    mill.audit()


def test_p12_a_redirect_to_a_neighbour_at_the_same_address_is_no_conflict(mill: Mill) -> None:
    mill.subscribe(["https://a.com/feed"])
    claim = mill.claim_one()
    assert mill.frontier.reach("a.com", ADDRESS, claim) == 0.0
    assert mill.frontier.acquire("b.com", claim) == 0.0
    assert mill.frontier.reach("b.com", ADDRESS, claim) == 0.0


def test_p12_who_waits_at_an_address_is_let_in_in_order(mill: Mill) -> None:
    hosts = [f"s{n:02}.com" for n in range(12)]
    meet(mill, dict.fromkeys(hosts, ADDRESS))
    for host in hosts:
        mill.offer([f"https://{host}/1", f"https://{host}/2"])
        mill.later(0.01)
    order = []
    for _ in range(24):
        claim = mill.claim_one()
        order.append(claim.host)
        end(mill, claim)
        mill.audit()
        mill.later(1)
    assert order == hosts * 2
    assert mill.claim() == []
    assert mill.frontier.next_work_s() is None


def test_p12_a_host_whose_address_is_taken_does_not_hold_up_its_domain(mill: Mill) -> None:
    meet(mill, {"x.com": ADDRESS, "a.example.com": ADDRESS, "b.example.com": OTHER})
    mill.offer(["https://x.com/1"])
    held = mill.claim_one()
    mill.offer(["https://a.example.com/1", "https://b.example.com/1"])
    assert mill.claim_one().host == "b.example.com"
    mill.frontier.release(held)
    mill.later(1)
    assert mill.claim() == [], "the address is free, its domain is not"
    mill.audit()


def test_p12_a_lost_worker_gives_the_address_back(mill: Mill) -> None:
    meet(mill, {"a.com": ADDRESS, "b.com": ADDRESS})
    mill.offer(["https://a.com/1", "https://b.com/1"])
    lost = mill.claim_one()
    mill.frontier.begin([lost])
    mill.later(149)
    assert mill.frontier.renew([lost]) == {lost.id}
    mill.later(100)
    assert mill.claim() == [], "it lives: the address is still taken"
    mill.later(60)
    mill.frontier.sweep()
    mill.audit()
    mill.later(2)
    assert mill.claim_one().host == ("b.com" if lost.host == "a.com" else "a.com")


def test_p12_an_address_with_very_many_sites_is_a_front(valkey: Valkey) -> None:
    mill = Mill(valkey.client, address_sites=3)
    hosts = {f"s{n}.com": ADDRESS for n in range(4)}
    meet(mill, hosts)
    mill.offer([f"https://{host}/1" for host in hosts])
    claims = mill.claim()
    assert len(claims) == 4
    assert [mill.frontier.reach(claim.host, ADDRESS, claim) for claim in claims] == [0.0] * 4
    strict = Mill(valkey.client, address_sites=0)
    meet(strict, {f"t{n}.com": OTHER for n in range(10)})
    strict.offer([f"https://t{n}.com/1" for n in range(10)])
    assert len(strict.claim()) == 1


def test_p12_hosts_of_one_domain_count_as_one_site_of_an_address(valkey: Valkey) -> None:
    mill = Mill(valkey.client, address_sites=3)
    meet(mill, {f"h{n}.example.com": ADDRESS for n in range(10)} | {"other.com": ADDRESS})
    mill.offer(["https://h1.example.com/1", "https://other.com/1"])
    assert len(mill.claim()) == 1


def test_p12_networks_that_are_shared_are_not_locked(valkey: Valkey) -> None:
    mill = Mill(valkey.client, shared_addresses=(ip_network("198.51.100.0/24"), ip_network("2001:db8::/32")))
    mill.offer(["https://a.com/1", "https://b.com/1"])
    for claim in mill.claim():
        assert mill.frontier.reach(claim.host, ADDRESS, claim) == 0.0
        assert mill.frontier.reach(claim.host, "2001:db8::7", claim) == 0.0
    mill.offer(["https://c.com/1", "https://d.com/1"])
    c, d = mill.claim()
    assert mill.frontier.reach(c.host, "203.0.113.1", c) == 0.0
    assert mill.frontier.reach(d.host, "203.0.113.1", d) > 0


def test_p12_polls_go_on_at_an_address_where_articles_may_not(valkey: Valkey) -> None:
    mill = Mill(valkey.client, max_in_flight=0)
    meet_more = Mill(valkey.client)
    meet(meet_more, {"a.com": ADDRESS, "b.com": ADDRESS, "c.com": ADDRESS})
    meet_more.offer(["https://a.com/1"])
    held = meet_more.claim_one()
    meet_more.offer(["https://b.com/1"])
    meet_more.subscribe(["https://c.com/feed"])
    assert meet_more.claim() == []  # both wait now, the article first
    meet_more.frontier.release(held)
    mill.scripts.shift_ms = meet_more.scripts.shift_ms
    mill.later(1)
    assert [(claim.kind, claim.host) for claim in mill.claim()] == [(ClaimKind.FEED, "c.com")]
    mill.audit()


@pytest.mark.parametrize("seed", range(3))
def test_p12_a_random_walk_never_asks_two_at_once_and_leaves_nothing(valkey: Valkey, seed: int) -> None:
    """Hosts of few domains at few addresses, some of which change; workers die, clocks move, everything ends."""
    rng = random.Random(seed)
    mill = Mill(valkey.client, address_delay_s=1.0, address_sites=0, host_delay_s=2.0)
    places = {f"h{n}.d{n % 5}.com": f"198.51.100.{n % 3}" for n in range(15)}
    held: dict[str, tuple[Claim, str]] = {}
    last: dict[str, float] = {}

    def clock() -> float:
        return mill.scripts.now().timestamp()

    def finish(claim: Claim, address: str) -> None:
        end(mill, claim)
        for name in (address, mill.frontier.domain(claim.host)):
            last[name] = clock()

    for turn in range(150):
        match rng.randrange(5):
            case 0:
                hosts = rng.sample(sorted(places), 4)
                mill.offer([f"https://{host}/{rng.random()}" for host in hosts])
                if rng.random() < 0.3:
                    mill.subscribe([f"https://{host}/feed/{rng.random()}" for host in hosts[:2]])
            case 1:
                mill.later(rng.choice((0.1, 0.7, 1.0, 2.0)))
            case 2:
                if held and rng.random() < 0.2:
                    _, (claim, _) = held.popitem()
                    mill.frontier.begin([claim])
                    mill.later(200)
                    held.clear()
                    mill.frontier.sweep()
                    last.clear()
                if rng.random() < 0.1:
                    places[rng.choice(sorted(places))] = f"198.51.100.{rng.randrange(3)}"
            case 3:
                for id_ in rng.sample(sorted(held), min(len(held), 2)):
                    finish(*held.pop(id_))
            case 4:
                for claim in mill.claim():
                    address = places[claim.host]
                    domain = mill.frontier.domain(claim.host)
                    assert domain not in {mill.frontier.domain(other.host) for other, _ in held.values()}
                    assert clock() - last.get(domain, 0) >= 2.0 - 1e-3
                    if mill.frontier.reach(claim.host, address, claim) > 0:
                        mill.frontier.give_back([claim])
                        continue
                    assert address not in {other for _, other in held.values()}
                    assert clock() - last.get(address, 0) >= 1.0 - 1e-3
                    held[claim.id] = claim, address
        if turn % 4 == 0:
            mill.audit()
    for claim, address in held.values():
        finish(claim, address)
    for _ in range(2000):
        mill.later(2)
        claims = mill.claim()
        for claim in claims:
            if mill.frontier.reach(claim.host, places[claim.host], claim) > 0:
                mill.frontier.give_back([claim])
            else:
                finish(claim, places[claim.host])
        if mill.frontier.next_work_s() is None:
            break
    mill.audit()
    assert mill.ledger.counts().pending == 0
    assert not list(valkey.client.scan_iter("*waits:*"))
