"""`doctor`: is everything there that Feedmill needs, and what to do where it is not."""

from __future__ import annotations

import platform
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from worker import __version__
from worker.cli.check import Check, Level
from worker.cli.options import data_option, load_settings
from worker.cli.terminal import count, emit, json_line, local, one_line, results
from worker.errors import FeedmillError, UsageError
from worker.models import FeedStatus, Phase
from worker.query.ast import Between, Search
from worker.settings import Net, Settings

if TYPE_CHECKING:
    from worker.wiring import Wiring

STYLE: dict[Level, str] = {"ok": "green", "warn": "yellow", "fail": "bold red"}

DISK_FAIL_BYTES = 200 << 20
DISK_WARN_BYTES = 2 << 30
OPEN_FILES = 1024
CLOCK_WARN_S = 2.0
MISSED_DAYS = timedelta(days=30)
# Nothing here was written before; a clock that says so makes every date wrong.
BUILT = datetime(2026, 1, 1, tzinfo=UTC)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object per check.")
@data_option
def doctor(as_json: bool, data_dir: Path | None) -> int:
    """Check settings, disk and servers; say what to do.

    Exit code 1 when a check fails; warnings do not count. Nothing is changed, and no request leaves for the internet.
    """
    checks = list(examine(data_dir))
    for check in checks:
        _print(check, as_json)
    return 1 if any(check.level == "fail" for check in checks) else 0


def _print(check: Check, as_json: bool) -> None:
    if as_json:
        row = {"level": check.level, "subject": check.subject, "finding": check.finding, "advice": check.advice}
        emit(json_line(row))
        return
    console = results()
    console.print(check.level.ljust(5), style=STYLE[check.level], end="")
    console.print(f"{check.subject:<15}{one_line(check.finding)}")
    if check.advice:
        console.print(f"     {'':<15}{one_line(check.advice)}")


def examine(data_dir: Path | None) -> Iterator[Check]:
    """All checks, in the order in which one would mend what they find."""
    yield check_python()
    try:
        settings = load_settings(data_dir)
    except UsageError as error:
        yield Check(
            "fail", "settings", str(error), "docs/settings.md has every setting; the other checks need this first"
        )
        return
    yield Check("ok", "settings", _places(settings))
    yield check_clock(datetime.now(UTC))
    yield check_open_files()
    if settings.embedded_redis or settings.embedded_index:
        yield check_data_dir(settings.data_dir)
    if settings.embedded_index:
        yield check_sqlite()
    if settings.embedded_redis:
        yield check_valkey_binary()
    yield check_contact(settings.net)
    yield check_allow(settings.net)
    yield from check_parts(settings)


def check_python() -> Check:
    text = f"Feedmill {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    if platform.system() != "Linux":
        return Check("warn", "python", text, "without Linux, children of a killed `run` have to be ended by hand")
    return Check("ok", "python", text)


def _places(settings: Settings) -> str:
    redis = "embedded Valkey" if settings.embedded_redis else "Redis by FEEDMILL_REDIS__URL"
    index = "SQLite" if settings.embedded_index else "Elasticsearch by FEEDMILL_INDEX__URL"
    return f"valid; {redis}, {index}, data folder {settings.data_dir}"


def check_clock(now: datetime) -> Check:
    text = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if now < BUILT:
        return Check("fail", "clock", text, "set the clock; dates of articles and certificates depend on it")
    return Check("ok", "clock", text)


def check_open_files() -> Check:
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    text = "open files: no limit" if soft == resource.RLIM_INFINITY else f"open files: up to {soft:,}"
    if soft != resource.RLIM_INFINITY and soft < OPEN_FILES:
        return Check("warn", "limits", text, f"raise it with `ulimit -n {OPEN_FILES * 4}` before starting")
    return Check("ok", "limits", text)


