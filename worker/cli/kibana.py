"""`kibana`: dashboards for those who watch the archive and the mill."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import click

from worker.cli.options import load_settings
from worker.cli.terminal import count, emit, say
from worker.errors import DataDirError, UsageError

FILE = "feedmill.ndjson"


@click.group()
def kibana() -> None:
    """Dashboards of the archive and of the pipeline, in Kibana."""


@kibana.command()
@click.option("--space", metavar="ID", help="Kibana space to put them into.  [default: FEEDMILL_KIBANA__SPACE]")
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(0, 3600),
    metavar="SECONDS",
    help="How long to wait for a Kibana that is starting.  [default: FEEDMILL_KIBANA__WAIT_S]",
)
@click.option(
    "--export",
    "target",
    metavar="DIR|-",
    help="Asks no Kibana: writes the objects into DIR/feedmill.ndjson, or to stdout, for an import by hand "
    "(Stack Management, Saved Objects, Import).",
)
def setup(space: str | None, wait_s: float | None, target: str | None) -> None:
    """Install or renew data views, saved searches and dashboards in Kibana. Repeating it is harmless.

    Four dashboards: Newsroom, Stories, Feeds, Pipeline. What is there under the same ids is written over; to change a
    dashboard for yourself, save it under another name. Needs FEEDMILL_KIBANA__URL, and where Kibana has security on
    FEEDMILL_KIBANA__API_KEY or FEEDMILL_KIBANA__USERNAME and FEEDMILL_KIBANA__PASSWORD.
    """
    from worker.kibana.objects import ndjson, saved_objects

    settings = load_settings(None)
    objects = saved_objects(settings.index.name)
    text = ndjson(objects)
    if target is not None:
        _export(target, text, len(objects))
        return

    from worker.kibana.client import Kibana, Place

    given = settings.kibana
    if not given.url:
        raise UsageError(
            "`feedmill kibana setup` needs FEEDMILL_KIBANA__URL (http://host:5601); --export DIR writes a file instead"
        )
    place = Place(
        url=given.url.rstrip("/"),
        api_key=given.api_key.get_secret_value(),
        username=given.username,
        password=given.password.get_secret_value(),
        ca_file=given.ca_file,
        space=given.space,
        unprotected_host=given.unprotected_host,
    )
    if space is not None:
        if not re.fullmatch("[a-z0-9_-]+", space):
            raise UsageError(f"--space {space}: a space is named by lower-case letters, digits, - and _")
        place = replace(place, space=space)
    server = Kibana(place)
    server.wait(
        given.wait_s if wait_s is None else wait_s,
        lambda reason: say(f"waiting for Kibana at {place.url}: {reason}"),
    )
    server.install(text, len(objects))
    for one in objects:
        if one["type"] == "dashboard":
            emit(f"{place.url}{place.in_space}/app/dashboards#/view/{one['id']}")
    say(f"{count(len(objects), 'object')} installed in Kibana")


def _export(target: str, text: str, number: int) -> None:
    if target == "-":
        emit(text.rstrip("\n"))
        return
    path = Path(target) / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DataDirError(f"{path} cannot be written: {error.strerror}") from None
    say(f"{count(number, 'object')} in {path}")
