"""Options that several commands share, and settings made from them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from worker import settings as settings_module
from worker.errors import DataDirError, Refuse, UsageError
from worker.models import ArticleId
from worker.settings import Settings
from worker.urls import article_id, clean_url

Command = TypeVar("Command", bound=Callable[..., Any])

ID = re.compile(r"[0-9a-f]{32}")
_HOST_AND_PATH = re.compile(r"[^\s/:@]+\.[^\s/:@.]{2,}(:\d+)?(/\S*)?")


def data_option(command: Command) -> Command:
    return click.option(
        "--data",
        "data_dir",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Data folder of an embedded installation.  [default: FEEDMILL_DATA_DIR, else ./data]",
    )(command)


def json_option(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object per line.")(command)


def load_settings(data_dir: Path | None, **overrides: Any) -> Settings:
    """Settings with what the command line says before everything else; SettingsError in one line."""
    if data_dir is not None:
        overrides["data_dir"] = data_dir
    return settings_module.load(**overrides)


def archive_settings(data_dir: Path | None, *, state: bool = False) -> Settings:
    """As `load_settings`, for commands that only read: looking never makes an embedded archive.

    `state`: the command reads Redis, too.
    """
    settings = load_settings(data_dir)
    embedded = settings.embedded_index or (state and settings.embedded_redis)
    if embedded and not settings.data_dir.is_dir():
        maker = "feedmill run" if settings.embedded_redis else "feedmill index setup"
        raise DataDirError(f"no archive in {settings.data_dir}; `{maker}` makes one, --data DIR names another")
    return settings


def local_now() -> datetime:
    """Now, in the reader's zone: `today` in a query is the reader's day."""
    return datetime.now(UTC).astimezone()


def without_scheme(text: str) -> str:
    """`example.org/feed` -> `https://example.org/feed`: what was probably meant; empty when it was not that."""
    text = text.strip()
    if not _HOST_AND_PATH.fullmatch(text):
        return ""
    try:
        return clean_url(f"https://{text}")
    except Refuse:
        return ""


def article_reference(text: str) -> tuple[ArticleId, str]:
    """`URL|ID` -> the id and the cleaned URL (empty when an id was given); UsageError when it is neither."""
    text = text.strip()
    if ID.fullmatch(text.lower()):
        return ArticleId(text.lower()), ""
    try:
        url = clean_url(text)
    except Refuse:
        if meant := without_scheme(text):
            raise UsageError(f"http:// or https:// is missing; did you mean {meant}?") from None
        raise UsageError(f"neither an http(s) URL nor an article id (32 hex digits): {text}") from None
    return article_id(url), url
