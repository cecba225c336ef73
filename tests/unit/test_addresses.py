from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.addresses import index_url, masked, proxy_url, redis_url
from worker.app import broker_url
from worker.settings import load
from worker.state.server import connect

SECRET = "s3cretpw"
CHECKS = (redis_url, index_url, proxy_url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "redis://host",
        "redis://host:6379",
        "redis://host:6379/",
        "redis://host:6379/15",
        "redis://user:p%40ss@host:6379/0",
        "redis://:pass@[::1]:6379/0",
        "rediss://host:6380/0?ssl_cert_reqs=required",
        "unix:///run/valkey.sock",
    ],
)
def test_what_both_clients_take(url: str) -> None:
    assert redis_url(url) == url
    if url:
        connect(url).close()
        assert broker_url(load(redis={"url": url}))


@pytest.mark.parametrize(
    ("check", "url", "says"),
    [
        (redis_url, f"redis//:{SECRET}@h:6379", "no URL"),
        (redis_url, f"redis://:{SECRET}@h:99999", "port"),
        (redis_url, f"redis://:{SECRET}@h:0", "port"),
        (redis_url, f"redis://:{SECRET}", "port"),
        (redis_url, f"redis://user:{SECRET}/x@h:6379", "port"),
        (redis_url, f"redis://user:12#{SECRET}@h:6379", "database"),
        (redis_url, f"redis://user:{SECRET}@", "no host"),
        (redis_url, f"redis://user:{SECRET}@h/{SECRET}", "database"),
        (redis_url, f"redis://user:{SECRET}@h ", "blank"),
        (redis_url, f"redis://user:{SECRET}@h\n", "blank"),
        (redis_url, f"redis://user:{SECRET}@[::1", "no URL"),
        (redis_url, f"http://user:{SECRET}@h", "redis://"),
        (redis_url, f"redis:{SECRET}", "no URL"),
        (redis_url, f"unix://user:{SECRET}@/run/x.sock", "unix:///"),
        (redis_url, "unix://", "unix:///"),
        (index_url, f"http://user:{SECRET}@h:9200", "FEEDMILL_INDEX__USERNAME"),
        (index_url, f"http://h:{SECRET}", "port"),
        (index_url, f"h:9200/{SECRET}", "http://host:9200"),
        (index_url, f"http://h:9200/?key={SECRET}", "without"),
        (proxy_url, f"socks5://user:{SECRET}@h:1080", "http://host:3128"),
        (proxy_url, f"user:{SECRET}@h:3128", "http://host:3128"),
    ],
)
def test_what_is_refused_is_explained_without_being_quoted(check: Callable[[str], str], url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        check(url)
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(), st.sampled_from(["", "redis://", "http://", "unix://"]))
def test_any_text_is_taken_as_it_is_or_refused(text: str, scheme: str) -> None:
    for check in CHECKS:
        try:
            assert check(scheme + text) == scheme + text
        except ValueError as error:
            assert str(error)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"redis://user:{SECRET}@host:6379/0", "redis://user:********@host:6379/0"),
        (f"redis://:{SECRET}@host", "redis://:********@host"),
        (f"redis://user:p@{SECRET}@host", "redis://user:********@host"),
        (f"redis://host/0?password={SECRET}&db=1", "redis://host/0?password=********&db=1"),
        ("redis://user@host:6379", "redis://user@host:6379"),
        ("https://example.org/@me:x", "https://example.org/@me:x"),
        ("me@example.org", "me@example.org"),
    ],
)
def test_a_password_is_masked_and_nothing_else(url: str, shown: str) -> None:
    assert masked(url) == shown
