"""Every place in Redis that keeps something of articles and sites, as holders to be searched and emptied."""

from __future__ import annotations

from worker.ports.erasing import Holder
from worker.state.aliases import RedisAliases
from worker.state.erasing.disk import SlowLog
from worker.state.erasing.sites import Hosts, LearnedFurniture, Polls, Robots, Subscriptions
from worker.state.erasing.texts import Links, Sketches, Versions
from worker.state.erasing.waiting import Dead, Pending, Recent, Waiting
from worker.state.feed_store import RedisFeedStore
from worker.state.limits import Limits
from worker.state.scripts import Scripts


def coming(scripts: Scripts) -> tuple[Holder, ...]:
    """What is on its way, in its order: what leaves the one is found in the next."""
    return (Pending(scripts), Waiting(scripts), Dead(scripts), Recent(scripts))


def remembered(scripts: Scripts, limits: Limits, aliases: RedisAliases, feeds: RedisFeedStore) -> tuple[Holder, ...]:
    return (
        Subscriptions(scripts, feeds),
        Polls(scripts),
        Robots(scripts),
        Hosts(scripts),
        LearnedFurniture(scripts),
        Sketches(scripts),
        Versions(scripts, limits),
        Links(aliases),
        SlowLog(scripts),
    )
