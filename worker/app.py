"""The Celery app: queues, limits and reliability settings. Nothing is imported here that a task needs to run."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from celery import Celery
from kombu import Queue

from worker import settings as settings_module
from worker.settings import Settings
from worker.state.server import socket_url

QUEUES = ("feeds", "articles", "index")

TASK_SOFT_LIMIT_S = 90
TASK_LIMIT_S = 120
# Redelivery is only a second safety net (leases are the first), so it may be slow: longer than two hard limits and
# than any pause of the broker, else a slow broker makes duplicates for ever.
VISIBILITY_TIMEOUT_S = 600


def make_app(settings: Settings) -> Celery:
    app = Celery("feedmill", broker=broker_url(settings), include=["worker.tasks"])
    app.conf.update(
        broker_transport_options={
            "visibility_timeout": VISIBILITY_TIMEOUT_S,
            "unacked_restore_interval": 5,  # the defaults look for lost messages once in 100 s
            "unacked_restore_throttle": 1,
            "socket_timeout": 10,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
            "health_check_interval": 10,
            # never retry_on_timeout: kombu's batch publishing falls back to single sends with it
            "global_keyprefix": f"{settings.redis.prefix}:celery:",
        },
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_channel_error_retry=True,  # a full disk or memory of Redis passes; the worker must not end for it
        worker_consumer="worker.patience:PatientConsumer",
        task_queues=[Queue(name) for name in QUEUES],
        task_create_missing_queues=False,  # a misspelt queue is an error, not a queue that nobody reads
        task_default_queue="articles",
        task_routes={
            "poll": {"queue": "feeds"},
            "ingest": {"queue": "articles"},
            "index": {"queue": "index"},
            "settle": {"queue": "index"},
            "clean": {"queue": "index"},
            "report": {"queue": "index"},
        },
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_retry_on_worker_lost=True,  # counts against max_retries, so a poison task does not loop
        task_acks_on_failure=True,  # the leases bring the work back, with a count; a requeue here would loop
        task_acks_on_timeout=True,
        task_soft_time_limit=TASK_SOFT_LIMIT_S,
        task_time_limit=TASK_LIMIT_S,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=2000,
        worker_max_memory_per_child=600_000,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
    )
    return app


def broker_url(settings: Settings) -> str:
    """Kombu's form of the same server that holds the state; the password is put in here and nowhere else."""
    url = settings.redis.url or socket_url(settings.data_dir)
    if url.startswith("unix://"):
        return "redis+socket://" + url.removeprefix("unix://").partition("?")[0] + "?virtual_host=0"
    password = settings.redis.password.get_secret_value()
    parts = urlsplit(url)
    user, _, address = parts.netloc.rpartition("@")
    if password and ":" not in user:
        parts = parts._replace(netloc=f"{user}:{quote(password, safe='')}@{address}")
    return urlunsplit(parts)


def __getattr__(name: str) -> Any:
    """`celery -A worker.app` looks for `app`; made on first use, so that importing this module reads no environment."""
    if name == "app":
        application = make_app(settings_module.load())
        globals()["app"] = application
        return application
    raise AttributeError(name)
