"""WebSub over real HTTP and a real Valkey: our callback under uvicorn, and a hub that may lie, flood and forget."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Awaitable, Callable
from datetime import timedelta
from ipaddress import ip_network

import aiohttp
import pytest
import uvicorn

from tests.hub import CHALLENGE, Hub
from tests.state import Mill
from tests.valkey import Valkey, valkey, valkey_server
from worker.models import Claim, Feed, FeedState, Standing
from worker.net.download import AiohttpDownloader, Limits
from worker.state.push import RedisPushes, RedisSubscriptions
from worker.urls import feed_id
from worker.websub.callback import PATH, make_callback
from worker.websub.subscriber import Subscriber

__all__ = ["valkey", "valkey_server"]

URL = "https://example.org/feed.xml"
ID = feed_id(URL)
TOPIC = "https://example.org/self.xml"
HOUR = 3600.0


class World:
    """One subscriber with its callback. `again` is what a restart leaves: nothing but what Redis holds."""

    def __init__(self, client: Valkey) -> None:
        self.mill = Mill(client.client)
        self.mill.feeds.put(Feed(ID, URL))
        self.pushes = RedisPushes(self.mill.scripts)
        self.subscriptions = RedisSubscriptions(self.mill.scripts)
        self.subscriber: Subscriber
        self.url = ""

    async def __aenter__(self) -> World:
        self.downloader = AiohttpDownloader(Limits(), user_agent="F/1", allow=[ip_network("127.0.0.0/8")])
        app = make_callback(
            self.subscriptions, self.pushes, clock=self.mill.scripts.now, rng=random.Random(1), max_body_bytes=100_000
        )
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none", http="h11")
        self.server = uvicorn.Server(config)
        listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self.task = asyncio.create_task(self.server.serve(sockets=[listening]))
        while not self.server.started:
            await asyncio.sleep(0.01)
        self.again()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.should_exit = True
        await self.task
        await self.downloader.close()

    def again(self) -> None:
        self.subscriber = Subscriber(
            self.subscriptions,
            self.downloader,
            callback=lambda token: f"{self.url}/behind/a/proxy{PATH}{token}",
            lease_s=864000.0,
            rest_s=0.0,
            clock=self.mill.scripts.now,
            rng=random.Random(1),
        )

    def polled(self, *hubs: str, topic: str = TOPIC, floor_s: float = 300.0, answered: str = "") -> bool:
        """A poll of the feed is over; it names these hubs."""
        return self.pushes.polled(ID, hubs=hubs, topic=topic, wait_s=floor_s, answered=answered)

    def rest(self, seconds: float) -> None:
        """The feed's next poll is that far away."""
        self.save(self.mill.claim_one(), seconds)

    def save(self, claim: Claim, seconds: float) -> None:
        now = self.mill.scripts.now()
        assert self.mill.feeds.save(claim, FeedState(polls=1, polled_at=now), now + timedelta(seconds=seconds), None)

    def next_s(self) -> float:
        """Seconds until the feed's next poll."""
        row = self.mill.feeds.show(ID)
        assert row is not None
        return (row[2] - self.mill.scripts.now()).total_seconds()

    def standing(self) -> Standing | None:
        found = self.subscriptions.of_feed(ID)
        return found.standing if found else None


