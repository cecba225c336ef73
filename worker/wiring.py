"""The composition root: settings -> concrete parts. The only module that knows them all. Parts are made when needed."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from types import TracebackType
from typing import Self

import redis

from worker.deduplicate.parameters import RULES
from worker.deduplicate.stage import recall
from worker.erasing.erase import Erasing
from worker.erasing.holders import Documents, Events, Leads, LogLines
from worker.expiry import Expiry
from worker.extract.unfurnish import NoFurniture
from worker.fetch.robots import RobotsIgnored, RobotsRules, product_token
from worker.index.documents import content_hash
from worker.index.stage import Indexed, index_batch
from worker.models import Article, Event, Known, Step
from worker.net.download import AiohttpDownloader
from worker.net.download import Limits as DownloadLimits
from worker.net.fronts import networks
from worker.net.sandbox import ChildSandbox, SandboxLimits
from worker.pipeline import Pipeline
from worker.polling import Polling
from worker.ports import ArticleIndex, Downloader, Furniture, Reports, Robots
from worker.ports.erasing import Holder
from worker.reporting import Thresholds
from worker.schedule.loop import Pace, Publish, Scheduler
from worker.schedule.pace import Budget
from worker.schedule.policy import Limits as PollingLimits
from worker.settings import LOG_FILE, Settings
from worker.state import erasing as in_redis
from worker.state.aliases import RedisAliases
from worker.state.breaker import IndexBreaker
from worker.state.data_dir import DataDirLock
from worker.state.erased import RedisErased
from worker.state.erasing.disk import rewrite
from worker.state.erasing.waiting import Waiting
from worker.state.feed_store import RedisFeedStore
from worker.state.frontier import RedisFrontier
from worker.state.furniture import FurnitureLimits, RedisFurniture
from worker.state.ledger import RedisLedger
from worker.state.limits import Limits as FrontierLimits
from worker.state.once_a_day import OnceADay
from worker.state.outbox import RedisOutbox
from worker.state.pace import RedisPacer
from worker.state.poll_log import RedisPollLog
from worker.state.push import RedisPushes, RedisSubscriptions
from worker.state.rebuild import RedisRebuild
from worker.state.robots_cache import RedisTextCache
from worker.state.scripts import Scripts
from worker.state.server import EmbeddedValkey, connect, socket_url
from worker.state.stories import RedisStories
from worker.state.story_log import RedisStoryLog
from worker.stores.elasticsearch.connect import Connection
from worker.stores.elasticsearch.index import ElasticsearchIndex
from worker.stores.elasticsearch.reports import ElasticsearchReports
from worker.stores.elasticsearch.template_files import folder as template_folder
from worker.stores.sqlite.index import SqliteIndex
from worker.upkeep import Upkeep


def utc_now() -> datetime:
    return datetime.now(UTC)


def elasticsearch(settings: Settings) -> Connection:
    """Where it is, and how to get in."""
    given = settings.index
    return Connection(
        url=given.url,
        api_key=given.api_key.get_secret_value(),
        username=given.username,
        password=given.password.get_secret_value(),
        ca_file=given.ca_file,
        fingerprint=given.fingerprint,
        verify=given.verify,
        unprotected_host=given.unprotected_host,
    )


def of_scheduler(settings: Settings) -> Settings:
    """With the key of the scheduler, where it has one of its own."""
    own = settings.index.scheduler_api_key
    if not own.get_secret_value():
        return settings
    return settings.model_copy(update={"index": settings.index.model_copy(update={"api_key": own})})


class Wiring:
    """One per process. Clients are made on first use, so it may be made before a fork and used after it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._closing.close()

    @cached_property
    def redis(self) -> redis.Redis:
        """The server of the settings; else the Valkey of the `feedmill run` on this data folder; else one for now."""
        settings = self.settings
        url = settings.redis.url or socket_url(settings.data_dir)
        client = connect(url, settings.redis.password.get_secret_value())
        if settings.embedded_redis and not _answers(client):
            # Under the lock of the folder: two servers on one append-only file would destroy it.
            self._closing.enter_context(DataDirLock(settings.data_dir))
            valkey = EmbeddedValkey(settings.data_dir, settings.redis.max_memory_bytes)
            valkey.start()
            self._closing.callback(valkey.stop)
        self._closing.callback(client.close)
        return client

    @cached_property
    def scripts(self) -> Scripts:
        return Scripts(self.redis, self.settings.redis.prefix)

    @cached_property
    def _frontier_limits(self) -> FrontierLimits:
        schedule = self.settings.schedule
        return FrontierLimits(
            host_delay_s=self.settings.net.host_delay_s,
            feed_lease_s=schedule.feed_lease_s,
            article_lease_s=schedule.article_lease_s,
            max_in_flight=schedule.max_in_flight,
            max_pending=schedule.max_pending,
            max_outbox_bytes=self.settings.outbox.max_bytes,
            max_claims=self.settings.fetch.max_claims,
            seen_days=self.settings.seen.days,
            log_polls=schedule.log_polls,
            address_delay_s=self.settings.net.address_delay_s,
            address_sites=self.settings.net.address_sites,
            many_sites=self.settings.net.many_sites,
            shared_addresses=networks(self.settings.net.shared_addresses),
        )

    @cached_property
    def feeds(self) -> RedisFeedStore:
        return RedisFeedStore(self.scripts, self._frontier_limits)

    @cached_property
    def pacer(self) -> RedisPacer:
        schedule = self.settings.schedule
        return RedisPacer(self.scripts, Budget(schedule.polls_per_feed_day, schedule.polls_per_s))

    @cached_property
    def pushes(self) -> RedisPushes:
        return RedisPushes(self.scripts)

    @cached_property
    def subscriptions(self) -> RedisSubscriptions:
        return RedisSubscriptions(self.scripts)

    @cached_property
    def frontier(self) -> RedisFrontier:
        return RedisFrontier(self.scripts, self._frontier_limits)

    @cached_property
    def stories(self) -> RedisStories:
        return RedisStories(self.scripts, self._frontier_limits)

    @cached_property
    def rebuild(self) -> RedisRebuild:
        return RedisRebuild(self.scripts, self._frontier_limits)

    def recall(self, article: Article, before: Known) -> Article:
        content = content_hash(article.title, article.summary, article.body)
        return recall(article, before, content=content, stories=self.stories)

    @cached_property
    def aliases(self) -> RedisAliases:
        return RedisAliases(self.scripts, self._frontier_limits)

    @cached_property
    def furniture(self) -> Furniture:
        given = self.settings.furniture
        if not given.enabled:
            return NoFurniture()
        limits = FurnitureLimits(given.stories, given.max_blocks, given.days, given.gather_s)
        return RedisFurniture(self.scripts, self._frontier_limits, limits)

    @cached_property
    def outbox(self) -> RedisOutbox:
        return RedisOutbox(self.scripts, self._frontier_limits)

    @cached_property
    def ledger(self) -> RedisLedger:
        return RedisLedger(self.scripts)

    @cached_property
    def breaker(self) -> IndexBreaker:
        return IndexBreaker(self.redis, self.settings.redis.prefix)

    @cached_property
    def once_a_day(self) -> OnceADay:
        return OnceADay(self.redis, self.settings.redis.prefix)

    @cached_property
    def index(self) -> ArticleIndex:
        """Needs no Redis: the archive can be searched while nothing runs."""
        given = self.settings.index
        index: ArticleIndex
        if self.settings.embedded_index:
            index = SqliteIndex(self.settings.data_dir)
        else:
            index = ElasticsearchIndex(elasticsearch(self.settings), given.name, template_folder(given.templates))
        self._closing.callback(index.close)
        return index

    @cached_property
    def reports(self) -> Reports | None:
        """None where no dashboard reads them: with the embedded index, or when they are switched off."""
        given = self.settings.index
        if self.settings.embedded_index or not given.report_s:
            return None
        reports = ElasticsearchReports(elasticsearch(self.settings), given.name)
        self._closing.callback(reports.close)
        return reports

    @cached_property
    def erased(self) -> RedisErased:
        return RedisErased(self.scripts)

    @property
    def remembered(self) -> tuple[Holder, ...]:
        return in_redis.remembered(self.scripts, self._frontier_limits, self.aliases, self.feeds)

    def erasing(self) -> Erasing:
        waiting = Waiting(self.scripts)
        return Erasing(
            index=self.index,
            aliases=self.aliases,
            kept_away=self.erased,
            unwritten=lambda sought: (item.article for item in waiting.items(sought) if item.article is not None),
            coming=in_redis.coming(self.scripts),
            remembered=self.remembered,
            archived=(
                Leads(self.index, self.stories, RULES.lead_growth, utc_now),
                Documents(self.index, utc_now),
                Events(self.index, utc_now),
                LogLines(self.settings.data_dir / LOG_FILE),
            ),
            changed=self.story_changed,
            compact=lambda everything: self.index.compact(everything=everything),
            rewrite=lambda: rewrite(self.redis),
            clock=utc_now,
        )

    @cached_property
    def polls(self) -> RedisPollLog:
        return RedisPollLog(self.scripts)

    @cached_property
    def story_log(self) -> RedisStoryLog:
        return RedisStoryLog(self.scripts)

    def story_changed(self, ids: Collection[str]) -> None:
        """Its documents were written. Remembered where somebody sums stories up."""
        if self.reports is not None:
            self.story_log.add(ids)

    def write_batch(
        self, consumer: str, limit: int | None = None, given_up: Callable[[Event], None] = lambda _: None
    ) -> Indexed:
        """One bulk write of what waits in the outbox (`index_batch`), of the settings' size unless `limit` is given."""
        return index_batch(
            self.outbox,
            self.index,
            self.stories,
            consumer=consumer,
            limit=self.settings.index.batch_items if limit is None else limit,
            now=utc_now(),
            max_deliveries=self.settings.outbox.max_deliveries,
            recall=self.recall,
            changed=self.story_changed,
            given_up=given_up,
        )

    @property
    def thresholds(self) -> Thresholds:
        settings = self.settings
        return Thresholds(settings.worker.straggler_s * 1000, 86_400 / settings.schedule.polls_per_feed_day)

    def scheduler(self, publish: Publish) -> Scheduler:
        schedule, index = self.settings.schedule, self.settings.index
        pace = Pace(
            tick_s=schedule.tick_s,
            batch_items=schedule.batch_items,
            sweep_s=schedule.sweep_s,
            index_batch_items=index.batch_items,
            index_batch_wait_s=index.batch_wait_s,
        )
        return Scheduler(
            self.frontier,
            self.outbox,
            publish,
            pace,
            index_paused=self.breaker.is_open,
            unsettled=lambda: bool(self.stories.unsettled(1)),
            furniture=self.furniture,
            steer=self.pacer.steer,
            report=self._report_is_due if self.reports is not None else None,
            report_s=index.report_s,
        )

    def expiry(self) -> Expiry:
        return Expiry(
            self.index,
            first=lambda: self.once_a_day.first("expire-events"),
            days=self.settings.index.event_retention_days,
            clock=utc_now,
        )

    def _report_is_due(self) -> bool:
        """One of all schedulers asks."""
        return self.once_a_day.first("report", 0.9 * self.settings.index.report_s)

    def downloader(self) -> AiohttpDownloader:
        net = self.settings.net
        limits = DownloadLimits(
            dns_timeout_s=net.dns_timeout_s,
            connect_timeout_s=net.connect_timeout_s,
            max_wire_bytes=net.max_wire_bytes,
            max_decoded_bytes=net.max_decoded_bytes,
        )
        return AiohttpDownloader(limits, user_agent=self.settings.user_agent, allow=net.allow, proxy=net.proxy)

    def sandbox(self, prewarm: Sequence[str] = ("extract", "parse_feed")) -> ChildSandbox:
        extract = self.settings.extract
        limits = SandboxLimits(
            timeout_s=extract.timeout_s, memory_bytes=extract.memory_bytes, recycle_calls=extract.recycle_items
        )
        return ChildSandbox(limits, prewarm=prewarm)

    def robots(self, downloader: Downloader) -> Robots:
        fetch = self.settings.fetch
        if not fetch.robots:
            return RobotsIgnored()
        return RobotsRules(
            downloader,
            RedisTextCache(self.scripts),
            user_agent=self.settings.user_agent,
            max_crawl_delay_s=fetch.max_crawl_delay_s,
            ttl_s=fetch.robots_ttl_s,
        )

    async def pipeline(
        self, observe: Callable[[Step], None] = lambda _: None, prewarm: Sequence[str] = ("extract", "parse_feed")
    ) -> Pipeline:
        """To be made in the event loop in which it will run."""
        settings, downloader, sandbox = self.settings, self.downloader(), self.sandbox(prewarm)
        robots = self.robots(downloader)
        sandbox.start()
        upkeep = Upkeep(
            downloader=downloader,
            robots=robots,
            sandbox=sandbox,
            frontier=self.frontier,
            feeds=self.feeds,
            clock=utc_now,
            host_delay_s=settings.net.host_delay_s,
            address_delay_s=settings.net.address_delay_s,
            deadline_s=settings.net.feed_deadline_s,
            floor_s=settings.schedule.floor_s,
            apply=settings.schedule.apply_proposals,
        )
        polling = Polling(
            downloader=downloader,
            sandbox=sandbox,
            frontier=self.frontier,
            feeds=self.feeds,
            pacer=self.pacer,
            clock=utc_now,
            rng=random.Random(),
            limits=PollingLimits(
                floor_s=settings.schedule.floor_s,
                default_s=settings.schedule.default_s,
                cap_s=settings.schedule.cap_s,
                error_cap_s=settings.schedule.error_cap_s,
            ),
            deadline_s=settings.net.feed_deadline_s,
            host_delay_s=settings.net.host_delay_s,
            address_delay_s=settings.net.address_delay_s,
            upkeep=upkeep,
            polls=self.polls if self.reports is not None else None,
            pushes=self.pushes if settings.websub.base_url else None,
        )
        return Pipeline(
            downloader=downloader,
            robots=robots,
            sandbox=sandbox,
            frontier=self.frontier,
            polling=polling,
            stories=self.stories,
            aliases=self.aliases,
            furniture=self.furniture,
            clock=utc_now,
            rng=random.Random(),
            page_deadline_s=settings.net.page_deadline_s,
            max_attempts=settings.fetch.max_attempts,
            retry_base_s=settings.fetch.retry_base_s,
            retry_cap_s=settings.fetch.retry_cap_s,
            host_delay_s=settings.net.host_delay_s,
            address_delay_s=settings.net.address_delay_s,
            extract_method=settings.extract.method,
            min_words=settings.extract.min_words,
            noindex=settings.fetch.noindex,
            agent=product_token(settings.user_agent),
            observe=observe,
        )


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
