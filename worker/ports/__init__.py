"""The ports: what the pipeline needs of the world, as Protocols whose docstrings are the contract.

Redis-backed ports are synchronous (a call is a fraction of a millisecond on the local network and one script);
the network and the sandbox are asynchronous. All clocks inside `Frontier`, `FeedStore` and `Stories` are the
server's own, so that many processes agree; other functions take `now` as an argument.
"""

from worker.ports.index import ArticleIndex
from worker.ports.network import Answer, Downloader, HopGate, Reach, Robots, Sandbox
from worker.ports.report import PollLog, Reports, StoryLog
from worker.ports.state import (
    Aliases,
    FeedStore,
    Frontier,
    Furniture,
    Ledger,
    Outbox,
    Pacer,
    Pushes,
    Rebuild,
    Stories,
    Subscriptions,
)

__all__ = [
    "Aliases",
    "Answer",
    "ArticleIndex",
    "Downloader",
    "FeedStore",
    "Frontier",
    "Furniture",
    "HopGate",
    "Ledger",
    "Outbox",
    "Pacer",
    "PollLog",
    "Pushes",
    "Reach",
    "Rebuild",
    "Reports",
    "Robots",
    "Sandbox",
    "Stories",
    "StoryLog",
    "Subscriptions",
]