def check_data_dir(data_dir: Path) -> Check:
    place = data_dir
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        with tempfile.TemporaryFile(dir=place):
            free = shutil.disk_usage(place).free
    except OSError as error:
        return Check(
            "fail", "data folder", f"{data_dir}: {error.strerror}", "name a writable one with FEEDMILL_DATA_DIR"
        )
    state = "writable" if data_dir.is_dir() else "not there yet, will be made"
    text = f"{data_dir}: {state}, {free / (1 << 30):.1f} GB free"
    if free < DISK_FAIL_BYTES:
        return Check("fail", "data folder", text, "make room: an article takes about 5 kB")
    return Check("warn" if free < DISK_WARN_BYTES else "ok", "data folder", text)


def check_sqlite() -> Check:
    text = f"SQLite {sqlite3.sqlite_version}"
    with sqlite3.connect(":memory:") as connection:
        try:
            connection.execute("CREATE VIRTUAL TABLE probe USING fts5(text)")
        except sqlite3.OperationalError:
            return Check(
                "fail", "sqlite", f"{text} without FTS5", "use a Python whose SQLite has FTS5, as python.org's"
            )
    return Check("ok", "sqlite", f"{text} with FTS5")


def check_valkey_binary() -> Check:
    from worker.state.server import find_server

    try:
        return Check("ok", "valkey", f"server program {find_server()}")
    except UsageError as error:
        return Check("fail", "valkey", str(error), "install valkey-server or redis-server, or set FEEDMILL_REDIS__URL")


def check_contact(net: Net) -> Check:
    if net.contact == Net.model_fields["contact"].default:
        advice = "set FEEDMILL_NET__CONTACT to an address where operators of sites reach you"
        return Check("warn", "contact", "not set: sites cannot tell who asks", advice)
    return Check("ok", "contact", net.contact)


def check_allow(net: Net) -> Check:
    if not net.allow:
        return Check("ok", "network", "only addresses of the public internet are fetched")
    networks = ", ".join(str(network) for network in net.allow)
    advice = "a hostile feed can point there; keep it empty unless your own feeds live there (FEEDMILL_NET__ALLOW)"
    return Check("warn", "network", f"also fetched: {networks}", advice)


def check_parts(settings: Settings) -> Iterator[Check]:
    """What only the servers themselves can say. One that is away does not keep the others from being asked."""
    from worker.wiring import Wiring

    if settings.embedded_redis and not settings.data_dir.is_dir():
        yield Check("ok", "archive", "not there yet; `feedmill run` makes it")
        return
    try:
        with Wiring(settings) as wiring:
            redis = _guarded(
                "redis", lambda: check_redis(wiring), "is the server up? Check FEEDMILL_REDIS__URL and its password"
            )
            yield from redis
            if redis[0].level != "fail":
                yield from _guarded("feeds", lambda: [check_feeds(wiring)], "see the line above")
            advice = (
                "the data folder may be damaged" if settings.embedded_index else "is it up? Check FEEDMILL_INDEX__URL"
            )
            index = _guarded("index", lambda: check_index(wiring), advice)
            yield from index
            if all(check.level != "fail" for check in (redis[0], *index)):
                yield from _guarded("stories", lambda: [check_stories(wiring)], "see the lines above")
    except FeedmillError as error:
        yield Check("fail", "servers", str(error))


def _guarded(subject: str, check: Callable[[], list[Check]], advice: str) -> list[Check]:
    try:
        return check()
    except FeedmillError as error:
        return [Check("fail", subject, str(error), advice)]
    except Exception as error:  # a server may fail in ways of its own; the other checks still count
        return [Check("fail", subject, f"{type(error).__name__}: {error}", advice)]


def check_redis(wiring: Wiring) -> list[Check]:
    info: dict[str, Any] = wiring.redis.info()
    checks = [judge_redis(info)]
    seconds, micros = wiring.redis.time()
    skew = abs(datetime.now(UTC).timestamp() - (seconds + micros / 1e6))
    if skew > CLOCK_WARN_S:
        advice = "leases go by the server's clock, dates by ours: run NTP on both"
        checks.append(Check("warn", "clock", f"{skew:.1f} s apart from the Redis server's", advice))
    return checks


