"""Where a request must not go: addresses, ports, redirects, odd URLs, proxies (security.md S01-S21, S34, S37)."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from worker.errors import Refuse, Retry
from worker.models import Reason
from worker.net.download import AiohttpDownloader, Limits

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def check(outcome: Any, kind: type[Exception], reason: Reason) -> None:
    assert type(outcome) is kind, outcome
    assert outcome.reason is reason, outcome


def redirect(location: str, status: int = 302) -> bytes:
    return b"HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, location.encode())


def serve(pages: dict[str, bytes]) -> Callable[[Any], Any]:
    """Answers by path, on connections that stay open."""

    async def script(client: Any) -> None:
        while True:
            await client.send(pages[client.head.split(b" ")[1].decode()])
            await client.read_head()

    return script


def private(connects: list[Any], port: int) -> list[Any]:
    return [address for address in connects if address[:2] != ("127.0.0.1", port)]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "LOCALHOST.", "a.localhost", "127.0.0.2", "[::ffff:127.0.0.1]"]
)
def test_s01_loopback_unless_allowed(attack: Any, connects: list[Any], host: str) -> None:
    outcome, server = attack(serve({"/": OK}), url=f"http://{host}:{{port}}/", allow=())
    check(outcome, Refuse, Reason.ADDRESS_BLOCKED)
    assert (server.connections, connects) == (0, [])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "a.localhost", "[::ffff:127.0.0.1]"])
def test_loopback_when_allowed(attack: Any, host: str) -> None:
    outcome, _ = attack(serve({"/": OK}), url=f"http://{host}:{{port}}/")
    assert outcome.page.body == b"ok"


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "127。0。0。1", "①②⑦.0.0.1", "0.0.0.0", "[::]"],
)
def test_s02_s03_other_spellings_of_loopback(attack: Any, connects: list[Any], host: str) -> None:
    outcome, server = attack(serve({"/": OK}), url=f"http://{host}:{{port}}/", allow=())
    assert isinstance(outcome, Refuse)
    assert outcome.reason in (Reason.ADDRESS_BLOCKED, Reason.URL_INVALID)
    assert (server.connections, connects) == (0, [])


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://100.100.100.200/",
        "http://192.0.0.192/",
        "http://168.63.129.16/",
        "http://[::1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[fd00:ec2::254]/",
        "http://[2002:7f00:1::]/",
        "//169.254.169.254/",
    ],
)
def test_s05_s06_s12_redirect_to_a_private_address(attack: Any, connects: list[Any], target: str) -> None:
    pages = {"/": redirect("/second"), "/second": redirect("/third"), "/third": redirect(target)}
    outcome, server = attack(serve(pages))
    check(outcome, Refuse, Reason.ADDRESS_BLOCKED)
    assert private(connects, server.port) == []


@pytest.mark.parametrize("port", [22, 25, 6379, 9200, 3306])
def test_s14_redirect_to_a_port_that_is_no_web_server(attack: Any, connects: list[Any], port: int) -> None:
    outcome, server = attack(serve({"/": redirect(f"http://198.41.0.4:{port}/")}))
    check(outcome, Refuse, Reason.PORT_BLOCKED)
    assert private(connects, server.port) == []


def test_s12_refresh_is_not_followed(attack: Any) -> None:
    raw = b"HTTP/1.1 200 OK\r\nRefresh: 0; url=http://10.0.0.1/\r\nContent-Length: 2\r\n\r\nok"
    outcome, server = attack(serve({"/": raw}))
    assert (outcome.page.body, len(server.heads)) == (b"ok", 1)


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("file:///etc/passwd", Reason.SCHEME_BLOCKED),
        ("ftp://127.0.0.1/", Reason.SCHEME_BLOCKED),
        ("gopher://127.0.0.1/", Reason.SCHEME_BLOCKED),
        ("data:text/html,hello", Reason.SCHEME_BLOCKED),
        ("javascript:alert(1)", Reason.SCHEME_BLOCKED),
        ("http://", Reason.REDIRECT_INVALID),
        ("http://a:99999/", Reason.REDIRECT_INVALID),
        ("http://good.example\\@127.0.0.1/", Reason.REDIRECT_INVALID),
        ("http://a@b@127.0.0.1/", Reason.REDIRECT_INVALID),
        ("/" + "a" * 5000, Reason.REDIRECT_INVALID),
        ("http://" + "a" * 300 + ".example/", Reason.REDIRECT_INVALID),
        ("http://xn--\u00fc.example/", Reason.REDIRECT_INVALID),
        ("http://[fe80::1%25eth0]/", Reason.REDIRECT_INVALID),
        ("   ", Reason.REDIRECT_INVALID),
    ],
)
def test_s16_s20_s34_locations_that_lead_nowhere(
    attack: Any, connects: list[Any], location: str, reason: Reason
) -> None:
    outcome, server = attack(serve({"/": redirect(location)}))
    check(outcome, Refuse, reason)
    assert private(connects, server.port) == []


def test_s34_redirect_without_location(attack: Any) -> None:
    outcome, _ = attack(serve({"/": b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"}))
    check(outcome, Refuse, Reason.REDIRECT_INVALID)


def test_s34_location_of_100_kb(attack: Any) -> None:
    outcome, _ = attack(serve({"/": redirect("/" + "a" * 100_000)}))
    check(outcome, Retry, Reason.PROTOCOL_ERROR)


@pytest.mark.parametrize(
    "pages",
    [
        {"/": redirect("/")},
        {"/": redirect("/b"), "/b": redirect("/")},
        {"/": redirect("/1")} | {f"/{n}": redirect(f"/{n + 1}") for n in range(1, 50)},
    ],
    ids=["to itself", "back and forth", "ever on"],
)
def test_s34_redirects_without_an_end(attack: Any, pages: dict[str, bytes]) -> None:
    outcome, server = attack(serve(pages))
    check(outcome, Refuse, Reason.TOO_MANY_REDIRECTS)
    assert len(server.heads) <= 1  # later requests come on the kept connection
    assert server.connections == 1


def test_five_redirects_are_followed_and_a_sixth_is_not(attack: Any) -> None:
    def chain(length: int) -> dict[str, bytes]:
        return (
            {"/": redirect("/1", 301)}
            | {f"/{n}": redirect(f"/{n + 1}", 308) for n in range(1, length)}
            | {f"/{length}": OK}
        )

    outcome, server = attack(serve(chain(5)))
    assert outcome.page.url == f"{server.url}/5"
    assert outcome.page.hops == (f"{server.url}/", *(f"{server.url}/{n}" for n in range(1, 5)))
    assert outcome.page.permanent
    outcome, _ = attack(serve(chain(6)))
    check(outcome, Refuse, Reason.TOO_MANY_REDIRECTS)


def test_one_temporary_hop_makes_the_way_temporary(attack: Any) -> None:
    outcome, _ = attack(serve({"/": redirect("/a", 301), "/a": redirect("/b", 302), "/b": OK}))
    assert outcome.page.hops
    assert not outcome.page.permanent


@pytest.mark.parametrize("bad", ["\r\nX-Evil: 1", "\n", "\0", "\t", "\r\n\r\nGET /evil HTTP/1.1"])
def test_s18_control_characters_in_a_url(attack: Any, connects: list[Any], bad: str) -> None:
    outcome, server = attack(serve({"/": OK}), path=f"/a{bad}b")
    check(outcome, Refuse, Reason.URL_INVALID)
    assert (server.connections, connects) == (0, [])


def test_s18_line_feed_in_location(attack: Any) -> None:
    async def script(client: Any) -> None:
        await client.send(b"HTTP/1.1 302 Found\r\nLocation: /a\nX-Evil: 1\r\nContent-Length: 0\r\n\r\n")
        await client.read_head()
        assert b"X-Evil" not in client.head
        await client.send(OK)

    outcome, _ = attack(script)
    if isinstance(outcome, Refuse | Retry):
        assert outcome.reason in (Reason.REDIRECT_INVALID, Reason.PROTOCOL_ERROR)
    else:
        assert outcome.page.url.endswith("/a")


def test_s18_validators_cannot_carry_a_second_header(attack: Any) -> None:
    outcome, server = attack(serve({"/": OK}), headers={"If-None-Match": '"a"\r\nX-Evil: 1', "If-Modified-Since": "x"})
    assert outcome.page.body == b"ok"
    assert b"x-evil" not in server.heads[0].lower()
    assert b"If-Modified-Since: x" in server.heads[0]


def test_s17_credentials_are_neither_sent_nor_kept(attack: Any) -> None:
    outcome, server = attack(serve({"/": OK}), url="http://user:secret@127.0.0.1:{port}/")
    assert outcome.page.body == b"ok"
    assert b"authorization" not in server.heads[0].lower()
    assert "secret" not in outcome.page.url


def test_validators_go_to_the_first_host_only(rogue: Any, loopback: Any) -> None:
    async def run() -> tuple[bytes, bytes]:
        async with rogue(serve({"/": OK})) as second, rogue(serve({"/": redirect(second.url + "/")})) as first:
            downloader = AiohttpDownloader(Limits(), user_agent="x", allow=loopback)
            try:
                await downloader.get(first.url, headers={"If-None-Match": '"a"'}, deadline_s=1)
            finally:
                await downloader.close()
            return first.heads[0], second.heads[0]

    first, second = asyncio.run(run())
    assert b'If-None-Match: "a"' in first
    assert b"if-none-match" not in second.lower()


def test_the_gate_is_asked_before_every_hop(rogue: Any, loopback: Any) -> None:
    asked: list[str] = []

    async def gate(url: str) -> bool:
        asked.append(url)
        return url.endswith("/here")

    async def run() -> tuple[Any, str, int]:
        async with rogue(serve({"/": OK})) as second:
            pages = {"/": redirect("/here"), "/here": redirect(f"{second.url}/", 301)}
            async with rogue(serve(pages)) as first:
                downloader = AiohttpDownloader(Limits(), user_agent="x", allow=loopback)
                try:
                    outcome = await downloader.get(first.url, gate=gate, deadline_s=1)
                finally:
                    await downloader.close()
                return outcome, f"{second.url}/", second.connections

    outcome, target, connections = asyncio.run(run())
    assert asked == [outcome.page.url, target]
    assert connections == 0
    assert (outcome.status, outcome.next_url, outcome.page.body) == (301, target, b"")
    assert outcome.page.url.endswith("/here")


def test_what_the_gate_raises_comes_through(rogue: Any, loopback: Any) -> None:
    async def gate(url: str) -> bool:
        raise Refuse(Reason.ROBOTS_DISALLOWED)

    async def broken(url: str) -> bool:
        raise ConnectionError("the broker is away")

    async def run(chosen: Any) -> None:
        async with rogue(serve({"/": redirect("http://127.0.0.3:9/")})) as server:
            downloader = AiohttpDownloader(Limits(), user_agent="x", allow=loopback)
            try:
                await downloader.get(server.url, gate=chosen, deadline_s=1)
            finally:
                await downloader.close()

    with pytest.raises(Refuse, match="robots_disallowed"):
        asyncio.run(run(gate))
    with pytest.raises(ConnectionError, match="broker"):
        asyncio.run(run(broken))


def test_the_time_in_the_gate_is_not_the_servers(attack: Any) -> None:
    async def gate(url: str) -> bool:
        await asyncio.sleep(0.5)
        return True

    outcome, _ = attack(serve({"/": redirect("/a"), "/a": OK}), gate=gate, deadline_s=0.3)
    assert outcome.page.body == b"ok"


def test_the_deadline_runs_on_after_the_gate(attack: Any) -> None:
    async def script(client: Any) -> None:
        await client.send(redirect("/a"))
        await client.read_head()
        await asyncio.sleep(5)

    async def gate(url: str) -> bool:
        await asyncio.sleep(0.1)
        return True

    began = time.monotonic()
    outcome, _ = attack(script, gate=gate, deadline_s=0.3)
    check(outcome, Retry, Reason.TIMEOUT)
    assert time.monotonic() - began < 2


def test_a_timeout_of_the_gates_own_is_not_the_servers(attack: Any) -> None:
    async def gate(url: str) -> bool:
        raise TimeoutError("the gate's own")

    with pytest.raises(TimeoutError, match="own"):
        attack(serve({"/": redirect("/a"), "/a": OK}), gate=gate, deadline_s=0.3)


@pytest.mark.parametrize(
    "path", ["/a%2fb?x=%7e&y=a+b", "/%E4%F6?q=%C3%BC;a", "/a//b/?", "/x?a=b?c=/%", "/a:b@c!$'()*,;="]
)
def test_urls_go_out_byte_for_byte(attack: Any, path: str) -> None:
    async def script(client: Any) -> None:
        await client.send(OK)

    outcome, server = attack(script, path=path)
    assert outcome.page.body == b"ok"
    assert server.heads[0].split(b" ")[1].decode() == path


def test_what_a_request_says(attack: Any) -> None:
    _, server = attack(serve({"/": OK}))
    names = {line.split(b":")[0].lower() for line in server.heads[0].split(b"\r\n")[1:] if line}
    assert names == {b"host", b"user-agent", b"accept", b"accept-encoding"}
    assert b"User-Agent: Feedmill/0 (test)" in server.heads[0]
    assert b"Accept-Encoding: gzip, deflate, br, zstd" in server.heads[0]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_s15_proxies_of_the_environment_are_ignored(
    attack: Any, connects: list[Any], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "http://127.0.0.9:9")
    outcome, server = attack(serve({"/": OK}))
    assert outcome.page.body == b"ok"
    assert private(connects, server.port) == []


def test_a_configured_proxy_gets_every_request_and_addresses_are_still_judged(attack: Any, connects: list[Any]) -> None:
    async def script(client: Any) -> None:
        await client.send(OK)

    outcome, server = attack(script, url="http://news.example/a", proxy="yes", allow=())
    assert outcome.page.body == b"ok"
    assert server.heads[0].startswith(b"GET http://news.example/a HTTP/1.1")
    assert private(connects, server.port) == []
    for blocked in ("http://169.254.169.254/", "http://[::1]/", "http://localhost/", "http://198.41.0.4:22/"):
        outcome, server = attack(script, url=blocked, proxy="yes", allow=())
        assert isinstance(outcome, Refuse), blocked
        assert server.connections == 0


def _names(answers: list[str], delay_s: float = 0.0) -> Callable[..., list[Any]]:
    """The system's resolver, as a test would have it."""

    def getaddrinfo(host: str, port: int, family: int = 0, kind: int = 0, *_: Any, **__: Any) -> list[Any]:
        time.sleep(delay_s)
        return [
            (socket.AF_INET6, kind, 6, "", (text, port, 0, 0))
            if ":" in text
            else (socket.AF_INET, kind, 6, "", (text, port))
            for text in answers
        ]

    return getaddrinfo


