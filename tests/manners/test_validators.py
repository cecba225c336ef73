"""P1 to P8: what a feed's server is asked with, byte by byte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from tests.manners.site import HTML, Given, Script, Site, World, rss
from worker.models import Reason

ETAGS = [
    b'"abc"', b'W/"abc"', b'w/"abc"', b"abc", b'""', b'W/""', b'"a,b"', b"'x'", b'"a b"', b'"a\\"b"', b'"abc', b"W/abc",
    b"*", b'"' + b"x" * 1000 + b'"', '"é€"'.encode(), b'"a:b;c=d"', b"0", b'"<x>"', b'"%22"', b"abc-gzip",
]  # fmt: skip
DATES = [
    b"Tue, 01 Dec 2026 10:00:00 GMT", b"Mon, 1 Jan 2024 00:00:00 +0000", b"Tuesday, 01-Dec-26 10:00:00 GMT",
    b"Tue Dec  1 10:00:00 2026", b"2026-12-01T10:00:00Z", b"yesterday", b"0", b"1764583200",
    b"Tue, 01 Dec 2026 10:00:00 CET", b"Fri, 31 Feb 2026 25:61:61 GMT",
]  # fmt: skip


def validators(world: World) -> tuple[bytes | None, bytes | None]:
    """Of the last request."""
    last = world.site.requests[-1]
    return last.field("If-None-Match"), last.field("If-Modified-Since")


@pytest.mark.parametrize(
    ("given", "sent", "values"),
    [("ETag", "If-None-Match", ETAGS), ("Last-Modified", "If-Modified-Since", DATES)],
    ids=["p01 ETag", "p02 Last-Modified"],
)
def test_p01_p02_a_validator_comes_back_to_the_byte(
    play: Callable[..., None], given: str, sent: str, values: list[bytes]
) -> None:
    async def scenario(world: World) -> None:
        for number, value in enumerate(values):
            world.site.pages["/feed"] = [rss(f"a{number}", headers={given: value}), Given(304)]
            world.site.requests.clear()
            for _ in range(3):
                await world.poll()
            asked = [request.field(sent) for request in world.site.requests]
            assert asked == [values[number - 1] if number else None, value, value]

    play(scenario, Site())


@pytest.mark.parametrize(
    ("etag", "date"), [(b'"1"', b"yesterday"), (b'"1"', None), (None, b"yesterday"), (None, None), (b"", b"")]
)
def test_p03_p04_both_are_sent_when_both_were_given_and_none_is_invented(
    play: Callable[..., None], etag: bytes | None, date: bytes | None
) -> None:
    """The entries' own dates are there, for whoever would make a validator of them."""
    sent = {name: value for name, value in (("ETag", etag), ("Last-Modified", date)) if value is not None}

    async def scenario(world: World) -> None:
        await world.poll()
        await world.poll()
        assert validators(world) == (etag or None, date or None)

    play(scenario, Site({"/feed": [rss("a", headers=sent), Given(304) if sent.keys() and etag != b"" else rss("a")]}))


def test_p04_a_document_without_validators_ends_those_before_it(play: Callable[..., None]) -> None:
    async def scenario(world: World) -> None:
        for _ in range(3):
            await world.poll()
        assert validators(world) == (None, None)

    play(scenario, Site({"/feed": [rss("a", headers={"ETag": '"1"'}), rss("b"), rss("b")]}))


def test_p01_validators_go_to_the_url_that_gave_them(play: Callable[..., None]) -> None:
    """The first address only redirects: it never gave any. The last one did, on another host."""

    async def scenario(world: World) -> None:
        async with Site(host="127.0.0.2") as other:
            world.site.pages["/feed"] = Given(302, {"Location": other.url + "/real"})
            other.pages["/real"] = [rss("a", headers={"ETag": '"1"'}), Given(304), Given(304)]
            for _ in range(3):
                await world.poll()
            assert {request.field("If-None-Match") for request in world.site.requests} == {None}
            assert [request.field("If-None-Match") for request in other.requests] == [None, b'"1"', b'"1"']
            assert world.state.reason is Reason.NOT_MODIFIED
            # It leads elsewhere: what another address gave is none of its business.
            world.site.pages["/feed"] = Given(302, {"Location": other.url + "/new"})
            other.pages["/new"] = rss("a", "b")
            await world.poll()
            assert other.requests[-1].field("If-None-Match") is None

    play(scenario, Site())