def run(valkey: Valkey, scenario: Callable[[World, Hub], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with World(valkey) as world, Hub({}) as hub:
            await asyncio.wait_for(scenario(world, hub), 30)

    asyncio.run(whole())


async def subscribed(world: World, hub: Hub) -> None:
    world.polled(f"{hub.url}/hub")
    await world.subscriber.round()
    await hub.done()
    assert world.standing() is Standing.ACTIVE


def test_subscribe_verify_ping_renew_and_leave(valkey: Valkey) -> None:
    async def scenario(world: World, hub: Hub) -> None:
        world.rest(6 * HOUR)
        await subscribed(world, hub)
        assert hub.confirmed == [("subscribe", 200, CHALLENGE)]
        [form] = hub.requests
        assert (form["hub.mode"], form["hub.topic"], form["hub.lease_seconds"]) == ("subscribe", TOPIC, "864000")
        assert len(form["hub.callback"].rpartition("/")[2]) >= 40
        assert len(form["hub.secret"].encode()) < 200
        until = world.pushes.look(ID).until
        assert until is not None
        assert abs((until - world.mill.scripts.now()).total_seconds() - HOUR) < 60

        world.mill.later(400)
        assert await hub.notify(b"<rss>anything</rss>") == 202
        assert world.next_s() < 1
        assert world.pushes.look(ID).pinged
        assert b"anything" not in str(valkey.client.hgetall(world.mill.scripts.key("feeds"))).encode()

        await world.subscriber.round()
        assert len(hub.requests) == 1, "nothing is due"
        world.again()  # a restart
        world.mill.later(0.8 * HOUR)
        await world.subscriber.round()
        await hub.done()
        assert len(hub.requests) == 2
        assert hub.requests[1] == form, "renewed as it was"

        world.mill.feeds.remove(ID)
        await world.subscriber.round()
        await hub.done()
        assert hub.requests[2]["hub.mode"] == "unsubscribe"
        assert hub.confirmed[-1] == ("unsubscribe", 200, CHALLENGE)
        assert world.subscriptions.count() == 0
        assert await hub.notify() == 410
        assert list(valkey.client.keys("*websub*")) == [], "nothing is left behind"

    run(valkey, scenario)


def test_a_ping_breaks_no_manners_and_many_are_one(valkey: Valkey) -> None:
    async def scenario(world: World, hub: Hub) -> None:
        world.rest(6 * HOUR)
        await subscribed(world, hub)  # polled just now: the floor of 300 s holds
        for _ in range(20):
            assert await hub.notify() == 202
        assert 290 < world.next_s() <= 300
        world.mill.later(301)
        claim = world.mill.claim_one()  # being polled, and its host is locked
        look = world.pushes.look(ID)
        assert look.pinged
        assert await hub.notify() == 202
        assert world.mill.claim() == []
        world.save(claim, 6 * HOUR)
        assert world.polled(f"{hub.url}/hub", answered=look.ping), "one came while it was being polled"
        assert 290 < world.next_s() <= 300
        world.mill.later(301)
        claim, look = world.mill.claim_one(), world.pushes.look(ID)
        world.save(claim, 6 * HOUR)
        assert not world.polled(f"{hub.url}/hub", answered=look.ping)
        assert world.next_s() > 5 * HOUR
        assert not world.pushes.look(ID).pinged
        # The server asked for two hours of rest (Retry-After, or a backoff): a flood changes nothing about it.
        world.polled(f"{hub.url}/hub", floor_s=2 * HOUR)
        assert {await hub.notify() for _ in range(20)} == {202}
        assert world.next_s() > 1.9 * HOUR
        world.mill.audit()

    run(valkey, scenario)


def test_what_is_not_signed_is_thanked_for_and_ignored(valkey: Valkey) -> None:
    async def scenario(world: World, hub: Hub) -> None:
        world.rest(6 * HOUR)
        await subscribed(world, hub)
        world.mill.later(400)
        assert await hub.notify(secret="wrong") == 202
        assert await hub.notify(header="sha256=00") == 202
        assert await hub.notify(header="") == 202
        assert await hub.notify(b"x" * 100_001) == 413
        assert world.next_s() > 5 * HOUR
        assert not world.pushes.look(ID).pinged
        assert await hub.notify(b"x" * 100_000, method="sha1") == 202
        assert world.next_s() < 1

    run(valkey, scenario)


def test_strangers_learn_nothing(valkey: Valkey) -> None:
    async def scenario(world: World, hub: Hub) -> None:
        await subscribed(world, hub)
        [form] = hub.requests
        stranger = form | {"hub.callback": f"{world.url}{PATH}{'A' * 43}"}
        assert (await hub.verify(stranger))[0] == 404
        assert (await hub.verify(topic="https://evil.example/"))[0] == 404
        assert (await hub.verify(mode="unsubscribe"))[0] == 404
        assert (await hub.verify(challenge="<script>"))[0] == 404
        assert (await hub.verify(challenge="x" * 9000))[0] == 404
        async with aiohttp.ClientSession() as http:
            for path, status in (("/", 404), (f"{PATH}..", 404), (f"{PATH}%00", 404), ("/health", 200)):
                async with http.get(world.url + path) as answer:
                    assert answer.status == status
                    assert answer.headers["x-content-type-options"] == "nosniff"
            async with http.post(f"{world.url}{PATH}{'A' * 43}", data=b"x") as answer:
                assert answer.status == 410
            async with http.put(f"{world.url}{PATH}{'A' * 43}", data=b"x") as answer:
                assert answer.status == 405
        assert world.standing() is Standing.ACTIVE

    run(valkey, scenario)


def test_a_hub_that_lies_fails_or_denies(valkey: Valkey) -> None:
    async def scenario(world: World, hub: Hub) -> None:
        hub.status = 500
        world.polled(f"{hub.url}/hub")
        assert (await world.subscriber.round()).failed == 1
        assert (await world.subscriber.round()).failed == 0, "not before its time"
        hub.status, hub.verifies = 202, False
        world.mill.later(601)
        assert (await world.subscriber.round()).asked == 1
        assert world.standing() is Standing.ASKED
        world.mill.later(HOUR + 1)  # it never asked back
        assert (await world.subscriber.round()).failed == 1
        assert world.pushes.look(ID).until is None
        assert (await hub.verify())[0] == 404, "too late"
        hub.verifies = True
        world.mill.later(HOUR)
        await world.subscriber.round()
        await hub.done()
        assert world.standing() is Standing.ACTIVE

        assert await hub.verify(mode="denied", reason="no more") == (200, "")
        assert world.standing() is Standing.DENIED
        assert world.pushes.look(ID).until is None
        asked = len(hub.requests)
        world.mill.later(6 * 86400)
        await world.subscriber.round()
        assert len(hub.requests) == asked
        world.mill.later(86401)
        await world.subscriber.round()
        await hub.done()
        assert world.standing() is Standing.ACTIVE

        hub.verifies = False  # it forgets us: the lease is over, and nobody believes in it any more
        for _ in range(4):
            world.mill.later(HOUR)
            await world.subscriber.round()
        until = world.pushes.look(ID).until
        assert until is not None
        assert until < world.mill.scripts.now()

    run(valkey, scenario)


@pytest.mark.parametrize(
    "hub", ["http://10.0.0.1/hub", "http://169.254.169.254/latest", "http://[::1]:6379/", "http://127.1/"]
)
def test_hubs_inside_are_never_asked(valkey: Valkey, hub: str) -> None:
    async def scenario(world: World, other: Hub) -> None:
        world.downloader = AiohttpDownloader(Limits(), user_agent="F/1")
        world.again()
        world.polled(hub)
        assert (await world.subscriber.round()).failed == 1
        found = world.subscriptions.of_feed(ID)
        assert found is not None
        assert "address_blocked" in found.detail or "url_invalid" in found.detail

    run(valkey, scenario)


def test_a_feed_that_changes_its_hub_is_followed_once_a_day(valkey: Valkey) -> None:
    async def scenario(world: World, hub: Hub) -> None:
        hub.lease_s = "172800"
        await subscribed(world, hub)
        for number in range(5):
            world.polled(f"{hub.url}/other/{number}")
            await world.subscriber.round()
        assert len(hub.requests) == 1
        assert world.subscriptions.count() == 1
        world.mill.later(1.7 * 86400)
        await world.subscriber.round()
        await world.subscriber.round()
        await hub.done()
        modes = [
            (form["hub.mode"], form["hub.callback"] == hub.requests[0]["hub.callback"]) for form in hub.requests[1:]
        ]
        assert sorted(modes) == [("subscribe", False), ("unsubscribe", True)]
        assert world.standing() is Standing.ACTIVE
        assert world.subscriptions.count() == 1
        world.polled()  # no hub any more
        await world.subscriber.round()
        await hub.done()
        assert world.subscriptions.count() == 0

    run(valkey, scenario)


def test_a_redirect_to_another_hub_keeps_the_form(valkey: Valkey) -> None:
    async def scenario(world: World, hub: Hub) -> None:
        async with Hub({}, host="127.0.0.2") as real:
            hub.status = 307
            hub.answer = lambda path, body: (307, {"Location": f"{real.url}/real"}, b"")  # type: ignore[method-assign]
            world.polled(f"{hub.url}/hub")
            await world.subscriber.round()
            await real.done()
            assert [form["hub.topic"] for form in real.requests] == [TOPIC]
            assert world.standing() is Standing.ACTIVE

    run(valkey, scenario)


def test_two_subscribers_ask_once(valkey: Valkey) -> None:
    async def scenario(world: World, hub: Hub) -> None:
        world.polled(f"{hub.url}/hub")
        first = world.subscriber
        world.again()
        await asyncio.gather(first.round(), world.subscriber.round())
        await hub.done()
        await asyncio.gather(first.round(), world.subscriber.round())
        assert len({form["hub.callback"] for form in hub.requests}) == 1
        assert world.subscriptions.count() == 1

    run(valkey, scenario)