def judge_redis(info: dict[str, Any]) -> Check:
    """Version, append-only file, eviction policy: what keeps state from being lost."""
    from worker.state.full import shortage
    from worker.state.server import OLDEST_VERSION

    valkey = info.get("valkey_version")
    text = f"Valkey {valkey}" if valkey else f"Redis {info.get('redis_version', '?')}"
    version = str(valkey or info.get("redis_version", "0"))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < OLDEST_VERSION:
        return Check("fail", "redis", text, "Redis 7.0 or Valkey 7.2 is the oldest that has what is needed")
    policy = str(info.get("maxmemory_policy", "noeviction"))
    if policy != "noeviction":
        return Check(
            "fail", "redis", f"{text}, maxmemory-policy {policy}", "set maxmemory-policy noeviction: it forgets work"
        )
    if not int(info.get("aof_enabled", 0)):
        advice = "set appendonly yes; without it a crash of the server costs what it knew since its last snapshot"
        return Check("warn", "redis", f"{text} without append-only file", advice)
    if full := shortage(info):
        return Check("fail", "redis", text, full)
    used, limit = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    memory = f"{used / (1 << 20):.0f} MB used" + (f" of {limit / (1 << 20):.0f}" if limit else ", no limit")
    if limit and used > 0.9 * limit:
        return Check("warn", "redis", f"{text}, {memory}", "raise its maxmemory, or add workers so that queues drain")
    return Check("ok", "redis", f"{text}, append-only file on, noeviction, {memory}")


def check_feeds(wiring: Wiring) -> Check:
    states = [state for _, state, _ in wiring.feeds.all()]
    file = wiring.settings.feeds_file
    if not states:
        where = f"{file} is there, `feedmill run` reads it" if file.is_file() else "add one: `feedmill feeds add URL`"
        return Check("ok" if file.is_file() else "warn", "feeds", "none subscribed yet", where)
    failing = sum(state.failures > 0 for state in states)
    gone = sum(state.status is FeedStatus.GONE for state in states)
    text = f"{count(len(states), 'feed')}, {failing} failing, {gone} gone"
    advice = "`feedmill feeds list --failing` says why" if failing or gone else ""
    return Check("warn" if advice else "ok", "feeds", text, advice)


def check_index(wiring: Wiring) -> list[Check]:
    stats = wiring.index.stats()
    text = f"{stats.get('documents', 0):,} articles, {stats.get('stories', 0):,} stories"
    if wiring.settings.embedded_index:
        return [Check("ok", "index", f"SQLite: {text}")]
    from worker.cli.doctor_elasticsearch import check_elasticsearch

    server, migration = check_elasticsearch(wiring.settings)
    return [server, Check("ok", "index", text), *migration]


def check_stories(wiring: Wiring) -> Check:
    """Was Redis lost, and does it know the archive again?"""
    state, since = wiring.rebuild.state(), wiring.rebuild.ignorant_since()
    if state is not None and state.at_work:
        reached = f", back to {local(state.reached)}" if state.reached else ""
        return Check("ok", "stories", f"Redis is being taught the archive ({state.host}){reached}")
    advice = "run `feedmill rebuild`"
    if state is not None and state.phase is not Phase.DONE:
        return Check("warn", "stories", f"a rebuild of Redis was begun and not finished ({state.host})", advice)
    if since is not None:
        days = Between("first_seen_at", low=since - MISSED_DAYS, high=since, include_high=False)
        missed = wiring.index.search(Search(days, limit=0, collapse=False, highlight=False)).total
        if missed:
            text = f"{count(missed, 'article')} of the last days that Redis has not seen: it was lost, or is new"
            return Check("warn", "stories", text, f"{advice}: copies of them are not found, pages are fetched again")
    return Check("ok", "stories", "Redis knows the archive")