def test_p06_a_304_may_change_them(play: Callable[..., None]) -> None:
    async def scenario(world: World) -> None:
        seen = []
        for _ in range(4):
            await world.poll()
            seen.append(validators(world))
        assert seen == [(None, None), (b'"1"', b"d1"), (b'W/"2"', b"d1"), (b'W/"2"', b"d3")]

    answers: list[Script] = [
        rss("a", headers={"ETag": '"1"', "Last-Modified": "d1"}),
        Given(304, {"ETag": 'W/"2"'}),
        Given(304, {"Last-Modified": "d3"}),
        Given(304),
    ]
    play(scenario, Site({"/feed": answers}))


BAD = {"ETag": '"bad"', "Last-Modified": "bad"}
NO_FEEDS = {
    "500": Given(500, BAD),
    "503": Given(503, BAD),
    "404": Given(404, BAD),
    "403": Given(403, BAD),
    "429": Given(429, BAD),
    "410": Given(410, BAD),
    "a page": Given(200, HTML | BAD, b"<!DOCTYPE html><title>Maintenance</title><p>We are back soon"),
    "a broken document": Given(200, {"Content-Type": "application/rss+xml"} | BAD, b"<rss><channel><item"),
    "nothing": Given(200, BAD),
    "204": Given(204, BAD),
    "a broken line": Given(abort=True),
}


def test_p07_neither_errors_nor_pages_change_them(play: Callable[..., None]) -> None:
    async def scenario(world: World) -> None:
        for name, answer in NO_FEEDS.items():
            path = f"/{name.replace(' ', '-')}"
            good = rss("a", headers={"ETag": '"1"', "Last-Modified": "d"})
            world.site.pages[path] = [good, answer, answer, Given(304)]
            world.site.requests.clear()
            world.use(path)
            for _ in range(4):
                await world.poll()
            asked = [(r.field("If-None-Match"), r.field("If-Modified-Since")) for r in world.site.requests]
            assert asked == [(None, None), *[(b'"1"', b"d")] * 3], name

    play(scenario, Site())


def test_p08_no_second_full_answer_within_24_hours_before_the_feed_could_be_read(play: Callable[..., None]) -> None:
    """What is no feed leaves no validators to ask with. Full answers are a day apart; errors are none."""

    async def scenario(world: World) -> None:
        for name, answer in NO_FEEDS.items():
            path = f"/{name.replace(' ', '-')}"
            world.site.pages[path] = answer
            world.site.requests.clear()
            world.use(path)
            for _ in range(5):
                await world.poll()
            assert {request.field("If-None-Match") for request in world.site.requests} == {None}
            if answer.status == 200 and not answer.abort:
                waits = [later.at - earlier.at for earlier, later in pairwise(world.site.of(path))]
                assert min(waits) >= timedelta(days=1), name

    play(scenario, Site())


def test_p08_a_server_that_gives_validators_is_asked_in_full_once(play: Callable[..., None]) -> None:
    async def scenario(world: World) -> None:
        began, number = world.now(), 0

        def changed(_: object) -> Given:
            nonlocal number
            number += 1
            return rss(*(f"a{n}" for n in range(number, number + 5)), headers={"ETag": f'"{number}"'}, now=world.now())

        world.site.pages["/feed"] = changed
        while world.now() - began < timedelta(days=2):
            await world.poll()
        assert len(world.site.requests) > 20
        full = [request for request in world.site.requests if request.field("If-None-Match") is None]
        assert len(full) == 1
        tags = [request.field("If-None-Match") for request in world.site.requests[1:]]
        assert tags == [f'"{n}"'.encode() for n in range(1, len(tags) + 1)]

    play(scenario, Site())


def test_p08_a_feed_that_is_removed_and_added_again_is_asked_whether_it_changed(play: Callable[..., None]) -> None:
    async def scenario(world: World) -> None:
        await world.poll()
        due = world.next
        for _ in range(3):
            world.wiring.feeds.remove(world.feed.id)
            world.wiring.feeds.put(replace(world.feed, title="again"))
        assert abs(world.next - due) < timedelta(seconds=2), "nor sooner for it"
        await world.poll()
        assert [request.field("If-None-Match") for request in world.site.requests] == [None, b'"1"']

    play(scenario, Site({"/feed": [rss("a", headers={"ETag": '"1"'}), Given(304)]}))
