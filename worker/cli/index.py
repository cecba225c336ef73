"""`index`: the archive's place prepared, and what is learned from it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from worker.cli.migrate import migrate
from worker.cli.options import archive_settings, data_option, load_settings
from worker.cli.terminal import count, say
from worker.errors import InputError, UsageError
from worker.stores.elasticsearch.roles import Role

ROLES = [role.value for role in Role]


@click.group()
def index() -> None:
    """Prepare the archive, and learn from it."""


@index.command()
@click.option(
    "--api-key-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Elasticsearch: also make an API key for workers, good for the archive's indices only, and write it to "
    "this file; a key found there that still works is kept.",
)
@click.option(
    "--kibana-password-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Elasticsearch: also give the user kibana_system the password in this file.",
)
@data_option
def setup(api_key_file: Path | None, kibana_password_file: Path | None, data_dir: Path | None) -> None:
    """Create or upgrade what the index needs: templates in Elasticsearch, tables in SQLite. Repeating it is harmless.

    `feedmill run` does this by itself. With servers of your own, run it once before the workers, with the rights to
    manage templates (FEEDMILL_INDEX__USERNAME and FEEDMILL_INDEX__PASSWORD of an administrator).
    """
    from worker.wiring import Wiring

    settings = load_settings(data_dir)
    if settings.embedded_index and (api_key_file or kibana_password_file):
        raise UsageError("API keys and Kibana need Elasticsearch; set FEEDMILL_INDEX__URL")
    kibana_password = _read_secret(kibana_password_file) if kibana_password_file else ""
    with Wiring(settings) as wiring:
        left = wiring.index.setup()
    for line in left:
        say(line)
    say(f"the index is ready: {settings.index.url or settings.data_dir}")
    if api_key_file or kibana_password_file:
        from worker.cli.access import Access

        with Access(settings) as access:
            if kibana_password:
                access.set_kibana_password(kibana_password)
                say("kibana_system has its password")
            if api_key_file:
                say(f"{access.ensure_key(Role.WRITER, api_key_file)} API key for workers in {api_key_file}")


@index.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--role", "roles", multiple=True, type=click.Choice(ROLES), help="Only this one; may be given several times."
)
@click.option("--renew", is_flag=True, help="Make new keys; the old ones go on working for a day.")
@click.option("--for-users", is_flag=True, help="Also make roles of these rights, for users: <name>-reader, ...")
@data_option
def keys(folder: Path, roles: tuple[str, ...], renew: bool, for_users: bool, data_dir: Path | None) -> None:
    """Make API keys that may do one thing each, as files in DIR. Elasticsearch only; repeating it is harmless.

    \b
      setup.key      templates and new indices: `index setup`, `index migrate`
      writer.key     workers: write and search, delete nothing, manage nothing
      reader.key     search, export, status
      scheduler.key  the scheduler: also drops events after their retention
      eraser.key     `erase`: deletes documents, and keeps them away

    A key found there that still works is kept; should its rights not be those of this version, they are put right, and
    its secret stays. It wants FEEDMILL_INDEX__USERNAME and FEEDMILL_INDEX__PASSWORD of an administrator: a key cannot
    make keys. What each may do: config/elasticsearch/*.role.json.
    """
    settings = load_settings(data_dir)
    if settings.embedded_index:
        raise UsageError("API keys need Elasticsearch; set FEEDMILL_INDEX__URL")
    from worker.cli.access import Access

    with Access(settings) as access:
        for word in roles or Role:
            path = folder / f"{word}.key"
            say(f"{access.ensure_key(Role(word), path, renew=renew)}: {path}")
        if for_users:
            say(f"roles: {', '.join(access.put_roles())}")


@index.command()
@click.option("--site", default=None, metavar="HOST", help="Only this site, as the documents name it.")
@click.option(
    "--days",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    help="Articles first seen in the last so many days.",
)
@data_option
def relearn(site: str | None, days: int, data_dir: Path | None) -> None:
    """Learn the sites' furniture from the stored articles, e.g. after Redis was lost. Repeating it is harmless.

    Sites learn by themselves from new articles; this saves them their first dozen. What is learned is cut from new
    articles at once, and from stored ones by the workers.
    """
    from worker.cleaning import relearn as learn
    from worker.wiring import Wiring, utc_now

    with Wiring(archive_settings(data_dir, state=True)) as wiring:
        if not wiring.settings.furniture.enabled:
            raise UsageError("nothing can be learned while FEEDMILL_FURNITURE__ENABLED is off")
        read, learned = learn(wiring.index, wiring.furniture, since=utc_now() - timedelta(days=days), site=site)
    say(f"{count(read, 'article')} read, {count(learned, 'block')} learned to be furniture")


index.add_command(migrate)


def _read_secret(path: Path) -> str:
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None
    if not secret:
        raise InputError(f"{path} is empty")
    return secret