@pytest.mark.parametrize(
    "answers",
    [["198.41.0.4", "10.0.0.1"], ["127.0.0.1"], ["2001:500:2::c", "::1"], ["fe80::1%2"], ["::ffff:10.0.0.1"]],
)
def test_s08_s10_one_private_answer_spoils_the_name(
    attack: Any, connects: list[Any], monkeypatch: pytest.MonkeyPatch, answers: list[str]
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _names(answers))
    outcome, _ = attack(serve({"/": OK}), url="http://news.example/", allow=())
    check(outcome, Refuse, Reason.ADDRESS_BLOCKED)
    assert connects == []


def test_s09_the_address_that_was_checked_is_the_one_that_is_asked(
    attack: Any, connects: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    first, later = _names(["127.0.0.1"]), _names(["10.0.0.1"])

    def rebinding(host: str, *arguments: Any, **options: Any) -> list[Any]:
        asked.append(host)
        return (first if len(asked) == 1 else later)(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    outcome, server = attack(serve({"/": redirect("/b"), "/b": OK}), url="http://news.example:{port}/")
    assert outcome.page.body == b"ok"
    assert asked == ["news.example"]
    assert private(connects, server.port) == []


def test_s11_a_silent_name_server(attack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _names(["198.41.0.4"], delay_s=1.0))
    began = time.monotonic()
    outcome, _ = attack(serve({}), url="http://news.example/", limits=Limits(dns_timeout_s=0.2), deadline_s=5)
    check(outcome, Retry, Reason.DNS_FAILED)
    assert time.monotonic() - began < 0.9


def test_a_name_that_does_not_exist(attack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    outcome, _ = attack(serve({}), url="http://nowhere.example/")
    check(outcome, Retry, Reason.DNS_FAILED)
