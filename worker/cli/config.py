"""`config`: the settings in force."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from pydantic import SecretStr

from worker.addresses import MASK, masked
from worker.cli.options import data_option, load_settings
from worker.cli.terminal import emit, json_line, one_line, results
from worker.settings import ENV_PREFIX, Group, Settings


@click.group()
def config() -> None:
    """Show the settings."""


@config.command("show")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object, name to value.")
@data_option
def show(as_json: bool, data_dir: Path | None) -> None:
    """Show every setting with its value in force; secrets are masked.

    The mark behind a value says where it comes from: the environment, the file named by FEEDMILL_CONFIG, or the
    command line. Without a mark it is the default. What each means: docs/settings.md.
    """
    settings = load_settings(data_dir)
    shown = dict(effective(settings))
    if as_json:
        emit(json_line(shown))
        return
    console = results()
    defaults = dict(effective(Settings.model_construct()))
    for name, value in shown.items():
        source = source_of(
            name, differs=value != defaults[name], given=name.endswith("DATA_DIR") and data_dir is not None
        )
        console.print(f"{name} = {one_line(written(value))}{source}", style="" if source else "dim")


def effective(settings: Settings) -> Iterator[tuple[str, Any]]:
    """Environment name -> value fit for printing and JSON, in the order of settings.py."""
    yield ENV_PREFIX + "CONFIG", os.environ.get(ENV_PREFIX + "CONFIG", "")
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, Group):
            for inner in type(value).model_fields:
                yield f"{ENV_PREFIX}{name}__{inner}".upper(), printable(getattr(value, inner))
        else:
            yield f"{ENV_PREFIX}{name}".upper(), printable(value)


def printable(value: Any) -> Any:
    """Secrets masked, wherever they stand; networks, paths and the like as text."""
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, tuple):
        return ",".join(str(each) for each in value)
    return str(value)


def written(value: Any) -> str:
    """As one would write it into the environment."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def source_of(name: str, *, differs: bool, given: bool) -> str:
    if given:
        return "   (command line)"
    if any(each.upper() == name for each in os.environ):
        return "   (environment)"
    return "   (file)" if differs else ""
