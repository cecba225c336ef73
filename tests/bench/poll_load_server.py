"""The feeds of `make bench-poll-load`, all of them: one process that answers at any loopback address.

Feed n is http://127.a.b.c:port/n; of every ten, six have not changed (304 to its validators), four have an entry more
than when they were polled before. Writes "<n> <time.time()>" of every request to the file named.
"""

from __future__ import annotations

import asyncio
import sys
import time

ENTRIES = 20
WORDS = (
    "harbour", "council", "budget", "bridge", "weather", "market", "school", "train", "river", "festival", "energy",
    "museum",
)  # fmt: skip


def url_of(number: int, port: int) -> str:
    host = number + 65536  # not the first addresses: they are everybody's
    return f"http://127.{host >> 16 & 255}.{host >> 8 & 255}.{host & 255}:{port}/{number}"


def changed(number: int) -> bool:
    return number % 10 >= 6


def document(number: int, *, fresh: bool, now: float) -> bytes:
    """About 15 kB of RSS; `fresh`: the newest entry is one that was not there before."""
    first = 0 if fresh else 1
    items = []
    for entry in range(first, first + ENTRIES):
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(now - 300 - 3000 * entry))
        text = " ".join(WORDS[(number + entry * 7 + at * at) % 12] for at in range(80))
        link = f"https://news{number}.example/story/{entry}-{'fresh' if entry == 0 else 'known'}"
        items.append(
            f"<item><title>Story {entry} of feed {number}: {text[:60]}</title><link>{link}</link><guid>{link}</guid>"
            f"<pubDate>{date}</pubDate><description>{text}</description></item>"
        )
    head = f"<?xml version='1.0' encoding='UTF-8'?><rss version='2.0'><channel><title>Feed {number}</title>"
    return f"{head}{''.join(items)}</channel></rss>".encode()


async def main(port: int, path: str, now: float) -> None:
    with open(path, "a", buffering=1, encoding="ascii") as asked:  # noqa: PTH123

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    number = int(head.split(b" ", 2)[1][1:])
                    asked.write(f"{number} {time.time():.3f}\n")
                    tag = f'"{number}-1"'
                    if not changed(number) and tag.encode() in head:
                        writer.write(f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\nContent-Length: 0\r\n\r\n".encode())
                    else:
                        body = document(number, fresh=True, now=now)
                        fields = f"Content-Type: application/rss+xml\r\nETag: {tag}\r\nContent-Length: {len(body)}"
                        writer.write(f"HTTP/1.1 200 OK\r\n{fields}\r\n\r\n".encode() + body)
                    await writer.drain()
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(serve, "0.0.0.0", port, backlog=1000)
        async with server:
            await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3])))
